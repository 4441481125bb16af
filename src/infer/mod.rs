//! How the domain meets a schema that is not the bundled one: which tables and columns are meant, how
//! known values are fitted to other types, and what fills those that nobody told us about.

pub mod build;
pub mod cardinality;
pub mod column_match;
pub mod column_type;
pub mod columns;
pub mod config;
pub mod digits;
pub mod exotic;
pub mod key;
pub mod kinds;
pub mod labels;
pub mod lifecycle;
pub mod load_order;
pub mod model;
pub mod names;
pub mod organization_type;
pub mod overrides;
pub mod people;
pub mod polymorphic;
pub mod preflight;
pub mod recognition;
pub mod reference_strategy;
pub mod references;
mod repair;
pub mod rows;
pub mod scalar_type;
pub mod semantics;
pub mod setting;
pub mod source;
pub mod table_key;
pub mod table_selection;
pub mod uniqueness;
pub mod uuid;
mod word_lists;
