//! `crm-seed migrate down`.

use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::cli::migrate::directory::DirectoryArgs;
use crate::cli::migrate::report::ChangeArgs;
use crate::cli::migrate::session::{Back, Session};
use crate::db::target::Target;
use crate::error::Result;
use crate::migrate::{self, Directory, Status};
use crate::ui;

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
    let named = args.directory.named()?;
    let mut session = Session::open(&args.target).await?;
    session.keep_quiet_hours(&args.directory.config()?, &args.change).await?;
    let report = session.down(Back::Latest(args.count), args.yes, args.change.report.dry_run).await?;
    if let (true, Some(directory)) = (report.rolled_back().is_empty(), &named) {
        tell_others(session.target(), directory).await?;
    }
    report.print(&args.change.report)
}

/// Tells why nothing is rolled back where all was applied by another tool.
async fn tell_others(target: &mut Target, directory: &Directory) -> Result<()> {
    let all = migrate::status(&mut target.connection, directory).await?;
    let mut tools = all.iter().filter_map(|(_, status)| match status {
        Status::ByOther { tool, .. } => Some(*tool),
        _ => None,
    });
    if let Some(tool) = tools.next() {
        ui::tell(&format!(
            "note: crm-seed rolls back only what it applied itself; {} applied by {tool}",
            match tools.count() + 1 {
                1 => "1 migration was".to_owned(),
                count => format!("{count} migrations were"),
            }
        ));
    }
    Ok(())
}
