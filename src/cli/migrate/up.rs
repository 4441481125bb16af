//! `crm-seed migrate up`.

use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::cli::migrate::directory::{self, DirectoryArgs};
use crate::cli::migrate::preflight;
use crate::cli::migrate::report::ChangeArgs;
use crate::cli::migrate::session::Session;
use crate::error::Result;
use crate::migrate::Chosen;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Apply at most N migrations
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    /// Look first at what stands against it, and save the schema (see `migrate preflight`)
    #[arg(long)]
    preflight: bool,
    /// Refuse files that have not passed `migrate rehearse` as they are now
    #[arg(long)]
    rehearsed: bool,
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

/// Applies what is pending.
///
/// # Errors
/// A file that cannot be run; a statement that fails; a database that cannot be reached.
pub async fn run(args: Args) -> Result<()> {
    let named = args.directory.named()?;
    let mut session = Session::open(&args.target).await?;
    session.keep_quiet_hours(&args.directory.config()?, &args.change).await?;
    let directory = directory::of_target(named, session.target())?;
    if args.preflight && !args.change.report.dry_run {
        preflight::before_up(session.target(), &directory).await?;
    }
    let chosen = args.count.map_or(Chosen::All, Chosen::AtMost);
    session
        .up(&directory, &chosen, (args.change.report.dry_run, args.rehearsed))
        .await?
        .print(&args.change.report)
}
