//! Sequences that will give a number which their column holds already: the next INSERT fails.

use sqlx::{PgConnection, Row};

use crate::db::probe::{Probed, probe};
use crate::db::query::{error, fetch};
use crate::error::Result;
use crate::migrate::validation::check::expand;
use crate::migrate::validation::finding::{Finding, Level, Report, Skipped};

const CHECK: &str = "sequence-behind";

/// Columns of numbers with the sequence that they own, or by which their default counts. The runner numbers its
/// history itself, as one that another tool made may have no sequence.
const COLUMNS: &str = "SELECT DISTINCT s.oid::regclass::text, c.oid::regclass::text, quote_ident(a.attname), q.seqincrement
FROM (
  SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS number FROM pg_depend d
  WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
  UNION
  SELECT d.refobjid, f.adrelid, f.adnum FROM pg_attrdef f
  JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass
  WHERE pg_get_expr(f.adbin, f.adrelid) ~ '^nextval\\(''.*''::regclass\\)$'
) u JOIN pg_class s ON s.oid = u.sequence AND s.relkind = 'S' JOIN pg_sequence q ON q.seqrelid = s.oid AND NOT q.seqcycle
JOIN pg_class c ON c.oid = u.relation AND c.relkind IN ('r', 'p') AND NOT c.relispartition
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number AND NOT a.attisdropped
WHERE $OWN(n) AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
  AND c.relname <> 'migration_history' AND NOT $EXTERNAL(pg_class, c.oid)
ORDER BY 2, 3, 1";

/// Holds each sequence to its column.
///
/// # Errors
/// The connection is lost.
pub async fn check(connection: &mut PgConnection, report: &mut Report) -> Result<()> {
    for row in fetch(connection, &expand(COLUMNS)).await? {
        let text = |column: usize| row.try_get::<String, _>(column).map_err(error);
        let (sequence, table, column) = (text(0)?, text(1)?, text(2)?);
        let increment: i64 = row.try_get(3).map_err(error)?;
        let (farthest, is_behind) = if increment > 0 { ("max", ">=") } else { ("min", "<=") };
        let sql = format!(
            "SELECT held::text, next::text FROM (
               SELECT (SELECT {farthest}({column}) FROM {table}) AS held,
                      (SELECT last_value + CASE WHEN is_called THEN {increment} ELSE 0 END FROM {sequence}) AS next
             ) AS both_ends WHERE held {is_behind} next"
        );
        let object = format!("{sequence} of {table}.{column}");
        match probe(connection, &sql).await? {
            Probed::Refused(why) => report.skipped.push(Skipped { check: CHECK, object, why }),
            Probed::Rows(rows) => {
                let Some(row) = rows.first() else { continue };
                let of = |column: usize| row.try_get::<String, _>(column).map_err(error);
                report.findings.push(Finding {
                    check: CHECK,
                    level: Level::Error,
                    what: format!(
                        "is behind its column: its next number is {}, the column holds {}",
                        of(1)?,
                        of(0)?
                    ),
                    fix: format!(
                        "SELECT setval('{}', (SELECT {farthest}({column}) FROM {table}))",
                        sequence.replace('\'', "''")
                    ),
                    object,
                });
            }
        }
    }
    Ok(())
}
