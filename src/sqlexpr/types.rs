//! The types of casts, and what a value becomes under one.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::calendar::Day;
use crate::sqlexpr::compare::number;
use crate::sqlexpr::evaluate::{Outcome, Trouble};
use crate::sqlexpr::time;
use crate::sqlexpr::value::Value;

/// A type, as far as it matters to what a value of it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `text`, and `character varying` with its length.
    Text(Option<usize>),
    /// `char(n)`: spaces at its end do not count.
    Padded(Option<usize>),
    /// `citext`: the case of letters does not count.
    Caseless,
    /// Text in the order of its bytes: `COLLATE "C"`, `uuid`, `bytea`.
    Bytewise,
    /// `smallint`, `integer` and `bigint`, with their bytes.
    Integer(u8),
    /// `numeric`, with its digits after the point.
    Numeric(Option<u32>),
    /// `real` and `double precision`.
    Float,
    /// `money`.
    Money,
    /// `boolean`.
    Bool,
    /// `date`.
    Date,
    /// `timestamp`, with a time zone (which we take as UTC) or without.
    Timestamp,
    /// `time`.
    Time,
    /// `interval`.
    Interval,
    /// `json` and `jsonb`.
    Json,
    /// A type that has many texts for one value, so that texts that differ prove nothing.
    Odd(String),
    /// Any other, such as an enum: known by its text, its order unknown.
    Named(String),
    /// An array.
    Array(Box<Type>),
}

impl Type {
    /// The type of this name, with the numbers that stand behind it in parentheses.
    pub fn of(name: &str, sizes: &[u32]) -> Self {
        let size = sizes.first().map(|size| *size as usize);
        match name {
            "text" | "varchar" | "character varying" | "name" => Self::Text(size),
            "bpchar" => Self::Padded(size),
            "character" | "char" => Self::Padded(size.or(Some(1))),
            "citext" => Self::Caseless,
            "uuid" | "bytea" => Self::Bytewise,
            "smallint" | "int2" => Self::Integer(2),
            "integer" | "int" | "int4" => Self::Integer(4),
            "bigint" | "int8" => Self::Integer(8),
            "numeric" | "decimal" => Self::Numeric(size.map(|_| sizes.get(1).copied().unwrap_or_default())),
            "real" | "double precision" | "float4" | "float8" => Self::Float,
            "money" => Self::Money,
            "boolean" | "bool" => Self::Bool,
            "date" => Self::Date,
            "time" | "time without time zone" => Self::Time,
            "interval" => Self::Interval,
            "json" | "jsonb" => Self::Json,
            name if name.starts_with("timestamp") => Self::Timestamp,
            "inet"
            | "cidr"
            | "macaddr"
            | "macaddr8"
            | "xml"
            | "bit"
            | "bit varying"
            | "varbit"
            | "tsvector"
            | "time with time zone"
            | "timetz"
            | "hstore"
            | "ltree"
            | "regclass"
            | "oid"
            | "jsonpath" => Self::Odd(name.to_owned()),
            name if name.contains("range") => Self::Odd(name.to_owned()),
            name => Self::Named(name.to_owned()),
        }
    }

