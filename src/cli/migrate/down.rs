//! `crm-seed migrate down`.

use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::cli::migrate::directory::DirectoryArgs;
use crate::cli::migrate::report::ChangeArgs;
use crate::cli::migrate::session::{Back, Session};
use crate::error::Result;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Roll back the latest N migrations
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

/// Rolls back what was applied last.
///
/// # Errors
/// A migration without a rollback, or one that would fail; data that would be deleted, where nobody agreed.
pub async fn run(args: Args) -> Result<()> {
    // What is run was stored; a directory that is named is to be one.
    args.directory.named()?;
    let mut session = Session::open(&args.target).await?;
    session.keep_quiet_hours(&args.directory.config()?, &args.change).await?;
    session
        .down(Back::Latest(args.count), args.yes, args.change.report.dry_run)
        .await?
        .print(&args.change.report)
}
