//! The rules.

use crate::calendar::Day;

/// A coherence rule.
pub struct Rule {
    /// Its number, 1 to 15: several queries may belong to one.
    pub number: u32,
    /// Its name.
    pub name: &'static str,
    /// What must hold.
    pub about: &'static str,
    /// `table.column` that the query reads.
    pub needs: &'static [&'static str],
    query: fn(Day) -> String,
}

impl Rule {
    /// A query of one text column: a line for each violation.
    pub fn sql(&self, as_of: Day) -> String {
        (self.query)(as_of)
    }
}

/// All rules.
pub static RULES: &[Rule] = &[];
