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
    /// `table.column` that the query reads.
    pub needs: &'static [&'static str],
    pub(super) query: fn(Day) -> String,
}

impl Rule {
    /// A query of one text column: a line for each violation.
    pub fn sql(&self, as_of: Day) -> String {
        (self.query)(as_of)
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
