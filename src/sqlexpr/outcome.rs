//! What evaluating an expression comes to.

use crate::sqlexpr::value::Value;

/// What a constraint says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds, or is NULL, which passes as well.
    Passes,
    /// It does not, or the server cannot evaluate it, which refuses the row as well.
    Fails,
    /// The expression uses something that is not supported.
    Unknown,
}

/// Why an expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalError {
    /// The server refuses it: a division by zero, a text that is no number.
    ServerError,
    /// We do not know what the server makes of it.
    Unsupported,
}

/// A value, or why there is none.
pub type Outcome = Result<Value, EvalError>;
