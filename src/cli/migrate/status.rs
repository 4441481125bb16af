//! `crm-seed migrate status`.

use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::cli::migrate::directory::{self, DirectoryArgs};
use crate::db::target;
use crate::error::{Error, Kind, Result};
use crate::migrate::{self, Status};
use crate::terminal;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    /// Exit with code 5 where something is pending, was edited after it was applied, or stopped in the middle
    #[arg(long)]
    check: bool,
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
    let named = args.directory.named()?;
    let mut target = target::connect(&args.target.wanted()).await?;
    let directory = directory::of_target(named, &target)?;
    let all = migrate::status(&mut target.connection, &directory).await?;
    directory.notes().iter().for_each(|note| terminal::tell(&format!("{note}\n")));
    if args.json {
        let array: Vec<_> = all.iter().map(|(name, status)| status_json(name, status)).collect();
        terminal::print_data(&format!("{:#}\n", serde_json::Value::from(array)))?;
        return check(args.check, &all);
    }
    let mut text: String = all.iter().map(|(name, status)| status_line(name, status)).collect();
    if !directory.layout.is_own() {
        text.insert_str(0, &format!("files of {}:\n", directory.layout.name()));
    }
    terminal::print(&text)?;
    check(args.check, &all)
}

/// Holds the database to the files.
fn check(is_wanted: bool, all: &[(String, Status)]) -> Result<()> {
    let mut groups: Vec<(Amiss, Vec<&str>)> = Vec::new();
    for (name, amiss) in all.iter().filter_map(|(name, status)| Some((name.as_str(), amiss(status)?))) {
        match groups.iter_mut().find(|(known, _)| *known == amiss) {
            Some((_, names)) => names.push(name),
            None => groups.push((amiss, vec![name])),
        }
    }
    if !is_wanted || groups.is_empty() {
        return Ok(());
    }
    let told = |((what, _), names): &(Amiss, Vec<&str>)| match names.as_slice() {
        [first, _, ..] => format!("{what}: {first} and {} more", names.len() - 1),
        names => format!("{what}: {}", names.concat()),
    };
    let told: Vec<String> = groups.iter().map(told).collect();
    let hints: Vec<&str> = groups.iter().map(|((_, hint), _)| *hint).collect();
    Err(Error::new(Kind::Violations, told.join("; ")).with_hint(hints.join("; ")))
}

/// What is the matter with a migration, and what to do about it.
type Amiss = (&'static str, &'static str);

fn amiss(status: &Status) -> Option<Amiss> {
    match status {
        Status::Applied { changed: false, .. } | Status::ByOther { is_unknown: false, .. } => None,
        Status::Pending => Some(("pending", "apply what is pending with `crm-seed migrate up`")),
        Status::Applied { changed: true, .. } => Some((
            "edited after it was applied",
            "put an edited file back as it was, and the change into a new migration",
        )),
        Status::Unknown { .. } | Status::ByOther { is_unknown: true, .. } => {
            Some(("applied, but without a file", "put the missing file back"))
        }
        Status::FailedByOther { .. } => {
            Some(("not finished by another tool", "finish with that tool what it began"))
        }
        Status::Partly { down: false, .. } => {
            Some(("partly applied", "`crm-seed migrate up` goes on where it stopped"))
        }
        Status::Partly { down: true, .. } => {
            Some(("partly rolled back", "`crm-seed migrate down` goes on where it stopped"))
        }
    }
}

fn status_line(name: &str, status: &Status) -> String {
    match status {
        Status::Pending => format!("pending                       {name}\n"),
        Status::Applied { at, changed: false, .. } => format!("applied  {at}  {name}\n"),
        Status::Applied { at, changed: true, difference } => {
            let difference = difference.as_deref().map(migrate::indented).unwrap_or_default();
            format!("applied  {at}  {name}  (edited after it was applied){difference}\n")
        }
        Status::Unknown { at, renamed: None } => format!("applied  {at}  {name}  (no such file)\n"),
        Status::Unknown { at, renamed: Some(now) } => {
            format!("applied  {at}  {name}  (no such file; {now} has the same statements)\n")
        }
        Status::ByOther { tool, at, is_unknown } => {
            let (at, file) = (at.as_deref().unwrap_or(""), if *is_unknown { "; no such file" } else { "" });
            format!("applied  {at:19}  {name}  (by {tool}{file})\n")
        }
        Status::FailedByOther { tool } => {
            format!("failed                        {name}  (begun by {tool})\n")
        }
        Status::Partly { at, done, total, down } => {
            let what = if *down { "rolled back" } else { "applied" };
            format!("partly   {at}  {name}  (partly {what}: {done} of {total} statements)\n")
        }
    }
}

fn status_json(name: &str, status: &Status) -> serde_json::Value {
    let (state, at, changed) = match status {
        Status::Pending => ("pending", None, false),
        Status::Applied { at, changed, .. } => ("applied", Some(at), *changed),
        Status::Unknown { at, .. } => ("unknown", Some(at), false),
        Status::ByOther { at, is_unknown: false, .. } => ("applied", at.as_ref(), false),
        Status::ByOther { at, is_unknown: true, .. } => ("unknown", at.as_ref(), false),
        Status::FailedByOther { .. } => ("failed", None, false),
        Status::Partly { at, down: false, .. } => ("partly_applied", Some(at), false),
        Status::Partly { at, down: true, .. } => ("partly_rolled_back", Some(at), false),
    };
    let mut entry =
        serde_json::json!({ "name": name, "status": state, "applied_at": at, "changed": changed });
    if let Status::Applied { difference: Some(difference), .. } = status {
        entry["difference"] = difference.clone().into();
    }
    if let Status::ByOther { tool, .. } | Status::FailedByOther { tool } = status {
        entry["by"] = (*tool).into();
    }
    if let Status::Partly { done, total, .. } = status {
        entry["statements_done"] = (*done).into();
        entry["statements_total"] = (*total).into();
    }
    entry
}