    /// Whether its values are numbers.
    pub const fn is_number(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Numeric(_) | Self::Float | Self::Money)
    }

    /// Whether a cast to it changes nothing that a comparison or a pattern would see.
    pub const fn is_wider(&self) -> bool {
        matches!(
            self,
            Self::Text(None)
                | Self::Padded(None)
                | Self::Caseless
                | Self::Bytewise
                | Self::Integer(8)
                | Self::Numeric(None)
                | Self::Float
                | Self::Timestamp
                | Self::Named(_)
        )
    }
}

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
            Value::Timestamp(second) => Ok(Value::Date(time::day_of(second).ok_or(Trouble::Unsure)?)),
            Value::Text(text) => time::date(&text).map(Value::Date).ok_or(Trouble::Raises),
            Value::Date(_) => Ok(value),
            _ => Err(Trouble::Unsure),
        },
        Type::Timestamp => time::second(&value).map(Value::Timestamp).ok_or(Trouble::Unsure),
        Type::Interval => match &value {
            Value::Text(text) if time::Interval::read(text).is_some() => Ok(value),
            _ => Err(Trouble::Unsure),
        },
        Type::Json => match value {
            Value::Text(text) if serde_json::from_str::<serde::de::IgnoredAny>(&text).is_err() => {
                Err(Trouble::Raises)
            }
            Value::Text(text) => Ok(Value::Json(text)),
            Value::Json(_) => Ok(value),
            _ => Err(Trouble::Unsure),
        },
        Type::Array(item) => {
            let items = match value {
                Value::List(items) => items,
                Value::Text(text) => elements(&text).ok_or(Trouble::Unsure)?,
                _ => return Err(Trouble::Unsure),
            };
            Ok(Value::List(items.into_iter().map(|value| cast(value, item)).collect::<Result<_, _>>()?))
        }
    }
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
pub fn text_of(value: &Value) -> Result<String, Trouble> {
    Ok(match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Date(day) if time::is_finite(*day) => Day(*day).to_string(),
        _ => return Err(Trouble::Unsure),
    })
}

fn integer(value: &Value, bytes: u8) -> Outcome {
    let whole = match value {
        Value::Number(number) => number.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero),
        Value::Bool(value) => Decimal::from(i64::from(*value)),
        Value::Text(text) => Decimal::from(text.trim().parse::<i64>().map_err(|_| Trouble::Raises)?),
        Value::Json(_) => json_number(value)?,
        _ => return Err(Trouble::Unsure),
    };
    let limit = 1_i128 << (u32::from(bytes) * 8 - 1);
    match whole.to_i128() {
        Some(number) if (-limit..limit).contains(&number) => Ok(Value::Number(whole.normalize())),
        _ => Err(Trouble::Raises),
    }
}

fn decimal(value: Value, kind: &Type) -> Outcome {
    let number = match &value {
        Value::Number(number) => *number,
        // They have a place in the order of numbers, though no digits.
        Value::Text(text) if is_endless(text) => return Ok(value),
        Value::Text(text) if *kind == Type::Money => {
            number(&text.replace(['$', ','], "")).ok_or(Trouble::Unsure)?
        }
        Value::Text(text) => number(text).ok_or(Trouble::Raises)?,
        Value::Json(_) => json_number(&value)?,
        _ => return Err(Trouble::Unsure),
    };
    Ok(Value::Number(match kind {
        Type::Numeric(Some(scale)) => {
            number.round_dp_with_strategy(*scale, RoundingStrategy::MidpointAwayFromZero)
        }
        _ => number,
    }))
}

/// `NaN` and `Infinity`, which a [`Decimal`] cannot be.
pub fn is_endless(text: &str) -> bool {
    ["nan", "infinity", "-infinity"].iter().any(|endless| text.eq_ignore_ascii_case(endless))
}

fn json_number(value: &Value) -> Result<Decimal, Trouble> {
    let Value::Json(text) = value else { return Err(Trouble::Unsure) };
    number(text.trim()).ok_or(Trouble::Raises)
}

fn boolean(value: Value) -> Outcome {
    let text = match value {
        Value::Bool(_) => return Ok(value),
        Value::Number(number) => return Ok(Value::Bool(!number.is_zero())),
        Value::Text(text) | Value::Json(text) => text.trim().to_ascii_lowercase(),
        _ => return Err(Trouble::Unsure),
    };
    match text.as_str() {
        "t" | "true" | "y" | "yes" | "on" | "1" => Ok(Value::Bool(true)),
        "f" | "false" | "n" | "no" | "off" | "0" => Ok(Value::Bool(false)),
        _ => Err(Trouble::Raises),
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
