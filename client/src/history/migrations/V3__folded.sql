-- A text as it is compared: without regard to case, accents, width and composition. NULL of one that is plain ASCII.
-- The indexes hold these words; they are read by row alone, so that their content stays the table of messages.
ALTER TABLE messages ADD COLUMN folded TEXT;

DROP TRIGGER messages_put;
DROP TRIGGER messages_removed;

CREATE TRIGGER messages_put AFTER INSERT ON messages WHEN new.indexed BEGIN
    INSERT INTO words (rowid, text) VALUES (new.row, coalesce(new.folded, new.text));
    INSERT INTO trigrams (rowid, text) VALUES (new.row, coalesce(new.folded, new.text));
END;

CREATE TRIGGER messages_removed AFTER DELETE ON messages WHEN old.indexed BEGIN
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.row, coalesce(old.folded, old.text));
    INSERT INTO trigrams (trigrams, rowid, text) VALUES ('delete', old.row, coalesce(old.folded, old.text));
END;
