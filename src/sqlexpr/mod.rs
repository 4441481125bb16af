//! CHECK constraints: read, evaluated for a row, and what they say of each column.

mod arithmetic;
mod brief;
mod cast;
pub mod column_constraints;
mod column_term;
pub mod compare;
mod constraint_extractor;
pub mod evaluate;
pub mod expression;
mod extract;
pub mod functions;
mod json;
mod lexer;
mod names;
mod numbers;
pub mod operator;
mod outcome;
pub mod parser;
pub mod pattern;
mod posix;
pub mod range;
mod string_set;
mod texts;
mod time;
pub mod types;
pub mod value;
mod values;
mod weight;

pub use brief::brief;
pub use column_constraints::{Bound, ColumnConstraints};
pub use expression::Expression;
pub use extract::{facts, literals};
pub use outcome::Verdict;
pub use parser::{read, read_within};
pub use pattern::{LONGEST, Pattern};
pub use time::{Interval, clock, clock_seconds};
pub use value::Range;
pub use weight::ALL as ALL_PATTERNS;

#[cfg(test)]
mod tests;
