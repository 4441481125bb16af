//! Indexes that no query uses, or that are there twice.

use crate::migrate::validation::check::Check;
use crate::migrate::validation::finding::Level;

/// What a CREATE INDEX CONCURRENTLY that failed has left, or an index on a partitioned table that some partitions lack.
pub const INVALID: Check = Check {
    name: "index-invalid",
    level: Level::Error,
    sql: "SELECT format('%s on %s', c.oid::regclass, i.indrelid::regclass),
       CASE WHEN c.relkind = 'I' THEN 'is INVALID: not every partition has it'
            WHEN i.indisready THEN 'is INVALID: no query uses it, every write keeps it up'
            ELSE 'is not ready: an interrupted build has left it' END,
       CASE WHEN c.relkind = 'I' THEN format('create the index on each partition, then ALTER INDEX %s ATTACH PARTITION ...', c.oid::regclass)
            WHEN c.relname ~ '_cc(new|old)[0-9]*$' THEN format('DROP INDEX CONCURRENTLY %s', c.oid::regclass)
            ELSE format('REINDEX INDEX CONCURRENTLY %s', c.oid::regclass) END
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT (i.indisvalid AND i.indisready) AND $OWN(n)
  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)
ORDER BY 1",
};

/// Indexes that another one makes needless: the same columns, operators, order and predicate, and unique where the
/// other is. Of two alike the younger is told, unless a constraint hangs on it.
pub const DUPLICATES: Check = Check {
    name: "index-duplicate",
    level: Level::Warning,
    sql: "WITH indexed AS (
  SELECT i.*, c.relname, c.relam,
    EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')) AS is_key
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE i.indisvalid AND i.indislive AND NOT c.relispartition AND $OWN(n)
), twice AS (
  SELECT a.indexrelid, min(b.indexrelid::oid) AS kept FROM indexed a JOIN indexed b ON b.indrelid = a.indrelid
    AND b.indexrelid <> a.indexrelid AND b.relam = a.relam AND b.indnkeyatts = a.indnkeyatts
    AND b.indkey::text = a.indkey::text AND b.indclass::text = a.indclass::text
    AND b.indcollation::text = a.indcollation::text AND b.indoption::text = a.indoption::text
    AND pg_get_expr(b.indexprs, b.indrelid) IS NOT DISTINCT FROM pg_get_expr(a.indexprs, a.indrelid)
    AND pg_get_expr(b.indpred, b.indrelid) IS NOT DISTINCT FROM pg_get_expr(a.indpred, a.indrelid)
    AND coalesce((to_jsonb(b) ->> 'indnullsnotdistinct')::boolean, false) = coalesce((to_jsonb(a) ->> 'indnullsnotdistinct')::boolean, false)
  WHERE NOT a.is_key AND NOT a.indisexclusion AND NOT b.indisexclusion AND NOT a.indisreplident
    AND (b.indisunique AND b.indimmediate OR NOT a.indisunique)
    AND (b.is_key OR b.indisunique AND NOT a.indisunique OR a.indisunique = b.indisunique AND b.indexrelid < a.indexrelid)
  GROUP BY a.indexrelid
)
SELECT format('%s on %s', t.indexrelid::regclass, i.indrelid::regclass),
       format('is the same as %s: every write keeps up both', t.kept::regclass),
       format('DROP INDEX CONCURRENTLY %s', t.indexrelid::regclass)
FROM twice t JOIN pg_index i ON i.indexrelid = t.indexrelid ORDER BY 1",
};
