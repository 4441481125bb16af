//! Other names of the domain's columns: `fixtures/column_names.tsv`.

use std::sync::LazyLock;

use super::alias::Names;
use crate::fixture::fixture;
use crate::infer::unit::Dimension;

/// Columns that look like other names of their tables' others, but are themselves.
pub const OWN: &[(&str, &str)] = &[("organizations", "customer_segment")];

/// Columns that may be said of one address of several.
pub const ADDRESS: &[&str] = &["city", "state", "postal_code", "country"];

/// What a number of the domain's column measures, if that has units.
pub fn dimension(column: &str) -> Option<Dimension> {
    let has = |words: &[&str]| words.iter().any(|word| column.split('_').any(|its| its == *word));
    match () {
        () if has(&["percent", "probability"]) => Some(Dimension::Share),
        () if has(&["amount", "revenue", "price", "cost"]) => Some(Dimension::Money),
        () if column.ends_with("_days") => Some(Dimension::Time),
        () => None,
    }
}

/// Whether the domain's column holds documents of no certain kind.
pub fn is_document(column: &str) -> bool {
    column == "custom_attributes"
}

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
