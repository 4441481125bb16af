-- Migration: 20250128090000_add_product_custom_attributes.down.sql
-- Description: Drop the free-form attributes, and with them their index
-- Author: crm-seed
-- Date: 2025-01-28

ALTER TABLE products
  DROP COLUMN custom_attributes;
