//! `crm-seed migrate`: a file for each action.

mod directory;
mod down;
mod lint;
mod settings;
mod status;
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
    /// Check migration files against the best practices of the playbook (no database needed)
    Lint(lint::Args),
}

impl Args {
    pub fn json(&self) -> Json {
        match &self.action {
            Action::Status(args) => args.json(),
            Action::Lint(args) => args.json(),
            Action::Up(_) | Action::Down(_) => Json::No,
        }
    }
}

pub async fn run(args: Args) -> Result<()> {
    match args.action {
        Action::Up(args) => up::run(args).await,
        Action::Down(args) => down::run(args).await,
        Action::Status(args) => status::run(args).await,
        Action::Lint(args) => lint::run(&args),
    }
}
