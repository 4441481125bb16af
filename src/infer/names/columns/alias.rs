//! An entry of the lists.

/// What a column is also called.
pub struct Column {
    /// The domain's table, or `*` for all.
    table: &'static str,
    /// The domain's column.
    pub column: &'static str,
    /// Well-known other names.
    pub known: &'static str,
    /// Names that may mean it.
    pub weak: &'static str,
}

impl Column {
    /// Whether it is said of the columns of `table`.
    pub fn is_of(&self, table: &str) -> bool {
        self.table == "*" || self.table == table
    }
}

pub(super) const fn also(
    table: &'static str,
    column: &'static str,
    known: &'static str,
    weak: &'static str,
) -> Column {
    Column { table, column, known, weak }
}
