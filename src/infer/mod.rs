//! How the domain meets a schema that is not the bundled one: which tables and columns are meant, how
//! known values are fitted to other types, and what fills those that nobody told us about.

pub mod build;
pub mod config;
pub mod digits;
pub mod exotic;
pub mod extra;
pub mod key;
pub mod kinds;
pub mod labels;
pub mod links;
pub mod meaning;
pub mod member;
pub mod modes;
pub mod names;
pub mod order;
pub mod populate;
pub mod probe;
pub mod recognize;
pub mod records;
mod repair;
pub mod rows;
pub mod scalar_type;
pub mod shape;
pub mod source;
pub mod steps;
pub mod story;
pub mod uniques;
pub mod uuid;
pub mod wishes;
