//! A value of a file for a column of the target: as a text that the server reads, or as the key of a row.

use crate::calendar::Day;
use crate::catalog::{Column, Schema, Table};
use crate::domain::explicit::Reference;
use crate::infer::column_type::{ColumnType, scalar_type};
use crate::infer::scalar_type::ScalarType;
use crate::scenario::json::{Json, Node};
use crate::scenario::{reference, when};
use crate::sqlexpr::{self, Expression};
use crate::suggestion::{quoted, suggestion};

/// A value for a column of the target.
#[derive(Clone, Debug, PartialEq)]
pub enum CellText {
    /// SQL NULL.
    Null,
    /// A text that the server is to read.
    Text(String),
    /// The key of a row.
    Row(Reference),
}

/// Texts that PostgreSQL reads by the clock.
const BY_THE_CLOCK: [&str; 4] = ["now", "today", "tomorrow", "yesterday"];

/// The value of `node` for a column; dates that are relative are as of that day.
///
/// # Errors
/// What is wrong with it, and what would be right.
pub fn read(
    (schema, table, column): (&Schema, &Table, &Column),
    node: &Node,
    as_of: Day,
) -> Result<CellText, String> {
    let name = &column.name;
    if node.json == Json::Null {
        return match column.not_null {
            true => Err(format!("{name} cannot be null; omit it to have a value generated")),
            false => Ok(CellText::Null),
        };
    }
    let mut left = sqlexpr::ALL_PATTERNS;
    let checks: Vec<Expression> = table
        .checks
        .iter()
        .filter_map(|check| sqlexpr::read_within(&check.definition, &mut left).ok())
        .filter(|check| check.columns().contains(name))
        .collect();
    let column_type = ColumnType::new(column, &checks.iter().collect::<Vec<_>>(), as_of.midnight());
    let is_key = schema.is_part_of_key(table, name);
    // What looks like a handle is one where nothing else can be meant.
    let is_key = is_key || is_number(&column_type);
    match &node.json {
        Json::Text(text) if text.starts_with('@') && is_key => {
            return reference::read(name, node).map(CellText::Row);
        }
        Json::Object(_) if is_key || column_type.scalar != ScalarType::Json => {
            return reference::read(name, node).map(CellText::Row);
        }
        _ => {}
    }
    let text = match column_type.is_list {
        true => list(&column_type, node, as_of)?,
        false => one(&column_type, node, as_of)?,
    };
    Ok(CellText::Text(text))
}

/// Whether a column takes whole numbers or UUIDs, as keys are.
pub fn is_number(column_type: &ColumnType) -> bool {
    matches!(column_type.scalar, ScalarType::Integer | ScalarType::Uuid) && !column_type.is_list
}

/// What a lookup asks of a column, as a text that the server reads; dates that are relative are as of that day.
///
/// # Errors
/// A date or time that is none, or that the clock decides.
pub fn condition_text(column: &Column, text: &str, as_of: Day) -> Result<String, String> {
    let scalar = scalar_type(&column.base, column.category, column.labels.is_some());
    match scalar {
        ScalarType::Date | ScalarType::Timestamp | ScalarType::Time if is_by_the_clock(text) => {
            Err(by_the_clock(&column.name, text))
        }
        ScalarType::Date if text.starts_with("as_of") => date(&column.name, text, as_of),
        ScalarType::Timestamp if text.starts_with("as_of") => moment(&column.name, text, as_of),
        _ => Ok(text.to_owned()),
    }
}

/// Whether a value is one of the labels that a column has.
pub fn is_label(place: (&Schema, &Table, &Column), node: &Node, as_of: Day) -> bool {
    let (_, table, column) = place;
    let has_labels =
        column.labels.is_some() || table.checks.iter().any(|check| check.definition.contains(&column.name));
    has_labels && node.as_text().is_some() && read(place, node, as_of).is_ok()
}

/// An array as the server reads it.
fn list(column_type: &ColumnType, node: &Node, as_of: Day) -> Result<String, String> {
    let name = &column_type.name;
    let Json::Array(items) = &node.json else {
        return match &node.json {
            Json::Text(text) => Ok(text.clone()),
            _ => Err(format!("{name} must be an array, not {}", node.described())),
        };
    };
    let mut parts = Vec::new();
    for item in items {
        parts.push(match &item.json {
            Json::Null => "NULL".to_owned(),
            Json::Array(_) if column_type.scalar != ScalarType::Json => list(column_type, item, as_of)?,
            _ => {
                let text = one(column_type, item, as_of)?;
                format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
            }
        });
    }
    Ok(format!("{{{}}}", parts.join(",")))
}

