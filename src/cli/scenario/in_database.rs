//! Scenario files held against a database that is named on the command line.

use crate::calendar::Day;
use crate::catalog::table_locks::{self, Deadline};
use crate::cli::args::{LibraryArgs, TargetArgs, rules};
use crate::cli::fit::ConfigArgs;
use crate::db::query::{SETTINGS, execute};
use crate::db::target::{self, Target};
use crate::error::Result;
use crate::infer::overrides::Overrides;
use crate::infer::own_rows;
use crate::migrate;
use crate::run::doctor;
use crate::run::seed::{Checked, Existing};
use crate::scenario::{AsOf, Scenario};

/// The seed by which rows are made that nobody sees.
const SEED: u64 = 42;

/// The database that scenarios are held against, where one is named.
#[derive(Debug, clap::Args)]
pub struct InDatabaseArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    config: ConfigArgs,
}

/// A database that scenarios are held against.
pub struct InDatabase<'a> {
    args: &'a InDatabaseArgs,
    target: Target,
    overrides: Overrides,
}

impl InDatabaseArgs {
    /// Connects to the database that is named; `None` where none is.
    ///
    /// # Errors
    /// It cannot be reached; a configuration that cannot be read.
    pub async fn connect(&self) -> Result<Option<InDatabase<'_>>> {
        // A variable of the environment does not count: without a flag nothing is asked of any server.
        if self.target.database_url.is_none() {
            return Ok(None);
        }
        let target = target::connect(&self.target.wanted()).await?;
        let overrides = Overrides { is_local: target.is_local, ..self.config.overrides()? };
        Ok(Some(InDatabase { args: self, target, overrides }))
    }
}

impl InDatabase<'_> {
    /// The name of the scenario in a file that can be loaded, and what it comes to.
    ///
    /// # Errors
    /// What is wrong with it, or what the database cannot hold.
    pub async fn check(&mut self, file: &str, library: &LibraryArgs) -> Result<(String, Checked)> {
        let scenario = Scenario::load(&[file.to_owned()], library.directory()?, &rules(), false, false)?;
        let as_of = scenario.as_of.map_or(Day::DEFAULT_AS_OF, AsOf::day);
        let (name, wait) = (scenario.name.clone(), self.args.target.wanted().wait);
        let mut request = doctor::request(SEED, as_of, scenario, self.overrides.clone(), wait);
        request.existing = Existing::Refuse;
        let config = self.args.config.migrations()?;
        if let Some(dir) = &config.dir {
            request.migrations = Some(migrate::read_directory(dir, config.layout)?);
        }
        Ok((name, request.check(&mut self.target).await?))
    }

    /// The JSON Schema of scenario files for this database.
    ///
    /// # Errors
    /// Its catalog cannot be read.
    pub async fn json_schema(&mut self) -> Result<serde_json::Value> {
        let connection = &mut self.target.connection;
        execute(connection, &format!("BEGIN READ ONLY; {SETTINGS}")).await?;
        let deadline = Deadline::within(self.args.target.wanted().wait);
        let read = table_locks::introspect(connection, deadline, true).await;
        // Nothing was written, and a connection that is gone has ended its transaction.
        let _ = execute(connection, "ROLLBACK").await;
        own_rows::json_schema(&read?, &self.overrides)
    }
}
