//! What names a table to those who write its rows.

use std::fmt;

use crate::sql::quote_identifier;

/// The table whose rows are written: its name as SQL wants it, and its columns.
#[derive(Clone, Debug)]
pub struct TableHeader {
    /// `schema.table`, quoted where needed.
    pub table: String,
    /// Column names, unquoted.
    pub columns: Vec<String>,
}

impl TableHeader {
    /// The columns as SQL wants them: `id, name, "order"`.
    pub fn column_list(&self) -> String {
        let quoted: Vec<String> = self.columns.iter().map(|c| quote_identifier(c)).collect();
        quoted.join(", ")
    }
}

impl fmt::Display for TableHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.table, self.column_list())
    }
}
