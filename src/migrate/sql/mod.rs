//! What the text of migrations says, without a database: where a statement ends, what it touches, how it locks.

pub mod identifier;
pub mod lock_mode;
pub mod nesting;
mod rewrites;
pub mod statements;
pub mod touched;
