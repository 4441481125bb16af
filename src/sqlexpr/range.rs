//! Ranges: what lies between two bounds.

use std::cmp::Ordering;

use crate::calendar::{write_date, write_timestamp};
use crate::sqlexpr::compare::{Mode, order};
use crate::sqlexpr::outcome::{EvalError, Outcome};
use crate::sqlexpr::value::{Range, Value};

/// The order of two bounds, where it is known.
fn bounds(left: &Value, right: &Value) -> Option<Ordering> {
    order(left, right, Mode::Plain).or_else(|| order(left, right, Mode::Time))
}

impl Range {
    /// From `lower` up to, not including, `upper`.
    pub const fn until(lower: Value, upper: Value) -> Self {
        Self { lower, upper, has_lower: true, has_upper: false, is_empty: false }
    }

    /// What a constructor makes of its arguments: both bounds, and how they are meant, `[)` if nothing is said.
    ///
    /// # Errors
    /// Where the server refuses them, or we cannot compare them.
    pub fn of(arguments: &[Value], is_discrete: bool) -> Result<Self, EvalError> {
        let [lower, upper, how @ ..] = arguments else { return Err(EvalError::Unsupported) };
        let how = match how.first() {
            None => "[)",
            Some(Value::Text(how)) => how,
            Some(_) => return Err(EvalError::ServerError),
        };
        let mut range = Self {
            lower: lower.clone(),
            upper: upper.clone(),
            has_lower: how.starts_with('[') && !lower.is_null(),
            has_upper: how.ends_with(']') && !upper.is_null(),
            is_empty: false,
        };
        if is_discrete {
            if !range.has_lower {
                range.lower = next(&range.lower);
                range.has_lower = !range.lower.is_null();
            }
            if range.has_upper {
                range.upper = next(&range.upper);
                range.has_upper = false;
            }
        }
        if !range.lower.is_null() && !range.upper.is_null() {
            match bounds(&range.lower, &range.upper).ok_or(EvalError::Unsupported)? {
                Ordering::Greater => return Err(EvalError::ServerError),
                Ordering::Equal if !(range.has_lower && range.has_upper) => return Ok(Self::empty()),
                _ => {}
            }
        }
        Ok(range)
    }

    const fn empty() -> Self {
        Self { lower: Value::Null, upper: Value::Null, has_lower: false, has_upper: false, is_empty: true }
    }

    /// `[2026-01-01,2026-02-01)`, its bounds as texts of which nobody knows the type; `None` where it is no range.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("empty") {
            return Some(Self::empty());
        }
        let (has_lower, has_upper) = (text.starts_with('['), text.ends_with(']'));
        if !(has_lower || text.starts_with('(')) || !(has_upper || text.ends_with(')')) {
            return None;
        }
        let (lower, upper) = text.get(1..text.len() - 1)?.split_once(',')?;
        let bound = |text: &str| match text.trim_matches('"') {
            "" => Value::Null,
            text => Value::Text(text.to_owned()),
        };
        Some(Self { lower: bound(lower), upper: bound(upper), has_lower, has_upper, is_empty: false })
    }

    /// As the server reads it.
    pub fn text(&self) -> String {
        if self.is_empty {
            return "empty".into();
        }
        let (open, close) = (if self.has_lower { '[' } else { '(' }, if self.has_upper { ']' } else { ')' });
        format!("{open}{},{}{close}", written(&self.lower), written(&self.upper))
    }

    /// Whether `value` lies in it.
    ///
    /// # Errors
    /// Where that cannot be told.
    pub fn contains(&self, value: &Value) -> Result<bool, EvalError> {
        if self.is_empty {
            return Ok(false);
        }
        let is_behind = |bound: &Value, is_in: bool, wrong: Ordering| match bound {
            Value::Null => Ok(true),
            bound => match bounds(value, bound).ok_or(EvalError::Unsupported)? {
                Ordering::Equal => Ok(is_in),
                ordering => Ok(ordering != wrong),
            },
        };
        Ok(is_behind(&self.lower, self.has_lower, Ordering::Less)?
            && is_behind(&self.upper, self.has_upper, Ordering::Greater)?)
    }

    /// Whether all of `other` lies in it.
    ///
    /// # Errors
    /// Where that cannot be told.
    pub fn covers(&self, other: &Self) -> Result<bool, EvalError> {
        if other.is_empty {
            return Ok(true);
        }
        if self.is_empty {
            return Ok(false);
        }
        let is_within =
            |own: &Value, has: bool, theirs: &Value, have: bool, wrong: Ordering| match (own, theirs) {
                (Value::Null, _) => Ok(true),
                (_, Value::Null) => Ok(false),
                (own, theirs) => match bounds(theirs, own).ok_or(EvalError::Unsupported)? {
                    Ordering::Equal => Ok(has || !have),
                    ordering => Ok(ordering != wrong),
                },
            };
        Ok(is_within(&self.lower, self.has_lower, &other.lower, other.has_lower, Ordering::Less)?
            && is_within(&self.upper, self.has_upper, &other.upper, other.has_upper, Ordering::Greater)?)
    }

    /// Whether they have something in common.
    ///
    /// # Errors
    /// Where that cannot be told.
    pub fn overlaps(&self, other: &Self) -> Result<bool, EvalError> {
        if self.is_empty || other.is_empty {
            return Ok(false);
        }
        Ok(self.begins_before_end(other)? && other.begins_before_end(self)?)
    }

    fn begins_before_end(&self, other: &Self) -> Result<bool, EvalError> {
        if self.lower.is_null() || other.upper.is_null() {
            return Ok(true);
        }
        Ok(match bounds(&self.lower, &other.upper).ok_or(EvalError::Unsupported)? {
            Ordering::Less => true,
            Ordering::Equal => self.has_lower && other.has_upper,
            Ordering::Greater => false,
        })
    }
}

