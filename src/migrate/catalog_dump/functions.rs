//! Functions, procedures and aggregates.

/// What stands behind the common beginning: `own_function`.
pub const BEGINNING: &str = ", own_function AS (
  SELECT p.*, p.oid AS id, CASE p.prokind WHEN 'p' THEN 'procedure ' WHEN 'a' THEN 'aggregate ' ELSE 'function ' END
              || ours.schema || '.' || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS object
  FROM pg_proc p JOIN ours ON ours.oid = p.pronamespace
  WHERE NOT EXISTS (SELECT FROM extended e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid))
";

const FUNCTIONS: &str =
    "SELECT f.object, 0, 0::bigint, concat_ws(', ', 'owner ' || quote_ident(pg_get_userbyid(f.proowner)),
    'comment ' || quote_literal(obj_description(f.id, 'pg_proc')))
  FROM own_function f";

const GRANTS: &str = "SELECT f.object, 1, 0::bigint, 'grant ' || g::text
  FROM own_function f, unnest(coalesce(f.proacl, acldefault('f', f.proowner))) AS g";

const DEFINITIONS: &str =
    "SELECT f.object, 2, -1::bigint, pg_get_functiondef(f.id) FROM own_function f WHERE f.prokind <> 'a'";

const AGGREGATES: &str = "SELECT f.object, 2, 0::bigint, concat_ws(' ', 'state', format_type(a.aggtranstype, NULL),
    'by', a.aggtransfn::text, 'final', a.aggfinalfn::text, 'combine', a.aggcombinefn::text,
    'initially ' || quote_literal(a.agginitval), 'kind', a.aggkind::text, 'sorted by ' || nullif(a.aggsortop, 0)::regoperator::text,
    'parallel', f.proparallel::text)
  FROM own_function f JOIN pg_aggregate a ON a.aggfnoid = f.id";

pub const QUERIES: [&str; 4] = [FUNCTIONS, GRANTS, DEFINITIONS, AGGREGATES];
