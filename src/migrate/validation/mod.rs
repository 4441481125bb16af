//! What a careful administrator looks at after a migration: what is there in name and does not hold. A file for each
//! kind of object; all of it is read in one transaction that may not write.

mod check;
mod constraints;
mod finding;
mod indexes;
mod known_references;
mod orphans;
mod probe;
mod row_security;
mod sequences;
mod tables;

use std::time::Duration;

use sqlx::PgConnection;

use crate::catalog::table_locks::{self, Deadline};
use crate::db::query::{SETTINGS, execute};
use crate::error::Result;
use crate::infer::overrides::Overrides;
use check::Check;

pub use finding::{Finding, Level, Report, Skipped};

/// What a query of the catalog tells, in the order in which it is told.
const CHECKS: [&Check; 10] = [
    &constraints::NOT_VALID,
    &constraints::DISABLED_KEYS,
    &indexes::INVALID,
    &row_security::MISSING,
    &row_security::PERMITS_ALL,
    &tables::NOT_POPULATED,
    &row_security::NO_POLICY,
    &tables::DISABLED_TRIGGERS,
    &tables::UNLOGGED,
    &indexes::DUPLICATES,
];

/// A policy would hide parents from a role that it binds, so that their children look like orphans: such a query fails
/// then, and is told as not checked. A long look is not cut short, but no lock is waited for without end.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const LIMITS: &str = "SET LOCAL row_security = off; SET LOCAL lock_timeout = '5s'";

/// Validates the database of a connection. Nothing is written.
///
/// # Errors
/// The catalog cannot be read; the connection is lost.
pub async fn validate(
    connection: &mut PgConnection,
    overrides: &Overrides,
    wait: Duration,
) -> Result<Report> {
    execute(connection, BEGIN).await?;
    execute(connection, SETTINGS).await?;
    execute(connection, LIMITS).await?;
    let report = look(connection, overrides, wait).await;
    // Nothing was written, and a connection that is gone has ended its transaction.
    let _ = execute(connection, "ROLLBACK").await;
    report
}

async fn look(connection: &mut PgConnection, overrides: &Overrides, wait: Duration) -> Result<Report> {
    let mut report = Report::default();
    for check in CHECKS {
        report.findings.extend(check.run(connection).await?);
    }
    let declared = orphans::declared(connection).await?;
    orphans::count(connection, &declared, &mut report).await?;
    let schema = table_locks::introspect(connection, Deadline::within(wait), false).await?;
    match known_references::find(schema, overrides).await {
        Ok(known) => orphans::count(connection, &known, &mut report).await?,
        Err(why) => {
            report.skipped.push(Skipped {
                check: orphans::CHECK,
                object: "columns without a foreign key".into(),
                why,
            });
        }
    }
    sequences::check(connection, &mut report).await?;
    report.findings.sort_by(|a, b| b.level.cmp(&a.level));
    Ok(report)
}
