//! Arguments that several commands share, and how they are read.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::calendar::Day;
use crate::db::local_database::Engine;
use crate::db::target::Wanted;
use crate::domain::counts::CountRange;
use crate::error::{Error, Result};
use crate::run::handles::{self, Format};
use crate::scenario::wishes::{LabelWeight, MOST_ROWS as MOST_TABLE_ROWS, Wish, Wishes};
use crate::scenario::{AsOf, HEAVIEST, Scenario};
use crate::verify;

/// What is made.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Data")]
pub struct DataArgs {
    /// Scenario to load, by name or file path (repeatable) [default: default]
    #[arg(long, short, value_name = "NAME")]
    pub scenario: Vec<String>,
    #[command(flatten)]
    pub library: LibraryArgs,
    /// Write row ids by handle to FILE (.json, .env, .ts), or - for stdout
    #[arg(long, value_name = "FILE")]
    pub handles: Option<PathBuf>,
    /// Random seed; the same seed always gives the same data
    #[arg(long, value_name = "N", default_value_t = 42, value_parser = seed, allow_negative_numbers = true)]
    pub seed: u64,
    /// Reference date for all generated dates: YYYY-MM-DD or `today` [default: the scenario's, else 2026-01-01]
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub as_of: Option<Day>,
    /// Multiply the base counts
    #[arg(long, value_name = "N", value_parser = count, default_value_t = 1, allow_negative_numbers = true)]
    pub scale: u64,
    /// Manufacturers [default: 5]
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub principals: Option<u64>,
    /// Distributors [default: 3]
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub distributors: Option<u64>,
    /// Customers [default: 20]
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub customers: Option<u64>,
    /// Opportunities [default: 50]
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub opportunities: Option<u64>,
    /// Contacts per customer [default: 2..5]
    #[arg(long, value_name = "MIN..MAX", value_parser = spread, allow_hyphen_values = true)]
    pub contacts_per_customer: Option<CountRange>,
    /// Products per principal [default: 10..20]
    #[arg(long, value_name = "MIN..MAX", value_parser = spread, allow_hyphen_values = true)]
    pub products_per_principal: Option<CountRange>,
    /// Rows of these tables, by the domain's names or those of the database (repeatable)
    #[arg(long, value_name = "TABLE=N,...", value_delimiter = ',', value_parser = table_rows)]
    pub rows: Vec<(String, u64)>,
    /// Relative frequencies of the labels of a column; one that is not listed never occurs (repeatable)
    #[arg(long, value_name = "TABLE.COLUMN=LABEL:N,...", value_parser = column_weights)]
    pub weights: Vec<ColumnWeights>,
}

/// Labels of a column, and how often each occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnWeights {
    /// `deals.stage`.
    pub column: String,
    pub labels: Vec<(String, u64)>,
}

impl DataArgs {
    /// The scenario with what the flags override. Where it `is_alone`, without a database, names that only one could
    /// have are told.
    ///
    /// # Errors
    /// Scenarios that are not there or are wrong; counts out of range.
    pub fn scenario(&self, is_alone: bool) -> Result<Scenario> {
        let directory = self.library.directory()?;
        let mut scenario =
            Scenario::load(&self.scenario, directory, &rules(), self.as_of.is_some(), is_alone)?;
        let counts = &mut scenario.counts;
        counts.principals = self.principals.unwrap_or(counts.principals);
        counts.distributors = self.distributors.unwrap_or(counts.distributors);
        counts.customers = self.customers.unwrap_or(counts.customers);
        counts.opportunities = self.opportunities.unwrap_or(counts.opportunities);
        counts.contacts_per_customer = self.contacts_per_customer.unwrap_or(counts.contacts_per_customer);
        counts.products_per_principal = self.products_per_principal.unwrap_or(counts.products_per_principal);
        if self.contacts_per_customer.is_some() {
            counts.contacts = None;
            scenario.wishes.rows.retain(|wish| wish.name != "contacts");
        }
        if self.products_per_principal.is_some() {
            counts.products = None;
            scenario.wishes.rows.retain(|wish| wish.name != "products");
        }
        // What is told of one table is told as it is: no scale changes it.
        let shared = (counts.contacts.take(), counts.products.take());
        counts.check()?;
        scenario.counts = counts.scaled(self.scale)?;
        (scenario.counts.contacts, scenario.counts.products) = shared;
        let wishes = self.wishes()?;
        wishes.apply(&mut scenario.counts, &mut scenario.weights, is_alone)?;
        scenario.counts.check()?;
        scenario.wishes.rows.extend(wishes.rows);
        scenario.wishes.weights.extend(wishes.weights);
        if is_alone {
            scenario.notes.extend(scenario.wishes.notes());
        }
        Ok(scenario)
    }

