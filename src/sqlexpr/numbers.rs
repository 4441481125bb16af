//! Numbers as texts and values have them.

use std::str::FromStr;

use rust_decimal::Decimal;

use crate::sqlexpr::outcome::EvalError;
use crate::sqlexpr::value::Value;

/// `NaN` and `Infinity`, which a [`Decimal`] cannot be.
pub fn is_endless(text: &str) -> bool {
    ["nan", "infinity", "-infinity"].iter().any(|endless| text.eq_ignore_ascii_case(endless))
}

/// A number, also one with an exponent.
pub fn number(text: &str) -> Option<Decimal> {
    let text = text.trim();
    Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

/// A whole number.
///
/// # Errors
/// It is not one.
pub fn whole(value: &Value) -> Result<i64, EvalError> {
    let number = decimal(value)?;
    if number.is_integer() {
        i64::try_from(number).map_err(|_| EvalError::Unsupported)
    } else {
        Err(EvalError::Unsupported)
    }
}

/// A number.
///
/// # Errors
/// It is not one.
pub fn decimal(value: &Value) -> Result<Decimal, EvalError> {
    match value {
        Value::Number(number) => Ok(*number),
        _ => Err(EvalError::Unsupported),
    }
}
