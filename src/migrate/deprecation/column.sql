
-- Readers of the old name go on unchanged; nobody can write it. Adding a stored column rewrites the table, which
-- nobody can read meanwhile: for a large table, --keep view takes no time.
-- The type is that of the column which is there.
ALTER TABLE {table}
  -- squawk-ignore adding-field-with-default, prefer-text-field, prefer-bigint-over-int, prefer-bigint-over-smallint, prefer-timestamp-tz, ban-char-field
  ADD COLUMN {column} {type} GENERATED ALWAYS AS ({deprecated}) STORED;

COMMENT ON COLUMN {table}.{column} IS
  {comment};
