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
pub mod value;
mod values;
mod walk;
mod weight;

pub use evaluate::Verdict;
pub use expression::Expression;
pub use facts::{Bound, Facts, facts, literals};
pub use pattern::{LONGEST, Pattern};
pub use reader::{read, read_within};
pub use time::Interval;
pub use weight::ALL as ALL_PATTERNS;

/// The beginning of a definition or a pattern, to be told of: some fill pages.
pub fn brief(text: &str) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
