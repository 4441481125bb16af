//! Applies what is pending.

use sqlx::PgConnection;

use crate::db::query::SETTINGS;
use crate::error::{Error, Result};
use crate::migrate::HISTORY;
use crate::migrate::deprecation::{Undeprecated, check_kept, kept, refuse_early_drops};
use crate::migrate::failure::{Failure, execute};
use crate::migrate::files::Migration;
use crate::migrate::history::{Entry, History};
use crate::migrate::layout::Directory;
use crate::migrate::run::{END_OF_FILE, Run};
use crate::migrate::script::{NO_TRANSACTION, Script};
use crate::migrate::status::{Status, current, status, warnings};
use crate::migrate::stepwise::Stepwise;
use crate::migrate::trial::run_statement;
use crate::migrate::waiting::LOCK_TIMEOUT;
use crate::sql::quote_literal;

/// What to do where migrations and rows do not fit into one transaction.
pub const APPLY_FIRST: &str = "apply the migrations first: `crm-seed migrate up`";

const UNCHANGED: &str = "its transaction was rolled back";

/// Applies migrations and records them, inside the transaction that is open, under [`SETTINGS`]. What they SET is set back
/// behind each: other settings of the transaction must be made again.
///
/// # Errors
/// A statement that fails, and which; a file that no transaction may be around.
pub async fn apply(connection: &mut PgConnection, directory: &Directory) -> Result<()> {
    for migration in &directory.migrations {
        let script = Script::read(&migration.name, &migration.up)?;
        if !script.in_transaction {
            return Err(Error::refused(format!(
                "the database is empty, and {} cannot be applied in one transaction with the rows",
                script.file
            ))
            .with_hint(APPLY_FIRST));
        }
        for statement in &script.statements {
            run_statement(connection, statement, script.file).await?;
        }
        execute(connection, END_OF_FILE).await?;
        // What the role has set is no better: an empty search path finds no schema for the history.
        execute(connection, SETTINGS).await?;
        History::find_or_create(connection).await?.record(connection, migration).await?;
    }
    Ok(())
}

/// The error for an empty database where nothing says what its tables are.
pub fn nothing_to_apply() -> Error {
    Error::refused("the database is empty").with_hint(
        "apply your migrations first, name their directory as dir in [migrations] of crm-seed.toml, or create the \
         bundled schema with --bundled",
    )
}

/// Whether the file of a migration can be run.
///
/// # Errors
/// What cannot, and where it stands.
pub fn check(migration: &Migration) -> Result<()> {
    Script::read(&migration.name, &migration.up).map(drop)
}

/// Which of the pending migrations are applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    All,
    /// The first so many.
    AtMost(usize),
    /// Those of these names, in the order of the directory.
    Named(Vec<String>),
}

/// A pending migration, read and held to what can be run.
pub struct Pending<'m> {
    pub migration: &'m Migration,
    pub script: Script<'m>,
}

