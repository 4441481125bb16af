//! `crm-seed migrate try`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::cli::migrate::session::settings;
use crate::db::target;
use crate::error::{Error, Result};
use crate::migrate::{self, Migration, Observed, Run, Source};
use crate::run::rehearsal;
use crate::{terminal, text_file, ui};

const AFTER_HELP: &str = "\
It takes the locks that the migration takes, for as long as the migration takes them: on a busy database, rehearse \
instead (`crm-seed migrate rehearse`).";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Migration or rollback to try
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: TargetArgs,
}

impl Args {
    pub const fn json(&self) -> Json {
        Json::new(self.json, false)
    }
}

/// Runs a file in a transaction, reports what it did, and rolls back.
///
/// # Errors
/// A file that cannot be read or tried; a statement that fails; a database that cannot be reached.
pub async fn run(args: Args) -> Result<()> {
    let source = source(&args.file)?;
    let mut target = target::connect(&args.target.wanted()).await?;
    let settings = settings(&mut target, &args.target).await?;
    let mut told = |line: &str| ui::tell(line);
    let mut run = Run::open(&mut target.connection, settings, &mut told).await?;
    let observed = run.try_file(&source).await;
    run.close().await;
    let observed = observed?;
    match args.json {
        true => terminal::print_data(&format!("{:#}\n", json(&observed))),
        false => {
            let number = rehearsal::counted(observed.len() as u64, "statement");
            let time = rehearsal::shown(whole(&observed));
            let end = format!("{number} in {time}, rolled back, in {}\n", target.description);
            terminal::print(&format!("{}{end}", rehearsal::observed_text(&observed)))
        }
    }
}

fn json(observed: &[Observed]) -> serde_json::Value {
    serde_json::json!({
        "ms": whole(observed).as_secs_f64() * 1000.0,
        "statements": rehearsal::observed_json(observed),
    })
}

fn whole(observed: &[Observed]) -> Duration {
    observed.iter().map(|observed| observed.elapsed).sum()
}

/// The SQL of a file: the part of it that its directory takes for a migration or a rollback, where it is one of a
/// directory of migrations; else all of it.
fn source(path: &Path) -> Result<Source> {
    let name = path.display().to_string();
    let text = text_file::text(path, text_file::MOST_BYTES_OF_SQL)
        .map_err(|why| Error::usage(name.clone()).with_source(why))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = migrate::read_directory(parent.unwrap_or(Path::new(".")), None);
    let is_it = |source: &Source| Path::new(&source.file).file_name() == path.file_name();
    let of_migration = |migration: Migration| {
        let Migration { up, down, .. } = migration;
        // Where both stand in one file, what applies it is meant.
        if is_it(&up) { Some(up) } else { down.filter(is_it) }
    };
    // A directory that is none of migrations is no fault: any file can be tried.
    let found = directory.ok().and_then(|directory| directory.migrations.into_iter().find_map(of_migration));
    let text = text.trim_start_matches('\u{feff}').to_owned();
    Ok(found.map_or_else(|| Source::new(name.clone(), text), |found| Source { file: name.clone(), ..found }))
}
