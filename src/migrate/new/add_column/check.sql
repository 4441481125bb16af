
-- NOT VALID holds for what is written from now on, and reads no rows under the lock that this takes. The next
-- migration validates the rows that are there: in this transaction it would block readers meanwhile.
ALTER TABLE {table}
  ADD CONSTRAINT {constraint}
  CHECK ({column} IN ({values})) NOT VALID;
