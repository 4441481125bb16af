//! Materialized views, triggers and tables that are not as they should be left.

use crate::migrate::validation::check::Check;
use crate::migrate::validation::finding::Level;

/// Materialized views that were made WITH NO DATA: to read them is an error.
pub const NOT_POPULATED: Check = Check {
    name: "view-not-populated",
    level: Level::Error,
    sql: "SELECT c.oid::regclass::text, 'is a materialized view that was never populated: reading it fails',
       format('REFRESH MATERIALIZED VIEW %s', c.oid::regclass)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND NOT c.relispopulated AND $OWN(n) ORDER BY 1",
};

/// Triggers of the app's that do not fire.
pub const DISABLED_TRIGGERS: Check = Check {
    name: "trigger-disabled",
    level: Level::Warning,
    sql: "SELECT format('%I on %s', t.tgname, t.tgrelid::regclass), 'is a trigger that is disabled',
       format('ALTER TABLE %s ENABLE TRIGGER %I', t.tgrelid::regclass, t.tgname)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgenabled = 'D' AND NOT c.relispartition AND $OWN(n) ORDER BY 1",
};

/// Tables that a crash of the server empties.
pub const UNLOGGED: Check = Check {
    name: "table-unlogged",
    level: Level::Warning,
    sql: "SELECT c.oid::regclass::text, 'is UNLOGGED: a crash empties it, and replicas do not have it',
       format('ALTER TABLE %s SET LOGGED', c.oid::regclass)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'u' AND $OWN(n) AND NOT $EXTERNAL(pg_class, c.oid) ORDER BY 1",
};
