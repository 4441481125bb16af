//! Rows and cells that scenarios spell out.

use crate::domain::row_sampler::RowRef;
use crate::sqlexpr::value::Value;

/// A row of a scenario in a table that the domain does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The number by which it is known.
    pub number: u64,
    /// Position of its scenario among those that are loaded.
    pub scenario_index: usize,
    /// The row of the parent table that it is made for.
    pub parent: Option<RowRef>,
    /// Its position among the children of that.
    pub child: u64,
}

/// What a scenario gives for columns of a row.
#[derive(Clone, Debug, Default)]
pub struct GivenRow {
    /// Values by the positions of their columns.
    pub values: Vec<(usize, Value)>,
    /// Where references (by their positions) lead.
    pub references: Vec<(usize, Option<RowRef>)>,
    /// Keys of rows in columns that are no references.
    pub keys: Vec<GivenKey>,
    /// The positions of all columns that stay as they were given.
    pub fixed: Vec<usize>,
    /// Columns that the server fills where nothing is said, and what they are set to once the row is there; `None` for
    /// NULL.
    pub later: Vec<(String, Option<String>)>,
}

/// The key of a row as the value of a column.
#[derive(Clone, Debug)]
pub struct GivenKey {
    /// Position of the column.
    pub column: usize,
    /// Position of the row's table.
    pub to: usize,
    pub row: RowRef,
    /// The column of its key.
    pub key: String,
}

impl GivenRow {
    /// Where a reference leads, if that was given.
    pub fn reference(&self, at: usize) -> Option<Option<RowRef>> {
        self.references.iter().find(|(reference, _)| *reference == at).map(|(_, row)| *row)
    }
}
