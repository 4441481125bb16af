//! `crm-seed migrate up`.

use crate::cli::args::TargetArgs;
use crate::cli::migrate::directory::DirectoryArgs;
use crate::cli::migrate::settings::settings;
use crate::db::target;
use crate::error::Result;
use crate::migrate::Run;
use crate::{terminal, ui};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Apply at most N migrations
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    #[command(flatten)]
    directory: DirectoryArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// Applies what is pending.
///
/// # Errors
/// A file that cannot be run; a statement that fails; a database that cannot be reached.
pub async fn run(args: Args) -> Result<()> {
    let directory = args.directory.read()?;
    let mut target = target::connect(&args.target.wanted()).await?;
    let settings = settings(&mut target, &args.target).await?;
    let mut told = |line: &str| ui::tell(line);
    let mut run = Run::open(&mut target.connection, settings, &mut told).await?;
    let done = run.up(&directory.migrations, args.count).await?;
    run.close().await;
    terminal::print(&format!("{done} applied, in {}\n", target.description))
}
