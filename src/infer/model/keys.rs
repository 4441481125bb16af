//! Keys to which rows are held, and what keeps values apart.

use crate::sqlexpr::Expression;

/// How the values of a unique column are kept apart.
#[derive(Clone, Debug, PartialEq)]
pub enum UniqueBy {
    /// It contains the row number.
    Number,
    /// It is the position of the row among all, from 1.
    Ordinal,
    /// It is a digit of a number that no two rows, or no two children of a parent, share.
    Digit {
        /// How many values each column of the group has.
        sizes: Vec<u64>,
        /// Which of them this one is.
        position: usize,
        /// Unique among the children of one parent only.
        by_child: bool,
    },
    /// It ends a span that the column at this position begins, soon after.
    EndOf(usize),
    /// True in the first child of a parent only.
    First,
    /// True in the first row only.
    FirstOfAll,
    /// It is the span of one of a parent's children, behind that of the child before: the first one's is the
    /// present.
    Season(Edge),
    /// Never true, or never anything.
    Never,
}

/// The part of a range that a column contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Start,
    /// Its last day.
    End,
    /// All of it, as a range.
    Whole,
}

/// A unique key or exclusion constraint as rows are held to it.
#[derive(Clone, Debug)]
pub struct KeyRule {
    pub name: String,
    /// What of a row it compares: with what generated columns are computed of in their place, and with the values of
    /// columns that are not written.
    pub parts: Vec<Expression>,
    /// The operator of each: no two rows may be such that all hold.
    pub operators: Vec<KeyOperator>,
    /// Parts whose letters may be of either case.
    pub caseless: Vec<bool>,
    /// For which rows it holds, where not for all.
    pub predicate: Option<Expression>,
    /// Two NULLs are the same.
    pub nulls_same: bool,
    /// The columns that are written and that the parts read.
    pub columns: Vec<String>,
    /// The row for which another is made is part of it, so that rows of different ones never meet.
    pub by_parent: bool,
}

/// How a key compares what two rows have in a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOperator {
    /// `=`
    Equal,
    /// `<>`
    Differs,
    /// `&&`
    Overlaps,
    /// Any other, which is left to the server.
    Other(String),
}

impl KeyRule {
    /// Whether it is one of equal values alone, as a unique key is.
    pub fn is_of_equals(&self) -> bool {
        self.operators.iter().all(|operator| *operator == KeyOperator::Equal)
    }
}
