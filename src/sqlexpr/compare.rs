//! How values compare.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::sqlexpr::cast::cast;
use crate::sqlexpr::numbers::{is_endless, number};
use crate::sqlexpr::operator::Comparison;
use crate::sqlexpr::outcome::{EvalError, Outcome};
use crate::sqlexpr::types::Type;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{json, time};

/// How two texts compare, by what is known of their types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As text in the database's collation.
    Plain,
    /// The case of letters does not count.
    Caseless,
    /// Spaces at the end do not count.
    Padded,
    /// Byte for byte.
    Bytewise,
    /// As times of day.
    Time,
    /// As days and times.
    Moment,
    /// Both sides as intervals.
    Interval,
    /// Both sides as JSON documents.
    Json,
    /// The order is not known.
    Named,
    /// Texts that differ prove nothing.
    Odd,
}

impl Mode {
    /// The mode for values of these types.
    pub fn of(left: Option<&Type>, right: Option<&Type>) -> Self {
        let known = [left, right].into_iter().flatten().map(Self::of_type);
        known.fold(Self::Plain, |mode, other| if mode == Self::Plain { other } else { mode })
    }

    fn of_type(kind: &Type) -> Self {
        match kind {
            Type::Padded(_) => Self::Padded,
            Type::Caseless => Self::Caseless,
            Type::Bytewise => Self::Bytewise,
            Type::Time => Self::Time,
            Type::Date | Type::Timestamp => Self::Moment,
            Type::Interval => Self::Interval,
            Type::Json => Self::Json,
            Type::Odd(_) => Self::Odd,
            Type::Named(_) => Self::Named,
            Type::Array(item) => Self::of_type(item),
            _ => Self::Plain,
        }
    }
}

/// What is known of the order of two values.
enum Relation {
    Ordered(Ordering),
    /// They differ; which comes first depends on what we do not know.
    Unequal,
    Unsure,
}

/// Whether a comparison holds; NULL where one side is.
///
/// # Errors
/// Where it cannot be told.
pub fn compare(comparison: Comparison, left: &Value, right: &Value, mode: Mode) -> Outcome {
    if left.is_null() || right.is_null() {
        return Ok(Value::Null);
    }
    // Where the order does not matter, nor does the collation.
    if let (Value::Text(a), Value::Text(b), Mode::Plain) = (left, right, mode) {
        match comparison {
            Comparison::Equal => return Ok(Value::Bool(a == b)),
            Comparison::Differs => return Ok(Value::Bool(a != b)),
            _ => {}
        }
    }
    match relation(left, right, mode) {
        Relation::Ordered(ordering) => Ok(Value::Bool(comparison.holds(ordering))),
        Relation::Unequal if comparison == Comparison::Equal => Ok(Value::Bool(false)),
        Relation::Unequal if comparison == Comparison::Differs => Ok(Value::Bool(true)),
        _ => Err(EvalError::Unsupported),
    }
}

/// The order of two values, where it is certain.
pub fn order(left: &Value, right: &Value, mode: Mode) -> Option<Ordering> {
    match relation(left, right, mode) {
        Relation::Ordered(ordering) => Some(ordering),
        _ => None,
    }
}

/// Whether two values are certainly equal; NULL is equal to itself.
pub fn is_same(left: &Value, right: &Value) -> bool {
    left == right || order(left, right, Mode::Plain) == Some(Ordering::Equal)
}

