-- Invitations by which accounts are made.

-- Every invitation that was given out, until its time is long over.
CREATE TABLE invite (
    number  INTEGER PRIMARY KEY AUTOINCREMENT, -- by which the administrator names it; never used again
    hash    BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32), -- the SHA-256 of its secret
    uses    INTEGER NOT NULL CHECK (uses > 0),  -- for how many accounts it is
    used    INTEGER NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND uses), -- how many were made, or are being made
    made_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL                    -- from then on it is good for nothing
) STRICT;

-- Which accounts are being made by invitations: given back if the account is not made.
CREATE TABLE invite_claim (
    name   TEXT    NOT NULL PRIMARY KEY, -- of the account
    number INTEGER NOT NULL              -- of the invitation; one that was taken back is gone
) STRICT, WITHOUT ROWID;
