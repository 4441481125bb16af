-- Months are cut in UTC, so that the result does not hang on the time zone of
-- whoever refreshes the view.
CREATE MATERIALIZED VIEW {view} AS
SELECT
  {column},
  date_trunc('month', created_at AT TIME ZONE 'UTC') AS month,
  count(*) AS {count}{measures}
FROM {table}{where}
GROUP BY {column}, date_trunc('month', created_at AT TIME ZONE 'UTC');

-- REFRESH MATERIALIZED VIEW CONCURRENTLY needs a unique index over all rows. It also serves {column} alone.
-- squawk-ignore require-concurrent-index-creation -- nobody reads the view before this transaction commits
CREATE UNIQUE INDEX {unique_index}
  ON {view} ({column}, month);

-- squawk-ignore require-concurrent-index-creation -- as above
CREATE INDEX {month_index}
  ON {view} (month);

COMMENT ON MATERIALIZED VIEW {view} IS
  'Update with REFRESH MATERIALIZED VIEW CONCURRENTLY';
COMMENT ON COLUMN {view}.month IS
  'First day of the month of creation, in UTC';

-- The view is filled already. This shows that it can be refreshed while it is read; it is the statement to run
-- at regular times. Remove it here if the query takes long.
REFRESH MATERIALIZED VIEW CONCURRENTLY {view};
