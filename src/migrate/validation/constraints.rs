//! Constraints that hold for new rows only.

use crate::migrate::validation::check::Check;
use crate::migrate::validation::finding::Level;

/// Constraints of tables and domains that were added NOT VALID, and never validated.
pub const NOT_VALID: Check = Check {
    name: "constraint-not-valid",
    level: Level::Error,
    sql: "SELECT format('%I on %s', k.conname, coalesce(nullif(k.conrelid, 0)::regclass::text, format_type(k.contypid, NULL))),
       CASE WHEN to_jsonb(k) ->> 'conenforced' = 'false' THEN 'is not enforced'
            ELSE 'is NOT VALID: existing rows were not checked' END,
       format(CASE WHEN to_jsonb(k) ->> 'conenforced' = 'false' THEN 'ALTER TABLE %2$s ALTER CONSTRAINT %3$I ENFORCED'
                   ELSE 'ALTER %1$s %2$s VALIDATE CONSTRAINT %3$I' END,
              CASE WHEN k.conrelid = 0 THEN 'DOMAIN' ELSE 'TABLE' END,
              coalesce(nullif(k.conrelid, 0)::regclass::text, format_type(k.contypid, NULL)), k.conname)
FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
WHERE NOT k.convalidated AND k.conparentid = 0 AND $OWN(n) AND NOT $EXTERNAL(pg_constraint, k.oid)
ORDER BY 1",
};

/// Foreign keys whose triggers were disabled: nothing keeps them any more, though they count as valid.
pub const DISABLED_KEYS: Check = Check {
    name: "foreign-key-disabled",
    level: Level::Error,
    sql: "SELECT format('%I on %s', k.conname, k.conrelid::regclass),
       format('is not checked: its triggers on %s are disabled',
              string_agg(DISTINCT t.tgrelid::regclass::text, ' and ' ORDER BY t.tgrelid::regclass::text)),
       string_agg(DISTINCT format('ALTER TABLE %s ENABLE TRIGGER ALL', t.tgrelid::regclass), '; '
                  ORDER BY format('ALTER TABLE %s ENABLE TRIGGER ALL', t.tgrelid::regclass))
FROM pg_trigger t JOIN pg_constraint k ON k.oid = t.tgconstraint JOIN pg_namespace n ON n.oid = k.connamespace
WHERE t.tgisinternal AND t.tgenabled IN ('D', 'R') AND k.contype = 'f' AND $OWN(n)
GROUP BY k.oid, k.conname, k.conrelid ORDER BY 1",
};
