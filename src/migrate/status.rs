//! Where each migration stands.

use sqlx::PgConnection;

use crate::error::Result;
use crate::migrate::files::Migration;
use crate::migrate::history::others::{OtherEntry, OtherHistories};
use crate::migrate::history::{Entry, History};
use crate::migrate::layout::Directory;
use crate::migrate::sql::statements::split;

/// Where a migration stands.
#[derive(Debug, PartialEq, Eq)]
pub enum Status {
    /// Not applied, or rolled back.
    Pending,
    Applied {
        /// When it was applied, in UTC.
        at: String,
        /// The file does something else than was applied.
        changed: bool,
        /// How its statements differ, where the history keeps those that were applied.
        difference: Option<String>,
    },
    /// Applied by another tool.
    ByOther {
        tool: &'static str,
        /// When it was applied, in UTC, where the tool notes that.
        at: Option<String>,
        /// There is no such file here.
        is_unknown: bool,
    },
    /// Another tool has begun it, and not finished.
    FailedByOther { tool: &'static str },
    /// Applied, but there is no such file here.
    Unknown {
        /// When it was applied, in UTC.
        at: String,
        /// The pending migration that has the same statements: its file, under another name.
        renamed: Option<String>,
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

/// Each migration, and each that the histories have besides, with where it stands: in the order of the directory, what
/// has no file where its name would be.
///
/// # Errors
/// A history that cannot be read.
pub async fn status(connection: &mut PgConnection, directory: &Directory) -> Result<Vec<(String, Status)>> {
    let entries = match History::find(connection).await? {
        Some(history) => history.entries(connection).await?,
        None => Vec::new(),
    };
    let others = OtherHistories::read(connection, directory).await?;
    let migrations = &directory.migrations;
    let of = |migration: &Migration| match (current(&entries, &migration.name), others.of(migration)) {
        (None, Some(OtherEntry { tool, has_failed: true, .. })) => Status::FailedByOther { tool },
        (None, Some(OtherEntry { tool, at, .. })) => Status::ByOther { tool, at, is_unknown: false },
        (None, None) => Status::Pending,
        (Some(entry), _) => of_entry(entry, Some(migration)),
    };
    let mut all: Vec<(String, Status)> =
        migrations.iter().map(|migration| (migration.name.to_string(), of(migration))).collect();
    let mut without_file: Vec<&Entry> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.is_real()) {
        let is_told = without_file.iter().any(|other| other.name == entry.name);
        if !is_told && migrations.iter().all(|migration| migration.name != entry.name) {
            without_file.push(current(&entries, &entry.name).unwrap_or(entry));
        }
    }
    for (entry, renamed) in renamed(without_file, migrations, &all) {
        let status = match of_entry(entry, None) {
            Status::Unknown { at, .. } => Status::Unknown { at, renamed },
            other => other,
        };
        insert(&mut all, &entry.name, status);
    }
    for (version, entry) in others.without_file(migrations) {
        let OtherEntry { tool, at, has_failed, .. } = entry;
        let status = match has_failed {
            true => Status::FailedByOther { tool },
            false => Status::ByOther { tool, at: at.clone(), is_unknown: true },
        };
        insert(&mut all, version, status);
    }
    Ok(all)
}

/// Puts what has no file where its name would be.
fn insert(all: &mut Vec<(String, Status)>, name: &str, status: Status) {
    let at = all.iter().position(|(other, _)| other.as_str() > name).unwrap_or(all.len());
    all.insert(at, (name.to_owned(), status));
}

/// What has no file, each with the pending migration whose statements are those that were applied.
fn renamed<'a>(
    without_file: Vec<&'a Entry>,
    migrations: &[Migration],
    all: &[(String, Status)],
) -> Vec<(&'a Entry, Option<String>)> {
    let is_pending = |name: &str| all.iter().any(|(of, status)| of == name && *status == Status::Pending);
    let same = |entry: &Entry| {
        let sum = entry.checksum.as_ref()?;
        // All files without statements are the same.
        let is_it = |migration: &&Migration| {
            !migration.is_repeatable
                && migration.is_of(sum)
                && !split(&migration.up.text).is_empty()
                && is_pending(&migration.name)
        };
        migrations.iter().find(is_it).map(|migration| migration.name.to_string())
    };
    without_file.into_iter().map(|entry| (entry, same(entry))).collect()
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
        (_, None) => Status::Unknown { at, renamed: None },
        (_, Some(migration)) => {
            let changed = entry.checksum.as_ref().is_some_and(|sum| !migration.is_of(sum));
            let applied = entry.applied_sql.as_ref().filter(|_| changed);
            let difference = applied.map(|applied| migration.difference(applied));
            match changed && migration.is_repeatable {
                true => Status::Pending,
                false => Status::Applied { at, changed, difference },
            }
        }
    }
}

/// What a person should know before more is applied.
pub fn warnings(status: &[(String, Status)], directory: &Directory) -> Vec<String> {
    let migrations = &directory.migrations;
    let mut notes: Vec<String> = directory.notes();
    notes.extend(by_others(status));
    let last = status.iter().rposition(|(_, status)| matches!(status, Status::Applied { .. }));
    for (i, (name, status)) in status.iter().enumerate() {
        match status {
            Status::Applied { changed: true, difference, .. } => {
                let difference = difference.as_deref().map(indented).unwrap_or_default();
                notes.push(format!(
                    "note: {name} was edited after it was applied; the edit has not been run{difference}"
                ));
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

/// A difference as it stands below a line.
pub fn indented(difference: &str) -> String {
    difference.lines().map(|line| format!("\n    {line}")).collect()
}

/// What counts as applied as another tool did it.
fn by_others(status: &[(String, Status)]) -> Option<String> {
    let tools = status.iter().filter_map(|(_, status)| match status {
        Status::ByOther { tool, is_unknown: false, .. } => Some(*tool),
        _ => None,
    });
    let tools: Vec<&str> = tools.collect();
    let tool = tools.first()?;
    let (what, verb) =
        if tools.len() == 1 { ("migration was", "counts") } else { ("migrations were", "count") };
    Some(format!("note: {} {what} applied by {tool} and {verb} as applied", tools.len()))
}
