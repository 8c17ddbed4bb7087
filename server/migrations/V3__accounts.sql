-- Who had an account, so that nothing of it is left for the next one of its name.

PRAGMA user_version = 2;

-- Every account that was met, until it is forgotten.
CREATE TABLE account (
    name      TEXT    NOT NULL PRIMARY KEY,
    since     INTEGER NOT NULL, -- when it was met first
    logged_in INTEGER,          -- the last login; NULL: none yet
    gone      INTEGER,          -- when a start found no line of it in the file of accounts; NULL: it has one
    first_seq INTEGER NOT NULL DEFAULT 0 -- messages up to this place were for an earlier account of the name
) STRICT, WITHOUT ROWID;

INSERT INTO account (name, since, logged_in)
    SELECT name, min(at), max(at) FROM (
        SELECT name, since AS at FROM session
        UNION ALL SELECT name, active_at FROM token
        UNION ALL SELECT name, 0 FROM block
    ) GROUP BY name;
INSERT INTO account (name, since)
    SELECT name, unixepoch() * 1000 FROM (SELECT recipient AS name FROM inbox UNION SELECT whom FROM block) WHERE true
    ON CONFLICT DO NOTHING;

CREATE INDEX block_whom ON block (whom);

-- Whether the account that it waited for was removed before it arrived.
ALTER TABLE message ADD COLUMN lost INTEGER NOT NULL DEFAULT 0 CHECK (lost IN (0, 1));

-- The file of accounts that this data folder belongs to.
ALTER TABLE accounts_file ADD COLUMN path TEXT;

-- What the administrator asks of the running server, which takes it out.
CREATE TABLE admin_order (
    kind TEXT NOT NULL CHECK (kind IN ('unlock', 'kick', 'remove')),
    name TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

DROP TABLE unlock_request;
