//! What a careful administrator looks at after a migration: what is there in name and does not hold. A file for each
//! kind of object; all of it is read in one transaction that may not write.

mod check;
mod constraints;
mod finding;
mod indexes;
mod known_references;
mod orphans;
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

/// A table that somebody has locked is waited for so long where `--wait` does not say.
const PATIENCE: Duration = Duration::from_secs(5);

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
    check_known(connection, overrides, wait, &mut report).await?;
    sequences::check(connection, &mut report).await?;
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    Ok(report)
}

/// Counts orphans of references without a foreign key. A catalog that cannot be read, as somebody has a table locked,
/// leaves the other checks as they are.
async fn check_known(
    connection: &mut PgConnection,
    overrides: &Overrides,
    wait: Duration,
    report: &mut Report,
) -> Result<()> {
    let deadline = Deadline::within(if wait.is_zero() { PATIENCE } else { wait });
    let known = match table_locks::introspect(connection, deadline, true).await {
        Ok(schema) => known_references::find(schema, overrides).await,
        Err(error) if table_locks::is_wait(&error) => Err(format!("{error:#}")),
        Err(error) => return Err(error),
    };
    execute(connection, LIMITS).await?;
    match known {
        Ok(known) => orphans::count(connection, &known, report).await,
        Err(why) => {
            let object = "columns without a foreign key".into();
            report.skipped.push(Skipped { check: orphans::CHECK, object, why });
            Ok(())
        }
    }
}
