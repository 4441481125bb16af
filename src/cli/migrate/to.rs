//! `crm-seed migrate to`.

use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::cli::migrate::directory::{self, DirectoryArgs};
use crate::cli::migrate::report::ChangeArgs;
use crate::cli::migrate::session::{Back, Session};
use crate::error::{Error, Result};
use crate::migrate::{self, Chosen, Directory, Status};
use crate::suggestion::suggestion;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Migration that is to be the latest one: its name, or the number it begins with (0 rolls all back)
    name: String,
    /// Do not ask before deleting rows or dropping columns that hold values
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    directory: DirectoryArgs,
    #[command(flatten)]
    target: TargetArgs,
}

impl Args {
    pub const fn json(&self) -> Json {
        Json::new(self.change.report.json, false)
    }
}

/// Applies what is pending up to a migration, or rolls back what was applied after it.
///
/// # Errors
/// There is no such migration; as for `up` and `down`.
pub async fn run(args: Args) -> Result<()> {
    let named = args.directory.named()?;
    let mut session = Session::open(&args.target).await?;
    session.keep_quiet_hours(&args.directory.config()?, &args.change).await?;
    let directory = directory::of_target(named, session.target())?;
    let dry_run = args.change.report.dry_run;
    if args.name == "0" {
        return session.down(Back::To(None), args.yes, dry_run).await?.print(&args.change.report);
    }
    let at = find(&directory, &args.name)?;
    let name = directory.migrations[at].name.to_string();
    let status = migrate::status(&mut session.target().connection, &directory).await?;
    let is_pending = status
        .iter()
        .any(|(other, status)| *other == name && matches!(status, Status::Pending | Status::Partly { .. }));
    let report = match is_pending {
        true => {
            let names = directory.migrations[..=at].iter().map(|migration| migration.name.to_string());
            session.up(&directory, &Chosen::Named(names.collect()), (dry_run, false)).await?
        }
        false => session.down(Back::To(Some(&name)), args.yes, dry_run).await?,
    };
    report.print(&args.change.report)
}

/// The migration that is called so.
fn find(directory: &Directory, name: &str) -> Result<usize> {
    let name = name.trim_end_matches(".sql");
    let migrations = &directory.migrations;
    let is_it = |other: &migrate::Migration| other.name == name || other.version == name;
    migrations.iter().position(is_it).ok_or_else(|| {
        let known: Vec<&str> = migrations.iter().map(|migration| &*migration.name).collect();
        Error::usage(format!("there is no migration {name}")).with_hint(suggestion(name, &known))
    })
}
