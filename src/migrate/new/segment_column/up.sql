ALTER TABLE {table}
  ADD COLUMN {column} text;

-- NOT VALID holds for what is written from now on, the backfill included, and reads no rows under the lock that
-- this takes. The next migration fills in the rows that are there and validates them: in this transaction it
-- would block readers meanwhile.
ALTER TABLE {table}
  ADD CONSTRAINT {constraint}
  CHECK ({column} IN ({values})) NOT VALID;
