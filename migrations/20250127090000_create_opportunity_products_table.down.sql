-- Migration: 20250127090000_create_opportunity_products_table.down.sql
-- Description: Drop the line items, and with them their index and policy
-- Author: crm-seed
-- Date: 2025-01-27

DROP TABLE opportunity_products;
