//! `crm-seed migrate`: a file for each action.

mod deprecate;
mod directory;
mod down;
mod new;
mod settings;
mod status;
mod up;
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
    /// List migrations: applied, pending, or applied in part
    Status(status::Args),
}

impl Args {
    pub const fn json(&self) -> Json {
        match &self.action {
            Action::New(args) => args.json(),
            Action::Deprecate(args) => args.json(),
            Action::Status(args) => args.json(),
            Action::Up(_) | Action::Down(_) => Json::No,
        }
    }
}

pub async fn run(args: Args) -> Result<()> {
    match args.action {
        Action::New(args) => new::run(*args),
        Action::Deprecate(args) => deprecate::run(args).await,
        Action::Up(args) => up::run(args).await,
        Action::Down(args) => down::run(args).await,
        Action::Status(args) => status::run(args).await,
    }
}
