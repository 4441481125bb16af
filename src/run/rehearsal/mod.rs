//! A rehearsal: pending migrations applied, rolled back and applied again in a throwaway database full of rows.
//!
//! `state` is what is compared before and after, `compare` finds what a rollback forgot, `estimate` what the
//! times would be in a target, `report` what stands against a file; `text`, `json` tell it.

mod compare;
mod estimate;
mod json;
mod report;
mod roles;
mod state;
mod text;

use std::time::Duration;

use sqlx::PgConnection;

use crate::db::query::{execute, fetch};
use crate::db::target::Target;
use crate::domain::dataset::Origin;
use crate::error::{Error, Result};
use crate::migrate::{
    Baseline, Chosen, Directory, HISTORY, Migration, Observed, Run, Settings, check_stays_in_database,
};
use crate::run::seed::Request;
use compare::Told;
use estimate::Estimate;
pub use estimate::TableSizes;
pub use json::{json, observed_json};
use report::{Again, FileReport, Rollback, Seeding, StatementReport};
pub use report::{Rehearsal, shown};
use state::State;
pub use text::{counted, observed_text, text};

/// What is to be rehearsed.
pub struct Plan {
    pub migrations: Baseline,
    /// Whether a migration without a rollback lacks one.
    pub has_rollbacks: bool,
    /// The tables of the target, where there is one.
    pub sizes: Option<TableSizes>,
    /// How the throwaway database is seeded.
    pub seeding: Request,
    /// How long a lock may keep others from writing.
    pub max_lock: Duration,
}

/// A run in a database that nobody else knows.
const ALONE: Settings = Settings { keeps_session: true, wait: Duration::ZERO };

impl Plan {
    /// Rehearses in `scratch`, which is empty.
    ///
    /// # Errors
    /// A migration that cannot be applied the first time; a database that is lost. Whatever is found wrong with a
    /// rollback stands in the report.
    pub async fn rehearse(&self, scratch: &mut Target) -> Result<Rehearsal> {
        let Baseline { applied, pending, .. } = &self.migrations;
        let all = applied.iter().chain(pending);
        if !scratch.is_embedded {
            check_stays_in_database(all.clone())?;
        }
        let roles_before = roles::roles(&mut scratch.connection).await?;
        up(&mut scratch.connection, applied, None).await.map_err(|error| {
            lacking(error).context("preparing the rehearsal: applying what the pending migrations build on")
        })?;
        let mut seeding = self.seed(scratch).await?;
        let (mut files, mut states) = (Vec::new(), Vec::new());
        for migration in pending {
            let before = State::read(&mut scratch.connection).await?;
            let observed = observe(&mut scratch.connection, migration).await.map_err(lacking)?;
            files.push(self.file(migration, observed, &before));
            states.push(before);
            if matches!(seeding, Seeding::NoTables) {
                // What comes next is rehearsed with rows; those of the tables that this one made go with it.
                seeding = self.seed(scratch).await?;
            }
        }
        let connection = &mut scratch.connection;
        if self.has_rollbacks {
            roll_back(connection, pending, &states, &mut files).await?;
            apply_again(connection, pending, &mut files).await?;
        } else {
            files.iter_mut().for_each(|file| file.rollback = Rollback::NoneHere);
        }
        let roles_left = match scratch.is_embedded {
            true => Vec::new(),
            false => roles::left(&roles_before, &roles::roles(connection).await?, all),
        };
        Ok(Rehearsal {
            roles_left,
            place: scratch.description.clone(),
            base: applied.len(),
            seeding,
            has_target: self.sizes.is_some(),
            max_lock: self.max_lock,
            files,
        })
    }

    /// Fills the database. Where that cannot be, the rehearsal goes on without rows.
    async fn seed(&self, scratch: &mut Target) -> Result<Seeding> {
        // An empty database would get the bundled schema.
        if !has_tables(&mut scratch.connection).await? {
            return Ok(Seeding::NoTables);
        }
        let mut request = self.seeding.clone();
        request.overrides.is_local = scratch.is_local;
        let dataset = request.dataset(Origin::default())?;
        match request.run(scratch, dataset).await {
            Ok(outcome) => {
                // The planner is to know the tables as it knows those of the target. It is no fault if it does not.
                let _ = execute(&mut scratch.connection, "ANALYZE").await;
                Ok(Seeding::Seeded { rows: outcome.report().rows })
            }
            Err(error) if error.is_connection_lost() => Err(error),
            Err(error) => Ok(Seeding::Unseeded(format!("{error:#}"))),
        }
    }

