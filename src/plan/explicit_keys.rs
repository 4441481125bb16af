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
    /// The columns of its key, and what they hold: whole numbers, or texts.
    pub key: Vec<(String, Value)>,
}

/// The keys of all explicit rows of a dataset that are written, in its order.
#[derive(Clone, Debug, Default)]
pub struct ExplicitKeys {
    keys: Vec<Option<TargetKey>>,
}

impl ExplicitKeys {
    /// Of the rows that a plan writes.
    pub fn of(plan: &Plan, dataset: &Dataset) -> Self {
        let mut keys = vec![None; dataset.explicit.len()];
        for table in &plan.tables {
            let Some((_, domain)) = table.domain else { continue };
            let first = dataset.explicit.partition_point(|made| made.table < domain);
            for (at, key) in keys_of(table, domain, dataset).into_iter().enumerate() {
                keys[first + at] = key;
            }
        }
        Self { keys }
    }

    /// Each row that is written, and its key.
    pub fn written<'a>(
        &'a self,
        dataset: &'a Dataset,
    ) -> impl Iterator<Item = (&'a CompletedRow, &'a TargetKey)> {
        dataset.explicit.iter().zip(&self.keys).filter_map(|(made, key)| Some((made, key.as_ref()?)))
    }
}

/// The keys of the explicit rows of a table.
fn keys_of(table: &TablePlan, domain: usize, dataset: &Dataset) -> Vec<Option<TargetKey>> {
    let rows = dataset.explicit_of(domain);
    let (Some(target), false) = (&table.target, rows.is_empty()) else { return vec![None; rows.len()] };
    let position = |name: &String| table.columns.iter().position(|column| column.name == *name);
    let positions: Option<Vec<usize>> = table.key().iter().map(position).collect();
    let Some(positions) = positions.filter(|positions| !positions.is_empty()) else {
        return vec![None; rows.len()];
    };
    let mut batch = Batch::default();
    table.fill_explicit(dataset, 0..rows.len() as u64, &mut batch);
    let key = |cells: &[crate::value::Cell]| {
        let values = positions.iter().map(|at| to_json(&value_of(&batch, cells[*at])));
        Some(TargetKey {
            oid: target.oid,
            table: target.name.clone(),
            key: table.key().iter().cloned().zip(values).collect(),
        })
    };
    batch.rows().map(key).collect()
}
