-- Migration: 20250127090000_create_opportunity_products_table.sql
-- Description: Line items of an opportunity, with row-level security
-- Author: crm-seed
-- Date: 2025-01-27

CREATE TABLE opportunity_products (
  opportunity_id    bigint NOT NULL REFERENCES opportunities (id) ON DELETE CASCADE,
  product_id        bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  quantity          integer NOT NULL DEFAULT 1 CHECK (quantity > 0),
  unit_price        numeric(10, 2) NOT NULL,
  discount_percent  numeric(5, 2) NOT NULL DEFAULT 0 CHECK (discount_percent BETWEEN 0 AND 100),
  notes             text,
  created_at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (opportunity_id, product_id)
);

-- opportunity_id leads the primary key; only the other key needs an index.
CREATE INDEX idx_opportunity_products_product_id
  ON opportunity_products (product_id);

ALTER TABLE opportunity_products ENABLE ROW LEVEL SECURITY;

-- Hosted platforms come with a role "authenticated" for their signed-in users; a
-- plain server has none. Roles belong to the whole cluster, not to this database,
-- so a migration must not create one: without it the policy is for everybody,
-- and who may read or write is left to GRANT.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticated') THEN
    CREATE POLICY authenticated_users_policy ON opportunity_products
      FOR ALL TO authenticated USING (true);
  ELSE
    CREATE POLICY authenticated_users_policy ON opportunity_products
      FOR ALL TO PUBLIC USING (true);
  END IF;
END
$$;
