//! The tables and columns of the domain, by name.

use std::sync::LazyLock;

use crate::domain::TABLES;
use crate::domain::table::{ColumnInfo, TableInfo};

/// A table and its columns.
pub struct Known {
    pub info: &'static TableInfo,
    /// All columns, in the order of the table.
    pub columns: Vec<ColumnInfo>,
}

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    TABLES.iter().map(|table| Known { info: table.info(), columns: table.columns() }).collect()
});

/// All tables, parents before children.
pub fn tables() -> &'static [Known] {
    &KNOWN
}

/// The table called `name`.
pub fn table(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.info.name == name)
}

impl Known {
    /// Its column called `name`.
    pub fn column(&self, name: &str) -> Option<&ColumnInfo> {
        self.columns.iter().find(|column| column.name == name)
    }
}
