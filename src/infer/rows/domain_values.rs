//! What the domain says of a row, as values.

use std::sync::Arc;

use crate::sqlexpr::value::Value;
use crate::value::{Batch, Cell};

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

/// What the domain says of a row, by the positions of its columns.
#[derive(Clone, Debug)]
pub(super) enum DomainValues {
    /// It was given.
    Explicit(Arc<[Value]>),
    /// It was read; a cell becomes a value where that is asked for.
    Read {
        /// Rows, of which this is one.
        batch: Arc<Batch>,
        /// Which of them.
        row: usize,
    },
}

impl DomainValues {
    pub(super) fn get(&self, position: usize) -> Option<Value> {
        match self {
            Self::Explicit(values) => values.get(position).cloned(),
            Self::Read { batch, row } => Some(value_of(batch, *batch.row(*row)?.get(position)?)),
        }
    }
}
