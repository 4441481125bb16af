//! What a value becomes under a cast.

use std::borrow::Cow;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::calendar::Day;
use crate::sqlexpr::numbers::{is_endless, number};
use crate::sqlexpr::outcome::{EvalError, Outcome};
use crate::sqlexpr::time;
use crate::sqlexpr::types::Type;
use crate::sqlexpr::value::Value;

/// What `value` becomes under a cast.
///
/// # Errors
/// Where the server refuses it, or where we do not know.
pub fn cast(value: Value, kind: &Type) -> Outcome {
    if value.is_null() {
        return Ok(value);
    }
    match kind {
        Type::Text(size) => Ok(Value::Text(cut(text_of(&value)?, *size))),
        Type::Padded(size) => Ok(Value::Text(cut(text_of(&value)?.trim_end_matches(' ').to_owned(), *size))),
        Type::Caseless => Ok(Value::Text(text_of(&value)?)),
        Type::Bytewise | Type::Named(_) | Type::Odd(_) => Ok(value),
        Type::Time => match value {
            Value::Timestamp(second) => Ok(Value::Text(time::clock(second))),
            value => Ok(value),
        },
        Type::Integer(bytes) => integer(&value, *bytes),
        Type::Numeric(_) | Type::Float | Type::Money => decimal(value, kind),
        Type::Bool => boolean(value),
        Type::Date => match value {
            Value::Timestamp(second) => Ok(Value::Date(time::day_of(second).ok_or(EvalError::Unsupported)?)),
            Value::Text(text) => time::date(&text).map(Value::Date).ok_or(EvalError::ServerError),
            Value::Date(_) => Ok(value),
            _ => Err(EvalError::Unsupported),
        },
        Type::Timestamp => time::second(&value).map(Value::Timestamp).ok_or(EvalError::Unsupported),
        Type::Interval => match &value {
            Value::Text(text) if time::Interval::read(text).is_some() => Ok(value),
            _ => Err(EvalError::Unsupported),
        },
        Type::Json => match value {
            Value::Text(text) if serde_json::from_str::<serde::de::IgnoredAny>(&text).is_err() => {
                Err(EvalError::ServerError)
            }
            Value::Text(text) => Ok(Value::Json(text)),
            Value::Json(_) => Ok(value),
            _ => Err(EvalError::Unsupported),
        },
        Type::Array(item) => {
            let items = match value {
                Value::List(items) => items,
                Value::Text(text) => elements(&text).ok_or(EvalError::Unsupported)?,
                _ => return Err(EvalError::Unsupported),
            };
            Ok(Value::List(items.into_iter().map(|value| cast(value, item)).collect::<Result<_, _>>()?))
        }
    }
}

/// Whether a value is of a type already, so that a cast changes nothing.
pub fn is_of(value: &Value, kind: &Type) -> bool {
    matches!(
        (value, kind),
        (Value::Null, _)
            | (Value::Text(_), Type::Text(None) | Type::Caseless)
            | (_, Type::Bytewise | Type::Named(_) | Type::Odd(_))
    )
}

fn cut(text: String, size: Option<usize>) -> String {
    match size {
        Some(size) => text.chars().take(size).collect(),
        None => text,
    }
}

/// A value as the server casts it to text.
///
/// # Errors
/// Where more than one text is possible and we cannot tell which.
pub fn text_of(value: &Value) -> Result<String, EvalError> {
    shown(value).map(Cow::into_owned)
}

/// The same, of a text the text itself.
///
/// # Errors
/// As above.
pub fn shown(value: &Value) -> Result<Cow<'_, str>, EvalError> {
    Ok(Cow::Owned(match value {
        Value::Text(text) => return Ok(Cow::Borrowed(text)),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Date(day) if time::is_finite(*day) => Day(*day).to_string(),
        _ => return Err(EvalError::Unsupported),
    }))
}

fn integer(value: &Value, bytes: u8) -> Outcome {
    let whole = match value {
        Value::Number(number) => number.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero),
        Value::Bool(value) => Decimal::from(i64::from(*value)),
        Value::Text(text) => Decimal::from(text.trim().parse::<i64>().map_err(|_| EvalError::ServerError)?),
        Value::Json(_) => json_number(value)?,
        _ => return Err(EvalError::Unsupported),
    };
    let limit = 1_i128 << (u32::from(bytes) * 8 - 1);
    match whole.to_i128() {
        Some(number) if (-limit..limit).contains(&number) => Ok(Value::Number(whole.normalize())),
        _ => Err(EvalError::ServerError),
    }
}

fn decimal(value: Value, kind: &Type) -> Outcome {
    let number = match &value {
        Value::Number(number) => *number,
        // They have a place in the order of numbers, though no digits.
        Value::Text(text) if is_endless(text) => return Ok(value),
        Value::Text(text) if *kind == Type::Money => {
            number(&text.replace(['$', ','], "")).ok_or(EvalError::Unsupported)?
        }
        Value::Text(text) => number(text).ok_or(EvalError::ServerError)?,
        Value::Json(_) => json_number(&value)?,
        _ => return Err(EvalError::Unsupported),
    };
    Ok(Value::Number(match kind {
        Type::Numeric(Some(scale)) => {
            number.round_dp_with_strategy(*scale, RoundingStrategy::MidpointAwayFromZero)
        }
        _ => number,
    }))
}

fn json_number(value: &Value) -> Result<Decimal, EvalError> {
    let Value::Json(text) = value else { return Err(EvalError::Unsupported) };
    number(text.trim()).ok_or(EvalError::ServerError)
}

fn boolean(value: Value) -> Outcome {
    let text = match value {
        Value::Bool(_) => return Ok(value),
        Value::Number(number) => return Ok(Value::Bool(!number.is_zero())),
        Value::Text(text) | Value::Json(text) => text.trim().to_ascii_lowercase(),
        _ => return Err(EvalError::Unsupported),
    };
    match text.as_str() {
        "t" | "true" | "y" | "yes" | "on" | "1" => Ok(Value::Bool(true)),
        "f" | "false" | "n" | "no" | "off" | "0" => Ok(Value::Bool(false)),
        _ => Err(EvalError::ServerError),
    }
}

/// The elements of an array that is written as a text: `{a,"b c",NULL}`. Not of one of arrays.
pub fn elements(text: &str) -> Option<Vec<Value>> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let (mut items, mut chars) = (Vec::new(), inner.chars().peekable());
    if inner.trim().is_empty() {
        return Some(items);
    }
    loop {
        let (mut item, mut is_quoted) = (String::new(), false);
        loop {
            match chars.peek() {
                None | Some(',') => break,
                Some('{' | '}') => return None,
                Some('"') => {
                    is_quoted = true;
                    chars.next();
                    loop {
                        match chars.next()? {
                            '"' => break,
                            '\\' => item.push(chars.next()?),
                            c => item.push(c),
                        }
                    }
                }
                Some(_) => match chars.next()? {
                    '\\' => item.push(chars.next()?),
                    c => item.push(c),
                },
            }
        }
        let is_null = !is_quoted && item.eq_ignore_ascii_case("null");
        items.push(if is_null { Value::Null } else { Value::Text(item) });
        if chars.next().is_none() {
            return Some(items);
        }
    }
}
