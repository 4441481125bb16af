//! `migrate new`: migration files from a name, empty or after a pattern.
//!
//! A file for each pattern, its SQL in a folder beside it; `write` gives them timestamps and headers.

mod add_column;
mod author;
mod draft;
mod enum_type;
mod jsonb_field;
mod junction_table;
mod materialized_view;
mod name;
mod options;
mod pattern;
mod segment_column;
mod template;
#[cfg(test)]
mod tests;
mod write;

pub use author::author;
pub use draft::Draft;
pub use name::normalised;
pub use options::Options;
pub use pattern::{Pattern, blank};
pub use template::render;
pub use write::{Written, write};
