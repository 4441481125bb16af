//! What crm-seed sees of a target, and what it would do to it: told before a row is touched. `look` reads,
//! `trial` loads the rows and rolls them back, `seen` sums up, `text` prints; `draft` writes the configuration that says the same.

pub mod draft;
mod draft_columns;
mod draft_line;
pub mod look;
pub mod parts;
pub mod seen;
pub mod session;
mod shorten;
mod text;
mod trial;

pub use look::{Snapshot, look, request};
pub use seen::Inspection;
pub use trial::{Trial, run as trial};
