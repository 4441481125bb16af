//! Makes rows as the models of tables say: any row of any table, from anywhere.
//!
//! Invariant: a row is a function of the seed, the as-of date, the names of its table and columns, and its
//! number, which growth does not move; what was made before it, or in which order, changes nothing.

mod agree;
mod amounts;
mod assemble;
mod copied;
mod counts;
mod documents;
mod domain_values;
mod events;
mod explicit;
mod facts;
mod forms;
mod kept;
mod lately;
mod listed;
mod maker;
mod order;
mod program;
mod put;
mod reader;
mod refer;
mod relations;
mod row;
mod spelled_out;
mod story;
pub mod tiers;
mod unique;
mod values;
pub mod variants;

pub use domain_values::value_of;
pub use maker::RowGenerator;
pub use put::put;
pub use reader::{explicit_number, explicit_values};
pub use row::{NO_ORDINAL, Row, RowKey, explicit_ref, lookup, whole};
