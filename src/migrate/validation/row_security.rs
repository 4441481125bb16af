//! Row level security: tables that were forgotten, and policies that let everybody in.

use crate::migrate::validation::check::Check;
use crate::migrate::validation::finding::Level;

/// Tables without row level security where at least half of the tables of their schema have it, or that have policies
/// which so do nothing.
pub const MISSING: Check = Check {
    name: "rls-missing",
    level: Level::Error,
    sql: "WITH own AS (
  SELECT c.oid, c.relnamespace, c.relrowsecurity,
    EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policies,
    count(*) FILTER (WHERE c.relrowsecurity) OVER (PARTITION BY c.relnamespace) AS secured,
    count(*) OVER (PARTITION BY c.relnamespace) AS tables
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' AND $OWN(n)
    AND c.relname NOT IN ('migration_history', 'schema_migrations', '_sqlx_migrations', '_prisma_migrations',
                          'flyway_schema_history', 'goose_db_version', 'spatial_ref_sys')
    AND NOT $EXTERNAL(pg_class, c.oid)
)
SELECT oid::regclass::text,
       CASE WHEN has_policies THEN 'has policies, but row level security is not enabled: they do nothing'
            ELSE format('has no row level security (%s of the %s other tables of its schema have it)', secured, tables - 1) END,
       format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', oid::regclass) ||
         CASE WHEN has_policies THEN '' ELSE format('; CREATE POLICY ... ON %s', oid::regclass) END
FROM own WHERE NOT relrowsecurity AND (has_policies OR secured > 0 AND secured * 2 >= tables - 1) ORDER BY 1",
};

/// Tables with row level security that no policy lets anybody into but the owner.
pub const NO_POLICY: Check = Check {
    name: "rls-without-policy",
    level: Level::Warning,
    sql: "SELECT c.oid::regclass::text,
       'has row level security and no policy: only its owner sees its rows',
       format('CREATE POLICY ... ON %s', c.oid::regclass)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND NOT c.relispartition AND $OWN(n)
  AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) AND NOT $EXTERNAL(pg_class, c.oid)
ORDER BY 1",
};

/// Permissive policies without a condition, for everybody or for those who are not signed in. Where nobody but the
/// owner has any right to the table, such a policy opens nothing yet.
pub const PERMITS_ALL: Check = Check {
    name: "policy-permits-everything",
    level: Level::Error,
    sql: "WITH open AS (
  SELECT p.polname, p.polcmd, p.polrelid, c.relacl, c.relowner, p.polroles,
    ARRAY(SELECT CASE WHEN r = 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(r)) END FROM unnest(p.polroles) r) AS roles
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE p.polpermissive AND c.relrowsecurity AND $OWN(n)
    AND btrim(coalesce(CASE WHEN p.polcmd = 'a' THEN pg_get_expr(p.polwithcheck, p.polrelid)
                            ELSE pg_get_expr(p.polqual, p.polrelid) END, 'true'), '()') IN ('true', '1 = 1')
), told AS (
  SELECT o.*, array_to_string(o.roles, ', ') AS listed,
    CASE o.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command
  FROM open o WHERE o.roles && ARRAY['public', 'anon']
)
SELECT format('%I on %s', polname, polrelid::regclass),
       format('permits %s on every row to %s', command, listed),
       format(CASE WHEN polcmd = 'a' THEN 'ALTER POLICY %I ON %s WITH CHECK (...)' ELSE 'ALTER POLICY %I ON %s USING (...)' END,
              polname, polrelid::regclass),
       CASE WHEN EXISTS (SELECT FROM aclexplode(relacl) a WHERE a.grantee <> relowner) THEN 'error' ELSE 'warning' END
FROM told ORDER BY 1",
};
