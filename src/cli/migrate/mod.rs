//! `crm-seed migrate`: a file for each action.

mod directory;
mod down;
mod rehearse;
mod settings;
mod status;
mod try_file;
mod up;

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
    /// Apply pending migrations
    Up(up::Args),
    /// Roll back the latest migration with its stored rollback SQL
    Down(down::Args),
    /// List migrations: applied, pending, or applied in part
    Status(status::Args),
    /// Run a file in a transaction, report its locks, rewrites, rows and times, and roll back
    Try(try_file::Args),
    /// Apply, roll back and reapply pending migrations in a throwaway database full of rows
    Rehearse(rehearse::Args),
}

impl Args {
    pub const fn json(&self) -> Json {
        match &self.action {
            Action::Status(args) => args.json(),
            Action::Try(args) => args.json(),
            Action::Rehearse(args) => args.json(),
            Action::Up(_) | Action::Down(_) => Json::No,
        }
    }
}

pub async fn run(args: Args) -> Result<()> {
    match args.action {
        Action::Up(args) => up::run(args).await,
        Action::Down(args) => down::run(args).await,
        Action::Status(args) => status::run(args).await,
        Action::Try(args) => try_file::run(args).await,
        Action::Rehearse(args) => rehearse::run(args).await,
    }
}
