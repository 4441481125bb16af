//! CHECK constraints: read, evaluated for a row, and what they say of each column.

mod arithmetic;
mod brief;
mod cast;
pub mod compare;
pub mod evaluate;
pub mod expression;
mod extract;
pub mod facts;
pub mod functions;
mod json;
mod names;
mod numbers;
pub mod operator;
mod outcome;
pub mod pattern;
mod posix;
pub mod reader;
mod shape;
mod subject;
mod texts;
mod time;
mod tokens;
pub mod types;
pub mod value;
mod values;
mod walk;
mod weight;

pub use brief::brief;
pub use expression::Expression;
pub use extract::{facts, literals};
pub use facts::{Bound, Facts};
pub use outcome::Verdict;
pub use pattern::{LONGEST, Pattern};
pub use reader::{read, read_within};
pub use time::Interval;
pub use weight::ALL as ALL_PATTERNS;

#[cfg(test)]
mod tests;
