//! `crm-seed scenario`: which there are, what is in them, and what becomes of them.

mod check;
mod in_database;
mod list;
mod new;
mod open;
mod show;
mod tree;
mod unload;

use clap::Subcommand;

use crate::cli::failure::Json;
use crate::error::Result;
use crate::scenario::json_schema;
use crate::terminal;
use in_database::InDatabaseArgs;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List scenarios: built-in ones and those of --scenario-dir
    List(list::Args),
    /// Show the rows of a scenario as a tree
    Show(show::Args),
    /// Create a scenario file to start from
    New(new::Args),
    /// Validate scenario files, alone or against a database (exit code 2 if invalid)
    Check(check::Args),
    /// Remove the rows of a scenario from a database
    Unload(unload::Args),
    /// Print the JSON Schema of scenario files, or with --database-url that for its tables
    Schema(InDatabaseArgs),
}

impl Args {
    pub const fn json(&self) -> Json {
        match &self.action {
            Action::List(args) => args.json(),
            Action::Show(args) => args.json(),
            Action::New(_) | Action::Check(_) | Action::Unload(_) | Action::Schema(_) => Json::No,
        }
    }
}

pub async fn run(args: Args) -> Result<()> {
    match args.action {
        Action::List(args) => list::run(&args),
        Action::Show(args) => show::run(&args),
        Action::New(args) => new::run(&args),
        Action::Check(args) => check::run(&args).await,
        Action::Unload(args) => unload::run(args).await,
        Action::Schema(args) => {
            let schema = match &mut args.connect().await? {
                Some(database) => database.json_schema().await?,
                None => json_schema(),
            };
            terminal::print_data(&format!("{schema:#}\n"))
        }
    }
}
