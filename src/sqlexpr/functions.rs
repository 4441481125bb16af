//! The functions that we know.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::sqlexpr::arithmetic::power;
use crate::sqlexpr::cast::text_of;
use crate::sqlexpr::numbers::{decimal, whole};
use crate::sqlexpr::outcome::{EvalError, Outcome};
use crate::sqlexpr::range;
use crate::sqlexpr::texts as t;
use crate::sqlexpr::time::{self, Interval};
use crate::sqlexpr::types::Type;
use crate::sqlexpr::value::{Range, Value};
use crate::sqlexpr::{compare, json};

/// A function that can be evaluated.
#[derive(Debug)]
pub struct Function {
    pub name: &'static str,
    /// Minimum number of arguments.
    pub least: usize,
    /// Maximum number of arguments.
    pub most: usize,
    /// It is NULL where an argument is.
    pub is_strict: bool,
    /// The type of its value, where that does not depend on its arguments.
    pub gives: Option<Type>,
    /// Its value is of the type of its first argument whose type is known.
    pub keeps_kind: bool,
    /// What it does, at a second.
    pub body: fn(&[Value], i64) -> Outcome,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

pub fn function(name: &str) -> Option<&'static Function> {
    let name = match name {
        "char_length" | "character_length" => "length",
        "ceiling" => "ceil",
        "json_typeof" => "jsonb_typeof",
        "json_array_length" => "jsonb_array_length",
        "position" => "strpos",
        "substr" => "substring",
        "pow" => "power",
        "int4range" | "int8range" | "daterange" => "whole_range",
        name if is_range(name) => "range",
        "extract" => "date_part",
        "transaction_timestamp"
        | "statement_timestamp"
        | "clock_timestamp"
        | "current_timestamp"
        | "localtimestamp" => "now",
        name => name,
    };
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// Whether a function is called like the constructor of a range type, be it one of the target's own.
fn is_range(name: &str) -> bool {
    name.ends_with("range") && !["in_", "out_", "within_", "_in_", "is_"].iter().any(|no| name.contains(no))
}

const INTEGER: Option<Type> = Some(Type::Integer(4));
const NUMERIC: Option<Type> = Some(Type::Numeric(None));
const TEXT: Option<Type> = Some(Type::Text(None));
const BOOL: Option<Type> = Some(Type::Bool);

type Body = fn(&[Value], i64) -> Outcome;

const fn strict(name: &'static str, least: usize, most: usize, gives: Option<Type>, body: Body) -> Function {
    Function { name, least, most, is_strict: true, gives, keeps_kind: false, body }
}

/// Of its arguments' type.
const fn kept(name: &'static str, least: usize, most: usize, body: Body) -> Function {
    Function { name, least, most, is_strict: true, gives: None, keeps_kind: true, body }
}

/// Not NULL where an argument is.
const fn lenient(name: &'static str, least: usize, gives: Option<Type>, body: Body) -> Function {
    Function { name, least, most: usize::MAX, is_strict: false, gives, keeps_kind: true, body }
}

static FUNCTIONS: &[Function] = &[
    // Texts.
    strict("length", 1, 1, INTEGER, |a, _| t::count(&text_of(&a[0])?)),
    strict("octet_length", 1, 1, INTEGER, |a, _| t::octets(&text_of(&a[0])?)),
    kept("lower", 1, 1, |a, _| match &a[0] {
        Value::Range(range) => Ok(range.lower.clone()),
        value => text(t::lower(&text_of(value)?)),
    }),
    kept("upper", 1, 1, |a, _| match &a[0] {
        Value::Range(range) => Ok(range.upper.clone()),
        value => text(t::upper(&text_of(value)?)),
    }),
    strict("initcap", 1, 1, TEXT, |a, _| text(t::capitalized(&text_of(&a[0])?))),
    strict("btrim", 1, 2, TEXT, |a, _| t::trimmed(a, true, true)),
    strict("ltrim", 1, 2, TEXT, |a, _| t::trimmed(a, true, false)),
    strict("rtrim", 1, 2, TEXT, |a, _| t::trimmed(a, false, true)),
    strict("strpos", 2, 2, INTEGER, |a, _| t::position(&text_of(&a[0])?, &text_of(&a[1])?)),
    strict("substring", 2, 3, TEXT, |a, _| t::substring(a)),
    strict("left", 2, 2, TEXT, |a, _| t::left(&text_of(&a[0])?, whole(&a[1])?)),
    strict("right", 2, 2, TEXT, |a, _| t::right(&text_of(&a[0])?, whole(&a[1])?)),
    strict("starts_with", 2, 2, BOOL, |a, _| Ok(Value::Bool(text_of(&a[0])?.starts_with(&text_of(&a[1])?)))),
    strict("replace", 3, 3, TEXT, |a, _| t::replaced(&text_of(&a[0])?, &text_of(&a[1])?, &text_of(&a[2])?)),
    strict("reverse", 1, 1, TEXT, |a, _| text(text_of(&a[0])?.chars().rev().collect())),
    strict("split_part", 3, 3, TEXT, |a, _| t::split_part(&text_of(&a[0])?, &text_of(&a[1])?, whole(&a[2])?)),
    strict("lpad", 2, 3, TEXT, |a, _| t::padded(a, true)),
    strict("rpad", 2, 3, TEXT, |a, _| t::padded(a, false)),
    strict("repeat", 2, 2, TEXT, |a, _| t::repeated(&text_of(&a[0])?, whole(&a[1])?)),
    strict("ascii", 1, 1, INTEGER, |a, _| {
        Ok(Value::from(text_of(&a[0])?.chars().next().map_or(0, |c| i64::from(u32::from(c)))))
    }),
    strict("regexp_replace", 3, 4, TEXT, |a, _| t::regexp_replace(a)),
    strict("regexp_like", 2, 3, BOOL, |a, _| t::regexp_like(a)),
    strict("similar_to_escape", 1, 2, TEXT, |a, _| t::similar(a)),
    strict("like_escape", 2, 2, TEXT, |a, _| t::like_escape(&text_of(&a[0])?, &text_of(&a[1])?)),
    lenient("concat", 1, TEXT, |a, _| t::joined(a, "")),
    lenient("concat_ws", 1, TEXT, |a, _| match a.split_first() {
        Some((Value::Text(between), items)) => t::joined(items, between),
        _ => Ok(Value::Null),
    }),
    // Numbers.
    kept("abs", 1, 1, |a, _| number(decimal(&a[0])?.abs())),
    kept("round", 1, 2, |a, _| rounded(a, RoundingStrategy::MidpointAwayFromZero)),
    kept("trunc", 1, 2, |a, _| rounded(a, RoundingStrategy::ToZero)),
    kept("floor", 1, 1, |a, _| number(decimal(&a[0])?.floor())),
    kept("ceil", 1, 1, |a, _| number(decimal(&a[0])?.ceil())),
    kept("mod", 2, 2, |a, _| {
        let (a, b) = (decimal(&a[0])?, decimal(&a[1])?);
        if b.is_zero() {
            Err(EvalError::ServerError)
        } else {
            number(a.checked_rem(b).ok_or(EvalError::Unsupported)?)
        }
    }),
    strict("power", 2, 2, NUMERIC, |a, _| {
        number(power(decimal(&a[0])?, decimal(&a[1])?).ok_or(EvalError::Unsupported)?)
    }),
    kept("sign", 1, 1, |a, _| {
        Ok(Value::from(match decimal(&a[0])?.cmp(&Decimal::ZERO) {
            std::cmp::Ordering::Less => -1,
            std::cmp::Ordering::Equal => 0,
            std::cmp::Ordering::Greater => 1,
        }))
    }),
    lenient("greatest", 1, None, |a, _| extreme(a, std::cmp::Ordering::Greater)),
    lenient("least", 1, None, |a, _| extreme(a, std::cmp::Ordering::Less)),
    // Days and times.
    strict("now", 0, 0, Some(Type::Timestamp), |_, now| Ok(Value::Timestamp(now))),
    strict("current_date", 0, 0, Some(Type::Date), |_, now| moment(time::day_of(now).map(Value::Date))),
    strict("date_part", 2, 2, NUMERIC, |a, _| part(&text_of(&a[0])?, &a[1])),
    strict("date_trunc", 2, 2, Some(Type::Timestamp), |a, _| {
        let second = time::second(&a[1]).ok_or(EvalError::Unsupported)?;
        moment(time::truncated(&text_of(&a[0])?, second).map(Value::Timestamp))
    }),
    strict("age", 1, 2, Some(Type::Interval), |a, now| age(a, now).ok_or(EvalError::Unsupported)),
    strict("make_date", 3, 3, Some(Type::Date), |a, _| {
        let date = format!("{:04}-{:02}-{:02}", whole(&a[0])?, whole(&a[1])?, whole(&a[2])?);
        time::date(&date).map(Value::Date).ok_or(EvalError::ServerError)
    }),
    strict("isfinite", 1, 1, BOOL, |a, _| match &a[0] {
        Value::Date(day) => Ok(Value::Bool(time::is_finite(*day))),
        Value::Timestamp(second) => Ok(Value::Bool(*second != i64::MAX && *second != i64::MIN)),
        _ => Err(EvalError::Unsupported),
    }),
    // Ranges. `range` is a constructor of any type that is not discrete, `whole_range` of one that is.
    lenient("range", 2, None, |a, _| Ok(Range::of(a, false)?.into())),
    lenient("whole_range", 2, None, |a, _| Ok(Range::of(a, true)?.into())),
    strict("isempty", 1, 1, BOOL, |a, _| range::asked(&a[0], |range| range.is_empty.into())),
    strict("lower_inc", 1, 1, BOOL, |a, _| range::asked(&a[0], |range| range.has_lower.into())),
    strict("upper_inc", 1, 1, BOOL, |a, _| range::asked(&a[0], |range| range.has_upper.into())),
    strict("lower_inf", 1, 1, BOOL, |a, _| {
        range::asked(&a[0], |range| (!range.is_empty && range.lower.is_null()).into())
    }),
    strict("upper_inf", 1, 1, BOOL, |a, _| {
        range::asked(&a[0], |range| (!range.is_empty && range.upper.is_null()).into())
    }),
    // Documents and arrays.
    strict("jsonb_typeof", 1, 1, TEXT, |a, _| json::type_name(&a[0])),
    strict("jsonb_array_length", 1, 1, INTEGER, |a, _| json::array_length(&a[0])),
    strict("cardinality", 1, 1, INTEGER, |a, _| Ok(Value::Number(items(&a[0])?.len().into()))),
    strict("array_length", 2, 2, INTEGER, |a, _| {
        let length = items(&a[0])?.len();
        let is_there = whole(&a[1])? == 1 && length > 0;
        Ok(if is_there { Value::Number(length.into()) } else { Value::Null })
    }),
    strict("array_ndims", 1, 1, INTEGER, |a, _| {
        Ok(if items(&a[0])?.is_empty() { Value::Null } else { Value::from(1) })
    }),
    lenient("array_position", 2, INTEGER, |a, _| {
        if a[0].is_null() {
            return Ok(Value::Null);
        }
        let at = items(&a[0])?.iter().position(|item| compare::is_same(item, &a[1]));
        Ok(at.map_or(Value::Null, |at| Value::Number((at + 1).into())))
    }),
    lenient("array_remove", 2, None, |a, _| {
        if a[0].is_null() {
            return Ok(Value::Null);
        }
        let kept = items(&a[0])?.iter().filter(|item| !compare::is_same(item, &a[1]));
        Ok(Value::List(kept.cloned().collect()))
    }),
    strict("array_to_string", 2, 2, TEXT, |a, _| t::joined(items(&a[0])?, &text_of(&a[1])?)),
    strict("string_to_array", 2, 2, None, |a, _| t::split(&text_of(&a[0])?, &text_of(&a[1])?)),
    lenient("num_nonnulls", 1, INTEGER, |a, _| {
        Ok(Value::Number(a.iter().filter(|value| !value.is_null()).count().into()))
    }),
    lenient("num_nulls", 1, INTEGER, |a, _| {
        Ok(Value::Number(a.iter().filter(|value| value.is_null()).count().into()))
    }),
];

fn text(text: String) -> Outcome {
    Ok(Value::Text(text))
}

fn number(number: Decimal) -> Outcome {
    Ok(Value::Number(number))
}

fn moment(value: Option<Value>) -> Outcome {
    value.ok_or(EvalError::Unsupported)
}

fn items(value: &Value) -> Result<&[Value], EvalError> {
    match value {
        Value::List(items) => Ok(items),
        _ => Err(EvalError::Unsupported),
    }
}

fn rounded(arguments: &[Value], strategy: RoundingStrategy) -> Outcome {
    let digits = arguments.get(1).map_or(Ok(0), whole)?;
    let digits = u32::try_from(digits).map_err(|_| EvalError::Unsupported)?;
    number(decimal(&arguments[0])?.round_dp_with_strategy(digits, strategy))
}

fn extreme(arguments: &[Value], wanted: std::cmp::Ordering) -> Outcome {
    let mut best = &Value::Null;
    for value in arguments.iter().filter(|value| !value.is_null()) {
        let is_better = best.is_null()
            || compare::order(value, best, compare::Mode::Plain).ok_or(EvalError::Unsupported)? == wanted;
        if is_better {
            best = value;
        }
    }
    Ok(best.clone())
}

fn part(field: &str, value: &Value) -> Outcome {
    let part = match value {
        Value::Text(text) => match Interval::read(text) {
            Some(interval) => time::part_of_interval(field, &interval),
            None => time::timestamp(text).and_then(|second| time::part(field, second)),
        },
        value => time::second(value).and_then(|second| time::part(field, second)),
    };
    part.map(Value::from).ok_or(EvalError::Unsupported)
}

/// Up to the day's beginning where no other end is told.
fn age(arguments: &[Value], now: i64) -> Option<Value> {
    let (to, from) = match arguments {
        [from] => (time::midnight(time::day_of(now)?), from),
        [to, from, ..] => (time::second(to)?, from),
        [] => return None,
    };
    Interval::age(time::second(from)?, to).map(|interval| Value::Text(interval.text()))
}
