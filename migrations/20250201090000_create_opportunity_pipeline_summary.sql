-- Migration: 20250201090000_create_opportunity_pipeline_summary.sql
-- Description: Open pipeline by stage and month, as a materialized view
-- Author: crm-seed
-- Date: 2025-02-01

-- Months are cut in UTC, so that the result does not hang on the time zone of
-- whoever refreshes the view.
CREATE MATERIALIZED VIEW opportunity_pipeline_summary AS
SELECT
  stage,
  date_trunc('month', created_at AT TIME ZONE 'UTC') AS month,
  count(*) AS opportunity_count,
  sum(amount) AS total_value,
  avg(probability) AS avg_probability,
  count(DISTINCT customer_organization_id) AS unique_customers
FROM opportunities
WHERE deleted_at IS NULL
  AND status = 'active'
GROUP BY stage, date_trunc('month', created_at AT TIME ZONE 'UTC');

-- REFRESH MATERIALIZED VIEW CONCURRENTLY needs a unique index over all rows.
CREATE UNIQUE INDEX idx_opportunity_pipeline_summary_stage_month
  ON opportunity_pipeline_summary (stage, month);

CREATE INDEX idx_opportunity_pipeline_summary_month
  ON opportunity_pipeline_summary (month);

COMMENT ON MATERIALIZED VIEW opportunity_pipeline_summary IS
  'Active opportunities by stage and month of creation; update with REFRESH MATERIALIZED VIEW CONCURRENTLY';
COMMENT ON COLUMN opportunity_pipeline_summary.month IS
  'First day of the month of creation, in UTC';
COMMENT ON COLUMN opportunity_pipeline_summary.total_value IS
  'Sum of the amounts, not weighted by probability; NULL if none has an amount';
COMMENT ON COLUMN opportunity_pipeline_summary.unique_customers IS
  'Number of different customers; opportunities without a customer are not counted';