    /// What `--rows` and `--weights` ask for.
    fn wishes(&self) -> Result<Wishes> {
        let mut wishes = Wishes::default();
        let flags = [
            ("principals", self.principals.is_some()),
            ("distributors", self.distributors.is_some()),
            ("customers", self.customers.is_some()),
            ("opportunities", self.opportunities.is_some()),
            ("contacts", self.contacts_per_customer.is_some()),
            ("products", self.products_per_principal.is_some()),
        ];
        for (name, value) in &self.rows {
            if wishes.rows.iter().any(|other| other.name == *name) {
                return Err(Error::usage(format!("--rows says twice how many {name} there are")));
            }
            if flags.contains(&(name.as_str(), true)) {
                let why =
                    format!("--rows {name}={value} and another option both say how many {name} there are");
                return Err(Error::usage(why));
            }
            wishes.rows.push(Wish { location: "--rows".into(), name: name.clone(), value: *value });
        }
        for ColumnWeights { column, labels } in &self.weights {
            if wishes.weights.iter().any(|other| other.name == *column) {
                return Err(Error::usage(format!(
                    "--weights says twice how often the labels of {column} occur"
                ))
                .with_hint("list all labels of a column at once: TABLE.COLUMN=LABEL:N,LABEL:N"));
            }
            let location = || "--weights".to_owned();
            let label = |(label, weight): &(String, u64)| LabelWeight {
                location: location(),
                label: label.clone(),
                weight: *weight,
            };
            let value = labels.iter().map(label).collect();
            wishes.weights.push(Wish { location: location(), name: column.clone(), value });
        }
        Ok(wishes)
    }

    /// The as-of date: as the flag says, else the scenario, else always the same.
    pub fn as_of(&self, scenario: &Scenario) -> Day {
        self.as_of.or_else(|| scenario.as_of.map(AsOf::day)).unwrap_or(Day::DEFAULT_AS_OF)
    }

    /// Holds the file of handles to what can be written.
    ///
    /// # Errors
    /// See [`handles::check`].
    pub fn check_handles(&self) -> Result<()> {
        self.handles.as_deref().map_or(Ok(()), |path| handles::check(path).map(drop))
    }

    /// Writes the handles where they are wanted. True where they went to stdout.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_handles(&self, text: impl FnOnce(Format) -> String) -> Result<bool> {
        let Some(path) = &self.handles else { return Ok(false) };
        handles::write(path, &text(Format::of(path)?))?;
        Ok(self.are_handles_on_stdout())
    }

    /// Whether the handles are for stdout.
    pub fn are_handles_on_stdout(&self) -> bool {
        self.handles.as_deref().is_some_and(|path| path.as_os_str() == "-")
    }
}

/// Where scenarios are found.
#[derive(Clone, Debug, clap::Args)]
pub struct LibraryArgs {
    /// Directory of your scenarios; NAME.json overrides a built-in NAME
    #[arg(long, value_name = "DIR", env = "CRM_SEED_SCENARIOS")]
    pub scenario_dir: Option<PathBuf>,
}

impl LibraryArgs {
    /// The directory of `--scenario-dir`.
    ///
    /// # Errors
    /// It is not a directory.
    pub fn directory(&self) -> Result<Option<&Path>> {
        match self.scenario_dir.as_deref() {
            Some(path) if !path.is_dir() => {
                Err(Error::usage(format!("--scenario-dir {}: no such directory", path.display())))
            }
            path => Ok(path),
        }
    }
}

/// The names of the consistency rules, which scenarios may break on purpose.
pub fn rules() -> Vec<&'static str> {
    verify::RULES.iter().map(|rule| rule.name).collect()
}

/// How it is made.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Work")]
pub struct WorkArgs {
    /// Generator threads; they do not affect the data [default: number of cores]
    #[arg(long, value_name = "N", value_parser = jobs, allow_negative_numbers = true)]
    pub jobs: Option<usize>,
    /// Rows per INSERT statement (with --method insert or --format sql)
    #[arg(long, value_name = "N", value_parser = batch_size, default_value_t = 500, allow_negative_numbers = true)]
    pub batch_size: usize,
}

impl WorkArgs {
    /// The number of generator threads.
    pub fn jobs(&self) -> usize {
        self.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get().min(8)))
    }
}

/// What is printed.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Print one JSON object instead of the table
    #[arg(long)]
    pub json: bool,
    /// Print errors only
    #[arg(long, short)]
    pub quiet: bool,
    /// Print all notes, not only the five that matter most
    #[arg(long, short, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// Where it goes.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Target")]
pub struct TargetArgs {
    /// Database URL: postgres://user:password@host:5432/name
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Allow this remote host (name or address) as the target
    #[arg(long, value_name = "HOST")]
    pub allow_remote: Vec<String>,
    /// Which PostgreSQL runs the local database
    #[arg(long, value_enum, value_name = "ENGINE", default_value_t = Engine::Auto)]
    #[arg(env = "CRM_SEED_ENGINE", hide_env = true)]
    pub engine: Engine,
    /// Wait up to SECONDS for the server to start, another run to finish, or locks (for locks 0 means 30)
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_negative_numbers = true)]
    pub wait: u32,
}

