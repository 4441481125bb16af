
-- Readers of the old name read this instead of the table, and need no other change. It takes writes as well.
CREATE VIEW {view} AS
SELECT *, {deprecated} AS {column}
FROM {table};

COMMENT ON VIEW {view} IS
  {comment};

-- The view shows each reader what the table would: by the reader's own rights and row-level security (from
-- PostgreSQL 15 on; before, a view cannot do that), and to the roles that may read the table.
DO $$
DECLARE
  reader text;
BEGIN
  IF current_setting('server_version_num')::int >= 150000 THEN
    EXECUTE 'ALTER VIEW {view_in_string} SET (security_invoker = true)';
  ELSIF (SELECT relrowsecurity FROM pg_class WHERE oid = {table_name}::regclass) THEN
    RAISE EXCEPTION 'a view would show rows that row-level security hides'
      USING HINT = 'use --keep column, or PostgreSQL 15 or later';
  END IF;
  FOR reader IN
    SELECT DISTINCT CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END
    FROM pg_class c, aclexplode(c.relacl) AS acl
    WHERE c.oid = {table_name}::regclass AND acl.privilege_type = 'SELECT' AND acl.grantee <> c.relowner
  LOOP
    EXECUTE format('GRANT SELECT ON {view_in_format} TO %s', reader);
  END LOOP;
END
$$;
