//! What a rehearsal begins with, and what it rehearses.

use sqlx::PgConnection;

use crate::error::Result;
use crate::migrate::files::Migration;
use crate::migrate::history::History;
use crate::migrate::history::others::OtherHistories;
use crate::migrate::layout::Directory;

/// Migrations parted by what is applied.
#[derive(Debug, Default)]
pub struct Baseline {
    /// What is applied, in the order in which it was.
    pub applied: Vec<Migration>,
    /// The rest, the oldest first.
    pub pending: Vec<Migration>,
    /// What is applied otherwise than the files say: a line each.
    pub notes: Vec<String>,
}

impl Baseline {
    /// All but the last `count` are taken for applied.
    pub fn last(mut migrations: Vec<Migration>, count: usize) -> Self {
        let pending = migrations.split_off(migrations.len().saturating_sub(count));
        Self { applied: migrations, pending, notes: Vec::new() }
    }

    /// As the histories of a database say.
    ///
    /// # Errors
    /// A history that cannot be read.
    pub async fn of_target(connection: &mut PgConnection, directory: Directory) -> Result<Self> {
        let entries = match History::find(connection).await? {
            Some(history) => history.entries(connection).await?,
            None => Vec::new(),
        };
        let others = OtherHistories::read(connection, &directory).await?;
        let is_ours = |migration: &Migration| entries.iter().any(|entry| entry.name == migration.name);
        let is_by_other = |migration: &Migration| {
            !is_ours(migration) && others.of(migration).is_some_and(|entry| !entry.has_failed)
        };
        let (applied, pending) = directory.migrations.into_iter().partition(is_by_other);
        let mut parted = Self { applied, pending, notes: Vec::new() };
        for entry in entries {
            let name = &entry.name;
            if !entry.is_applied || entry.progress.is_some() {
                parted.notes.push(format!("note: {name} is applied in part; all of it is rehearsed"));
                continue;
            }
            // What is applied anew whenever it changes is there each time.
            if parted.applied.iter().any(|migration| migration.name == *name) {
                continue;
            }
            let Some(at) = parted.pending.iter().position(|migration| migration.name == *name) else {
                let note = format!("note: {name} is applied in the target, but there is no such file");
                if !parted.notes.contains(&note) {
                    parted.notes.push(note);
                }
                continue;
            };
            let migration = parted.pending.remove(at);
            if entry.checksum.is_some_and(|checksum| !migration.is_of(&checksum)) {
                parted.notes.push(format!(
                    "note: {name} was edited after it was applied; the rehearsal begins with the edited file"
                ));
            }
            parted.applied.push(migration);
        }
        Ok(parted)
    }
}
