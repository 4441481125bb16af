//! `crm-seed migrate status`.

use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::cli::migrate::directory::DirectoryArgs;
use crate::db::target;
use crate::error::Result;
use crate::migrate::{self, Status};
use crate::terminal;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    directory: DirectoryArgs,
    #[command(flatten)]
    target: TargetArgs,
}

impl Args {
    pub const fn json(&self) -> Json {
        Json::new(self.json, false)
    }
}

/// Lists the migrations.
///
/// # Errors
/// A directory that cannot be read; a database that cannot be reached.
pub async fn run(args: Args) -> Result<()> {
    let directory = args.directory.read()?;
    let mut target = target::connect(&args.target.wanted()).await?;
    let all = migrate::status(&mut target.connection, &directory.migrations).await?;
    if args.json {
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
