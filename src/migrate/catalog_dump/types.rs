//! Enums, domains, composite types, ranges, and types of C code.

/// The type itself. Those of tables and arrays come with what they are of.
const TYPES: &str = "SELECT 'type ' || ours.schema || '.' || quote_ident(t.typname), 0, 0::bigint, concat_ws(', ',
    CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite' WHEN 'r' THEN 'range'
                   ELSE 'base ' || t.typinput::text || ' ' || t.typoutput::text END,
    'owner ' || quote_ident(pg_get_userbyid(t.typowner)),
    CASE WHEN t.typtype = 'd' THEN concat_ws(' ', 'over', format_type(t.typbasetype, t.typtypmod),
      CASE WHEN t.typcollation <> b.typcollation THEN 'collate ' || t.typcollation::regcollation::text END,
      CASE WHEN t.typnotnull THEN 'not null' END, 'default ' || t.typdefault) END,
    (SELECT concat_ws(' ', 'of', format_type(r.rngsubtype, NULL),
            CASE WHEN r.rngcollation <> 0 THEN 'collate ' || r.rngcollation::regcollation::text END,
            'class ' || o.opcname, CASE WHEN r.rngcanonical <> 0 THEN 'canonical ' || r.rngcanonical::text END,
            CASE WHEN r.rngsubdiff <> 0 THEN 'difference ' || r.rngsubdiff::text END)
     FROM pg_range r JOIN pg_opclass o ON o.oid = r.rngsubopc WHERE r.rngtypid = t.oid),
    'comment ' || quote_literal(obj_description(t.oid, 'pg_type')))
  FROM own_type t JOIN ours ON ours.oid = t.typnamespace LEFT JOIN pg_type b ON b.oid = t.typbasetype";

const LABELS: &str = "SELECT 'type ' || ours.schema || '.' || quote_ident(t.typname), 1,
    row_number() OVER (PARTITION BY t.oid ORDER BY e.enumsortorder), 'label ' || quote_literal(e.enumlabel)
  FROM own_type t JOIN ours ON ours.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid";

const CONSTRAINTS: &str = "SELECT 'type ' || ours.schema || '.' || quote_ident(t.typname), 2, 0::bigint,
    concat_ws(' ', 'constraint', quote_ident(k.conname), pg_get_constraintdef(k.oid),
      CASE WHEN NOT k.convalidated THEN '(not validated)' END,
      'comment ' || quote_literal(obj_description(k.oid, 'pg_constraint')))
  FROM own_type t JOIN ours ON ours.oid = t.typnamespace JOIN pg_constraint k ON k.contypid = t.oid";

const GRANTS: &str = "SELECT 'type ' || ours.schema || '.' || quote_ident(t.typname), 3, 0::bigint, 'grant ' || g::text
  FROM own_type t JOIN ours ON ours.oid = t.typnamespace, unnest(coalesce(t.typacl, acldefault('T', t.typowner))) AS g";

/// What stands behind the common beginning: `own_type`.
pub const BEGINNING: &str = ", own_type AS (
  SELECT t.* FROM pg_type t
  WHERE t.typtype IN ('e', 'd', 'c', 'r', 'b')
    AND (t.typrelid = 0 OR EXISTS (SELECT FROM relation r WHERE r.id = t.typrelid AND r.kind = 'c'))
    AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
    AND NOT EXISTS (SELECT FROM extended e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid))
";

pub const QUERIES: [&str; 4] = [TYPES, LABELS, CONSTRAINTS, GRANTS];
