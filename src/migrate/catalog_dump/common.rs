//! What all queries of the dump begin with: whose objects are the database's own.

/// `ours`: schemas that are neither the system's nor crm-seed's. `extended`: objects of extensions, which the
/// extension stands for. `relation`: relations but for indexes and the history, each with what the dump calls it.
pub const COMMON: &str = "WITH ours AS (
  SELECT oid, quote_ident(nspname) AS schema FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'crm_seed')),
extended AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
relation AS (
  SELECT c.oid AS id, c.relkind AS kind, c.relowner AS owner, c.relacl AS acl,
         CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'S' THEN 'sequence '
              WHEN 'f' THEN 'foreign table ' WHEN 'c' THEN 'type ' ELSE 'table ' END
         || ours.schema || '.' || quote_ident(c.relname) AS object
  FROM pg_class c JOIN ours ON ours.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') AND c.relname <> 'migration_history'
    AND NOT EXISTS (SELECT FROM extended e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
    AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_class h ON h.oid = d.refobjid
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
                      AND d.refclassid = 'pg_class'::regclass AND h.relname = 'migration_history'))
";
