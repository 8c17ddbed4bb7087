-- Words that are taken out leave the indexes at once, and not when these are merged next.
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
INSERT INTO trigrams (trigrams, rank) VALUES ('secure-delete', 1);
