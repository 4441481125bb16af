//! The keys of explicit rows, as the target has them: by these a row is found again.

use serde_json::Value;

use crate::domain::dataset::Dataset;
use crate::domain::explicit::CompletedRow;
use crate::infer::column_type::to_json;
use crate::infer::rows::value_of;
use crate::plan::{Plan, TablePlan};
use crate::value::Batch;

/// Where a row is in the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetKey {
    /// Its table.
    pub oid: u32,
    /// The name of that, without its schema.
    pub table: String,
    /// The same with its schema, quoted where needed.
    pub qualified: String,
    /// The columns of its key, and what they hold: whole numbers, or texts.
    pub key: Vec<(String, Value)>,
}

/// The keys of all explicit rows of a dataset that are written, in its order.
#[derive(Clone, Debug, Default)]
pub struct ExplicitKeys {
    keys: Vec<Option<TargetKey>>,
    /// Of rows of the app's tables that stand beside explicit ones, with the scenario whose they are.
    beside: Vec<(usize, TargetKey)>,
}

impl ExplicitKeys {
    /// Of the rows that a plan writes.
    pub fn of(plan: &Plan, dataset: &Dataset) -> Self {
        let mut keys = vec![None; dataset.explicit.len()];
        let mut beside = Vec::new();
        for table in &plan.tables {
            let Some((_, domain)) = table.domain else {
                beside.extend(beside_of(table, dataset));
                continue;
            };
            let first = dataset.explicit.partition_point(|made| made.table < domain);
            for (at, key) in keys_of(table, domain, dataset).into_iter().enumerate() {
                keys[first + at] = key;
            }
        }
        Self { keys, beside }
    }

    /// Each row of the app's tables that stands beside explicit ones: its scenario, and its key.
    pub fn beside(&self) -> impl Iterator<Item = (usize, &TargetKey)> {
        self.beside.iter().map(|(scenario, key)| (*scenario, key))
    }

    /// Each row that is written, and its key.
    pub fn written<'a>(
        &'a self,
        dataset: &'a Dataset,
    ) -> impl Iterator<Item = (&'a CompletedRow, &'a TargetKey)> {
        dataset.explicit.iter().zip(&self.keys).filter_map(|(made, key)| Some((made, key.as_ref()?)))
    }
}

/// The keys of the rows of the app's table that stand beside explicit ones.
fn beside_of(table: &TablePlan, dataset: &Dataset) -> Vec<(usize, TargetKey)> {
    let Some((model, member)) = &table.member else { return Vec::new() };
    let hosts = &model.members[*member].beside_explicit;
    let scenario_of = |number: &u64| {
        let id = i64::try_from(*number).ok()?;
        let made = dataset.explicit.iter().find(|made| made.key().next() == Some(("id", id)))?;
        Some(made.scenario_index)
    };
    let keys = explicit_keys(table, hosts.len(), dataset);
    hosts.iter().zip(keys).filter_map(|(host, key)| Some((scenario_of(host)?, key?))).collect()
}

/// The keys of the explicit rows of a table of the domain.
fn keys_of(table: &TablePlan, domain: usize, dataset: &Dataset) -> Vec<Option<TargetKey>> {
    explicit_keys(table, dataset.explicit_of(domain).len(), dataset)
}

fn explicit_keys(table: &TablePlan, rows: usize, dataset: &Dataset) -> Vec<Option<TargetKey>> {
    let (Some(target), 1..) = (&table.target, rows) else { return vec![None; rows] };
    let position = |name: &String| table.columns.iter().position(|column| column.name == *name);
    let positions: Option<Vec<usize>> = table.key().iter().map(position).collect();
    let Some(positions) = positions.filter(|positions| !positions.is_empty()) else {
        return vec![None; rows];
    };
    let mut batch = Batch::default();
    table.fill_explicit(dataset, 0..rows as u64, &mut batch);
    let key = |cells: &[crate::value::Cell]| {
        let values = positions.iter().map(|at| to_json(&value_of(&batch, cells[*at])));
        Some(TargetKey {
            oid: target.oid,
            table: target.name.clone(),
            qualified: table.header.table.clone(),
            key: table.key().iter().cloned().zip(values).collect(),
        })
    };
    batch.rows().map(key).collect()
}
