
-- If the column is NOT NULL and has no default, rows that no longer fill it are refused. Then add here
-- (and SET NOT NULL to the rollback):
--   ALTER TABLE {table} ALTER COLUMN {deprecated} DROP NOT NULL;
