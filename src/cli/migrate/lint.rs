//! `crm-seed migrate lint`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::calendar;
use crate::cli::failure::Json;
use crate::cli::migrate::directory::DirectoryArgs;
use crate::error::{Error, Kind, Result};
use crate::migrate::lint::{self, About, Baseline, Finding, Level, Settings};
use crate::migrate::{Directory, MigrationConfig};
use crate::suggestion::{quoted, suggestion};
use crate::{terminal, ui, whole_file};

const NOTES: &str = "\
`-- lint:ignore RULE reason` before a statement hides its findings of that rule; in the header of a
file, those of the whole file.

Examples:
  crm-seed migrate lint
  crm-seed migrate lint --explain rename-without-alias
  crm-seed migrate lint --write-baseline lint-baseline.json    what is known, for --baseline
  crm-seed migrate lint --strict --sarif lint.sarif            for the review on a code host

Exit codes: 0 no errors (warnings do not count), 2 wrong usage, 5 errors (with --strict: or warnings).";

#[derive(Debug, clap::Args)]
#[command(after_help = NOTES)]
pub struct Args {
    /// Report only findings in these files; the whole directory is read all the same
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Exit with code 5 for warnings too
    #[arg(long)]
    strict: bool,
    /// Do not report findings listed in this file [default: lint_baseline in [migrations] of crm-seed.toml]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write all findings of the directory to FILE, for use as --baseline
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "json", "sarif", "baseline"])]
    write_baseline: Option<PathBuf>,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    /// Write the findings as SARIF 2.1.0 to FILE, or - for stdout
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// List the rules
    #[arg(long, conflicts_with_all = ["files", "explain", "sarif", "write_baseline"])]
    list_rules: bool,
    /// Explain a rule, with a bad and a good example
    #[arg(long, value_name = "RULE", conflicts_with_all = ["files", "json", "sarif", "write_baseline"])]
    explain: Option<String>,
    #[command(flatten)]
    directory: DirectoryArgs,
}

impl Args {
    pub fn json(&self) -> Json {
        Json::new(self.json, self.is_sarif_to_stdout())
    }

    fn is_sarif_to_stdout(&self) -> bool {
        self.sarif.as_deref().is_some_and(|path| path.as_os_str() == "-")
    }
}

/// Looks at the migrations.
///
/// # Errors
/// Findings that are errors; a directory, file or setting that cannot be read or means nothing.
pub async fn run(args: &Args) -> Result<()> {
    if args.list_rules {
        return list(args.json);
    }
    if let Some(rule) = &args.explain {
        return explain(rule);
    }
    if args.json && args.is_sarif_to_stdout() {
        return Err(Error::usage("--json and --sarif - both write to stdout")
            .with_hint("give --sarif a file, or leave one of them out"));
    }
    let config = args.directory.config()?;
    let directory = Arc::new(args.directory.read()?);
    let disabled = config.lint.disabled();
    let settings = Settings { today: calendar::today(), disabled };
    if let Some(path) = &args.write_baseline {
        let number = lint::write_baseline(path, &findings(&directory, settings).await?)?;
        return terminal::print(&format!("{number} findings written to {}\n", path.display()));
    }
    let wanted = wanted(&args.files, &directory)?;
    let baseline = baseline(args, &config)?;
    let mut findings = findings(&directory, settings).await?;
    findings.retain(|finding| wanted.as_ref().is_none_or(|wanted| wanted.contains(&finding.file)));
    let before = findings.len();
    findings.retain(|finding| !baseline.as_ref().is_some_and(|baseline| baseline.has(finding)));
    let known = before - findings.len();
    tell(args, &findings, known, wanted.map_or_else(|| files(&directory).count(), |wanted| wanted.len()))
}

/// What is found, on a thread of its own: a signal must be heard while large files are read.
async fn findings(directory: &Arc<Directory>, settings: Settings) -> Result<Vec<Finding>> {
    let directory = Arc::clone(directory);
    let work = tokio::task::spawn_blocking(move || lint::lint(&directory, &settings));
    work.await
        .map_err(|panic| Error::failed("internal error while reading the migrations").with_source(panic))
}

/// The findings that are known: of the command line, or of crm-seed.toml.
fn baseline(args: &Args, config: &MigrationConfig) -> Result<Option<Baseline>> {
    let path = args.baseline.as_ref().or(config.lint_baseline.as_ref());
    path.map(|path| Baseline::read(path)).transpose()
}

