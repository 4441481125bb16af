//! What a rule is.

use crate::calendar::Day;

/// A consistency rule: a query that returns the rows that violate it.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its number, 1 to 15: several queries may belong to one.
    pub number: u32,
    /// Unique name, as in `breaks` of scenario files.
    pub name: &'static str,
    /// What the rule demands, for people.
    pub about: &'static str,
    /// `table.column` that the query reads; with a `~` before it where a shortened form will do.
    pub(super) needs: &'static [&'static str],
    pub(super) query: fn(&Asked) -> String,
}

/// What a query hangs on besides the rows.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The as-of date of the data.
    pub as_of: Day,
    /// The database keeps its texts in UTF-8, so that regular expressions know characters by their number.
    pub is_utf8: bool,
}

/// A table or column that a rule reads.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    pub table: &'static str,
    /// The column; empty where only the table is meant.
    pub column: &'static str,
    /// What is left of a text that was shortened will do.
    pub may_be_short: bool,
}

impl Rule {
    /// A query of one text column: a line for each violation.
    pub fn sql(&self, asked: &Asked) -> String {
        (self.query)(asked)
    }

    /// What the query reads.
    pub fn needed(&self) -> impl Iterator<Item = Need> {
        self.needs.iter().map(|need| {
            let whole = need.trim_start_matches('~');
            let (table, column) = whole.split_once('.').unwrap_or((whole, ""));
            Need { table, column, may_be_short: whole.len() < need.len() }
        })
    }
}

impl Need {
    /// `table.column`, or the table.
    pub fn name(&self) -> String {
        if self.column.is_empty() { self.table.to_owned() } else { format!("{}.{}", self.table, self.column) }
    }
}

/// The rows of a VALUES list, each with its cells as SQL has them.
pub(super) fn values<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> String {
    let rows: Vec<String> = rows.into_iter().map(|cells| format!("({})", cells.join(", "))).collect();
    rows.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_become_rows() {
        let rows = [["1".to_owned(), "'a'".to_owned()], ["2".to_owned(), "'b'".to_owned()]];
        assert_eq!(values(rows), "(1, 'a'), (2, 'b')");
    }
}