/// A single value, or an item of an array.
fn one(column_type: &ColumnType, node: &Node, as_of: Day) -> Result<String, String> {
    let (name, type_name) = (&column_type.name, &column_type.type_name);
    let must_be = |what: &str| Err(format!("{name} ({type_name}) must be {what}, not {}", node.described()));
    let text = match (column_type.scalar, &node.json) {
        (ScalarType::Json, _) => {
            let mut text = String::new();
            node.write(&mut text);
            text
        }
        (ScalarType::Date, Json::Text(text)) => date(name, text, as_of)?,
        (ScalarType::Timestamp, Json::Text(text)) => moment(name, text, as_of)?,
        (ScalarType::Date, _) => return must_be(when::A_DATE),
        (ScalarType::Timestamp, _) => return must_be(when::A_TIME),
        (ScalarType::Time, Json::Text(text)) if is_by_the_clock(text) => {
            return Err(by_the_clock(name, text));
        }
        (ScalarType::Bool, Json::Bool(value)) => value.to_string(),
        (ScalarType::Bool, _) => return must_be("true or false"),
        (ScalarType::Integer | ScalarType::Decimal, Json::Number(literal)) => {
            digits(column_type, literal)?;
            literal.clone()
        }
        (ScalarType::Integer | ScalarType::Decimal, Json::Text(text))
            if text.trim().parse::<f64>().is_ok() =>
        {
            text.clone()
        }
        (ScalarType::Integer | ScalarType::Decimal, _) => return must_be("a number"),
        (_, Json::Text(text)) => label(column_type, text)?.to_owned(),
        (ScalarType::Other, Json::Number(literal)) if column_type.max_length.is_none() => literal.clone(),
        _ => return must_be("a string"),
    };
    if text.contains('\0') || text.contains("\\u0000") && column_type.scalar == ScalarType::Json {
        return Err(format!("{name} contains a NUL character, which PostgreSQL cannot store"));
    }
    let length = text.chars().count();
    let is_bits = matches!(column_type.base.as_str(), "bit" | "varbit");
    if is_bits
        && let Some(most) = column_type.max_length
        && (length > most || column_type.base == "bit" && length != most)
    {
        return Err(format!("{name} ({type_name}) takes {most} bits, and this has {length}"));
    }
    match column_type.max_length.filter(|most| length > *most && column_type.scalar == ScalarType::Text) {
        Some(most) => Err(format!("{name} has room for {most} characters, and this has {length}")),
        None => Ok(text),
    }
}

/// Whether a number has no more decimals than the column keeps: what is given is not rounded in silence.
fn digits(column_type: &ColumnType, literal: &str) -> Result<(), String> {
    let decimals = literal.split_once('.').map_or("", |(_, decimals)| decimals);
    let decimals = decimals.trim_end_matches('0').len();
    let kept = match column_type.scalar {
        ScalarType::Integer => Some(0),
        _ => column_type.digits.map(|digits| digits.scale().max(0) as usize),
    };
    match kept.filter(|kept| decimals > *kept && !literal.contains(['e', 'E'])) {
        Some(kept) => Err(format!(
            "{} ({}) keeps {kept} decimals, and {literal} has {decimals}",
            column_type.name, column_type.type_name
        )),
        None => Ok(()),
    }
}

/// One of the labels, where there are such.
fn label<'t>(column_type: &ColumnType, text: &'t str) -> Result<&'t str, String> {
    let Some(labels) = &column_type.labels else { return Ok(text) };
    if labels.iter().any(|label| label == text) {
        return Ok(text);
    }
    let known: Vec<&str> = labels.iter().map(String::as_str).collect();
    Err(format!("unknown {} {}; {}", column_type.name, quoted(text), suggestion(text, &known)))
}

fn is_by_the_clock(text: &str) -> bool {
    BY_THE_CLOCK.contains(&text.trim().to_lowercase().as_str())
}

fn by_the_clock(name: &str, text: &str) -> String {
    format!("{name} {}: it would differ from run to run; as_of is the day of the run", quoted(text))
}

fn is_infinite(text: &str) -> bool {
    ["infinity", "-infinity"].contains(&text)
}

fn date(name: &str, text: &str, as_of: Day) -> Result<String, String> {
    if is_by_the_clock(text) {
        return Err(by_the_clock(name, text));
    }
    if is_infinite(text) {
        return Ok(text.to_owned());
    }
    let wrong = |wrong| when::wrong(name, when::A_DATE, text, wrong);
    let when = when::date(text).map_err(wrong)?;
    when.day(as_of).map(|day| day.to_string()).ok_or_else(|| wrong(when::Wrong::OutOfRange))
}

fn moment(name: &str, text: &str, as_of: Day) -> Result<String, String> {
    if is_by_the_clock(text) {
        return Err(by_the_clock(name, text));
    }
    if is_infinite(text) {
        return Ok(text.to_owned());
    }
    let wrong = |wrong| when::wrong(name, when::A_TIME, text, wrong);
    let when = when::time(text).map_err(wrong)?;
    let second = when.second(as_of).ok_or_else(|| wrong(when::Wrong::OutOfRange))?;
    let mut written = Vec::new();
    crate::calendar::write_timestamp(&mut written, second);
    Ok(String::from_utf8_lossy(&written).into_owned())
}

/// The strings of an array, each one of these.
///
/// # Errors
/// It is no array of these.
pub fn words(node: &Node, known: &[&str]) -> Result<Vec<String>, String> {
    let Json::Array(items) = &node.json else {
        return Err(format!("it must be an array, not {}", node.described()));
    };
    let word = |item: &Node| {
        let text = item.as_text().unwrap_or_default();
        match known.contains(&text) {
            true => Ok(text.to_owned()),
            false => Err(format!("unknown {}; {}", item.described(), suggestion(text, known))),
        }
    };
    items.iter().map(word).collect()
}
