
-- New rows no longer fill it.
ALTER TABLE {table}
  ALTER COLUMN {deprecated} DROP NOT NULL;
