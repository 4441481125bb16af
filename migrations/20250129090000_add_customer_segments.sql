-- Migration: 20250129090000_add_customer_segments.sql
-- Description: Segment of an organization by its number of employees
-- Author: crm-seed
-- Date: 2025-01-29

ALTER TABLE organizations
  ADD COLUMN customer_segment text;

-- Where the number of employees is not known, neither is the segment.
UPDATE organizations
SET customer_segment = CASE
    WHEN employee_count > 1000 THEN 'enterprise'
    WHEN employee_count > 100 THEN 'mid-market'
    WHEN employee_count > 10 THEN 'small-business'
    ELSE 'startup'
  END
WHERE employee_count IS NOT NULL;

ALTER TABLE organizations
  ADD CONSTRAINT valid_customer_segment
  CHECK (customer_segment IN ('enterprise', 'mid-market', 'small-business', 'startup'));

CREATE INDEX idx_organizations_customer_segment
  ON organizations (customer_segment)
  WHERE deleted_at IS NULL;
