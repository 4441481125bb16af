-- Each statement commits by itself, and none of them blocks readers. A run that is cut short goes on where it
-- stopped.

-- Where {by} is not known, neither is {column}.
UPDATE {table}
SET {column} = CASE
{cases}
    ELSE {last}
  END
WHERE {column} IS NULL
  AND {by} IS NOT NULL;

-- Reads the whole table, while reads and writes go on.
-- squawk-ignore prefer-robust-stmts -- validating a second time does nothing
ALTER TABLE {table} VALIDATE CONSTRAINT {constraint};

CREATE INDEX CONCURRENTLY IF NOT EXISTS {index}
  ON {table} ({column}){where};
