//! Rows of the domain, read as values.

use std::sync::Arc;

use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::domain::row_sampler::RowRef;
use crate::domain::table::Source;
use crate::infer::rows::row::{RowKey, whole};
use crate::sqlexpr::value::Value;
use crate::value::{Batch, Cell};

/// Numbers of explicit rows of tables without a number of their own: they fit an integer.
const EXPLICIT: u64 = 2_000_000_000;
const EXPLICIT_NUMBERS: u64 = 100_000_000;

/// The value of a cell.
pub fn value_of(batch: &Batch, cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => Value::Bool(value),
        Cell::Int(value) => value.into(),
        Cell::Cents(cents) => Value::Number(rust_decimal::Decimal::new(cents, 2)),
        Cell::Date(day) => Value::Date(day),
        Cell::Timestamp(second) => Value::Timestamp(second),
        Cell::Word(word) => word.into(),
        Cell::Text { start, end } => batch.text(start, end).into(),
        Cell::Json { start, end } => Value::Json(batch.text(start, end).to_owned()),
    }
}
/// Reads rows of the domain.
pub(super) struct DomainRows {
    pub(super) source: Box<dyn Source>,
    pub(super) batch: Batch,
    /// The positions that are read.
    positions: Vec<usize>,
    /// How many positions there are.
    width: usize,
    /// Positions of the key.
    key: Vec<usize>,
    has_id: bool,
}
impl DomainRows {
    pub(super) fn new(dataset: &Dataset, domain: usize) -> Self {
        let table = TABLES[domain];
        let columns = table.columns();
        let width = columns.len() + table.beyond().len();
        let positions: Vec<usize> = (0..width).collect();
        let position = |name: &&'static str| columns.iter().position(|column| column.name == *name);
        Self {
            source: table.source(dataset, &positions),
            batch: Batch::default(),
            key: table.info().key.iter().filter_map(position).collect(),
            has_id: table.info().key == ["id"],
            positions,
            width,
        }
    }

    pub(super) fn values(&self, row: &[Cell]) -> Vec<Value> {
        let mut values = vec![Value::Null; self.width];
        for (cell, position) in row.iter().zip(&self.positions) {
            values[*position] = value_of(&self.batch, *cell);
        }
        values
    }

    pub(super) fn identity(&self, ordinal: u64, known: Vec<Value>) -> RowKey {
        let number = |position: &usize| whole(&known[*position]).unwrap_or(0);
        let key: Vec<u64> = self.key.iter().map(number).collect();
        let number =
            if self.has_id { key.first().copied().unwrap_or(ordinal) } else { ordinal.wrapping_add(1) };
        let key = key
            .iter()
            .fold(0_u64, |hash, part| hash.rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ part);
        // Explicit rows without a number have one behind those of the base, made of their key.
        let number = if number == 0 && !self.has_id { EXPLICIT + key % EXPLICIT_NUMBERS } else { number };
        RowKey {
            place: RowRef { ordinal, number },
            key,
            child: 0,
            parent: None,
            known: Some(Arc::new(known)),
        }
    }
}