    fn file(&self, migration: &Migration, observed: Vec<Observed>, before: &State) -> FileReport {
        let statement = |observed: Observed| StatementReport {
            estimate: match &self.sizes {
                Some(sizes) => sizes.estimate(&observed, &before.tables),
                None => Estimate::None,
            },
            observed,
        };
        FileReport {
            name: migration.name.to_string(),
            rollback_file: migration.down.as_ref().unwrap_or(&migration.up).file.clone(),
            in_transaction: migration.up.in_transaction,
            statements: observed.into_iter().map(statement).collect(),
            rollback: Rollback::NotTried,
            changed_rows: Vec::new(),
            lost_rows: Vec::new(),
            again: Again::NotTried,
        }
    }
}

/// Says what to do where migrations build on what nothing here has made.
fn lacking(error: Error) -> Error {
    // undefined_function, undefined_table, undefined_object, invalid_schema_name
    match (error.sqlstate(), error.hint()) {
        (Some("42883" | "42P01" | "42704" | "3F000"), None) => error.with_hint(
            "the throwaway database has only what the migrations make; for what a platform provides (schemas such as auth, \
             roles, functions) name a database that has it: --scratch URL --template DATABASE",
        ),
        _ => error,
    }
}

/// Applies what is pending, at most `count`, and tells nobody.
async fn up(connection: &mut PgConnection, migrations: &[Migration], count: Option<usize>) -> Result<()> {
    let mut silent = |_: &str| {};
    // In a database that was made for this no other tool has applied anything.
    let directory = Directory::own(migrations.to_vec());
    let chosen = count.map_or(Chosen::All, Chosen::AtMost);
    let mut run = Run::open(connection, ALONE, &mut silent).await?;
    let done = match run.plan_up(&directory, &chosen).await {
        Ok(pending) => run.up(&pending).await.map(drop),
        Err(error) => Err(error),
    };
    run.close().await;
    done
}

async fn observe(connection: &mut PgConnection, migration: &Migration) -> Result<Vec<Observed>> {
    let mut silent = |_: &str| {};
    let mut run = Run::open(connection, ALONE, &mut silent).await?;
    let observed = run.apply_observed(migration).await;
    run.close().await;
    observed
}

/// Rolls back the latest migration by its stored rollback.
async fn down(connection: &mut PgConnection) -> Result<()> {
    let mut silent = |_: &str| {};
    let mut run = Run::open(connection, ALONE, &mut silent).await?;
    let done = match run.plan_down(1, false).await {
        Ok(rollback) => run.down(rollback).await.map(drop),
        Err(error) => Err(error),
    };
    run.close().await;
    done
}

/// Rolls all back, the newest first, as far as that goes, and compares with what was before each.
async fn roll_back(
    connection: &mut PgConnection,
    pending: &[Migration],
    states: &[State],
    files: &mut [FileReport],
) -> Result<()> {
    let mut told = Told::default();
    for ((migration, before), file) in pending.iter().zip(states).zip(files).rev() {
        if migration.down.is_none() {
            file.rollback = Rollback::Missing;
            return Ok(());
        }
        if let Err(error) = down(connection).await {
            file.rollback = Rollback::Failed(told_of(error)?);
            return Ok(());
        }
        let difference = told.compare(before, &State::read(connection).await?);
        file.rollback = match difference.catalog.is_empty() {
            true => Rollback::Restored,
            false => Rollback::Differs(difference.catalog),
        };
        let observed = file.statements.iter().map(|statement| &statement.observed);
        let reached: Vec<&str> =
            observed.flat_map(|observed| observed.reached()).map(|table| table.qualified.as_str()).collect();
        let (lost, changed) =
            difference.tables.iter().cloned().partition(|table| reached.contains(&table.as_str()));
        (file.lost_rows, file.changed_rows) = (lost, changed);
    }
    Ok(())
}

/// Applies once more what was rolled back, the oldest first, as far as that goes.
async fn apply_again(
    connection: &mut PgConnection,
    pending: &[Migration],
    files: &mut [FileReport],
) -> Result<()> {
    for (migration, file) in pending.iter().zip(files) {
        if !matches!(file.rollback, Rollback::Restored | Rollback::Differs(_)) {
            continue;
        }
        if let Err(error) = up(connection, std::slice::from_ref(migration), None).await {
            file.again = Again::Failed(told_of(error)?);
            return Ok(());
        }
        file.again = Again::Applied;
    }
    Ok(())
}

/// The error as a finding.
///
/// # Errors
/// The error itself, where the connection is lost: that says nothing of the migration.
fn told_of(error: Error) -> Result<String> {
    if error.is_connection_lost() { Err(error) } else { Ok(format!("{error:#}")) }
}

async fn has_tables(connection: &mut PgConnection) -> Result<bool> {
    let sql = format!(
        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND c.relname <> '{HISTORY}'
           AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' LIMIT 1"
    );
    Ok(!fetch(connection, &sql).await?.is_empty())
}
