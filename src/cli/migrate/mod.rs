//! `crm-seed migrate`: a file for each action.

mod directory;
mod down;
mod redo;
mod report;
mod session;
mod status;
mod to;
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
    /// Apply or roll back until a migration is the latest one
    To(to::Args),
    /// Roll back the latest migration and apply it again
    Redo(redo::Args),
    /// List migrations: applied, pending, or applied in part
    Status(status::Args),
}

impl Args {
    pub const fn json(&self) -> Json {
        match &self.action {
            Action::Status(args) => args.json(),
            Action::Up(args) => args.json(),
            Action::Down(args) => args.json(),
            Action::To(args) => args.json(),
            Action::Redo(args) => args.json(),
        }
    }
}

pub async fn run(args: Args) -> Result<()> {
    match args.action {
        Action::Up(args) => up::run(args).await,
        Action::Down(args) => down::run(args).await,
        Action::To(args) => to::run(args).await,
        Action::Redo(args) => redo::run(args).await,
        Action::Status(args) => status::run(args).await,
    }
}
