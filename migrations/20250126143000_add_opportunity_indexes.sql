-- Migration: 20250126143000_add_opportunity_indexes.sql
-- Description: Indexes for opportunities and for the tables around them
-- Author: crm-seed
-- Date: 2025-01-26

-- IF NOT EXISTS: on a large live database an index can be built beforehand with
-- CREATE INDEX CONCURRENTLY under the same name, and is then left as it is.

-- Foreign keys. These cover retired rows too: the check that runs when a
-- referenced row is deleted looks at all of them. Keys that already lead a
-- primary key or a unique constraint (products.principal_id,
-- contact_organizations.contact_id, and opportunity_id in
-- opportunity_participants and opportunity_contacts) need no index of their own.
CREATE INDEX IF NOT EXISTS idx_opportunities_customer_organization_id
  ON opportunities (customer_organization_id);
CREATE INDEX IF NOT EXISTS idx_opportunities_principal_organization_id
  ON opportunities (principal_organization_id);
CREATE INDEX IF NOT EXISTS idx_opportunities_distributor_organization_id
  ON opportunities (distributor_organization_id);
CREATE INDEX IF NOT EXISTS idx_contact_organizations_organization_id
  ON contact_organizations (organization_id);
CREATE INDEX IF NOT EXISTS idx_opportunity_participants_organization_id
  ON opportunity_participants (organization_id);
CREATE INDEX IF NOT EXISTS idx_opportunity_contacts_contact_id
  ON opportunity_contacts (contact_id);
CREATE INDEX IF NOT EXISTS idx_tasks_opportunity_id
  ON tasks (opportunity_id);
CREATE INDEX IF NOT EXISTS idx_tasks_contact_id
  ON tasks (contact_id);

-- The pipeline board, the newest deals, and what is due to close or to be done.
CREATE INDEX IF NOT EXISTS idx_opportunities_stage
  ON opportunities (stage)
  WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS idx_opportunities_created_at
  ON opportunities (created_at)
  WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS idx_opportunities_estimated_close_date
  ON opportunities (estimated_close_date)
  WHERE deleted_at IS NULL AND status = 'active';
CREATE INDEX IF NOT EXISTS idx_opportunities_next_action_date
  ON opportunities (next_action_date)
  WHERE deleted_at IS NULL AND status = 'active';

-- Lists and look-ups in the other tables.
CREATE INDEX IF NOT EXISTS idx_organizations_organization_type
  ON organizations (organization_type)
  WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS idx_organizations_lower_name
  ON organizations (lower(name))
  WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS idx_contacts_last_name_first_name
  ON contacts (last_name, first_name)
  WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS idx_products_category
  ON products (category)
  WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS idx_tasks_due_date
  ON tasks (due_date)
  WHERE completed_at IS NULL AND deleted_at IS NULL;
