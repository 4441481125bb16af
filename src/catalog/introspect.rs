//! Reads the catalog in one round trip.

use sqlx::{PgConnection, Row};

use crate::catalog::{Column, MONEY_DIGITS, Schema, Table, defaults, examples};
use crate::error::{Error, Result};

/// One JSON document, so that one simple query (no prepared statement, which a transaction
/// pooler would break) brings everything. Set-based throughout, as catalogs grow.
const QUERY: &str = r#"
WITH relation AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relkind, c.relowner, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence,
    n.nspname,
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
), base_type AS (
  WITH RECURSIVE step AS (
    SELECT oid AS domain, typbasetype AS base, typtypmod AS typmod FROM pg_type WHERE typtype = 'd'
    UNION ALL
    SELECT s.domain, t.typbasetype, t.typtypmod FROM step s JOIN pg_type t ON t.oid = s.base AND t.typtype = 'd')
  SELECT s.domain, s.base, s.typmod,
    (SELECT json_agg(pg_get_constraintdef(k.oid) ORDER BY k.conname)
     FROM pg_constraint k WHERE k.contype = 'c'
       AND k.contypid IN (SELECT s.domain UNION SELECT o.base FROM step o WHERE o.domain = s.domain)) AS checks
  FROM step s JOIN pg_type b ON b.oid = s.base AND b.typtype <> 'd'
), range_type AS (
  SELECT r.rngtypid AS oid, t.typname AS subtype FROM pg_range r JOIN pg_type t ON t.oid = r.rngsubtype
  UNION ALL
  SELECT (to_jsonb(r) ->> 'rngmultitypid')::oid, t.typname FROM pg_range r JOIN pg_type t ON t.oid = r.rngsubtype
), label AS (
  SELECT enumtypid, json_agg(enumlabel ORDER BY enumsortorder) AS labels FROM pg_enum GROUP BY enumtypid
), default_function AS (
  SELECT d.objid, json_agg(json_build_object('name', p.proname, 'language', l.lanname, 'volatility', p.provolatile,
    'source', p.prosrc) ORDER BY p.oid) AS functions
  FROM pg_depend d JOIN pg_proc p ON p.oid = d.refobjid JOIN pg_language l ON l.oid = p.prolang
  WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_proc'::regclass
  GROUP BY d.objid
), attribute AS (
  SELECT a.attrelid, json_agg(json_build_object(
    'name', a.attname,
    'type', format_type(a.atttypid, a.atttypmod),
    'base', b.typname,
    'typmod', CASE WHEN de.domain IS NOT NULL THEN de.typmod WHEN t.typtype = 'd' THEN d.typmod ELSE a.atttypmod END,
    'category', b.typcategory,
    'element', eb.typname,
    'labels', coalesce(l.labels, le.labels),
    'domain_checks', d.checks,
    'element_checks', de.checks,
    'range_of', r.subtype,
    'multirange', coalesce(eb.typtype, b.typtype) = 'm',
    'not_null', a.attnotnull OR t.typnotnull,
    'has_default', (a.atthasdef OR t.typdefault IS NOT NULL) AND a.attgenerated = '',
    'default', CASE WHEN a.attgenerated = '' THEN coalesce(pg_get_expr(f.adbin, f.adrelid), t.typdefault) END,
    'default_functions', coalesce(df.functions, '[]'),
    'identity', a.attidentity <> '',
    'identity_always', a.attidentity = 'a',
    'generated', a.attgenerated <> '',
    'generated_as', CASE WHEN a.attgenerated <> '' THEN pg_get_expr(f.adbin, f.adrelid) END,
    'sequence', s.oid::regclass::text,
    'owns_sequence', coalesce((SELECT pg_has_role(q.relowner, 'USAGE') FROM pg_class q WHERE q.oid = s.oid), false),
    'may_set_sequence', coalesce(has_sequence_privilege(s.oid, 'UPDATE'), false),
    'may_insert', has_column_privilege(a.attrelid, a.attnum, 'INSERT'),
    'comment', CASE WHEN b.typname IN ('json', 'jsonb') THEN col_description(a.attrelid, a.attnum) END
  ) ORDER BY a.attnum) AS columns
  FROM relation c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN base_type d ON d.domain = t.oid
  JOIN pg_type b ON b.oid = coalesce(d.base, t.oid)
  LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
  LEFT JOIN base_type de ON de.domain = e.oid
  LEFT JOIN pg_type eb ON eb.oid = coalesce(de.base, e.oid)
  LEFT JOIN range_type r ON r.oid = coalesce(eb.oid, b.oid)
  LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
  LEFT JOIN default_function df ON df.objid = f.oid
  LEFT JOIN owned s ON s.refobjid = a.attrelid AND s.refobjsubid = a.attnum
  LEFT JOIN label l ON l.enumtypid = b.oid
  LEFT JOIN label le ON le.enumtypid = eb.oid
  GROUP BY a.attrelid
), written AS (
  SELECT oid FROM relation WHERE relkind IN ('r', 'p') AND nspname <> 'crm_seed'
), unique_key AS (
  SELECT i.indrelid, json_agg(json_build_object(
    'name', c.relname,
    'columns', (SELECT json_agg(a.attname ORDER BY k.n)
      FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(number, n)
      LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number > 0
      WHERE k.n <= i.indnkeyatts),
    'expressions', CASE WHEN i.indexprs IS NOT NULL THEN (SELECT json_agg(pg_get_indexdef(i.indexrelid, n, false) ORDER BY n)
      FROM generate_series(1, i.indnkeyatts::int) n) END,
    'predicate', pg_get_expr(i.indpred, i.indrelid),
    'nulls_not_distinct', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
    'primary', i.indisprimary,
    'operators', CASE WHEN i.indisexclusion THEN (SELECT json_agg(o.oprname ORDER BY k.n)
      FROM unnest(x.conexclop) WITH ORDINALITY k(operator, n) JOIN pg_operator o ON o.oid = k.operator) END
  ) ORDER BY i.indisprimary DESC, c.relname) AS keys
  FROM pg_index i
  JOIN written w ON w.oid = i.indrelid
  JOIN pg_class c ON c.oid = i.indexrelid
  LEFT JOIN pg_constraint x ON x.conindid = i.indexrelid AND x.contype = 'x' AND i.indisexclusion
  WHERE i.indisunique OR i.indisexclusion
  GROUP BY i.indrelid
), check_constraint AS (
  SELECT k.conrelid, json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid))
    ORDER BY k.conname) AS checks
  FROM pg_constraint k JOIN written w ON w.oid = k.conrelid
  WHERE k.contype = 'c'
  GROUP BY k.conrelid
), trigger_list AS (
  SELECT g.tgrelid, json_agg(json_build_object(
    'name', g.tgname,
    'kind', g.tgtype,
    'enabled', g.tgenabled IN ('O', 'A'),
    'function', p.oid::regproc::text,
    'source', p.prosrc
  ) ORDER BY g.tgname) AS triggers
  FROM pg_trigger g JOIN written w ON w.oid = g.tgrelid JOIN pg_proc p ON p.oid = g.tgfoid
  WHERE NOT g.tgisinternal
  GROUP BY g.tgrelid
), policy AS (
  SELECT l.polrelid, json_agg(json_build_object(
    'name', l.polname,
    'command', l.polcmd,
    'permissive', l.polpermissive,
    'applies', 0 = ANY (l.polroles) OR EXISTS (SELECT FROM unnest(l.polroles) o(id) WHERE o.id <> 0 AND pg_has_role(o.id, 'USAGE')),
    'using', pg_get_expr(l.polqual, l.polrelid),
    'check', coalesce(pg_get_expr(l.polwithcheck, l.polrelid), pg_get_expr(l.polqual, l.polrelid))
  ) ORDER BY l.polname) AS policies
  FROM pg_policy l JOIN written w ON w.oid = l.polrelid
  GROUP BY l.polrelid
), with_json AS MATERIALIZED (
  SELECT DISTINCT w.oid
  FROM written w
  JOIN pg_attribute a ON a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN base_type d ON d.domain = t.oid
  WHERE coalesce(d.base, t.oid) IN ('json'::regtype, 'jsonb'::regtype)
), json_use AS (
  SELECT w.oid::bigint AS "table", pg_get_viewdef(v.oid) AS text
  FROM (SELECT DISTINCT r.ev_class AS oid, d.refobjid
        FROM pg_rewrite r
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
          AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class) v
  JOIN relation c ON c.oid = v.oid AND c.relkind IN ('v', 'm')
  JOIN with_json w ON w.oid = v.refobjid
  UNION ALL
  SELECT w.oid::bigint, pg_get_indexdef(i.indexrelid)
  FROM pg_index i JOIN with_json w ON w.oid = i.indrelid
  WHERE NOT i.indisunique AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
  UNION ALL
  SELECT NULL, pg_get_function_arguments(p.oid) || ' ' || p.prosrc
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang
  WHERE EXISTS (SELECT FROM with_json) AND l.lanname IN ('sql', 'plpgsql') AND p.prosrc ~ '->|json'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'crm_seed')
    AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
), partition_list AS (
  SELECT h.inhparent, json_agg(pg_get_expr(c.relpartbound, c.oid) ORDER BY c.relname) AS bounds
  FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid AND c.relispartition
  GROUP BY h.inhparent
)
SELECT json_build_object(
  'server', (
    SELECT json_build_object(
      'database', current_database(),
      'role', current_user,
      'version', current_setting('server_version'),
      'superuser', rolsuper,
      'bypass_rls', rolbypassrls,
      'in_recovery', pg_is_in_recovery(),
      'read_only', current_setting('transaction_read_only')::boolean,
      'may_create', has_database_privilege(current_database(), 'CREATE'),
      'encoding', current_setting('server_encoding'))
    FROM pg_roles WHERE rolname = current_user),
  'tables', (
    SELECT coalesce(json_agg(json_build_object(
      'oid', c.oid::bigint,
      'schema', c.nspname,
      'name', c.relname,
      'kind', c.relkind,
      'visible', pg_table_is_visible(c.oid),
      'owner', pg_get_userbyid(c.relowner),
      'owned', pg_has_role(c.relowner, 'USAGE'),
      'rls', c.relrowsecurity,
      'rls_forced', c.relforcerowsecurity,
      'may_insert', c.reachable AND has_table_privilege(c.oid, 'INSERT'),
      'may_select', c.reachable AND has_table_privilege(c.oid, 'SELECT'),
      'may_truncate', c.reachable AND has_table_privilege(c.oid, 'TRUNCATE'),
      'may_update', c.reachable AND has_any_column_privilege(c.oid, 'UPDATE'),
      'may_delete', c.reachable AND has_table_privilege(c.oid, 'DELETE'),
      'persistence', c.relpersistence,
      'columns', coalesce(a.columns, '[]'),
      'uniques', coalesce(u.keys, '[]'),
      'checks', coalesce(k.checks, '[]'),
      'triggers', coalesce(g.triggers, '[]'),
      'policies', coalesce(l.policies, '[]'),
      'inherits_from', (SELECT coalesce(json_agg(i.inhparent::bigint), '[]') FROM pg_inherits i WHERE i.inhrelid = c.oid),
      'partition_key', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
      'partitions', coalesce(h.bounds, '[]'),
      'partition_checks', CASE WHEN c.relkind = 'p' THEN coalesce((
        SELECT json_agg(pg_get_partition_constraintdef(t.relid) ORDER BY t.relid)
        FROM pg_partition_tree(c.oid) t WHERE t.isleaf AND t.relid <> c.oid), '[]') ELSE '[]' END
    ) ORDER BY c.nspname, c.relname), '[]')
    FROM relation c
    LEFT JOIN attribute a ON a.attrelid = c.oid
    LEFT JOIN unique_key u ON u.indrelid = c.oid
    LEFT JOIN check_constraint k ON k.conrelid = c.oid
    LEFT JOIN trigger_list g ON g.tgrelid = c.oid
    LEFT JOIN policy l ON l.polrelid = c.oid
    LEFT JOIN partition_list h ON h.inhparent = c.oid),
  'foreign_keys', (
    SELECT coalesce(json_agg(json_build_object(
      'name', k.conname,
      'from', k.conrelid::bigint,
      'from_name', k.conrelid::regclass::text,
      'from_qualified', (SELECT format('%I.%I', c.relnamespace::regnamespace::text, c.relname)
        FROM pg_class c WHERE c.oid = k.conrelid),
      'from_lockable', has_table_privilege(k.conrelid, 'UPDATE, DELETE, TRUNCATE'),
      'columns', (SELECT json_agg(a.attname ORDER BY p.n)
        FROM unnest(k.conkey) WITH ORDINALITY p(number, n)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.number),
      'to', k.confrelid::bigint,
      'to_columns', (SELECT json_agg(a.attname ORDER BY p.n)
        FROM unnest(k.confkey) WITH ORDINALITY p(number, n)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.number),
      'deferrable', k.condeferrable,
      'deferred', k.condeferred,
      'on_delete', k.confdeltype,
      'match_full', k.confmatchtype = 'f'
    ) ORDER BY k.conname, k.conrelid), '[]')
    FROM pg_constraint k WHERE k.contype = 'f' AND k.conparentid = 0),
  'view_sources', (
    SELECT coalesce(json_agg(DISTINCT jsonb_build_object(
      'view', r.ev_class::bigint, 'source', d.refobjid::bigint)), '[]')
    FROM pg_rewrite r
    JOIN relation v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
      AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class),
  'json_uses', (
    SELECT coalesce(json_agg(json_build_object('table', u."table", 'text', u.text) ORDER BY u."table", u.text), '[]')
    FROM json_use u WHERE u.text ~ '->|json|\?|@>|#>')
)::text"#;