impl Run<'_> {
    /// What would be applied, after a look at all of it.
    ///
    /// # Errors
    /// A file that cannot be run; a migration that is partly rolled back, or that another tool has left unfinished.
    pub async fn plan_up<'m>(
        &mut self,
        directory: &'m Directory,
        chosen: &Chosen,
    ) -> Result<Vec<Pending<'m>>> {
        let status = status(self.connection, directory).await?;
        for note in warnings(&status, directory) {
            self.tell(&note);
        }
        check_none_halfway_down(&status)?;
        check_none_failed(&status)?;
        check_none_renamed(&status)?;
        let is_pending = |migration: &&Migration| {
            let of_it = status.iter().find(|(name, _)| *name == migration.name);
            of_it.is_some_and(|(_, status)| matches!(status, Status::Pending | Status::Partly { .. }))
        };
        let is_chosen = |migration: &&Migration| match chosen {
            Chosen::Named(names) => names.iter().any(|name| *name == migration.name),
            Chosen::All | Chosen::AtMost(_) => true,
        };
        let most = if let Chosen::AtMost(count) = chosen { *count } else { usize::MAX };
        let read = |migration: &'m Migration| {
            Ok(Pending { migration, script: Script::read(&migration.name, &migration.up)? })
        };
        directory.migrations.iter().filter(is_pending).filter(is_chosen).take(most).map(read).collect()
    }

    /// Holds what is pending to the deprecations in the database.
    ///
    /// # Errors
    /// A file drops what is not to be dropped yet.
    pub async fn check_drops(&mut self, directory: &Directory, pending: &[Pending<'_>]) -> Result<()> {
        let undeprecated = match directory.layout.is_own() {
            true => Undeprecated::Refused,
            false => Undeprecated::Allowed,
        };
        let files: Vec<_> = pending.iter().map(|file| (file.migration, file.script.clone())).collect();
        refuse_early_drops(self.connection, &files, undeprecated).await
    }

    /// Applies what was planned, and names it. Returns how many were applied.
    ///
    /// # Errors
    /// A statement that fails: what its file did is rolled back, those before it stay.
    pub async fn up(&mut self, pending: &[Pending<'_>]) -> Result<usize> {
        self.account.open("applied", pending.len());
        let applied = self.apply_all(pending).await.map_err(|error| self.account.explain(error));
        let done = self.account.done();
        self.account.close();
        applied.map(|()| done)
    }

    async fn apply_all(&mut self, pending: &[Pending<'_>]) -> Result<()> {
        for Pending { migration, script } in pending {
            self.account.begin(script.name);
            if script.in_transaction {
                self.apply_in_transaction(migration, script).await?;
            } else {
                self.apply_stepwise(migration, script).await?;
            }
            self.account.finish();
            self.tell(&format!("applied {}", script.name));
        }
        Ok(())
    }

    async fn apply_in_transaction(&mut self, migration: &Migration, script: &Script<'_>) -> Result<()> {
        loop {
            self.begin().await?;
            match self.try_to_apply(migration, script).await {
                Ok(()) => return self.commit(script.name).await,
                Err(failure) => {
                    self.rollback().await;
                    // SET TRANSACTION complains by the same code that it comes too late.
                    let wants_none = failure.wants_no_transaction() && !failure.statement_is("set");
                    let failure = match wants_none || failure.is_new_enum_value() {
                        true => failure.with_hint(NO_TRANSACTION),
                        false => failure,
                    };
                    self.wait_out(failure, LOCK_TIMEOUT, UNCHANGED).await?;
                }
            }
        }
    }

    async fn try_to_apply(&mut self, migration: &Migration, script: &Script<'_>) -> Result<(), Failure> {
        let history = History::find(self.connection).await?;
        if let Some(history) = &history {
            let entries = history.entries(self.connection).await?;
            match current(&entries, script.name) {
                // Another run came between the look at the history and our lock.
                Some(entry) if entry.is_applied && !is_due_again(migration, entry) => return Ok(()),
                Some(entry) => {
                    if let Some(progress) = &entry.progress {
                        super::stepwise::check_finished(script, history, entry.id, progress)?;
                    }
                }
                None => {}
            }
        }
        // What its statements drop was looked at before; code that they run may drop more.
        let may_drop = migration.up.text.to_lowercase().contains("drop");
        let kept = if may_drop { kept(self.connection).await? } else { Vec::new() };
        for statement in &script.statements {
            run_statement(self.connection, statement, script.file).await?;
        }
        // The history is ours to write, whatever role and search path the file has SET; and the next file,
        // or whom a pooler lends the session next, is to find the settings as this one did.
        execute(self.connection, END_OF_FILE).await?;
        check_kept(self.connection, &kept, script.file).await?;
        let recorded = match history {
            Some(history) => history.record(self.connection, migration).await,
            None => match History::find_or_create(self.connection).await {
                Ok(history) => history.record(self.connection, migration).await,
                Err(error) => Err(error),
            },
        };
        Ok(recorded.map_err(|error| lost_history(error, script))?)
    }

    async fn apply_stepwise(&mut self, migration: &Migration, script: &Script<'_>) -> Result<()> {
        self.note_without_lock(script.name);
        let history = self.history_of_progress(script.name).await?;
        let entries = history.entries(self.connection).await?;
        let entry = current(&entries, script.name);
        if entry.is_some_and(|entry| entry.is_applied && !is_due_again(migration, entry)) {
            return Ok(());
        }
        let mut file = match entry.and_then(|entry| Some((entry.id, entry.progress.as_ref()?))) {
            Some((id, progress)) => {
                let file = Stepwise::resume(script, history.clone(), id, progress)?;
                let (done, total) = (progress.done, script.statements.len());
                if done > 0 {
                    self.tell(&format!("{}: {done} of {total} statements are done already", script.name));
                }
                file
            }
            None if history.has_progress => {
                self.begin().await?;
                let id = history.begin_up(self.connection, migration, script.statements.len()).await?;
                self.commit(script.name).await?;
                Stepwise::new(script, Some((history.clone(), id)))
            }
            None => Stepwise::new(script, None),
        };
        self.run_stepwise(&mut file, None).await?;
        self.begin().await?;
        match file.id() {
            Some(id) => history.complete_up(self.connection, id, migration).await?,
            None => history.record(self.connection, migration).await?,
        }
        self.commit(script.name).await
    }

    /// The history, made able to keep the progress of a file where our role may do that.
    pub(super) async fn history_of_progress(&mut self, name: &str) -> Result<History> {
        loop {
            self.begin().await?;
            match self.try_history_of_progress(name).await {
                Ok(history) => {
                    self.commit(name).await?;
                    return Ok(history);
                }
                Err(failure) => {
                    self.rollback().await;
                    self.wait_out(failure, LOCK_TIMEOUT, UNCHANGED).await?;
                }
            }
        }
    }

    async fn try_history_of_progress(&mut self, name: &str) -> Result<History, Failure> {
        let mut history = History::find_or_create(self.connection).await?;
        if history.has_progress {
            return Ok(history);
        }
        execute(self.connection, "SAVEPOINT crm_seed_history").await?;
        match history.add_progress(self.connection).await {
            Err(failure) if failure.sqlstate() == Some("42501") => {
                execute(self.connection, "ROLLBACK TO SAVEPOINT crm_seed_history").await?;
                self.tell(&format!(
                    "note: {name}: {} belongs to another role, so progress cannot be recorded: if this \
                     file, which runs without a transaction, is interrupted, it starts again at its first \
                     statement",
                    history.table()
                ));
            }
            added => added?,
        }
        Ok(history)
    }
}

/// Says so where a file itself has dropped the history, or the schema for it.
fn lost_history(error: Error, script: &Script<'_>) -> Error {
    match error.sqlstate() {
        // undefined_table, invalid_schema_name
        Some("42P01" | "3F000") => error
            .context(format!("{}: it dropped {HISTORY}, or the schema that the history is in", script.file))
            .with_hint(format!(
                "the history must outlast it: drop the tables one by one, or move {HISTORY} first to another schema of \
                 the search_path (ALTER TABLE ... SET SCHEMA); to start over, use `crm-seed reset`"
            )),
        _ => error,
    }
}

/// Whether a migration that is applied whenever it changed has changed.
fn is_due_again(migration: &Migration, entry: &Entry) -> bool {
    migration.is_repeatable && entry.checksum.as_ref().is_some_and(|sum| !migration.is_of(sum))
}

/// Refuses to go on after a migration that is partly rolled back.
fn check_none_halfway_down(status: &[(String, Status)]) -> Result<()> {
    let halfway = status.iter().find(|(_, status)| matches!(status, Status::Partly { down: true, .. }));
    let Some((name, Status::Partly { done, total, .. })) = halfway else { return Ok(()) };
    Err(Error::refused(format!("{name} is partly rolled back: {done} of {total} statements"))
        .with_hint("finish the rollback first: `crm-seed migrate down`"))
}

/// Refuses to apply once more what was applied under another name.
fn check_none_renamed(status: &[(String, Status)]) -> Result<()> {
    let renamed = status.iter().find_map(|(name, status)| match status {
        Status::Unknown { renamed: Some(now), .. } => Some((name, now)),
        _ => None,
    });
    let Some((old, now)) = renamed else { return Ok(()) };
    let (new_name, old_name) = (quote_literal(now), quote_literal(old));
    Err(Error::refused(format!(
        "{now} has the statements of {old}, which is applied and has no file any more"
    ))
    .with_hint(format!(
        "if the file was renamed, let the history follow: UPDATE {HISTORY} SET migration_name = {new_name} \
             WHERE migration_name = {old_name}; if not, restore the file of {old}"
    )))
}

/// Refuses to go on after a migration that another tool has left unfinished.
fn check_none_failed(status: &[(String, Status)]) -> Result<()> {
    let failed = status.iter().find_map(|(name, status)| match status {
        Status::FailedByOther { tool } => Some((name, tool)),
        _ => None,
    });
    let Some((name, tool)) = failed else { return Ok(()) };
    Err(Error::refused(format!("{name} was begun by {tool} and failed"))
        .with_hint(format!("mend it with {tool} first (its history says that it is not finished)")))
}
