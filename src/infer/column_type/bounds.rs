//! Values beside bounds, and the next ones to them.

use rust_decimal::Decimal;

use super::convert::as_seconds;
use crate::calendar::DAY;
use crate::sqlexpr::Bound;
use crate::sqlexpr::value::Value;

/// `value` against `other`: numbers, or moments.
pub(super) fn order(value: &Value, other: &Value) -> Option<std::cmp::Ordering> {
    match (value, other) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        _ => Some(as_seconds(value)?.cmp(&as_seconds(other)?)),
    }
}

pub(super) fn is_below(value: &Value, low: &Bound) -> bool {
    order(value, &low.value).is_some_and(|order| order.is_lt() || (order.is_eq() && !low.inclusive))
}

pub(super) fn is_above(value: &Value, high: &Bound) -> bool {
    order(value, &high.value).is_some_and(|order| order.is_gt() || (order.is_eq() && !high.inclusive))
}

/// `value`, or its neighbour in a direction.
pub fn step(value: &Value, moves: bool, direction: i64, unit: Decimal) -> Value {
    let by = if moves { direction } else { 0 };
    match value {
        Value::Number(number) => {
            let moved = Decimal::from(by).checked_mul(unit).and_then(|by| number.checked_add(by));
            Value::Number(moved.unwrap_or(*number))
        }
        Value::Date(day) => Value::Date(day.saturating_add(by as i32)),
        Value::Timestamp(second) => Value::Timestamp(second.saturating_add(by.saturating_mul(3600))),
        Value::Text(text) => match seconds_of(text) {
            Some(second) => Value::Text(clock((second + by.saturating_mul(1800)).clamp(0, DAY - 1))),
            None => value.clone(),
        },
        other => other.clone(),
    }
}

/// The time of a day, as seconds since its midnight.
pub fn clock(second: i64) -> String {
    format!("{:02}:{:02}:{:02}", second / 3600 % 24, second / 60 % 60, second % 60)
}

/// The seconds of `08:30` or `08:30:00`.
pub(super) fn seconds_of(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let mut part = || parts.next().and_then(|part| part.parse::<i64>().ok());
    let (hours, minutes) = (part()?, part()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes))
        .then(|| hours * 3600 + minutes * 60 + part().unwrap_or(0))
}
