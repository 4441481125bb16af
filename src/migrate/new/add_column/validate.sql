-- Existing rows that need another value than the default are set here, before they are validated:
--   UPDATE {table} SET {column} = ... WHERE ...;

-- Reads the whole table, while reads and writes go on.
ALTER TABLE {table}
  VALIDATE CONSTRAINT {constraint};
