
-- Readers of the old name go on unchanged; nobody can write it. Adding a stored column rewrites the table, which
-- nobody can read meanwhile: for a large table, --keep view takes no time.
ALTER TABLE {table}
  ADD COLUMN {column} {type}
    -- squawk-ignore adding-field-with-default -- a generated column was asked for
    GENERATED ALWAYS AS ({deprecated}) STORED;

COMMENT ON COLUMN {table}.{column} IS
  {comment};
