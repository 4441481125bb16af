-- Serves containment, {column} @> {example}, and the key operators ?, ?| and ?&.
CREATE INDEX CONCURRENTLY IF NOT EXISTS {index}
  ON {table} USING gin ({column});
