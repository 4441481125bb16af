-- Migration: 20250126143000_add_opportunity_indexes.down.sql
-- Description: Drop the indexes for opportunities and the tables around them
-- Author: crm-seed
-- Date: 2025-01-26

DROP INDEX IF EXISTS idx_tasks_due_date;
DROP INDEX IF EXISTS idx_products_category;
DROP INDEX IF EXISTS idx_contacts_last_name_first_name;
DROP INDEX IF EXISTS idx_organizations_lower_name;
DROP INDEX IF EXISTS idx_organizations_organization_type;
DROP INDEX IF EXISTS idx_opportunities_next_action_date;
DROP INDEX IF EXISTS idx_opportunities_estimated_close_date;
DROP INDEX IF EXISTS idx_opportunities_created_at;
DROP INDEX IF EXISTS idx_opportunities_stage;
DROP INDEX IF EXISTS idx_tasks_contact_id;
DROP INDEX IF EXISTS idx_tasks_opportunity_id;
DROP INDEX IF EXISTS idx_opportunity_contacts_contact_id;
DROP INDEX IF EXISTS idx_opportunity_participants_organization_id;
DROP INDEX IF EXISTS idx_contact_organizations_organization_id;
DROP INDEX IF EXISTS idx_opportunities_distributor_organization_id;
DROP INDEX IF EXISTS idx_opportunities_principal_organization_id;
DROP INDEX IF EXISTS idx_opportunities_customer_organization_id;
