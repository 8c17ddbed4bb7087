-- By what a device that was logged in before is known: the SHA-256 of its pass. It outlives sessions and tokens, and is
-- void when the password is another.
CREATE TABLE pass (
    name    TEXT    NOT NULL,
    hash    BLOB    NOT NULL CHECK (length(hash) = 32),
    used_at INTEGER NOT NULL, -- the last login of the device
    PRIMARY KEY (name, hash)
) STRICT, WITHOUT ROWID;

-- Wrong passwords of which the user has not been told.
CREATE TABLE missed (
    name  TEXT    NOT NULL PRIMARY KEY,
    tries INTEGER NOT NULL,
    last  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
