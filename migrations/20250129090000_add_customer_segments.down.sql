-- Migration: 20250129090000_add_customer_segments.down.sql
-- Description: Drop the customer segment, and with it its constraint and index
-- Author: crm-seed
-- Date: 2025-01-29

ALTER TABLE organizations
  DROP COLUMN customer_segment;