fn relation(left: &Value, right: &Value, mode: Mode) -> Relation {
    let ordered = |ordering: Option<Ordering>| ordering.map_or(Relation::Unsure, Relation::Ordered);
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => Relation::Ordered(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => texts(a, b, mode),
        (Value::Bool(a), Value::Bool(b)) => Relation::Ordered(a.cmp(b)),
        (Value::Number(a), Value::Text(b)) => ordered(number_and_text(a, b)),
        (Value::Text(a), Value::Number(b)) => ordered(number_and_text(b, a).map(Ordering::reverse)),
        (Value::Bool(a), Value::Text(_)) => match cast(right.clone(), &Type::Bool) {
            Ok(Value::Bool(b)) => Relation::Ordered(a.cmp(&b)),
            _ => Relation::Unsure,
        },
        (Value::Text(_), Value::Bool(_)) => match relation(right, left, mode) {
            Relation::Ordered(ordering) => Relation::Ordered(ordering.reverse()),
            other => other,
        },
        (Value::Date(_) | Value::Timestamp(_), _) | (_, Value::Date(_) | Value::Timestamp(_)) => {
            ordered(moments(left, right))
        }
        (Value::Json(a) | Value::Text(a), Value::Json(b) | Value::Text(b)) => documents(a, b),
        (Value::List(a), Value::List(b)) => lists(a, b, mode),
        (Value::Range(a), Value::Range(b)) if a == b => Relation::Ordered(Ordering::Equal),
        (Value::Range(a), Value::Range(b)) => match order(&a.lower, &b.lower, mode) {
            Some(ordering) if ordering.is_ne() => Relation::Ordered(ordering),
            _ => Relation::Unequal,
        },
        _ => Relation::Unsure,
    }
}

fn moments(left: &Value, right: &Value) -> Option<Ordering> {
    Some(time::second(left)?.cmp(&time::second(right)?))
}

fn documents(left: &str, right: &str) -> Relation {
    match json::same(left, right) {
        Some(true) => Relation::Ordered(Ordering::Equal),
        Some(false) => Relation::Unequal,
        None => Relation::Unsure,
    }
}

/// The first pair that differs decides, then the lengths.
fn lists(left: &[Value], right: &[Value], mode: Mode) -> Relation {
    for (a, b) in left.iter().zip(right) {
        let items = match (a.is_null(), b.is_null()) {
            (false, false) => relation(a, b, mode),
            // NULL comes last.
            (a, b) => Relation::Ordered(a.cmp(&b)),
        };
        if !matches!(items, Relation::Ordered(Ordering::Equal)) {
            return items;
        }
    }
    Relation::Ordered(left.len().cmp(&right.len()))
}

fn texts(left: &str, right: &str, mode: Mode) -> Relation {
    let known = |ordering: Option<Ordering>| ordering.map_or(Relation::Unsure, Relation::Ordered);
    let both = |read: &dyn Fn(&str) -> Option<i128>| Some(read(left)?.cmp(&read(right)?));
    match mode {
        Mode::Plain => collated(left, right),
        Mode::Caseless => collated(&left.to_lowercase(), &right.to_lowercase()),
        Mode::Padded => collated(left.trim_end_matches(' '), right.trim_end_matches(' ')),
        Mode::Bytewise => Relation::Ordered(left.cmp(right)),
        Mode::Time => known(both(&|text| time::clock_seconds(text).map(i128::from))),
        Mode::Moment => known(both(&|text| time::timestamp(text).map(i128::from))),
        Mode::Interval => known(both(&|text| Some(time::Interval::read(text)?.length()))),
        Mode::Json => documents(left, right),
        _ if left == right => Relation::Ordered(Ordering::Equal),
        Mode::Named => Relation::Unequal,
        Mode::Odd => Relation::Unsure,
    }
}

/// Collations agree with the bytes only on texts of digits and letters of one case. (And a text comes
/// behind one that it begins with.)
fn collated(left: &str, right: &str) -> Relation {
    let only = |is: fn(char) -> bool| left.chars().chain(right.chars()).all(is);
    let is_simple = only(|c| c.is_ascii_digit() || c.is_ascii_lowercase())
        || only(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
    if left == right || is_simple || left.starts_with(right) || right.starts_with(left) {
        return Relation::Ordered(left.cmp(right));
    }
    Relation::Unequal
}

fn number_and_text(left: &Decimal, right: &str) -> Option<Ordering> {
    if is_endless(right) {
        return Some(if right.starts_with('-') { Ordering::Greater } else { Ordering::Less });
    }
    Some(left.cmp(&number(right)?))
}