/// Its files. One that holds both directions counts once.
fn files(directory: &Directory) -> impl Iterator<Item = &str> {
    directory.migrations.iter().flat_map(|migration| {
        let up = migration.up.file.as_str();
        let down = migration.down.as_ref().map(|down| down.file.as_str());
        std::iter::once(up).chain(down.filter(|down| *down != up))
    })
}

/// The names of the files that are named; none where none is.
fn wanted(named: &[PathBuf], directory: &Directory) -> Result<Option<BTreeSet<String>>> {
    if named.is_empty() {
        return Ok(None);
    }
    named.iter().map(|path| find(path, directory)).collect::<Result<_>>().map(Some)
}

fn find(path: &Path, directory: &Directory) -> Result<String> {
    let whole = path.canonicalize().ok();
    let is_bare = path.parent().is_none_or(|parent| parent.as_os_str().is_empty());
    let is_it = |file: &&str| {
        let known = Path::new(file);
        known == path
            || whole.is_some() && known.canonicalize().ok() == whole
            || is_bare && known.file_name() == path.file_name()
    };
    files(directory).find(is_it).map(str::to_owned).ok_or_else(|| {
        let names: Vec<&str> = files(directory).collect();
        let shown = path.display().to_string();
        Error::usage(format!("{} is not a file of these migrations", quoted(&shown)))
            .with_hint(format!("{}; --dir names another directory", suggestion(&shown, &names)))
    })
}

/// Tells the findings, in the forms that are asked for.
fn tell(args: &Args, findings: &[Finding], known: usize, files: usize) -> Result<()> {
    let summary = summary(findings, known, files);
    if let Some(path) = &args.sarif {
        let text = format!("{:#}\n", lint::sarif(findings, &lint::all_rules()));
        match args.is_sarif_to_stdout() {
            true => terminal::print_data(&text)?,
            false => whole_file::replace(path, text.as_bytes())?,
        }
    }
    if args.json {
        let text =
            serde_json::to_string_pretty(findings).map_err(|error| Error::failed(error.to_string()))?;
        terminal::print_data(&format!("{text}\n"))?;
    } else if !args.is_sarif_to_stdout() {
        terminal::print(&findings.iter().map(ToString::to_string).collect::<String>())?;
    }
    let is_bad = |finding: &Finding| args.strict || finding.level == Level::Error;
    if findings.iter().any(is_bad) {
        return Err(Error::new(Kind::Violations, summary));
    }
    match args.json || args.is_sarif_to_stdout() {
        true => ui::tell(&summary),
        false => terminal::print(&format!("{summary}\n"))?,
    }
    Ok(())
}

fn summary(findings: &[Finding], known: usize, files: usize) -> String {
    let count = |number: usize, what: &str| match number {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{number} {what}s")),
    };
    let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
    let parts = [count(errors, "error"), count(findings.len() - errors, "warning")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let found = if parts.is_empty() { "no findings".to_owned() } else { parts.join(" and ") };
    let known = if known > 0 { format!(" ({known} more in the baseline)") } else { String::new() };
    format!("{found} in {}{known}", count(files, "file").unwrap_or_else(|| "0 files".to_owned()))
}

fn list(is_json: bool) -> Result<()> {
    let rules = lint::all_rules();
    if is_json {
        let entry = |about: &&About| serde_json::json!({ "rule": about.id, "level": about.level, "summary": about.summary });
        let array: Vec<_> = rules.iter().map(entry).collect();
        return terminal::print_data(&format!("{:#}\n", serde_json::Value::from(array)));
    }
    let width = rules.iter().map(|about| about.id.len()).max().unwrap_or_default();
    let line =
        |about: &&About| format!("{:width$}  {:7}  {}\n", about.id, about.level.to_string(), about.summary);
    terminal::print(&rules.iter().map(line).collect::<String>())
}

fn explain(rule: &str) -> Result<()> {
    let rules = lint::all_rules();
    let Some(about) = rules.iter().find(|about| about.id == rule) else {
        let hint = suggestion(rule, &lint::rule_ids());
        return Err(Error::usage(format!("unknown rule {}", quoted(rule))).with_hint(hint));
    };
    let About { id, level, summary, why, mend, bad, good, .. } = about;
    let indented = |text: &str| text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n");
    let blank = |text: String| text.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>();
    terminal::print(&blank(format!(
        "{id} ({level})\n{summary}.\n\nWhy: {why}\nWhat to do: {mend}.\n\nBad:\n{}\n\nGood:\n{}\n",
        indented(bad),
        indented(good)
    )))
}
