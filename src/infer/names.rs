//! What other schemas call the domain's tables and columns.

mod alias;
mod column_match;
mod columns;
mod field;
mod moment;
mod name_words;
pub mod pattern;
mod table_match;
mod tables;
#[cfg(test)]
mod tests;
mod words;

pub use column_match::{column_match, moment_match};
pub use columns::{dimension, is_document};
pub use field::FieldName;
pub use name_words::NameWords;
pub use table_match::table_match;
pub use words::{capitalized, plural, singular, singular_phrase, words};
