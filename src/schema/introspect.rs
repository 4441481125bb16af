//! Reads the catalog in one round trip.

use sqlx::{PgConnection, Row};

use crate::error::{Error, Result};
use crate::schema::Schema;

/// One JSON document, so that one simple query (no prepared statement, which a transaction
/// pooler would break) brings everything. Set-based throughout, as catalogs grow.
const QUERY: &str = r#"
WITH relation AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relkind, c.relowner, c.relrowsecurity, c.relforcerowsecurity, n.nspname,
    has_schema_privilege(n.oid, 'USAGE') AS reachable
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT c.relispartition
    AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname !~ '^pg_(toast|temp)'
    AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), owned AS (
  SELECT n.refobjid, n.refobjsubid, min(n.oid) AS oid
  FROM (
    SELECT d.refobjid, d.refobjsubid, d.objid AS oid
    FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
    UNION ALL
    SELECT f.adrelid, f.adnum, d.refobjid
    FROM pg_attrdef f
    JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
      AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> f.adrelid) n
  WHERE n.oid IN (SELECT oid FROM pg_class WHERE relkind = 'S')
  GROUP BY n.refobjid, n.refobjsubid
), label AS (
  SELECT enumtypid, json_agg(enumlabel ORDER BY enumsortorder) AS labels FROM pg_enum GROUP BY enumtypid
), attribute AS (
  SELECT a.attrelid, json_agg(json_build_object(
    'name', a.attname,
    'type', format_type(a.atttypid, a.atttypmod),
    'base', b.typname,
    'labels', l.labels,
    'not_null', a.attnotnull OR t.typnotnull,
    'has_default', a.atthasdef AND a.attgenerated = '',
    'identity', a.attidentity <> '',
    'generated', a.attgenerated <> '',
    'sequence', s.oid::regclass::text,
    'owns_sequence', coalesce((SELECT pg_has_role(q.relowner, 'USAGE') FROM pg_class q WHERE q.oid = s.oid), false),
    'may_set_sequence', coalesce(has_sequence_privilege(s.oid, 'UPDATE'), false),
    'may_insert', has_column_privilege(a.attrelid, a.attnum, 'INSERT')
  ) ORDER BY a.attnum) AS columns
  FROM relation c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
  LEFT JOIN owned s ON s.refobjid = a.attrelid AND s.refobjsubid = a.attnum
  LEFT JOIN label l ON l.enumtypid = b.oid
  GROUP BY a.attrelid
)
SELECT json_build_object(
  'server', (
    SELECT json_build_object(
      'database', current_database(),
      'role', current_user,
      'superuser', rolsuper,
      'bypass_rls', rolbypassrls,
      'in_recovery', pg_is_in_recovery(),
      'read_only', current_setting('transaction_read_only')::boolean,
      'may_create', has_database_privilege(current_database(), 'CREATE'))
    FROM pg_roles WHERE rolname = current_user),
  'tables', (
    SELECT coalesce(json_agg(json_build_object(
      'oid', c.oid::bigint,
      'schema', c.nspname,
      'name', c.relname,
      'kind', c.relkind,
      'visible', pg_table_is_visible(c.oid),
      'owned', pg_has_role(c.relowner, 'USAGE'),
      'rls', c.relrowsecurity,
      'rls_forced', c.relforcerowsecurity,
      'may_insert', c.reachable AND has_table_privilege(c.oid, 'INSERT'),
      'may_select', c.reachable AND has_table_privilege(c.oid, 'SELECT'),
      'may_truncate', c.reachable AND has_table_privilege(c.oid, 'TRUNCATE'),
      'columns', coalesce(a.columns, '[]')
    ) ORDER BY c.nspname, c.relname), '[]')
    FROM relation c LEFT JOIN attribute a ON a.attrelid = c.oid),
  'foreign_keys', (
    SELECT coalesce(json_agg(json_build_object(
      'name', k.conname,
      'from', k.conrelid::bigint,
      'from_name', k.conrelid::regclass::text,
      'columns', (SELECT json_agg(a.attname ORDER BY p.n)
        FROM unnest(k.conkey) WITH ORDINALITY p(number, n)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.number),
      'to', k.confrelid::bigint,
      'to_columns', (SELECT json_agg(a.attname ORDER BY p.n)
        FROM unnest(k.confkey) WITH ORDINALITY p(number, n)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.number)
    ) ORDER BY k.conname, k.conrelid), '[]')
    FROM pg_constraint k WHERE k.contype = 'f'),
  'view_sources', (
    SELECT coalesce(json_agg(DISTINCT jsonb_build_object(
      'view', r.ev_class::bigint, 'source', d.refobjid::bigint)), '[]')
    FROM pg_rewrite r
    JOIN relation v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
      AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class)
)::text"#;

/// Reads what `connection` sees.
///
/// # Errors
/// Whatever the server says.
pub async fn introspect(connection: &mut PgConnection) -> Result<Schema> {
    let row = sqlx::raw_sql(QUERY)
        .fetch_one(connection)
        .await
        .map_err(|error| crate::database::error(error).while_doing("reading the catalog of the database"))?;
    let text: &str = row.try_get(0).map_err(crate::database::error)?;
    serde_json::from_str(text)
        .map_err(|error| Error::failed(format!("the catalog of the database cannot be read: {error}")))
}
