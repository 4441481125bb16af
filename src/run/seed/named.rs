//! What is asked of tables by name, as the target has them.

use sqlx::PgConnection;

use crate::catalog::table_locks::{self, Deadline};
use crate::catalog::{LEDGER, Schema};
use crate::db::query::{SETTINGS, execute};
use crate::db::target::Target;
use crate::domain::explicit::ExistingRow;
use crate::error::Result;
use crate::infer::wishes::{Granted, grant};
use crate::migrate;
use crate::run::ledger::Identity;
use crate::run::registry::{self, Home};
use crate::run::seed::before::Before;
use crate::run::seed::request::Request;
use crate::run::seed::{lookups, own_rows};
use crate::scenario::wishes::Wishes;
use crate::sink::postgres;

impl Request {
    /// The same, with what is asked for by the names of the target's tables and columns said of those: numbers of rows,
    /// weights, explicit rows, rows that are looked up. `None` where nothing is. Where it `applies` migrations to look at an
    /// empty database, they are undone.
    ///
    /// # Errors
    /// Usage: names that the target lacks, counts that cannot be, values that a column does not take, lookups that find
    /// nothing.
    pub async fn in_target(&self, target: &mut Target, applies: bool) -> Result<Option<Self>> {
        if self.scenario.names_nothing() {
            return Ok(None);
        }
        let deadline = Deadline::within(self.wait);
        let connection = &mut target.connection;
        execute(connection, &format!("BEGIN READ ONLY; {SETTINGS}")).await?;
        let named = self.named_there(connection, deadline).await;
        // A connection that is gone has ended its transaction.
        let _ = execute(connection, "ROLLBACK").await;
        if let Some(named) = named? {
            return Ok(Some(named));
        }
        if self.migrations.is_none() || !applies {
            // There is nothing to look at: the domain's own names are all that can be meant.
            let mut request = self.clone();
            let scenario = &mut request.scenario;
            let wishes = std::mem::take(&mut scenario.wishes);
            wishes.apply(&mut scenario.counts, &mut scenario.weights, true)?;
            scenario.leave_own();
            return Ok(Some(request));
        }
        let migrated = self.named_in_migrated(target, deadline).await;
        let _ = execute(&mut target.connection, "ROLLBACK").await;
        migrated.map(Some)
    }

    /// The same in a database that holds something.
    async fn named_there(&self, connection: &mut PgConnection, deadline: Deadline) -> Result<Option<Self>> {
        let schema = table_locks::introspect(connection, deadline, self.quiet).await?;
        let is_empty = schema.holds_nothing_but(LEDGER, migrate::HISTORY);
        if is_empty || self.reset.is_some() {
            return Ok(None);
        }
        self.named_in(connection, &schema).await.map(Some)
    }

    /// The same in what the migrations make of the database, in a transaction that is left open.
    async fn named_in_migrated(&self, target: &mut Target, deadline: Deadline) -> Result<Self> {
        let schema = self.migrated(target, deadline).await?;
        self.named_in(&mut target.connection, &schema).await
    }

    /// The same in a target with this catalog.
    async fn named_in(&self, connection: &mut PgConnection, schema: &Schema) -> Result<Self> {
        let mut request = self.granted(schema)?;
        let Self { overrides, scenario, as_of, .. } = &mut request;
        own_rows::take(connection, schema, overrides, scenario, *as_of).await?;
        request.scenario.existing = request.looked_up(connection, schema).await?;
        Ok(request)
    }

    /// The rows that the scenario looks up.
    ///
    /// # Errors
    /// Usage: one that is not there, or not alone.
    pub(super) async fn looked_up(
        &self,
        connection: &mut PgConnection,
        schema: &Schema,
    ) -> Result<Vec<ExistingRow>> {
        let identity = Identity::of(connection).await?;
        let loaded = registry::all(connection, schema, &Home::of(schema, &identity)?).await?;
        lookups::find(connection, schema, &self.overrides, &self.scenario, (&loaded, self.as_of)).await
    }

    /// What the migrations make of the database, in a transaction that is left open.
    async fn migrated(&self, target: &mut Target, deadline: Deadline) -> Result<Schema> {
        postgres::begin(&mut target.connection, self.wait, deadline).await?;
        let connection = &mut target.connection;
        if let Some(agreed) = &self.reset {
            self.drop_all(connection, agreed, deadline, &mut Vec::new()).await?;
        }
        let mut before = Before::default();
        self.schema_of(connection, deadline, &mut Vec::new(), &mut before.brought).await
    }

    fn granted(&self, schema: &Schema) -> Result<Self> {
        let mut request = self.clone();
        if self.scenario.wishes.is_empty() {
            return Ok(request);
        }
        let scenario = &mut request.scenario;
        let before = Granted {
            counts: scenario.counts,
            weights: scenario.weights.clone(),
            overrides: self.overrides.clone(),
        };
        let granted = grant(schema, &scenario.wishes, before, self.as_of.midnight())?;
        scenario.wishes = Wishes::default();
        (scenario.counts, scenario.weights) = (granted.counts, granted.weights);
        request.overrides = granted.overrides;
        Ok(request)
    }
}
