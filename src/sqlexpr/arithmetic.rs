//! What operators make of two values.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::sqlexpr::cast::text_of;
use crate::sqlexpr::operator::Operator;
use crate::sqlexpr::outcome::{EvalError, Outcome};
use crate::sqlexpr::time::{self, Interval};
use crate::sqlexpr::types::Type;
use crate::sqlexpr::value::{Range, Value};
use crate::sqlexpr::{compare, json, range};

/// The value of an operation, NULL where one side is; `kind` is the type of the result where it is known.
///
/// # Errors
/// Where the server refuses, or where we do not know what it would say.
pub fn operate(operator: Operator, left: &Value, right: &Value, kind: Option<&Type>) -> Outcome {
    if left.is_null() || right.is_null() {
        return Ok(Value::Null);
    }
    match operator {
        Operator::Plus
        | Operator::Minus
        | Operator::Times
        | Operator::Divided
        | Operator::Modulo
        | Operator::Power => match (left, right) {
            (Value::Number(a), Value::Number(b)) => numbers(operator, *a, *b, kind).map(Value::Number),
            _ => moments(operator, left, right).ok_or(EvalError::Unsupported),
        },
        Operator::BitAnd | Operator::BitOr => bits(operator, left, right).ok_or(EvalError::Unsupported),
        Operator::Concat => concatenated(left, right),
        Operator::StartsWith => Ok(Value::Bool(text_of(left)?.starts_with(&text_of(right)?))),
        Operator::Contains => contains(left, right),
        Operator::ContainedIn => contains(right, left),
        Operator::Overlaps => match (left, right) {
            (Value::List(a), Value::List(b)) => Ok(Value::Bool(b.iter().any(|item| has(a, item)))),
            (Value::Range(_), _) | (_, Value::Range(_)) => range::overlaps(left, right),
            _ => Err(EvalError::Unsupported),
        },
        Operator::Element => match (left, right) {
            (Value::List(items), Value::Number(at)) => {
                let item = at.to_usize().and_then(|at| items.get(at.checked_sub(1)?));
                Ok(item.cloned().unwrap_or(Value::Null))
            }
            _ => Err(EvalError::Unsupported),
        },
        Operator::Member
        | Operator::MemberText
        | Operator::Path
        | Operator::PathText
        | Operator::HasKey
        | Operator::HasAnyKey
        | Operator::HasAllKeys => json::operate(operator, left, right),
    }
}

fn numbers(operator: Operator, a: Decimal, b: Decimal, kind: Option<&Type>) -> Result<Decimal, EvalError> {
    if matches!(operator, Operator::Divided | Operator::Modulo) && b.is_zero() {
        return Err(EvalError::ServerError);
    }
    let made = match operator {
        Operator::Plus => a.checked_add(b),
        Operator::Minus => a.checked_sub(b),
        Operator::Times => a.checked_mul(b),
        Operator::Divided => return quotient(a, b, kind),
        Operator::Modulo => a.checked_rem(b),
        _ => power(a, b),
    };
    // What a Decimal cannot hold, the server's type may.
    made.ok_or(EvalError::Unsupported)
}

/// Whole numbers lose the rest of a division, others do not; of two columns we may not know which they are.
fn quotient(a: Decimal, b: Decimal, kind: Option<&Type>) -> Result<Decimal, EvalError> {
    let quotient = a.checked_div(b).ok_or(EvalError::Unsupported)?;
    let are_whole = a.is_integer() && b.is_integer();
    match kind {
        Some(Type::Integer(_)) => Ok(quotient.trunc()),
        None if are_whole && !quotient.is_integer() => Err(EvalError::Unsupported),
        _ => Ok(quotient),
    }
}

/// `a ^ b` for a whole `b`.
pub fn power(a: Decimal, b: Decimal) -> Option<Decimal> {
    let exponent = if b.is_integer() { b.to_i64()? } else { return None };
    if exponent.unsigned_abs() > 1_000 {
        return None;
    }
    let mut product = Decimal::ONE;
    for _ in 0..exponent.unsigned_abs() {
        product = product.checked_mul(a)?;
    }
    if exponent < 0 { Decimal::ONE.checked_div(product) } else { Some(product) }
}

