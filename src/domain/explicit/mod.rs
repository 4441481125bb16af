//! Rows that somebody spelled out, and what they need to be coherent.
//!
//! A [`ScenarioRows`] gives some columns of some rows. [`with_rows`] adds the rows that those cannot do
//! without (`required_rows`) and makes every value that was left out, so that it fits what was given.
//! Base rows are read and never changed; ids are in a range of their own ([`ids`]).

mod access;
mod complete;
mod completer;
mod contacts;
mod deals;
mod facts;
pub mod ids;
mod items;
mod link_rows;
mod organizations;
mod own;
mod own_cells;
mod products;
mod required_rows;
mod row;
mod row_kind;
#[cfg(test)]
mod tests;
mod text;
mod times;
mod value;
mod virtual_columns;

pub use complete::with_rows;
pub use facts::table_called;
pub use own::{AddedRow, ExistingRow, GivenCells, GivenValue, OwnCell, OwnRow, OwnValue, RowId, RowTable};
pub use row::{CompletedRow, Fault, Row, ScenarioRows, WITHOUT};
pub use row_kind::RowKind;
pub use value::{CellValue, Lookup, Nth, Reference, Value, When};
pub use virtual_columns::virtual_value;
