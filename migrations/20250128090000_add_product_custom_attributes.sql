-- Migration: 20250128090000_add_product_custom_attributes.sql
-- Description: Free-form attributes of a product as JSONB
-- Author: crm-seed
-- Date: 2025-01-28

-- A constant default is kept in the catalog: existing rows are not rewritten.
ALTER TABLE products
  ADD COLUMN custom_attributes jsonb NOT NULL DEFAULT '{}';

-- Serves containment, custom_attributes @> '{"kosher": true}', and the key
-- operators ?, ?| and ?&.
CREATE INDEX idx_products_custom_attributes
  ON products USING gin (custom_attributes);
