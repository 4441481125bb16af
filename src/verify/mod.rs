//! The coherence rules as queries: each must return no row.

mod rules;

use std::fmt;

use serde::Serialize;
use sqlx::{PgConnection, Row};

use crate::calendar::Day;
use crate::database::{error, execute, fetch};
use crate::error::Result;
use crate::schema::Schema;

pub use rules::{RULES, Rule};

/// What a rule found.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// Number of the rule, 1 to 15.
    pub rule: u32,
    /// Its name: `stage-and-probability`.
    pub name: &'static str,
    /// What must hold.
    pub about: &'static str,
    /// Rows that break it; 0 where it holds.
    pub violations: i64,
    /// The first few of them.
    pub examples: Vec<String>,
    /// Why it was not checked.
    pub skipped: Option<String>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match (&self.skipped, self.violations) {
            (Some(_), _) => "skipped",
            (None, 0) => "ok",
            _ => "BROKEN",
        };
        write!(f, "{verdict:7}  {:>2} {:34}  {}", self.rule, self.name, self.about)?;
        if let Some(why) = &self.skipped {
            write!(f, " ({why})")?;
        }
        writeln!(f)?;
        if self.violations > 0 {
            writeln!(f, "            {} violations", self.violations)?;
            for example in &self.examples {
                writeln!(f, "            {example}")?;
            }
        }
        Ok(())
    }
}

/// Violations shown of each rule.
const SHOWN: usize = 5;

/// Runs every rule whose columns the target has, inside the caller's transaction.
///
/// # Errors
/// Whatever the server says.
pub async fn run(connection: &mut PgConnection, schema: &Schema, as_of: Day) -> Result<Vec<Outcome>> {
    // Times are compared and told in UTC; compiling costs more than most of the rules.
    execute(connection, "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL jit = off")
        .await?;
    let mut outcomes = Vec::new();
    for rule in RULES {
        let mut outcome = Outcome {
            rule: rule.number,
            name: rule.name,
            about: rule.about,
            violations: 0,
            examples: Vec::new(),
            skipped: missing(rule, schema),
        };
        if outcome.skipped.is_none() {
            let sql = format!(
                "SELECT found.what, count(*) OVER () FROM ({}) AS found(what) LIMIT {SHOWN}",
                rule.sql(as_of)
            );
            let t0 = std::time::Instant::now(); // TEMP
            let rows =
                fetch(connection, &sql).await.map_err(|e| e.while_doing(format!("rule {}", rule.name)))?;
            if std::env::var_os("VT").is_some() {
                eprintln!("T {:6} {}", t0.elapsed().as_millis(), rule.name);
                std::fs::write(format!("/tmp/vsql/{}.sql", rule.name), &sql).unwrap();
            } // TEMP
            for row in &rows {
                outcome.violations = row.try_get(1).map_err(error)?;
                outcome
                    .examples
                    .push(row.try_get::<Option<String>, _>(0).map_err(error)?.unwrap_or_default());
            }
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

/// The first table or column that the rule needs and the target lacks.
fn missing(rule: &Rule, schema: &Schema) -> Option<String> {
    rule.needs.iter().find_map(|need| {
        let (table, column) = need.split_once('.').unwrap_or((need, ""));
        let has = schema.find(table).is_some_and(|table| {
            table.visible && (column.is_empty() || table.columns.iter().any(|c| c.name == column))
        });
        (!has).then(|| format!("the target has no {need}"))
    })
}
