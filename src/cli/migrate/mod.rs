//! `crm-seed migrate`: a file for each action.

mod deprecate;
mod directory;
mod down;
mod lint;
mod new;
mod preflight;
mod redo;
mod rehearse;
mod report;
mod session;
mod status;
mod to;
mod try_file;
mod up;
mod validate;
mod written;

use clap::Subcommand;

use crate::cli::failure::Json;
use crate::error::Result;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Create the files of a migration, empty or after a pattern
    New(Box<new::Args>),
    /// Create the migration that renames a column before it is dropped
    Deprecate(deprecate::Args),
    /// Apply pending migrations
    Up(up::Args),
    /// Roll back the latest migration with its stored rollback SQL
    Down(down::Args),
    /// Apply or roll back until a migration is the latest one
    To(to::Args),
    /// Roll back the latest migration and apply it again
    Redo(redo::Args),
    /// List migrations: applied, pending, or applied in part
    Status(status::Args),
    /// Run a file in a transaction, report its locks, rewrites, rows and times, and roll back
    Try(try_file::Args),
    /// Apply, roll back and reapply pending migrations in a throwaway database full of rows
    Rehearse(rehearse::Args),
    /// Check whether pending migrations can be applied now; makes a schema backup first (exit code 5 if not)
    Preflight(preflight::Args),
    /// Check the schema and its references after a migration (exit code 5 if violated)
    Validate(validate::Args),
    /// Check migration files for what is risky or cannot be undone (no database needed)
    Lint(lint::Args),
}

impl Args {
    pub fn json(&self) -> Json {
        match &self.action {
            Action::New(args) => args.json(),
            Action::Deprecate(args) => args.json(),
            Action::Status(args) => args.json(),
            Action::Up(args) => args.json(),
            Action::Down(args) => args.json(),
            Action::To(args) => args.json(),
            Action::Redo(args) => args.json(),
            Action::Try(args) => args.json(),
            Action::Rehearse(args) => args.json(),
            Action::Preflight(args) => args.json(),
            Action::Validate(args) => args.json(),
            Action::Lint(args) => args.json(),
        }
    }
}

pub async fn run(args: Args) -> Result<()> {
    match args.action {
        Action::New(args) => new::run(*args),
        Action::Deprecate(args) => deprecate::run(args).await,
        Action::Up(args) => up::run(args).await,
        Action::Down(args) => down::run(args).await,
        Action::To(args) => to::run(args).await,
        Action::Redo(args) => redo::run(args).await,
        Action::Status(args) => status::run(args).await,
        Action::Try(args) => try_file::run(args).await,
        Action::Rehearse(args) => rehearse::run(args).await,
        Action::Preflight(args) => preflight::run(args).await,
        Action::Validate(args) => validate::run(args).await,
        Action::Lint(args) => lint::run(&args).await,
    }
}
