//! What a scenario gives that only the target has: rows of its own tables, columns that the domain lacks, and rows that
//! are there.

use std::collections::BTreeMap;

use crate::domain::explicit::value::{Lookup, Reference, Value};

/// What a scenario gives for a column of the target.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnValue {
    /// SQL NULL.
    Null,
    /// A value as the server reads it.
    Text(String),
    /// The key of a row.
    Row(Reference),
}

/// A column of the target and what a scenario gives for it.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnCell {
    /// The column, as the target calls it.
    pub column: String,
    pub value: OwnValue,
}

/// A row of a table that only the target has.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnRow {
    /// The table (oid).
    pub table: u32,
    /// Its name in the scenario.
    pub handle: String,
    /// The columns that are given.
    pub cells: Vec<OwnCell>,
}

/// A row that others refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowId {
    pub table: RowTable,
    /// Its number there.
    pub number: u64,
}

/// The table that a row is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowTable {
    /// By its position in [`crate::domain::TABLES`].
    Domain(usize),
    /// By its oid in the target.
    Target(u32),
}

/// A value for a column of the target whose row is known, where it is a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GivenValue {
    /// SQL NULL.
    Null,
    /// A value as the server reads it.
    Text(String),
    /// The key of this row.
    Row(RowId),
}

/// Columns of the target, by name, and what they are given.
pub type GivenCells = Vec<(String, GivenValue)>;

/// A row of a table that only the target has, with the number that it is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AddedRow {
    /// The table (oid).
    pub table: u32,
    /// Position of its scenario among those that are loaded.
    pub scenario_index: usize,
    /// Its name in the scenario.
    pub handle: String,
    pub number: u64,
    pub cells: GivenCells,
}

/// A row that is there, and that a scenario refers to by what its columns hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingRow {
    /// By what it was found.
    pub lookup: Lookup,
    /// Its table (oid).
    pub table: u32,
    /// Its primary key, where that is one column.
    pub key: Option<String>,
    /// Its columns, and their values as the server writes them.
    pub columns: Vec<(String, Option<String>)>,
    /// Of a contact, by what the organization for which it works was found.
    pub employer: Option<Lookup>,
    /// Where its table is the domain's, the position of that, and the values of the columns that the target has.
    pub domain: Option<(usize, Vec<Option<Value>>)>,
}

/// Rows and cells of the target that are not resolved yet.
#[derive(Default)]
pub(super) struct OwnDrafts {
    pub(super) rows: Vec<AddedRow>,
    pub(super) by_handle: BTreeMap<(usize, String), RowId>,
    /// Whose, which column, and what: a draft of the domain, or one of `rows`.
    pub(super) cells: Vec<(Owner, OwnCell)>,
    /// Cells of drafts that are resolved.
    pub(super) given: BTreeMap<usize, GivenCells>,
}

/// Whose a cell is.
#[derive(Clone, Copy)]
pub(super) enum Owner {
    /// A row of a table of the domain, by its position among the drafts.
    Draft(usize),
    /// A row of a table of the target, by its position.
    Row(usize),
}
