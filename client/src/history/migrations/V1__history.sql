-- What a user wrote and received on one server, on this computer.

CREATE TABLE chats (
    id      INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL CHECK (kind IN ('everyone', 'direct', 'private')),
    peer    TEXT NOT NULL, -- empty for everyone
    draft   TEXT NOT NULL DEFAULT '',
    muted   INTEGER NOT NULL DEFAULT 0,
    read_to INTEGER NOT NULL DEFAULT 0, -- row of the last message seen
    UNIQUE (kind, peer)
) STRICT;

CREATE TABLE messages (
    row          INTEGER PRIMARY KEY AUTOINCREMENT, -- grows with every message and is never given twice
    id           BLOB NOT NULL UNIQUE,
    chat         INTEGER NOT NULL REFERENCES chats (id),
    author       TEXT NOT NULL,
    text         TEXT NOT NULL,
    reply_to     BLOB,
    at           INTEGER NOT NULL, -- milliseconds since 1970, as all times here
    direction    TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    stored       INTEGER NOT NULL DEFAULT 0, -- incoming: had waited on the server
    accepted_at  INTEGER,
    delivered_at INTEGER,
    read_at      INTEGER,
    refused      TEXT,
    skipped      INTEGER NOT NULL DEFAULT 0,
    indexed      INTEGER NOT NULL DEFAULT 1, -- its words can be searched for
    turn         INTEGER -- of one that was refused and written again: its place among the rows in the outbox
) STRICT;

CREATE INDEX messages_by_chat ON messages (chat, row);
CREATE INDEX messages_arrived ON messages (chat, row) WHERE direction = 'in';
CREATE INDEX outbox ON messages (row) WHERE direction = 'out' AND accepted_at IS NULL AND refused IS NULL;
CREATE INDEX messages_unread ON messages (chat, row) WHERE direction = 'out' AND accepted_at IS NOT NULL AND read_at IS NULL;

-- Messages that arrived and are not kept: one that is delivered again is still known.
CREATE TABLE forgotten (
    id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Words, for scripts that part them with spaces; and three characters in a row, for those that do not.
CREATE VIRTUAL TABLE words USING fts5 (
    text, content = 'messages', content_rowid = 'row', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE trigrams USING fts5 (
    text, content = 'messages', content_rowid = 'row', tokenize = 'trigram'
);

CREATE TRIGGER messages_put AFTER INSERT ON messages WHEN new.indexed BEGIN
    INSERT INTO words (rowid, text) VALUES (new.row, new.text);
    INSERT INTO trigrams (rowid, text) VALUES (new.row, new.text);
END;

CREATE TRIGGER messages_removed AFTER DELETE ON messages WHEN old.indexed BEGIN
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.row, old.text);
    INSERT INTO trigrams (trigrams, rowid, text) VALUES ('delete', old.row, old.text);
END;
