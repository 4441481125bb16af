-- Migration: 20250130090000_add_forecast_category.down.sql
-- Description: Drop the forecast category, and with it its constraint
-- Author: crm-seed
-- Date: 2025-01-30

ALTER TABLE opportunities
  DROP COLUMN forecast_category;
