//! A row while it is generated.

use crate::domain::row_sampler::RowRef;
use crate::infer::model::ColumnModel;
use crate::infer::rows::domain_values::DomainValues;
use crate::sqlexpr::value::Value;

/// The ordinal of explicit rows, which are none of the base rows.
pub const NO_ORDINAL: u64 = u64::MAX;

/// Identifies a row that is generated.
#[derive(Clone, Debug)]
pub struct RowKey {
    /// Its ordinal among the rows of its table, from 0, and its number in the CRM table.
    pub row_ref: RowRef,
    /// Selects its random numbers.
    pub(super) key: u64,
    /// Its position among the children of its parent, from 0.
    pub child: u64,
    /// The row of the parent table that it is generated for.
    pub(super) parent: Option<RowRef>,
    /// What the domain says of it, where it is read to be made.
    pub(super) known: Option<DomainValues>,
}

impl RowKey {
    /// Selects its random numbers: the same for ever for the same row of the same seed.
    pub const fn key(&self) -> u64 {
        self.key
    }

    /// The ordinal of its parent.
    pub fn parent_ordinal(&self) -> Option<u64> {
        self.parent.map(|parent| parent.ordinal)
    }

    pub const fn child_of_any(&self) -> bool {
        self.parent.is_some()
    }
}

/// A row that was made.
#[derive(Debug)]
pub struct Row {
    /// Who it is.
    pub identity: RowKey,
    /// The rows that it refers to.
    pub refs: Vec<Option<RowRef>>,
    /// Positions of the columns that stay as a scenario gives them.
    pub given: Vec<usize>,
    /// A value for each step.
    pub values: Vec<Value>,
    /// What a value would be that was left NULL; of a row that may have to be changed.
    pub alternatives: Vec<Value>,
    /// When it came, in seconds.
    pub created: Option<i64>,
    /// What the row says that this one only adds to: a user's name and address for the profile.
    pub inherited: Vec<(String, Value)>,
    /// What the person and the place of the row hang on: they are those of the row that it only adds to.
    pub(super) entity_key: u64,
}

impl Row {
    /// Leaves a value NULL.
    pub(super) fn leave_out(&mut self, column: usize) {
        let value = std::mem::replace(&mut self.values[column], Value::Null);
        if let Some(alternative) = self.alternatives.get_mut(column)
            && !value.is_null()
        {
            *alternative = value;
        }
    }

    /// Keeps what the values are before others take their places.
    pub fn keep_alternatives(&mut self) {
        for (alternative, value) in self.alternatives.iter_mut().zip(&self.values) {
            if !value.is_null() {
                alternative.clone_from(value);
            }
        }
    }
}

/// An explicit row, or one that is there, by its number.
pub const fn explicit_ref(number: u64) -> RowRef {
    RowRef { ordinal: NO_ORDINAL, number }
}

/// Which of those that take turns a row is: an explicit one by its number.
pub fn turn(row_ref: RowRef) -> u64 {
    if row_ref.ordinal == NO_ORDINAL { row_ref.number } else { row_ref.ordinal }
}

/// A whole number that is not below 0.
pub fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => u64::try_from(*number).ok(),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// The value that a row has so far in a column.
pub fn lookup(columns: &[ColumnModel], row: &Row, name: &str) -> Value {
    columns
        .iter()
        .position(|column| column.column_type.name == name)
        .map_or(Value::Null, |at| row.values[at].clone())
}
