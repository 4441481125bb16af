//! The schema, saved by `pg_dump` before it changes.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use sqlx::{PgConnection, Row};

use crate::calendar::Day;
use crate::db::libpq::{self, Environment, PG_DUMP as PROGRAM};
use crate::db::query::{error, fetch};
use crate::error::Result;
use crate::migrate::preflight::outcome::{Outcome, bytes};
use crate::redact;

const CHECK: &str = "schema-backup";
/// pg_dump gives up on a table that somebody holds for longer than this.
const LOCK_WAIT: &str = "--lock-wait-timeout=10s";
/// Backups of one day and directory.
const MOST: usize = 10_000;

/// Writes `backup_schema_YYYYMMDD.sql` into a directory; one that is there is kept, and the new one numbered.
///
/// # Errors
/// The server does not tell its version.
pub async fn make(
    connection: &mut PgConnection,
    directory: &Path,
    for_libpq: Option<&Environment>,
) -> Result<Outcome> {
    let Some(environment) = for_libpq.cloned() else {
        let what = "not made: pg_dump cannot connect to the embedded PostgreSQL while crm-seed does";
        return Ok(Outcome::warning(CHECK, what, "copy the directory .crm-seed while no crm-seed runs"));
    };
    let rows = fetch(connection, "SELECT current_setting('server_version_num')::integer / 10000").await?;
    let server: i32 = rows.first().map_or(Ok(0), |row| row.try_get(0).map_err(error))?;
    let (directory, today) = (directory.to_owned(), Day::today().to_string());
    // On a thread of its own, as a signal must be heard meanwhile.
    let work = tokio::task::spawn_blocking(move || dump(&directory, &today, &environment, server));
    Ok(match work.await {
        Ok(Ok((file, size))) => Outcome::ok(CHECK, format!("{} ({})", file.display(), bytes(size))),
        Ok(Err((what, fix))) => Outcome::error(CHECK, format!("not made: {what}"), fix),
        Err(_) => Outcome::error(CHECK, "not made: internal error", "make it by hand, and add --no-backup"),
    })
}

/// The file and its size; or what went wrong, and what to do.
fn dump(
    directory: &Path,
    today: &str,
    environment: &Environment,
    server: i32,
) -> Result<(PathBuf, i64), (String, String)> {
    let without = "or add --no-backup";
    let version = libpq::dump_version().ok_or_else(|| {
        (
            format!("{PROGRAM} is not installed"),
            format!("install the client programs of PostgreSQL {server}, {without}"),
        )
    })?;
    if version < server {
        let what = format!("{PROGRAM} {version} is older than the server ({server})");
        return Err((what, format!("install the client programs of PostgreSQL {server}, {without}")));
    }
    let fault = |error: io::Error| {
        let what = format!("{}: {error}", directory.display());
        (what, format!("give a directory that can be written to with --backup DIR, {without}"))
    };
    let file = tempfile::Builder::new().prefix(".backup_schema_").tempfile_in(directory).map_err(fault)?;
    let mut command = Command::new(PROGRAM);
    command.args(["--schema-only", "--no-password", LOCK_WAIT]);
    environment.apply(&mut command);
    command.stdin(std::process::Stdio::null()).stdout(file.reopen().map_err(fault)?);
    let output = command.stderr(std::process::Stdio::piped()).output().map_err(fault)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        return Err((redact::text(&said), "make it by hand, and add --no-backup".to_owned()));
    }
    let size = file.as_file().metadata().map_err(fault)?.len();
    let file = keep(file, directory, &today.replace('-', "")).map_err(fault)?;
    Ok((file, i64::try_from(size).unwrap_or(i64::MAX)))
}

/// Gives the file the first name that is free.
fn keep(mut file: tempfile::NamedTempFile, directory: &Path, day: &str) -> io::Result<PathBuf> {
    for number in 1..MOST {
        let number = if number == 1 { String::new() } else { format!("_{number}") };
        let path = directory.join(format!("backup_schema_{day}{number}.sql"));
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(failure) if failure.error.kind() == io::ErrorKind::AlreadyExists => file = failure.file,
            Err(failure) => return Err(failure.error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many backups of one day"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_overwrites_none() {
        let directory = tempfile::tempdir().expect("a directory");
        let name = || {
            let file = tempfile::NamedTempFile::new_in(directory.path()).expect("a file");
            let path = keep(file, directory.path(), "20260101").expect("a free name");
            path.file_name().map(|name| name.to_string_lossy().into_owned())
        };
        assert_eq!(name().as_deref(), Some("backup_schema_20260101.sql"));
        assert_eq!(name().as_deref(), Some("backup_schema_20260101_2.sql"));
        assert_eq!(name().as_deref(), Some("backup_schema_20260101_3.sql"));
    }
}
