//! `crm-seed migrate down`.

use crate::cli::args::TargetArgs;
use crate::cli::migrate::directory::DirectoryArgs;
use crate::cli::migrate::settings::settings;
use crate::db::target;
use crate::error::{Error, Result};
use crate::migrate::{Rollback, Run};
use crate::{terminal, ui};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Roll back the latest N migrations
    #[arg(long, value_name = "N", default_value_t = 1)]
    count: usize,
    /// Do not ask before deleting rows or dropping columns that hold values
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    directory: DirectoryArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// Rolls back what was applied last.
///
/// # Errors
/// A migration without a rollback, or one that would fail; data that would be deleted, where nobody agreed.
pub async fn run(args: Args) -> Result<()> {
    // What is run was stored; a directory that is named is to be one.
    args.directory.read()?;
    let mut target = target::connect(&args.target.wanted()).await?;
    let settings = settings(&mut target, &args.target).await?;
    let mut told = |line: &str| ui::tell(line);
    let mut run = Run::open(&mut target.connection, settings, &mut told).await?;
    let rollback = run.plan_down(args.count, !args.yes).await?;
    confirm(&rollback).await?;
    let done = run.down(rollback).await?;
    run.close().await;
    terminal::print(&format!("{done} rolled back, in {}\n", target.description))
}

/// Asks whether what a rollback deletes may go.
async fn confirm(rollback: &Rollback) -> Result<()> {
    let losses = rollback.losses();
    if losses.is_empty() {
        return Ok(());
    }
    let what = match rollback.len() {
        1 => "this migration".to_owned(),
        number => format!("{number} migrations"),
    };
    let question = format!("Rolling back {what} deletes data ({losses}). Continue?");
    // On a thread of its own, as a signal must be heard while nobody answers.
    let answer = tokio::task::spawn_blocking(move || ui::confirm(&question)).await;
    match answer.ok().flatten() {
        Some(true) => Ok(()),
        Some(false) => Err(Error::refused("nothing was rolled back")),
        None => Err(Error::refused(format!("rolling back {what} would delete data: {losses}"))
            .with_hint("nothing was rolled back; to roll back and delete that, add --yes")),
    }
}
