CREATE TABLE {table} (
{columns}
  PRIMARY KEY ({left_key}, {right_key})
);

-- {left_key} leads the primary key; only the other key needs an index.
CREATE INDEX {index}
  ON {table} ({right_key});

ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;

-- Hosted platforms come with a role "authenticated" for their signed-in users; a
-- plain server has none. Roles belong to the whole cluster, not to this database,
-- so a migration must not create one: without it the policy is for everybody,
-- and who may read or write is left to GRANT.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticated') THEN
    CREATE POLICY authenticated_users_policy ON {table}
      FOR ALL TO authenticated USING (true);
  ELSE
    CREATE POLICY authenticated_users_policy ON {table}
      FOR ALL TO PUBLIC USING (true);
  END IF;
END
$$;