fn moments(operator: Operator, left: &Value, right: &Value) -> Option<Value> {
    let interval = |value: &Value| Interval::read(value.as_text()?);
    let text = |interval: Interval| Value::Text(interval.text());
    match (operator, left, right) {
        (Operator::Minus, Value::Date(a), Value::Date(b)) => {
            (time::is_finite(*a) && time::is_finite(*b)).then(|| Value::from(i64::from(*a) - i64::from(*b)))
        }
        (Operator::Plus, Value::Date(day), Value::Number(days)) => later(*day, *days),
        (Operator::Plus, Value::Number(days), Value::Date(day)) => later(*day, *days),
        (Operator::Minus, Value::Date(day), Value::Number(days)) => later(*day, -*days),
        (Operator::Minus, Value::Date(_) | Value::Timestamp(_), Value::Date(_) | Value::Timestamp(_)) => {
            Interval::between(time::second(right)?, time::second(left)?).map(text)
        }
        (Operator::Plus, Value::Date(_) | Value::Timestamp(_), Value::Text(_)) => {
            interval(right)?.after(time::second(left)?).map(Value::Timestamp)
        }
        (Operator::Plus, Value::Text(_), Value::Date(_) | Value::Timestamp(_)) => {
            interval(left)?.after(time::second(right)?).map(Value::Timestamp)
        }
        (Operator::Minus, Value::Date(_) | Value::Timestamp(_), Value::Text(_)) => {
            interval(right)?.times(-1)?.after(time::second(left)?).map(Value::Timestamp)
        }
        (Operator::Plus, Value::Text(_), Value::Text(_)) => interval(left)?.plus(&interval(right)?).map(text),
        (Operator::Minus, Value::Text(_), Value::Text(_)) => {
            interval(left)?.plus(&interval(right)?.times(-1)?).map(text)
        }
        (Operator::Times, Value::Text(_), Value::Number(factor)) => multiple(interval(left)?, factor),
        (Operator::Times, Value::Number(factor), Value::Text(_)) => multiple(interval(right)?, factor),
        _ => None,
    }
}

fn multiple(interval: Interval, factor: &Decimal) -> Option<Value> {
    let factor = if factor.is_integer() { factor.to_i64()? } else { return None };
    interval.times(factor).map(|interval| Value::Text(interval.text()))
}

fn later(day: i32, days: Decimal) -> Option<Value> {
    if !time::is_finite(day) {
        return Some(Value::Date(day));
    }
    let days = if days.is_integer() { days.to_i32()? } else { return None };
    day.checked_add(days).filter(|day| time::is_finite(*day)).map(Value::Date)
}

fn bits(operator: Operator, left: &Value, right: &Value) -> Option<Value> {
    let whole = |value: &Value| match value {
        Value::Number(number) if number.is_integer() => number.to_i64(),
        _ => None,
    };
    let (a, b) = (whole(left)?, whole(right)?);
    Some(Value::from(if operator == Operator::BitAnd { a & b } else { a | b }))
}

fn concatenated(left: &Value, right: &Value) -> Outcome {
    Ok(match (left, right) {
        (Value::List(a), Value::List(b)) => Value::List(a.iter().chain(b).cloned().collect()),
        (Value::List(a), item) => Value::List(a.iter().chain([item]).cloned().collect()),
        (item, Value::List(b)) => Value::List([item].into_iter().chain(b).cloned().collect()),
        _ => Value::Text(text_of(left)? + &text_of(right)?),
    })
}

fn contains(whole: &Value, part: &Value) -> Outcome {
    match (whole, part) {
        (Value::List(a), Value::List(b)) => Ok(Value::Bool(b.iter().all(|item| has(a, item)))),
        (Value::Json(_), _) | (_, Value::Json(_)) => json::contains(whole, part),
        (Value::Range(_), _) | (_, Value::Range(_)) => range::contains(whole, part),
        (Value::Text(text), Value::Date(_) | Value::Timestamp(_) | Value::Number(_))
            if Range::read(text).is_some() =>
        {
            range::contains(whole, part)
        }
        _ => Err(EvalError::Unsupported),
    }
}

/// NULL is never in an array, not even in one that has NULLs.
fn has(items: &[Value], item: &Value) -> bool {
    !item.is_null() && items.iter().any(|other| compare::is_same(other, item))
}
