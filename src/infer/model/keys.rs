//! Keys and CHECK constraints to which rows are held, and what keeps values apart.

use std::borrow::Cow;

use super::ColumnModel;
use crate::sqlexpr::Expression;
use crate::sqlexpr::value::Value;

/// How the values of a unique column are kept apart.
#[derive(Clone, Debug, PartialEq)]
pub enum UniqueBy {
    /// It contains the row number.
    Number,
    /// It is the position of the row among all, from 1.
    RowRef,
    /// It is a digit of a number that no two rows, or no two children of a parent, share.
    Digit {
        /// How many values each column of the group has.
        sizes: Vec<u64>,
        /// Which of them this one is.
        place: usize,
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
    /// Its name.
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

/// A CHECK constraint that is read.
#[derive(Clone, Debug)]
pub struct TableCheck {
    pub name: String,
    /// `CHECK (...)`.
    pub definition: String,
    /// The condition, parsed.
    pub expression: Expression,
    /// The columns that it reads.
    pub columns: Vec<String>,
    /// The steps that make them; `None` for a column that is not written.
    pub steps: Vec<Option<usize>>,
    /// What evaluating it costs: see [`Expression::size`].
    pub cost: u64,
}

impl TableCheck {
    /// Of this name and definition, which says this.
    pub fn new(name: String, definition: String, expression: Expression) -> Self {
        let (columns, cost) = (expression.columns(), expression.size() as u64);
        Self { name, definition, expression, columns, steps: Vec::new(), cost }
    }

    /// The same, of a table whose columns are made by these steps.
    #[must_use]
    pub fn of(mut self, steps: &[ColumnModel]) -> Self {
        let position = |column: &String| steps.iter().position(|step| step.shape.column == *column);
        self.steps = self.columns.iter().map(position).collect();
        self
    }

    /// The value that a row of such a table has in a column that it reads.
    pub fn value<'v>(&self, values: &'v [Value], column: &str) -> Cow<'v, Value> {
        let at = self.columns.iter().position(|own| own == column);
        let step = at.and_then(|at| *self.steps.get(at)?);
        step.and_then(|step| values.get(step)).map_or(Cow::Owned(Value::Null), Cow::Borrowed)
    }
}