/// The value after that of a discrete type.
fn next(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(number.saturating_add(1.into())),
        Value::Date(day) => Value::Date(day.saturating_add(1)),
        other => other.clone(),
    }
}

fn written(bound: &Value) -> String {
    let ascii = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap_or_default()
    };
    match bound {
        Value::Null => String::new(),
        Value::Number(number) => number.to_string(),
        Value::Date(i32::MAX) | Value::Timestamp(i64::MAX) => "infinity".into(),
        Value::Date(i32::MIN) | Value::Timestamp(i64::MIN) => "-infinity".into(),
        Value::Date(day) => ascii(&|out| write_date(out, *day)),
        Value::Timestamp(second) => format!("\"{}\"", ascii(&|out| write_timestamp(out, *second))),
        Value::Text(text) if text.chars().all(|c| c.is_ascii_alphanumeric() || ":.-+".contains(c)) => {
            text.clone()
        }
        Value::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        // No other value is a bound.
        _ => String::new(),
    }
}

/// A range, or the text of one.
fn range(value: &Value) -> Option<Range> {
    match value {
        Value::Range(range) => Some((**range).clone()),
        Value::Text(text) => Range::read(text),
        _ => None,
    }
}

/// `@>`, of which one side is a range.
///
/// # Errors
/// Where it cannot be told.
pub fn contains(whole: &Value, part: &Value) -> Outcome {
    let whole = range(whole).ok_or(EvalError::Unsupported)?;
    let part_is_range =
        matches!(part, Value::Range(_)) || matches!(part, Value::Text(text) if Range::read(text).is_some());
    Ok(Value::Bool(match range(part).filter(|_| part_is_range) {
        Some(part) => whole.covers(&part)?,
        None => whole.contains(part)?,
    }))
}

/// `&&` of two ranges.
///
/// # Errors
/// Where it cannot be told.
pub fn overlaps(left: &Value, right: &Value) -> Outcome {
    let (left, right) =
        (range(left).ok_or(EvalError::Unsupported)?, range(right).ok_or(EvalError::Unsupported)?);
    Ok(Value::Bool(left.overlaps(&right)?))
}

/// What a function says of a range.
///
/// # Errors
/// Where it is no range.
pub fn asked(value: &Value, ask: fn(&Range) -> Value) -> Outcome {
    match value {
        Value::Range(range) => Ok(ask(range)),
        _ => Err(EvalError::Unsupported),
    }
}
