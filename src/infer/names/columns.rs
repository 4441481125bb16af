//! Other names of the domain's columns: `fixtures/column_names.tsv`.

use std::sync::LazyLock;

use super::alias::Names;
use crate::fixture::fixture;

/// Columns that look like other names of their tables' others, but are themselves.
pub const OWN: &[(&str, &str)] = &[("organizations", "customer_segment")];

/// Columns that may be said of one address of several.
pub const ADDRESS: &[&str] = &["city", "state", "postal_code", "country"];

/// What a column is also called.
pub struct Column {
    /// The domain's table, or `*` for all.
    pub table: &'static str,
    /// The domain's column.
    pub column: &'static str,
    /// Its other names.
    pub names: Names,
}

impl Column {
    /// Whether it is said of the columns of `table`.
    pub fn is_of(&self, table: &str) -> bool {
        self.table == "*" || self.table == table
    }
}

/// All of them.
pub static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    fixture!("column_names.tsv", ["table", "column", "known", "weak"])
        .map(|[table, column, known, weak]| Column { table, column, names: Names::read(known, weak) })
        .collect()
});
