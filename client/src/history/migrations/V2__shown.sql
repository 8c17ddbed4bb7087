-- Whether an arrived message was shown to whoever reads: a program, or a person at a terminal, may not have it yet.
ALTER TABLE messages ADD COLUMN shown INTEGER NOT NULL DEFAULT 1;

CREATE INDEX messages_unshown ON messages (row) WHERE shown = 0;
CREATE INDEX messages_undelivered ON messages (row) WHERE direction = 'out' AND accepted_at IS NOT NULL AND delivered_at IS NULL;
