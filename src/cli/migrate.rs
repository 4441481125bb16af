//! `crm-seed migrate`: up, down, status.

use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::args::TargetArgs;
use crate::error::Result;
use crate::migrate::{self, Migration, Status};
use crate::target;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Apply what is pending
    Up {
        /// At most so many
        #[arg(long, value_name = "N")]
        count: Option<usize>,
        #[command(flatten)]
        common: Common,
    },
    /// Roll the last one back, by the SQL that was stored when it was applied
    Down {
        /// So many of them
        #[arg(long, value_name = "N", default_value_t = 1)]
        count: usize,
        #[command(flatten)]
        common: Common,
    },
    /// Show what is applied and what is pending
    Status {
        /// A JSON array instead of lines
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, clap::Args)]
struct Common {
    /// Your own migrations instead of the bundled ones
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    target: TargetArgs,
}

impl Common {
    fn migrations(&self) -> Result<Vec<Migration>> {
        self.dir.as_deref().map_or_else(|| Ok(migrate::bundled()), migrate::read_directory)
    }
}

pub async fn run(args: Args) -> Result<()> {
    match args.action {
        Action::Up { count, common } => up(count, &common).await,
        Action::Down { count, common } => down(count, &common).await,
        Action::Status { json, common } => status(json, &common).await,
    }
}

async fn up(count: Option<usize>, common: &Common) -> Result<()> {
    let migrations = common.migrations()?;
    let mut target = target::connect(&common.target.wanted()).await?;
    let told = |line: &str| crate::terminal::tell(&format!("{line}\n"));
    let keeps_session = target.ask_pooler().await?.keeps_session();
    let done = migrate::up(&mut target.connection, &migrations, count, keeps_session, told).await?;
    super::print(&format!("{done} applied, in {}\n", target.description))
}

async fn down(count: usize, common: &Common) -> Result<()> {
    let mut target = target::connect(&common.target.wanted()).await?;
    let told = |line: &str| crate::terminal::tell(&format!("{line}\n"));
    let keeps_session = target.ask_pooler().await?.keeps_session();
    let done = migrate::down(&mut target.connection, count, keeps_session, told).await?;
    super::print(&format!("{done} rolled back, in {}\n", target.description))
}

async fn status(json: bool, common: &Common) -> Result<()> {
    let migrations = common.migrations()?;
    let mut target = target::connect(&common.target.wanted()).await?;
    let all = migrate::status(&mut target.connection, &migrations).await?;
    if json {
        let array: Vec<_> = all.iter().map(|(name, status)| status_json(name, status)).collect();
        return super::print_data(&format!("{:#}\n", serde_json::Value::from(array)));
    }
    let line = |(name, status): &(String, Status)| match status {
        Status::Pending => format!("pending                       {name}\n"),
        Status::Applied { at, changed: false } => format!("applied  {at}  {name}\n"),
        Status::Applied { at, changed: true } => {
            format!("applied  {at}  {name}  (the file has changed since)\n")
        }
        Status::Unknown { at } => format!("applied  {at}  {name}  (no such file)\n"),
    };
    super::print(&all.iter().map(line).collect::<String>())
}

fn status_json(name: &str, status: &Status) -> serde_json::Value {
    let (state, at, changed) = match status {
        Status::Pending => ("pending", None, false),
        Status::Applied { at, changed } => ("applied", Some(at), *changed),
        Status::Unknown { at } => ("unknown", Some(at), false),
    };
    serde_json::json!({ "name": name, "status": state, "applied_at": at, "changed": changed })
}
