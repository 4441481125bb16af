//! How the domain meets a schema that is not the bundled one: which tables and columns are meant, how
//! known values are fitted to other types, and what fills those that nobody told us about.

pub mod check;
pub mod key;
pub mod kinds;
pub mod labels;
pub mod meaning;
pub mod names;
pub mod shape;
pub mod value;
