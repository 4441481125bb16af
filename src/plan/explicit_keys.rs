//! The keys of explicit rows, as the target has them: by these a row is found again.

use serde_json::Value;

use crate::domain::dataset::Dataset;
use crate::domain::explicit::{AddedRow, CompletedRow};
use crate::infer::column_type::to_json;
use crate::infer::model::Added;
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
    /// Of the rows of scenarios in tables that the domain does not have.
    added: Vec<AddedKey>,
}

/// The key of a row of a scenario in a table that the domain does not have.
#[derive(Clone, Debug)]
pub struct AddedKey {
    /// Position of its scenario among those that are loaded.
    pub scenario_index: usize,
    /// Its name in the scenario, where the file has it.
    pub handle: Option<String>,
    /// The number by which it is known.
    pub number: u64,
    pub key: TargetKey,
}

impl ExplicitKeys {
    /// Of the rows that a plan writes.
    pub fn of(plan: &Plan, dataset: &Dataset) -> Self {
        let mut keys = vec![None; dataset.explicit.len()];
        let mut added = Vec::new();
        for table in &plan.tables {
            let Some((_, domain)) = table.domain else {
                added.extend(added_of(table, dataset));
                continue;
            };
            let first = dataset.explicit.partition_point(|made| made.table < domain);
            for (at, key) in keys_of(table, domain, dataset).into_iter().enumerate() {
                keys[first + at] = key;
            }
        }
        Self { keys, added }
    }

    /// How many rows of a scenario are written, by its position among those that are loaded.
    pub fn rows_of_scenario(&self, dataset: &Dataset, scenario_index: usize) -> u64 {
        let written = self.written(dataset).filter(|(made, _)| made.scenario_index == scenario_index).count();
        let added = self.added.iter().filter(|row| row.scenario_index == scenario_index).count();
        (written + added) as u64
    }

    /// Each row of a scenario in a table that the domain does not have.
    pub fn added(&self) -> impl Iterator<Item = &AddedKey> {
        self.added.iter()
    }

    /// Each row that is written, and its key.
    pub fn written<'a>(
        &'a self,
        dataset: &'a Dataset,
    ) -> impl Iterator<Item = (&'a CompletedRow, &'a TargetKey)> {
        dataset.explicit.iter().zip(&self.keys).filter_map(|(made, key)| Some((made, key.as_ref()?)))
    }
}

/// The keys of the rows of scenarios in a table that the domain does not have.
fn added_of(table: &TablePlan, dataset: &Dataset) -> Vec<AddedKey> {
    let Some((model, member)) = &table.member else { return Vec::new() };
    let member = &model.members[*member];
    let keys = explicit_keys(table, member.added.len(), dataset);
    let of_file = |number: u64| {
        let is_it = |row: &&AddedRow| row.table == member.oid && row.number == number;
        dataset.added.iter().find(is_it).map(|row| row.handle.clone())
    };
    let key = |(row, key): (&Added, Option<TargetKey>)| {
        let Added { number, scenario_index, .. } = *row;
        Some(AddedKey { scenario_index, handle: of_file(number), number, key: key? })
    };
    member.added.iter().zip(keys).filter_map(key).collect()
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
        let values = positions.iter().map(|at| {
            let value = to_json(&value_of(&batch, cells[*at]));
            if is_whole(&table.columns[*at].type_name) { number(value) } else { value }
        });
        Some(TargetKey {
            oid: target.oid,
            table: target.name.clone(),
            qualified: table.header.table.clone(),
            key: table.key().iter().cloned().zip(values).collect(),
        })
    };
    batch.rows().map(key).collect()
}

fn is_whole(type_name: &str) -> bool {
    matches!(type_name, "smallint" | "integer" | "bigint")
}

/// A whole number that came as a text: of a row that is there.
fn number(value: Value) -> Value {
    value.as_str().and_then(|text| text.parse::<i64>().ok()).map_or(value, Value::from)
}
