//! Rows as they are given, and as they are made.

use crate::domain::explicit::value::{CellValue, Reference, Value};

/// The explicit rows of one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioRows {
    /// The scenario's name: ids and all draws hang on it.
    pub scenario: String,
    /// Its rows, in the order of the file.
    pub rows: Vec<Row>,
}

/// A row as it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Name of its table.
    pub table: &'static str,
    /// Its name in the scenario.
    pub handle: String,
    /// The columns that were given, by name.
    pub cells: Vec<(&'static str, CellValue)>,
    /// Of a contact: the organization that it works for.
    pub organization: Option<Reference>,
    /// What is not to be made beside it: names of [`WITHOUT`].
    pub without: Vec<String>,
}

/// What may be left out beside a row of a table.
pub const WITHOUT: &[(&str, &[&str])] = &[
    ("organizations", &["contacts"]),
    ("contacts", &["organization"]),
    ("opportunities", &["participants", "contacts", "products"]),
];

/// A row with all its values.
#[derive(Clone, Debug, PartialEq)]
pub struct CompletedRow {
    /// Position of its table in [`crate::domain::TABLES`].
    pub table: usize,
    /// Position of its scenario among those that are loaded.
    pub scenario_index: usize,
    /// Its name in the scenario.
    pub handle: String,
    /// It was not in the file.
    pub is_implied: bool,
    /// All columns of the domain, in their order.
    pub values: Vec<Value>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Position of its scenario among those that are loaded.
    pub scenario_index: usize,
    pub handle: String,
    /// The column, where it is one's.
    pub column: Option<&'static str>,
    /// What was wrong, and what would be right.
    pub message: String,
}
