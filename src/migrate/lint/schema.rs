//! What the files before a statement have made: as much of a schema as they show.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::migrate::deprecation::Deprecation;
use crate::migrate::lint::names::Name;
use crate::migrate::lint::types::TypeName;

/// Where something was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The number of the file.
    pub file: usize,
    /// The number of the statement in it.
    pub statement: usize,
    pub range: Range<usize>,
}

/// Tables, views and enums, as they stand.
#[derive(Debug, Default)]
pub struct Schema {
    pub tables: BTreeMap<Name, Table>,
    pub views: BTreeSet<Name>,
    /// The names of enums, whatever their schema.
    pub enums: BTreeSet<String>,
    /// Which index is on which table.
    pub indexes: BTreeMap<Name, Name>,
}

/// What a table is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableKind {
    #[default]
    Ordinary,
    /// Split into partitions: no index of it can be built concurrently.
    Partitioned,
    Partition,
    Temporary,
    MaterializedView,
}

/// A table. One that no file made is known by what files do to it.
#[derive(Debug, Default)]
pub struct Table {
    /// Which statement made it; none where it was there before the first file.
    pub made: Option<Origin>,
    pub kind: TableKind,
    pub columns: BTreeMap<String, Column>,
    pub uniques: Vec<Unique>,
    pub not_valid: Vec<NotValid>,
    pub row_security: RowSecurity,
    pub deprecation: Option<Deprecated>,
}

/// A column. One that no file made is known by what files do to it.
#[derive(Debug, Default)]
pub struct Column {
    /// The file that made it.
    pub made_in: Option<usize>,
    pub ty: Option<TypeName>,
    /// Whether new rows, and those that are there, get a value of themselves.
    pub has_value: bool,
    pub deprecation: Option<Deprecated>,
}

/// A deprecation, and in which file it was told.
#[derive(Clone, Copy, Debug)]
pub struct Deprecated {
    pub dates: Deprecation,
    pub file: usize,
}

/// Columns of which no two rows have the same.
#[derive(Debug)]
pub struct Unique {
    pub name: Option<String>,
    pub columns: BTreeSet<String>,
    /// The file that dropped it: for the rest of that file its rows are still unique.
    pub dropped_in: Option<usize>,
}

/// A constraint that existing rows were not held to.
#[derive(Debug)]
pub struct NotValid {
    pub name: Option<String>,
    pub origin: Origin,
}

/// Row-level security of a table.
#[derive(Debug, Default)]
pub struct RowSecurity {
    pub is_enabled: bool,
    pub policies: usize,
    /// Code that makes its statements as it runs may have enabled it and made policies.
    pub is_unsure: bool,
}

impl Schema {
    /// A table that a statement does something to, known or not.
    pub fn table(&mut self, name: Name) -> &mut Table {
        self.tables.entry(name).or_default()
    }

    /// Whether a file made a table.
    pub fn is_made_in(&self, table: &Name, file: usize) -> bool {
        self.tables.get(table).and_then(|table| table.made.as_ref()).is_some_and(|made| made.file == file)
    }

    /// A column, if any file has told of it.
    pub fn column(&self, table: &Name, column: &str) -> Option<&Column> {
        self.tables.get(table)?.columns.get(column)
    }
}

impl Table {
    /// Notes that a file drops the unique constraint or index of a name.
    pub fn drop_unique(&mut self, name: Option<&String>, file: usize) {
        for unique in
            self.uniques.iter_mut().filter(|unique| unique.name.is_some() && unique.name.as_ref() == name)
        {
            unique.dropped_in = Some(file);
        }
    }

    pub fn column(&mut self, name: String) -> &mut Column {
        self.columns.entry(name).or_default()
    }
}
