//! What a value is in another type.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::calendar::{DAY, Day, write_date, write_timestamp};
use crate::sqlexpr::value::Value;

/// An amount in whole cents, rounded as the server rounds.
pub fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// A day or a moment, in seconds.
pub(super) fn as_seconds(value: &Value) -> Option<i64> {
    match value {
        Value::Date(day) => Some(i64::from(*day) * DAY),
        Value::Timestamp(second) => Some(*second),
        Value::Text(text) => text.get(..10).and_then(|day| day.parse::<Day>().ok()).map(Day::midnight),
        _ => None,
    }
}

/// Changes each text of a document.
pub(super) fn each_text(document: &mut serde_json::Value, change: &dyn Fn(String) -> String) {
    match document {
        serde_json::Value::String(text) => *text = change(std::mem::take(text)),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        serde_json::Value::Object(members) => members.values_mut().for_each(|value| each_text(value, change)),
        _ => {}
    }
}

/// How people write it.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Date(day) => ascii(|out| write_date(out, *day)),
        Value::Timestamp(second) => ascii(|out| write_timestamp(out, *second)),
        Value::Json(document) => mailboxes(document).into_iter().next().unwrap_or_else(|| document.clone()),
        Value::List(items) => items.first().map_or_else(String::new, text),
        Value::Range(range) => range.text(),
    }
}

fn ascii(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// The values of `[{"type": ..., "value": ...}]`, or the texts of a list.
pub(super) fn mailboxes(document: &str) -> Vec<String> {
    let Ok(serde_json::Value::Array(items)) = serde_json::from_str(document) else { return Vec::new() };
    items
        .iter()
        .filter_map(|item| item["value"].as_str().or_else(|| item.as_str()))
        .map(str::to_owned)
        .collect()
}

pub(super) fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Bool(value) => Some(i64::from(*value).into()),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Date(day) => Some((*day).into()),
        Value::Timestamp(second) => Some((*second).into()),
        _ => None,
    }
}

pub(super) fn boolean(value: &Value) -> Value {
    match value {
        Value::Bool(_) => value.clone(),
        Value::Number(number) => Value::Bool(!number.is_zero()),
        Value::Text(text) => match text.to_lowercase().as_str() {
            "t" | "true" | "y" | "yes" | "on" | "1" | "active" => Value::Bool(true),
            "f" | "false" | "n" | "no" | "off" | "0" | "inactive" => Value::Bool(false),
            _ => Value::Null,
        },
        // A moment tells that something has happened.
        Value::Date(_) | Value::Timestamp(_) => Value::Bool(true),
        _ => Value::Null,
    }
}

pub(super) fn date(value: &Value) -> Value {
    as_seconds(value).map_or(Value::Null, |second| Value::Date(second.div_euclid(DAY) as i32))
}

pub(super) fn timestamp(value: &Value) -> Value {
    as_seconds(value).map_or(Value::Null, Value::Timestamp)
}

/// As a JSON document.
pub fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match number.to_i64().filter(|whole| Decimal::from(*whole) == *number) {
            Some(whole) => whole.into(),
            None => number.to_f64().into(),
        },
        Value::Json(document) => serde_json::from_str(document).unwrap_or_default(),
        Value::List(items) => items.iter().map(to_json).collect(),
        other => text(other).into(),
    }
}
