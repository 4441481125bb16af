//! A check that one query of the catalog makes: a row for each finding, as the object, what is wrong, and the mend.

use sqlx::{PgConnection, Row};

use crate::db::query::{error, fetch};
use crate::error::Result;
use crate::migrate::validation::finding::{Finding, Level};

/// A query of the catalog.
pub struct Check {
    /// `constraint-not-valid`.
    pub name: &'static str,
    /// What it finds, where the query has no fourth column that says `error` or `warning`.
    pub level: Level,
    /// Its rows: object, what, fix, and perhaps the level. `$OWN(n)` stands for a condition that leaves out
    /// the schemas (`n` is pg_namespace) of the server and of crm-seed, and `$EXTERNAL(class, oid)` for whether an
    /// object belongs to an extension.
    pub sql: &'static str,
}

/// The SQL of a query without our abbreviations.
pub fn expand(sql: &str) -> String {
    let own = "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'crm_seed')";
    let mut out = sql.replace("$OWN(n)", own);
    while let Some(at) = out.find("$EXTERNAL(") {
        let end = out[at..].find(')').map_or(out.len(), |end| at + end);
        let arguments = out[at + "$EXTERNAL(".len()..end].to_owned();
        let (class, oid) = arguments.split_once(',').unwrap_or((&arguments, "0"));
        let exists = format!(
            "EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{}'::regclass AND e.objid = {} AND e.deptype = 'e')",
            class.trim(),
            oid.trim()
        );
        out.replace_range(at..(end + 1).min(out.len()), &exists);
    }
    out
}

impl Check {
    /// Runs it.
    pub async fn run(&self, connection: &mut PgConnection) -> Result<Vec<Finding>> {
        let rows = fetch(connection, &expand(self.sql)).await.map_err(|e| e.context(self.name))?;
        let read = |row: &sqlx::postgres::PgRow| {
            let level = match row.len() {
                4.. => row.try_get::<String, _>(3)?,
                _ => String::new(),
            };
            Ok(Finding {
                check: self.name,
                level: match level.as_str() {
                    "warning" => Level::Warning,
                    "error" => Level::Error,
                    _ => self.level,
                },
                object: row.try_get(0)?,
                what: row.try_get(1)?,
                fix: row.try_get(2)?,
            })
        };
        rows.iter().map(read).collect::<Result<_, sqlx::Error>>().map_err(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_are_written_out() {
        let sql = expand("SELECT 1 FROM pg_class c WHERE NOT $EXTERNAL(pg_class, c.oid) AND $OWN(n)");
        assert!(
            sql.contains("e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')"),
            "{sql}"
        );
        assert!(!sql.contains('$'), "{sql}");
    }
}
