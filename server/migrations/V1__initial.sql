-- What the server remembers. Times are milliseconds since 1970-01-01T00:00:00Z. Names are those of the file of
-- accounts, which alone says who exists: a name here may have no account any more.

PRAGMA user_version = 1;

-- A message that was taken. It outlives its content, so that it is not taken again and its sender can ask how far
-- it came.
CREATE TABLE message (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT, -- its place in every inbox; never used again
    id        BLOB    NOT NULL UNIQUE CHECK (length(id) = 16), -- the sender's name for it, a UUID
    sender    TEXT    NOT NULL,
    recipient TEXT,             -- NULL: everyone, or a group
    group_id  BLOB CHECK (length(group_id) = 16),
    kind      TEXT CHECK (kind IN ('text', 'edit', 'reaction')), -- NULL, as the next two: no inbox holds it
    body      TEXT,             -- the words, or the emoji of a reaction
    about     BLOB CHECK (length(about) = 16), -- the message that it answers, changes or reacts to
    taken_at  INTEGER NOT NULL, -- when
    holders   INTEGER NOT NULL CHECK (holders >= 0) -- how many inboxes hold it
) STRICT;

-- For what may be forgotten.
CREATE INDEX message_done ON message (taken_at) WHERE holders = 0;

-- What has not been acknowledged. No REFERENCES: to forget a message would search every inbox for it.
CREATE TABLE inbox (
    recipient TEXT    NOT NULL,
    seq       INTEGER NOT NULL, -- of a message
    PRIMARY KEY (recipient, seq)
) STRICT, WITHOUT ROWID;

-- Up to where a reader has seen the messages of a peer.
CREATE TABLE read_mark (
    reader TEXT    NOT NULL,
    peer   TEXT    NOT NULL,
    up_to  INTEGER NOT NULL, -- a message's seq
    PRIMARY KEY (reader, peer)
) STRICT, WITHOUT ROWID;

-- From login to end.
CREATE TABLE session (
    name  TEXT    NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER, -- NULL: open
    PRIMARY KEY (name, since)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_until ON session (until);

-- With what a user may take up a session: the SHA-256 of the token.
CREATE TABLE token (
    name      TEXT    NOT NULL PRIMARY KEY,
    hash      BLOB    NOT NULL CHECK (length(hash) = 32),
    active_at INTEGER NOT NULL -- the last valid action
) STRICT, WITHOUT ROWID;

CREATE TABLE block (
    name TEXT NOT NULL, -- who blocks
    whom TEXT NOT NULL,
    PRIMARY KEY (name, whom)
) STRICT, WITHOUT ROWID;

-- One row: when the server last said that it runs.
CREATE TABLE heartbeat (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    at   INTEGER NOT NULL
) STRICT;

-- One row: what the file of accounts looked like whose passwords the tokens go with.
CREATE TABLE accounts_file (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    bytes    INTEGER NOT NULL,
    modified INTEGER NOT NULL -- in nanoseconds
) STRICT;

-- Names whose lock after wrong passwords the administrator lifts; the running server takes them out.
CREATE TABLE unlock_request (
    name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
