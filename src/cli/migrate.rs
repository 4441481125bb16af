//! `crm-seed migrate`: up, down, status.

use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::db::target::{self, Target};
use crate::error::{Error, Result};
use crate::migrate::{self, Migration, Rollback, Run, Settings, Status};
use crate::terminal;
use crate::ui;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Apply pending migrations
    Up {
        /// Apply at most N migrations
        #[arg(long, value_name = "N")]
        count: Option<usize>,
        #[command(flatten)]
        common: Common,
    },
    /// Roll back the latest migration with its stored rollback SQL
    Down {
        /// Roll back the latest N migrations
        #[arg(long, value_name = "N", default_value_t = 1)]
        count: usize,
        /// Do not ask before deleting rows or dropping columns that hold values
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        common: Common,
    },
    /// List migrations: applied, pending, or applied in part
    Status {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        common: Common,
    },
}

impl Args {
    pub const fn json(&self) -> Json {
        match &self.action {
            Action::Status { json, .. } => Json::new(*json, false),
            Action::Up { .. } | Action::Down { .. } => Json::No,
        }
    }
}

#[derive(Debug, clap::Args)]
struct Common {
    /// Directory of your own migrations, instead of the bundled ones
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    target: TargetArgs,
}

impl Common {
    fn migrations(&self) -> Result<Vec<Migration>> {
        self.dir.as_deref().map_or_else(|| Ok(migrate::bundled()), migrate::read_directory)
    }

    async fn settings(&self, target: &mut Target) -> Result<Settings> {
        let keeps_session = target.ask_pooler().await?.keeps_session();
        Ok(Settings { keeps_session, wait: self.target.wanted().wait })
    }
}

pub async fn run(args: Args) -> Result<()> {
    match args.action {
        Action::Up { count, common } => up(count, &common).await,
        Action::Down { count, yes, common } => down(count, yes, &common).await,
        Action::Status { json, common } => status(json, &common).await,
    }
}

async fn up(count: Option<usize>, common: &Common) -> Result<()> {
    let migrations = common.migrations()?;
    let mut target = target::connect(&common.target.wanted()).await?;
    let settings = common.settings(&mut target).await?;
    let mut told = |line: &str| crate::ui::tell(line);
    let mut run = Run::open(&mut target.connection, settings, &mut told).await?;
    let done = run.up(&migrations, count).await?;
    run.close().await;
    terminal::print(&format!("{done} applied, in {}\n", target.description))
}

async fn down(count: usize, yes: bool, common: &Common) -> Result<()> {
    let mut target = target::connect(&common.target.wanted()).await?;
    let settings = common.settings(&mut target).await?;
    let mut told = |line: &str| crate::ui::tell(line);
    let mut run = Run::open(&mut target.connection, settings, &mut told).await?;
    let rollback = run.plan_down(count, !yes).await?;
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

async fn status(json: bool, common: &Common) -> Result<()> {
    let migrations = common.migrations()?;
    let mut target = target::connect(&common.target.wanted()).await?;
    let all = migrate::status(&mut target.connection, &migrations).await?;
    if json {
        let array: Vec<_> = all.iter().map(|(name, status)| status_json(name, status)).collect();
        return terminal::print_data(&format!("{:#}\n", serde_json::Value::from(array)));
    }
    terminal::print(&all.iter().map(|(name, status)| status_line(name, status)).collect::<String>())
}

fn status_line(name: &str, status: &Status) -> String {
    match status {
        Status::Pending => format!("pending                       {name}\n"),
        Status::Applied { at, changed: false } => format!("applied  {at}  {name}\n"),
        Status::Applied { at, changed: true } => {
            format!("applied  {at}  {name}  (edited after it was applied)\n")
        }
        Status::Unknown { at } => format!("applied  {at}  {name}  (no such file)\n"),
        Status::Partly { at, done, total, down } => {
            let what = if *down { "rolled back" } else { "applied" };
            format!("partly   {at}  {name}  (partly {what}: {done} of {total} statements)\n")
        }
    }
}

fn status_json(name: &str, status: &Status) -> serde_json::Value {
    let (state, at, changed) = match status {
        Status::Pending => ("pending", None, false),
        Status::Applied { at, changed } => ("applied", Some(at), *changed),
        Status::Unknown { at } => ("unknown", Some(at), false),
        Status::Partly { at, down: false, .. } => ("partly_applied", Some(at), false),
        Status::Partly { at, down: true, .. } => ("partly_rolled_back", Some(at), false),
    };
    let mut entry =
        serde_json::json!({ "name": name, "status": state, "applied_at": at, "changed": changed });
    if let Status::Partly { done, total, .. } = status {
        entry["statements_done"] = (*done).into();
        entry["statements_total"] = (*total).into();
    }
    entry
}
