//! A value of a file for a column, held to what the column holds.

use super::json::{Json, Node};
use super::reference;
use super::when::{self, A_DATE, A_TIME};
use crate::domain::explicit::{CellValue, Value};
use crate::domain::table::{ColumnInfo, ColumnSpec};
use crate::suggestion::{quoted, suggestion};
use crate::value::Kind;

/// The value of `node` for `column`.
///
/// # Errors
/// What is wrong with it, and what would be right.
pub fn read(column: &ColumnInfo, node: &Node) -> Result<CellValue, String> {
    let (name, holds) = (column.name, column.holds);
    if node.json == Json::Null {
        return match holds.not_null {
            true => Err(format!("{name} cannot be null; omit it to have a value generated")),
            false => Ok(CellValue::Value(Value::Null)),
        };
    }
    if holds.refers_to.is_some() {
        return reference::read(name, node).map(CellValue::Reference);
    }
    let value = match (holds.kind, &node.json) {
        (Kind::Bool, Json::Bool(value)) => Value::Bool(*value),
        (Kind::Int, Json::Number(literal)) => Value::Int(whole(name, literal, holds.range)?),
        (Kind::Decimal, Json::Number(literal)) => Value::Cents(decimal(name, literal, holds.range)?),
        (Kind::Text, Json::Text(text)) => Value::Text(label(name, text, &holds)?),
        (Kind::Json, _) => Value::Json(json(name, node)?),
        (Kind::Date, Json::Text(text)) => {
            return when::date(text)
                .map(CellValue::Date)
                .map_err(|wrong| when::wrong(name, A_DATE, text, wrong));
        }
        (Kind::Timestamp, Json::Text(text)) => {
            return when::time(text)
                .map(CellValue::Timestamp)
                .map_err(|why| when::wrong(name, A_TIME, text, why));
        }
        (kind, _) => {
            return Err(format!("{name} must be {}, not {}", expected(kind), node.described()));
        }
    };
    Ok(CellValue::Value(value))
}

/// What a column of `kind` takes.
const fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "true or false",
        Kind::Int => "a whole number",
        Kind::Decimal => "a number with at most two decimals",
        Kind::Text => "a string",
        Kind::Json => "JSON",
        Kind::Date => A_DATE,
        Kind::Timestamp => A_TIME,
    }
}

fn label(name: &str, text: &str, holds: &ColumnSpec) -> Result<String, String> {
    no_nul(name, text)?;
    if holds.labels.is_empty() || holds.labels.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(format!("unknown {name} {}; {}", quoted(text), suggestion(text, holds.labels)))
}

fn no_nul(name: &str, text: &str) -> Result<(), String> {
    match text.contains('\0') {
        true => Err(format!("{name} contains a NUL character, which PostgreSQL cannot store")),
        false => Ok(()),
    }
}

/// A whole number from its literal.
fn whole(name: &str, literal: &str, range: Option<(i64, i64)>) -> Result<i64, String> {
    if literal.contains(['.', 'e', 'E']) {
        return Err(format!("{name} must be a whole number, not the number {}", quoted(literal)));
    }
    let (least, most) = range.unwrap_or((i64::MIN, i64::MAX));
    match literal.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("{name} must be from {least} to {most}, not {}", quoted(literal))),
    }
}

/// Hundredths from a literal, digit by digit.
fn decimal(name: &str, literal: &str, range: Option<(i64, i64)>) -> Result<i64, String> {
    let (units, decimals) = literal.split_once('.').unwrap_or((literal, ""));
    if decimals.len() > 2 || literal.contains(['e', 'E']) {
        let shown = quoted(literal);
        return Err(format!("{name} must be a number with at most two decimals, not the number {shown}"));
    }
    let (least, most) = range.unwrap_or((i64::MIN, i64::MAX));
    match format!("{units}{decimals:0<2}").parse() {
        Ok(cents) if (least..=most).contains(&cents) => Ok(cents),
        _ => {
            let (least, most) = (hundredths(least), hundredths(most));
            Err(format!("{name} must be from {least} to {most}, not {}", quoted(literal)))
        }
    }
}

/// Hundredths as people write them.
fn hundredths(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let (units, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    if rest == 0 { format!("{sign}{units}") } else { format!("{sign}{units}.{rest:02}") }
}

/// Digits, and zeros of an exponent, that a number in JSON may have: more are no data, and
/// PostgreSQL refuses them by the ten thousands.
const DIGITS: usize = 1000;

/// A JSON document as PostgreSQL can store it.
fn json(name: &str, node: &Node) -> Result<String, String> {
    storable(name, node)?;
    let mut out = String::new();
    node.write(&mut out);
    Ok(out)
}

fn storable(name: &str, node: &Node) -> Result<(), String> {
    match &node.json {
        Json::Text(text) => no_nul(name, text),
        Json::Number(literal) => {
            let exponent = literal.split_once(['e', 'E']).map_or("", |(_, exponent)| exponent);
            let exponent = exponent.trim_start_matches(['+', '-']).trim_start_matches('0');
            let is_huge = literal.len() > DIGITS
                || !exponent.is_empty() && exponent.parse().is_ok_and(|n: usize| n > DIGITS)
                || exponent.len() > 4;
            match is_huge {
                true => Err(format!("{name} contains a number that is too large: {}", quoted(literal))),
                false => Ok(()),
            }
        }
        Json::Array(nodes) => nodes.iter().try_for_each(|node| storable(name, node)),
        Json::Object(members) => members.iter().try_for_each(|member| {
            no_nul(name, &member.key)?;
            storable(name, &member.value)
        }),
        Json::Null | Json::Bool(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_digit_by_digit() {
        for (literal, cents) in [("18500", 1_850_000), ("0.1", 10), ("-0.05", -5), ("1.15", 115), ("-0", 0)] {
            assert_eq!(decimal("amount", literal, None), Ok(cents), "{literal}");
        }
        assert_eq!(decimal("amount", "92233720368547758.07", None), Ok(i64::MAX));
        for literal in ["92233720368547758.08", "1.155", "1.000", "1e3", "1E-2"] {
            assert!(decimal("amount", literal, None).is_err(), "{literal}");
        }
        let message = decimal("amount", "-1", Some((0, 999_999))).expect_err("out of range");
        assert_eq!(message, "amount must be from 0 to 9999.99, not `-1`");
    }

    #[test]
    fn whole_numbers_are_whole() {
        assert_eq!(whole("probability", "100", Some((0, 100))), Ok(100));
        for literal in ["101", "-1", "1.0", "1e1", "99999999999999999999"] {
            assert!(whole("probability", literal, Some((0, 100))).is_err(), "{literal}");
        }
    }
}
