//! What stands against applying the pending migrations now: other sessions, locks, replication, disk. It begins with a
//! backup of the schema. Nothing in the database is written.

mod backup;
mod locks;
mod outcome;
mod reach;
mod sessions;
mod slots;
mod space;

use std::path::Path;
use std::time::Duration;

use sqlx::PgConnection;

use crate::db::libpq::Environment;
use crate::db::query::{SETTINGS, execute};
use crate::error::Result;
use crate::migrate::files::Migration;
use crate::migrate::layout::Directory;
use crate::migrate::status::{Status, status};

pub use outcome::{Level, Outcome, Report};

/// How old a query has to be to stand in the way, unless told otherwise.
pub const OLDER_THAN: Duration = Duration::from_secs(300);

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Where the backup of the schema goes; `None` for none.
    pub backup: Option<&'a Path>,
    /// Queries and idle transactions stand in the way from this age on.
    pub older_than: Duration,
    /// The server is on this machine, so that its file system can be looked at.
    pub is_local: bool,
    /// How `pg_dump` comes to the database; `None` for the embedded one.
    pub for_libpq: Option<&'a Environment>,
}

/// Looks at everything that may stand against applying what is pending of a directory.
///
/// # Errors
/// A pending file that cannot be run; the database cannot be read.
pub async fn preflight(
    connection: &mut PgConnection,
    directory: &Directory,
    request: Request<'_>,
) -> Result<Report> {
    let pending = pending(connection, directory).await?;
    let mut report = Report {
        pending: pending.iter().map(|migration| migration.name.to_string()).collect(),
        outcomes: Vec::new(),
    };
    if pending.is_empty() {
        report.outcomes.push(Outcome::ok("pending", "nothing is pending"));
        return Ok(report);
    }
    execute(connection, "BEGIN READ ONLY").await?;
    execute(connection, SETTINGS).await?;
    // Whom we are to tell of must not keep us waiting.
    execute(connection, "SET LOCAL lock_timeout = '1s'").await?;
    let outcomes = look(connection, &pending, request).await;
    // Nothing was written, and a connection that is gone has ended its transaction.
    let _ = execute(connection, "ROLLBACK").await;
    let outcomes = outcomes?;
    if let Some(directory) = request.backup {
        report.outcomes.push(backup::make(connection, directory, request.for_libpq).await?);
    }
    report.outcomes.extend(outcomes);
    Ok(report)
}

async fn pending<'a>(connection: &mut PgConnection, directory: &'a Directory) -> Result<Vec<&'a Migration>> {
    let status = status(connection, directory).await?;
    let is_pending = |migration: &&Migration| {
        let mut known = status.iter().filter(|(name, _)| *name == migration.name);
        known.any(|(_, status)| matches!(status, Status::Pending | Status::Partly { down: false, .. }))
    };
    Ok(directory.migrations.iter().filter(is_pending).collect())
}

async fn look(
    connection: &mut PgConnection,
    pending: &[&Migration],
    request: Request<'_>,
) -> Result<Vec<Outcome>> {
    let reached = reach::find(connection, pending).await?;
    let mut outcomes = sessions::check(connection, request.older_than).await?;
    outcomes.extend(sessions::check_rights(connection).await?);
    outcomes.extend(locks::check(connection, &reached).await?);
    outcomes.extend(sessions::check_prepared(connection).await?);
    outcomes.extend(slots::check(connection).await?);
    outcomes.extend(space::check(connection, &reached, request.is_local).await?);
    Ok(outcomes)
}
