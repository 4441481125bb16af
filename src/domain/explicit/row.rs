//! Rows as they are given, and as they are made.

use crate::domain::explicit::own::{GivenCells, OwnCell, OwnRow, OwnValue};
use crate::domain::explicit::value::{CellValue, Reference, Value};

/// The explicit rows of one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioRows {
    /// The scenario's name: ids and all draws hang on it.
    pub scenario: String,
    /// Its rows, in the order of the file.
    pub rows: Vec<Row>,
    /// Its rows of tables that only the target has.
    pub own_rows: Vec<OwnRow>,
}

impl ScenarioRows {
    /// Of a scenario that has none yet.
    pub const fn new(scenario: String) -> Self {
        Self { scenario, rows: Vec::new(), own_rows: Vec::new() }
    }

    /// All references of its rows: the handle, the column and where it leads.
    pub fn references(&self) -> impl Iterator<Item = (&str, &str, &Reference)> {
        fn of_row(row: &Row) -> impl Iterator<Item = (&str, &str, &Reference)> {
            let handle = row.handle.as_str();
            let cells = row.cells.iter().filter_map(move |(column, cell)| match cell {
                CellValue::Reference(to) => Some((handle, *column, to)),
                _ => None,
            });
            let organization = row.organization.iter().map(move |to| (handle, "organization", to));
            cells.chain(organization).chain(own_references(handle, &row.own))
        }
        let own = self.own_rows.iter().flat_map(|row| own_references(&row.handle, &row.cells));
        self.rows.iter().flat_map(of_row).chain(own)
    }

    /// The handle of its first row.
    pub fn first_handle(&self) -> Option<&str> {
        let own = self.own_rows.first().map(|row| row.handle.as_str());
        self.rows.first().map(|row| row.handle.as_str()).or(own)
    }
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
    /// Columns of the target that are given beside.
    pub own: Vec<OwnCell>,
    /// Of a contact: the organization that it works for.
    pub organization: Option<Reference>,
    /// What is not to be made beside it: names of [`WITHOUT`].
    pub without: Vec<String>,
}

fn own_references<'r>(
    handle: &'r str,
    cells: &'r [OwnCell],
) -> impl Iterator<Item = (&'r str, &'r str, &'r Reference)> {
    cells.iter().filter_map(move |cell| match &cell.value {
        OwnValue::Row(to) => Some((handle, cell.column.as_str(), to)),
        _ => None,
    })
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
    /// Columns of the target that were given beside.
    pub own: GivenCells,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Position of its scenario among those that are loaded.
    pub scenario_index: usize,
    pub handle: String,
    /// The column, where it is one's.
    pub column: Option<String>,
    /// What was wrong, and what would be right.
    pub message: String,
}
