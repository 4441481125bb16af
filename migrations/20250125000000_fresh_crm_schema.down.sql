-- Migration: 20250125000000_fresh_crm_schema.down.sql
-- Description: Drop the base tables, those that refer to others first
-- Author: crm-seed
-- Date: 2025-01-25

-- No CASCADE: anything else that was built on these tables stops the rollback.
DROP TABLE tasks;
DROP TABLE opportunity_contacts;
DROP TABLE opportunity_participants;
DROP TABLE contact_organizations;
DROP TABLE products;
DROP TABLE opportunities;
DROP TABLE contacts;
DROP TABLE organizations;
