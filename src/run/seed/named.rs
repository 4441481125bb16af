//! What is asked of tables by name, as the target has them.

use crate::catalog::table_locks::{self, Deadline};
use crate::catalog::{LEDGER, Schema};
use crate::db::query::{SETTINGS, execute};
use crate::db::target::Target;
use crate::error::Result;
use crate::infer::wishes::{Granted, grant};
use crate::migrate;
use crate::run::seed::before::Before;
use crate::run::seed::request::Request;
use crate::scenario::wishes::Wishes;
use crate::sink::postgres;

impl Request {
    /// The same, with the numbers of rows and weights that are asked for by name said of the target's tables; `None`
    /// where nothing is. Where it `applies` migrations to look at an empty database, they are undone.
    ///
    /// # Errors
    /// Usage: names that the target lacks, counts that cannot be.
    pub async fn in_target(&self, target: &mut Target, applies: bool) -> Result<Option<Self>> {
        if self.scenario.wishes.is_empty() {
            return Ok(None);
        }
        let deadline = Deadline::within(self.wait);
        let connection = &mut target.connection;
        execute(connection, &format!("BEGIN READ ONLY; {SETTINGS}")).await?;
        let read = table_locks::introspect(connection, deadline, self.quiet).await;
        // A connection that is gone has ended its transaction.
        let _ = execute(connection, "ROLLBACK").await;
        let schema = read?;
        let is_empty = schema.holds_nothing_but(LEDGER, migrate::HISTORY);
        if !is_empty && self.reset.is_none() {
            return self.granted(&schema).map(Some);
        }
        if self.migrations.is_none() || !applies {
            // There is nothing to look at: the domain's own names are all that can be meant.
            let mut request = self.clone();
            let scenario = &mut request.scenario;
            let wishes = std::mem::take(&mut scenario.wishes);
            wishes.apply(&mut scenario.counts, &mut scenario.weights, true)?;
            return Ok(Some(request));
        }
        let migrated = self.migrated(target, deadline).await;
        let _ = execute(&mut target.connection, "ROLLBACK").await;
        self.granted(&migrated?).map(Some)
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
