//! Whether a scenario can be loaded into a target: its rows are planned and held against the schema, and nothing is written.

use crate::catalog::table_locks::Deadline;
use crate::db::query;
use crate::db::target::Target;
use crate::domain::dataset::{Dataset, Origin};
use crate::error::Result;
use crate::note::Note;
use crate::run::seed::Request;

/// What a scenario comes to in a target.
pub struct Checked {
    pub dataset: Dataset,
    /// Rows in all, and those of them that the file has.
    pub rows: (u64, u64),
    /// What the target does not hold as it is given.
    pub notes: Vec<Note>,
}

impl Request {
    /// Plans the run, and holds what the scenario gives against the target.
    ///
    /// # Errors
    /// Usage: names, values and lookups that are wrong, each with its place in the file; refused: what the target cannot hold.
    pub async fn check(&self, target: &mut Target) -> Result<Checked> {
        let named = self.in_target(target, true).await?;
        let request = named.as_ref().unwrap_or(self);
        let checked = request.checked(target).await;
        // Nothing was written, and a connection that is gone has ended its transaction.
        let _ = query::execute(&mut target.connection, "ROLLBACK").await;
        checked
    }

    async fn checked(&self, target: &mut Target) -> Result<Checked> {
        let (deadline, mut notes) = (Deadline::within(self.wait), self.scenario.notes.clone());
        let dataset = self.dataset(Origin::default())?;
        let mut prepared = self.prepare(target, dataset, deadline, &mut notes).await?;
        prepared.plan = prepared.plan.feasible()?;
        notes.extend(self.check_given(&prepared)?.0);
        let of_file = self.scenario.scenario_rows.iter().map(|part| part.rows.len() + part.own_rows.len());
        let rows = (prepared.plan.rows(), of_file.sum::<usize>() as u64);
        Ok(Checked { dataset: prepared.dataset, rows, notes })
    }
}
