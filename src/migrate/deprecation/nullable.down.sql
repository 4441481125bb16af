-- Fails if rows without a value have been added since: fill them in first.
ALTER TABLE {table}
  ALTER COLUMN {deprecated} SET NOT NULL;

