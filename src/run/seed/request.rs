//! The settings of a run.

use std::time::Duration;

use crate::calendar::Day;
use crate::domain::dataset::{Dataset, Origin};
use crate::domain::explicit;
use crate::error::Result;
use crate::infer::overrides::Overrides;
use crate::migrate::Directory;
use crate::plan::{ExplicitKeys, Plan};
use crate::report::{ScenarioReport, TableReport};
use crate::run::seed::clearance::Agreed;
use crate::scenario::Scenario;
use crate::sink::generate::RowStream;
use crate::sink::postgres::Method;
use crate::ui::Progress;

/// What happens to existing rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// They are a reason to refuse.
    Refuse,
    /// `--clean`: empty the tables first.
    Clean {
        /// Those of tables that refer to the filled ones too.
        cascade: bool,
    },
    /// Rows are added behind them.
    Append,
    /// They are a reason to do nothing.
    Keep,
}

/// The settings of a run.
#[derive(Clone, Debug)]
pub struct Request {
    pub seed: u64,
    pub as_of: Day,
    /// Counts, weights and explicit rows.
    pub scenario: Scenario,
    /// A scenario was named: loading it again is no mistake.
    pub is_named: bool,
    /// What happens to existing rows.
    pub existing: Existing,
    /// Nothing is done where the last run was the same and its rows are there.
    pub if_changed: bool,
    /// How rows are written; `None` for COPY where the server allows it, else INSERT.
    pub method: Option<Method>,
    /// Rows in an INSERT statement.
    pub batch_size: usize,
    /// Number of generator threads.
    pub jobs: usize,
    /// Foreign keys and indexes may be made again after a large load.
    pub rebuild: bool,
    /// The run is recorded.
    pub ledger: bool,
    /// Questions are answered with yes.
    pub yes: bool,
    /// Time to wait for another run on the same database.
    pub wait: Duration,
    /// Settings of `crm-seed.toml` and the command line.
    pub overrides: Overrides,
    /// Nothing gives way to what the server refuses.
    pub strict: bool,
    /// Triggers do not fire.
    pub without_triggers: bool,
    /// Also compute a digest of the rows that the database holds after the load.
    pub digest_from_database: bool,
    /// Print errors only: no progress bars or waiting messages.
    pub quiet: bool,
    /// What makes the tables of an empty database; where there is nothing, it is left alone.
    pub migrations: Option<Directory>,
    /// What the database holds is dropped first, and this may be lost without a question.
    pub reset: Option<Agreed>,
    /// Rolls back instead of committing.
    pub trial: bool,
}

impl Request {
    /// Whether rows that are there go first.
    pub const fn is_clean(&self) -> bool {
        matches!(self.existing, Existing::Clean { .. })
    }

    /// The dataset that is asked for.
    ///
    /// # Errors
    /// Counts out of range; everything that is wrong with explicit rows.
    pub fn dataset(&self, origin: Origin) -> Result<Dataset> {
        dataset(self.seed, self.as_of, &self.scenario, origin)
    }
}

/// The dataset of a scenario, with its explicit rows.
///
/// # Errors
/// Counts out of range; everything that is wrong with explicit rows, with its place in the file.
pub fn dataset(seed: u64, as_of: Day, scenario: &Scenario, origin: Origin) -> Result<Dataset> {
    let mut dataset = Dataset::new(seed, as_of, &scenario.counts, &scenario.weights, origin)?;
    dataset.existing.clone_from(&scenario.existing);
    let rows = scenario.rows_of_domain();
    explicit::with_rows(dataset, &rows).map_err(|faults| scenario.faults(&faults))
}

/// What to tell of the explicit rows of `dataset`: of a target those that are written, which have these keys.
pub fn scenarios(dataset: &Dataset, scenario: &Scenario, keys: Option<&ExplicitKeys>) -> Vec<ScenarioReport> {
    let scenario_rows = scenario.scenario_rows.iter().enumerate();
    scenario_rows
        .map(|(number, part)| ScenarioReport {
            name: part.scenario.clone(),
            rows: match keys {
                Some(keys) => keys.rows_of_scenario(dataset, number),
                None => dataset.rows_of_scenario(number),
            },
        })
        .collect()
}

/// Progress over a plan.
pub fn progress(plan: &Plan, quiet: bool) -> Progress {
    Progress::new(plan.tables.iter().map(|t| (t.name().to_owned(), t.all_rows())), quiet)
}

/// Puts each table's digest into its report; returns that of all.
pub fn digests(generator: &RowStream, tables: &mut [TableReport]) -> String {
    let (each, all) = generator.digests();
    for (table, digest) in tables.iter_mut().zip(each) {
        table.digest = digest;
    }
    all
}
