//! CHECK constraints: read, evaluated for a row, and what they say of each column.

mod arithmetic;
pub mod compare;
pub mod evaluate;
pub mod expression;
pub mod facts;
pub mod functions;
mod json;
mod names;
pub mod pattern;
mod posix;
pub mod reader;
mod shape;
mod subject;
mod texts;
mod time;
mod tokens;
pub mod types;
mod walk;

pub use evaluate::Verdict;
pub use expression::Expression;
pub use facts::{Bound, Facts, facts};
pub use pattern::Pattern;
pub use reader::read;
pub use time::Interval;

#[cfg(test)]
mod tests;
