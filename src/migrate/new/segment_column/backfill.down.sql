DROP INDEX CONCURRENTLY IF EXISTS {qualified_index};

-- No statement takes a validation back: the constraint is made again, without reading the table.
ALTER TABLE {table}
  DROP CONSTRAINT IF EXISTS {constraint},
  ADD CONSTRAINT {constraint}
    CHECK ({column} IN ({values})) NOT VALID;

-- The values stay, as some may have been set by hand since. They go with the column, when the migration before
-- this one is rolled back.
