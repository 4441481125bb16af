-- Values sort in the order in which they stand here.
CREATE TYPE {type} AS ENUM ({values});

-- A constant default is kept in the catalog: existing rows are not rewritten.
ALTER TABLE {table}
  ADD COLUMN {column} {type} NOT NULL DEFAULT {default};
