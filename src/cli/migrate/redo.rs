//! `crm-seed migrate redo`.

use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::cli::migrate::directory::{self, DirectoryArgs};
use crate::cli::migrate::report::ChangeArgs;
use crate::cli::migrate::session::{Back, Session};
use crate::error::{Error, Result};
use crate::migrate::{self, Chosen};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Roll back and apply the latest N migrations
    #[arg(long, value_name = "N", default_value_t = 1)]
    count: usize,
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

/// Rolls back what was applied last, and applies it again as its files are now.
///
/// # Errors
/// A migration without a file; as for `down` and `up`.
pub async fn run(args: Args) -> Result<()> {
    let named = args.directory.named()?;
    let mut session = Session::open(&args.target).await?;
    session.keep_quiet_hours(&args.directory.config()?, &args.change).await?;
    let directory = directory::of_target(named, session.target())?;
    let dry_run = args.change.report.dry_run;
    let planned = session.down(Back::Latest(args.count), args.yes, true).await?;
    let names = planned.rolled_back();
    for name in &names {
        let file = directory.migrations.iter().find(|file| file.name == *name).ok_or_else(|| {
            Error::refused(format!("{name} has no file here, so that it could not be applied again"))
                .with_hint("name its directory with --dir; to roll it back alone, `crm-seed migrate down`")
        })?;
        migrate::check(file)?;
    }
    if dry_run {
        return planned.print(&args.change.report);
    }
    let down = session.down(Back::Latest(args.count), args.yes, false).await?;
    let up = session
        .up(&directory, &Chosen::Named(names), (false, false))
        .await
        .map_err(|error| error.context("rolled back, and not applied again"))?;
    down.then(up).print(&args.change.report)
}
