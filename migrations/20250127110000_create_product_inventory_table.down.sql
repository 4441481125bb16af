-- Migration: 20250127110000_create_product_inventory_table.down.sql
-- Description: Drop the stock table, and with it its index
-- Author: crm-seed
-- Date: 2025-01-27

DROP TABLE product_inventory;
