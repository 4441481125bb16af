//! `crm-seed migrate`: a file for each action.

mod directory;
mod down;
mod preflight;
mod settings;
mod status;
mod up;
mod validate;

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
    /// Check whether pending migrations can be applied now; makes a schema backup first (exit code 5 if not)
    Preflight(preflight::Args),
    /// Check the schema and its references after a migration (exit code 5 if violated)
    Validate(validate::Args),
}

impl Args {
    pub const fn json(&self) -> Json {
        match &self.action {
            Action::Status(args) => args.json(),
            Action::Preflight(args) => args.json(),
            Action::Validate(args) => args.json(),
            Action::Up(_) | Action::Down(_) => Json::No,
        }
    }
}

pub async fn run(args: Args) -> Result<()> {
    match args.action {
        Action::Up(args) => up::run(args).await,
        Action::Down(args) => down::run(args).await,
        Action::Status(args) => status::run(args).await,
        Action::Preflight(args) => preflight::run(args).await,
        Action::Validate(args) => validate::run(args).await,
    }
}
