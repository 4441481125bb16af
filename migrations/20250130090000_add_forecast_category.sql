-- Migration: 20250130090000_add_forecast_category.sql
-- Description: Forecast category of an opportunity
-- Author: crm-seed
-- Date: 2025-01-30

-- The default fills the existing rows without rewriting the table.
ALTER TABLE opportunities
  ADD COLUMN forecast_category text DEFAULT 'pipeline';

-- Only rows that do not belong in 'pipeline' are touched. A deal without a
-- probability goes by its stage alone.
UPDATE opportunities
SET forecast_category = CASE
    WHEN stage IN ('closed_won', 'closed_lost') THEN 'closed'
    WHEN probability >= 80 THEN 'commit'
    ELSE 'best_case'
  END
WHERE stage IN ('closed_won', 'closed_lost')
   OR probability >= 50
   OR (probability IS NULL AND stage = 'demo_scheduled');

-- From here on a new row says its category itself.
ALTER TABLE opportunities
  ALTER COLUMN forecast_category DROP DEFAULT;

ALTER TABLE opportunities
  ADD CONSTRAINT valid_forecast_category
  CHECK (forecast_category IN ('pipeline', 'best_case', 'commit', 'closed'));
