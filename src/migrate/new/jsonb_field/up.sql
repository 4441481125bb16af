-- A constant default is kept in the catalog: existing rows are not rewritten.
ALTER TABLE {table}
  ADD COLUMN {column} jsonb NOT NULL DEFAULT {empty};
