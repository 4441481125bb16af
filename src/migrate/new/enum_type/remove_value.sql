-- PostgreSQL cannot remove a value from an enum. What can be done is to make the type again without it and to move
-- the columns over, which rewrites their tables while nobody can read them. It fails, and changes nothing, where a
-- row still has the value, or where a view, a constraint, an index or a function needs the type as it is.
DO $$
DECLARE
  labels text;
  description text := obj_description({regtype}::regtype, 'pg_type');
  moves text[];
  defaults text[];
  statement text;
BEGIN
  SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) INTO labels
  FROM pg_enum
  WHERE enumtypid = {regtype}::regtype AND enumlabel <> {value};

  SELECT
    array_agg(format(
      'ALTER TABLE %1$s ALTER COLUMN %2$I DROP DEFAULT, '
      'ALTER COLUMN %2$I TYPE {new_type_in_format} USING %2$I::text::{new_type_in_format}',
      c.oid::regclass, a.attname)),
    array_agg(format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s',
      c.oid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid))) FILTER (WHERE d.oid IS NOT NULL)
  INTO moves, defaults
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.atttypid = {regtype}::regtype AND NOT a.attisdropped AND a.attinhcount = 0;

  EXECUTE format('CREATE TYPE {new_type_in_format} AS ENUM (%s)', labels);
  FOREACH statement IN ARRAY coalesce(moves, '{none}') LOOP
    EXECUTE statement;
  END LOOP;
  DROP TYPE {type};
  ALTER TYPE {new_type} RENAME TO {bare_type};
  FOREACH statement IN ARRAY coalesce(defaults, '{none}') LOOP
    EXECUTE statement;
  END LOOP;
  IF description IS NOT NULL THEN
    EXECUTE format('COMMENT ON TYPE {type_in_format} IS %L', description);
  END IF;
END
$$;