impl TargetArgs {
    /// The same for the module that connects.
    pub fn wanted(&self) -> Wanted {
        Wanted {
            url: self.database_url.clone(),
            allow_remote: self.allow_remote.clone(),
            wait: Duration::from_secs(self.wait.into()),
            engine: self.engine,
        }
    }
}

fn whole(text: &str, what: &str, most: u64) -> Result<u64, String> {
    let wanted = || format!("{what} must be a whole number from 1 to {most}");
    let number: u64 = text.parse().map_err(|_| wanted())?;
    if (1..=most).contains(&number) { Ok(number) } else { Err(wanted()) }
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("it must be a whole number from 0 to {}", u64::MAX))
}

fn count(text: &str) -> Result<u64, String> {
    whole(text, "it", crate::domain::counts::MOST)
}

fn jobs(text: &str) -> Result<usize, String> {
    whole(text, "it", 256).map(|n| n as usize)
}

/// Statements are cut from chunks of so many rows.
const MOST_ROWS: u64 = crate::sink::generate::CHUNK;

fn batch_size(text: &str) -> Result<usize, String> {
    whole(text, "it", MOST_ROWS).map(|n| n as usize)
}

/// `2..5`, or `3` for always three.
fn spread(text: &str) -> Result<CountRange, String> {
    let most = crate::domain::counts::MOST_CHILDREN;
    let (min, max) = text.split_once("..").unwrap_or((text, text));
    let number = |text: &str| whole(text, "each end", most).map_err(|why| format!("{why}, as in 2..5"));
    let spread = CountRange { min: number(min)?, max: number(max)? };
    if spread.min > spread.max {
        return Err("the first number must not be larger than the second".into());
    }
    Ok(spread)
}

/// `notes=2000`.
fn table_rows(text: &str) -> Result<(String, u64), String> {
    let (name, rows) = text.split_once('=').ok_or("write TABLE=N, as in notes=2000")?;
    let wanted = || format!("the rows of {name} must be a whole number from 0 to {MOST_TABLE_ROWS}");
    let rows: u64 = rows.parse().map_err(|_| wanted())?;
    match name.trim().is_empty() {
        true => Err("write TABLE=N, as in notes=2000".into()),
        false if rows > MOST_TABLE_ROWS => Err(wanted()),
        false => Ok((name.to_owned(), rows)),
    }
}

/// `deals.stage=won:3,lost:1`.
fn column_weights(text: &str) -> Result<ColumnWeights, String> {
    let form = || "write TABLE.COLUMN=LABEL:N,LABEL:N, as in deals.stage=won:3,lost:1".to_owned();
    let (column, labels) = text.split_once('=').ok_or_else(form)?;
    let is_column =
        column.split_once('.').is_some_and(|(table, column)| !table.is_empty() && !column.is_empty());
    if !is_column {
        return Err(form());
    }
    let mut read: Vec<(String, u64)> = Vec::new();
    for part in labels.split(',') {
        let (label, weight) = part.rsplit_once(':').ok_or_else(form)?;
        let weight = weight.parse().ok().filter(|weight| *weight <= HEAVIEST);
        let weight = weight
            .ok_or_else(|| format!("the weight of {label} must be a whole number from 0 to {HEAVIEST}"))?;
        if label.is_empty() || read.iter().any(|(other, _)| other == label) {
            return Err(if label.is_empty() { form() } else { format!("{label} is listed twice") });
        }
        read.push((label.to_owned(), weight));
    }
    if read.iter().all(|(_, weight)| *weight == 0) {
        return Err(format!("all weights of {column} are 0"));
    }
    Ok(ColumnWeights { column: column.to_owned(), labels: read })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_weights_are_read() {
        assert_eq!(table_rows("crm.Note=20"), Ok(("crm.Note".to_owned(), 20)));
        for bad in ["notes", "notes=", "=5", "notes=-1", "notes=1.5", "notes=1e3", "notes=100000001"] {
            assert!(table_rows(bad).is_err(), "{bad}");
        }
        let read = column_weights("deals.stage=Closed: won:3,lost:0").expect("weights");
        assert_eq!(read.column, "deals.stage");
        assert_eq!(read.labels, [("Closed: won".to_owned(), 3), ("lost".to_owned(), 0)]);
        for bad in [
            "stage=won:1",
            "deals.stage",
            "deals.stage=",
            "a.b=won",
            "a.b=won:x",
            "a.b=won:0",
            "a.b=:1",
            "a.b=c:1,c:2",
        ] {
            assert!(column_weights(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn spreads_are_read_and_held_to_their_range() {
        assert_eq!(spread("2..5"), Ok(CountRange { min: 2, max: 5 }));
        assert_eq!(spread("3"), Ok(CountRange { min: 3, max: 3 }));
        for bad in ["5..2", "0..3", "-1..3", "2..", "..", "a..b", "1..1000", "2...5", ""] {
            assert!(spread(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn counts_are_held_to_their_range() {
        assert_eq!(count("7"), Ok(7));
        for bad in ["0", "-1", "1.5", "1e3", "99999999999999999999", "", "1000000001"] {
            assert!(count(bad).is_err(), "{bad}");
        }
    }
}
