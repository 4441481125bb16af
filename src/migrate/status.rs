//! Where each migration stands.

use sqlx::PgConnection;

use crate::error::Result;
use crate::migrate::files::Migration;
use crate::migrate::history::{Entry, History};

/// Where a migration stands.
#[derive(Debug, PartialEq, Eq)]
pub enum Status {
    /// Not applied, or rolled back.
    Pending,
    Applied {
        /// When it was applied, in UTC.
        at: String,
        /// The file is another one than was applied.
        changed: bool,
    },
    /// Applied, but there is no such file here.
    Unknown {
        /// When it was applied, in UTC.
        at: String,
    },
    /// Has no transaction and was cut short on its way up or down.
    Partly {
        /// When it was applied, or begun to be.
        at: String,
        /// Its statements that are done.
        done: usize,
        /// Its statements in all.
        total: usize,
        /// Whether it was being rolled back.
        down: bool,
    },
}

/// Each migration, and each that the history has besides, with where it stands, in the order of names.
pub async fn status(
    connection: &mut PgConnection,
    migrations: &[Migration],
) -> Result<Vec<(String, Status)>> {
    let entries = match History::find(connection).await? {
        Some(history) => history.entries(connection).await?,
        None => Vec::new(),
    };
    let mut all: Vec<(String, Status)> = migrations
        .iter()
        .map(|migration| {
            let entry = current(&entries, &migration.name);
            (
                migration.name.to_string(),
                entry.map_or(Status::Pending, |entry| of_entry(entry, Some(migration))),
            )
        })
        .collect();
    for entry in entries.iter().filter(|entry| entry.is_real()) {
        if all.iter().all(|(name, _)| *name != entry.name) {
            let entry = current(&entries, &entry.name).unwrap_or(entry);
            all.push((entry.name.clone(), of_entry(entry, None)));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

/// The entry that tells where a migration stands: one that counts as applied goes before one that was
/// begun, which an older version may have passed by.
pub fn current<'a>(entries: &'a [Entry], name: &str) -> Option<&'a Entry> {
    let named = || entries.iter().filter(|entry| entry.name == name);
    named().rfind(|entry| entry.is_applied).or_else(|| named().next_back())
}

fn of_entry(entry: &Entry, migration: Option<&Migration>) -> Status {
    let at = entry.applied_at.clone();
    match (&entry.progress, migration) {
        (Some(progress), _) if !progress.is_nothing() => {
            let (done, total) = (progress.done, progress.total);
            Status::Partly { at, done, total, down: entry.is_applied }
        }
        _ if !entry.is_applied => Status::Pending,
        (_, None) => Status::Unknown { at },
        (_, Some(migration)) => {
            let changed = entry.checksum.as_ref().is_some_and(|sum| *sum != migration.checksum());
            Status::Applied { at, changed }
        }
    }
}

/// What a person should know before more is applied.
pub fn warnings(status: &[(String, Status)], migrations: &[Migration]) -> Vec<String> {
    let mut notes = Vec::new();
    let last = status.iter().rposition(|(_, status)| matches!(status, Status::Applied { .. }));
    for (i, (name, status)) in status.iter().enumerate() {
        match status {
            Status::Applied { changed: true, .. } => {
                notes
                    .push(format!("note: {name} was edited after it was applied; the edit has not been run"));
            }
            Status::Pending if last.is_some_and(|last| i < last) => {
                notes.push(format!(
                    "note: {name} is older than the latest applied migration; it is applied now, out of \
                     order"
                ));
            }
            Status::Partly { done, total, .. } if migrations.iter().all(|m| m.name != *name) => {
                notes.push(format!(
                    "note: {name} stopped after {done} of {total} statements, and its file is missing"
                ));
            }
            _ => {}
        }
    }
    notes
}