/// Reads what `connection` sees.
pub async fn introspect(connection: &mut PgConnection) -> Result<Schema> {
    let row = sqlx::raw_sql(QUERY)
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| crate::db::query::error(error).context("reading the database catalog"))?;
    let text: &str = row.try_get(0).map_err(crate::db::query::error)?;
    let mut schema: Schema = serde_json::from_str(text)
        .map_err(|error| Error::failed("cannot read the database catalog").with_source(error))?;
    schema.tables.iter_mut().for_each(Table::check_partitions);
    defaults::ask(connection, &mut schema).await?;
    examples::ask(connection, &mut schema).await?;
    let is_money = |column: &Column| column.base == "money" || column.element.as_deref() == Some("money");
    if schema.tables.iter().flat_map(|table| &table.columns).any(is_money) {
        schema.server.money_digits = money_digits(connection).await?;
    }
    Ok(schema)
}

/// Digits behind the point of `money` as the app's sessions have it: one of its units is stored as a power of ten.
async fn money_digits(connection: &mut PgConnection) -> Result<u32> {
    let sql = "SELECT set_config('lc_monetary', reset_val, true) FROM pg_settings WHERE name = 'lc_monetary';
               SELECT encode(cash_send(1::money), 'hex');
               SELECT set_config('lc_monetary', 'C', true)";
    let rows = crate::db::query::fetch(connection, sql).await?;
    let Some(row) = rows.get(1) else { return Ok(MONEY_DIGITS) };
    let stored: String = row.try_get(0).map_err(crate::db::query::error)?;
    Ok(i64::from_str_radix(&stored, 16).ok().filter(|one| *one > 0).map_or(MONEY_DIGITS, |one| one.ilog10()))
}
