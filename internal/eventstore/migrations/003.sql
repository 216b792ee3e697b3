-- Whether another shard followed the ticket until it was found here. Of tickets that older
-- versions took up this is not known; for them it stays as it was.

ALTER TABLE tickets ADD COLUMN inherited INTEGER NOT NULL DEFAULT 0;
