//! What of a column is compared: itself, its length, its year.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::sqlexpr::column_constraints::{Bound, ColumnConstraints};
use crate::sqlexpr::expression::Expression;
use crate::sqlexpr::numbers::is_endless;
use crate::sqlexpr::operator::{Comparison, Operator};
use crate::sqlexpr::pattern::Pattern;
use crate::sqlexpr::time::{self, Interval};
use crate::sqlexpr::value::Value;

#[derive(Clone, Debug, PartialEq)]
pub enum ColumnTerm {
    /// The value itself.
    Plain,
    /// `lower(column)`.
    Lower,
    /// `upper(column)`.
    Upper,
    /// Without the spaces at its ends.
    Trimmed,
    /// Its characters, or bytes; without spaces at its ends where it is true.
    Length(bool),
    /// Rounded to so many digits.
    Rounded(u32),
    /// The rest of a division by 1.
    Fraction,
    /// What `jsonb_typeof` says.
    JsonType,
    /// The number of its items.
    Items,
    /// `extract(year FROM column)`.
    Year,
    /// How long it is before this second.
    Age(i64),
    AgeYears(i64),
    /// The place of this in it.
    Position(String),
    /// `left(column, n)`.
    Start,
    /// `right(column, n)`.
    End,
}

/// An expression without the casts that change nothing here, and without the COALESCE that stands for
/// another value where it is NULL.
pub fn stripped(mut expression: &Expression) -> &Expression {
    loop {
        expression = match expression {
            Expression::Cast(inner, kind) if kind.is_wider() => inner,
            Expression::Coalesce(items) => match items.as_slice() {
                [first, rest @ ..] if rest.iter().all(Expression::is_constant) => first,
                _ => return expression,
            },
            other => return other,
        }
    }
}

impl ColumnTerm {
    /// What of `column` an expression is.
    pub fn of(expression: &Expression, column: &str, now: i64) -> Option<Self> {
        match stripped(expression) {
            Expression::Column(name) => (name == column).then_some(Self::Plain),
            Expression::Operation(Operator::Modulo, left, right) if literal(right) == Some(Decimal::ONE) => {
                let is_plain = Self::of(left, column, now) == Some(Self::Plain);
                is_plain.then_some(Self::Fraction)
            }
            Expression::Call(function, arguments) => {
                // Only one argument is followed, and once: what is nested would else be followed over and over.
                let at = usize::from(match function.name {
                    "date_part" => true,
                    "age" => arguments.len() == 2,
                    _ => false,
                });
                let inner = Self::of(arguments.get(at)?, column, now)?;
                Self::of_call(function.name, arguments, inner, now)
            }
            _ => None,
        }
    }

    /// What a function makes of what of the column its argument is.
    fn of_call(name: &str, arguments: &[Expression], inner: Self, now: i64) -> Option<Self> {
        let is_text = matches!(inner, Self::Plain | Self::Lower | Self::Upper);
        match (name, arguments) {
            ("length" | "octet_length", [_]) if is_text => return Some(Self::Length(false)),
            ("length" | "octet_length", [_]) => {
                return (inner == Self::Trimmed).then_some(Self::Length(true));
            }
            ("btrim" | "ltrim" | "rtrim", [_]) => return is_text.then_some(Self::Trimmed),
            ("date_part", [field, _]) if text(field)?.eq_ignore_ascii_case("year") => {
                return match inner {
                    Self::Plain => Some(Self::Year),
                    Self::Age(to) => Some(Self::AgeYears(to)),
                    _ => None,
                };
            }
            _ if inner != Self::Plain => return None,
            _ => {}
        }
        match (name, arguments) {
            ("age", [_]) => time::day_of(now).map(|day| Self::Age(time::midnight(day))),
            ("age", [to, _]) if to.is_constant() => {
                let to = to.outcome(&|_| Value::Null, now).ok()?;
                time::second(&to).map(Self::Age)
            }
            ("strpos", [_, part]) => text(part).map(Self::Position),
            ("substring", [_, start, _]) => (literal(start) == Some(Decimal::ONE)).then_some(Self::Start),
            ("round" | "trunc", [_, digits]) => literal(digits)?.to_u32().map(Self::Rounded),
            ("left", [_, size]) if is_positive(size) => Some(Self::Start),
            ("right", [_, size]) if is_positive(size) => Some(Self::End),
            ("lower", _) => Some(Self::Lower),
            ("upper", _) => Some(Self::Upper),
            ("round" | "trunc" | "floor" | "ceil", _) => Some(Self::Rounded(0)),
            ("jsonb_typeof", _) => Some(Self::JsonType),
            ("jsonb_array_length" | "cardinality" | "array_length", _) => Some(Self::Items),
            _ => None,
        }
    }

    /// Whether it is the column itself.
    pub fn is_plain(&self) -> bool {
        *self == Self::Plain
    }

    /// Whether what it is compared with could be a value of the column.
    pub const fn is_the_value(&self) -> bool {
        matches!(self, Self::Plain | Self::Lower | Self::Upper | Self::Trimmed | Self::Rounded(_))
    }

    /// What holds where this of the column is the column itself.
    pub fn unchanged(&self) -> ColumnConstraints {
        let none = ColumnConstraints::default();
        match self {
            Self::Lower => ColumnConstraints { is_lower: true, ..none },
            Self::Upper => ColumnConstraints { is_upper: true, ..none },
            Self::Trimmed => ColumnConstraints { trimmed: true, ..none },
            Self::Rounded(digits) => ColumnConstraints { scale: Some(*digits), ..none },
            _ => none,
        }
    }

    /// What holds where this of the column compares so with a value.
    pub fn facts(&self, comparison: Comparison, value: &Value) -> ColumnConstraints {
        let none = ColumnConstraints::default();
        let is_equal = comparison == Comparison::Equal;
        match self {
            Self::Plain => plain(comparison, value),
            Self::Rounded(_) => none,
            // Only labels in that case are told: others would do as well.
            Self::Lower | Self::Upper => match comparison {
                Comparison::Equal | Comparison::Differs => plain(comparison, value),
                _ => none,
            },
            Self::Trimmed => ColumnConstraints { trimmed: true, ..plain(comparison, value) },
            Self::Length(is_trimmed) => {
                let (min_length, max_length) = sizes(comparison, value);
                let trimmed = *is_trimmed && (min_length.is_some() || max_length.is_some());
                ColumnConstraints { min_length, max_length, trimmed, ..none }
            }
            Self::Fraction => {
                ColumnConstraints { scale: (is_equal && *value == Value::from(0)).then_some(0), ..none }
            }
            Self::JsonType => ColumnConstraints {
                json_type: value.as_text().filter(|_| is_equal).map(str::to_owned),
                ..none
            },
            Self::Items => {
                let (min_items, max_items) = sizes(comparison, value);
                ColumnConstraints { min_items, max_items, ..none }
            }
            Self::Year => year(comparison, value).unwrap_or_default(),
            Self::Age(to) => age(comparison, value, *to).unwrap_or_default(),
            Self::AgeYears(to) => age_years(comparison, value, *to).unwrap_or_default(),
            Self::Position(part) => {
                let (least, _) = sizes(comparison, value);
                let least = least.filter(|least| *least > 0 && *least < 256);
                let start = least.map(|least| "_".repeat(least - 1) + "%");
                let pattern = start.and_then(|start| Pattern::around(&start, part, "%"));
                ColumnConstraints { patterns: pattern.into_iter().collect(), ..none }
            }
            Self::Start | Self::End => {
                let (before, after) = if *self == Self::Start { ("", "%") } else { ("%", "") };
                let text = value.as_text().filter(|_| is_equal);
                let pattern = text.and_then(|text| Pattern::around(before, text, after));
                ColumnConstraints { patterns: pattern.into_iter().collect(), ..none }
            }
        }
    }
}

fn literal(expression: &Expression) -> Option<Decimal> {
    match expression {
        Expression::Literal(Value::Number(number), _) => Some(*number),
        _ => None,
    }
}

fn is_positive(expression: &Expression) -> bool {
    literal(expression).is_some_and(|number| number > Decimal::ZERO)
}

fn text(expression: &Expression) -> Option<String> {
    match expression {
        Expression::Literal(Value::Text(text), _) => Some(text.clone()),
        _ => None,
    }
}

fn plain(comparison: Comparison, value: &Value) -> ColumnConstraints {
    let none = ColumnConstraints::default();
    let is_unbounded = match value {
        Value::Text(text) => is_endless(text),
        Value::Date(day) => !time::is_finite(*day),
        Value::Timestamp(second) => *second == i64::MAX || *second == i64::MIN,
        _ => false,
    };
    let is_empty = matches!(value, Value::Text(text) if text.is_empty());
    let bound = |inclusive| (!is_unbounded).then(|| Bound { value: value.clone(), inclusive });
    match comparison {
        Comparison::Equal => ColumnConstraints { labels: Some(vec![value.clone()]), ..none },
        Comparison::Differs => ColumnConstraints {
            excluded: vec![value.clone()],
            min_length: is_empty.then_some(1),
            min_items: matches!(value, Value::List(items) if items.is_empty()).then_some(1),
            ..none
        },
        Comparison::Greater if is_empty => ColumnConstraints { min_length: Some(1), ..none },
        Comparison::GreaterOrEqual if is_empty => none,
        Comparison::Greater => ColumnConstraints { low: bound(false), ..none },
        Comparison::GreaterOrEqual => ColumnConstraints { low: bound(true), ..none },
        Comparison::Less => ColumnConstraints { high: bound(false), ..none },
        Comparison::LessOrEqual => ColumnConstraints { high: bound(true), ..none },
    }
}

/// The least and the most of what is counted.
fn sizes(comparison: Comparison, value: &Value) -> (Option<usize>, Option<usize>) {
    let Value::Number(number) = value else { return (None, None) };
    let size = |number: Decimal| number.max(Decimal::ZERO).to_usize();
    let one = Decimal::ONE;
    match comparison {
        Comparison::Equal => (size(*number), size(*number)),
        Comparison::Differs if number.is_zero() => (Some(1), None),
        Comparison::Differs => (None, None),
        Comparison::Greater => (size(number.floor().saturating_add(one)), None),
        Comparison::GreaterOrEqual => (size(number.ceil()), None),
        Comparison::Less => (None, size(number.ceil().saturating_sub(one))),
        Comparison::LessOrEqual => (None, size(number.floor())),
    }
}

fn year(comparison: Comparison, value: &Value) -> Option<ColumnConstraints> {
    let Value::Number(year) = value else { return None };
    let first = |year: Decimal| time::date(&format!("{:04}-01-01", year.to_u32()?));
    let bound = |day: i32, inclusive| Some(Bound { value: Value::Date(day), inclusive });
    let (this, next) = (first(year.ceil())?, first(year.floor().saturating_add(Decimal::ONE))?);
    let (low, high) = match comparison {
        Comparison::Equal => (bound(this, true), bound(next, false)),
        Comparison::Differs => (None, None),
        Comparison::Greater => (bound(next, true), None),
        Comparison::GreaterOrEqual => (bound(this, true), None),
        Comparison::Less => (None, bound(this, false)),
        Comparison::LessOrEqual => (None, bound(next, false)),
    };
    Some(ColumnConstraints { low, high, ..ColumnConstraints::default() })
}

/// What is older lies before: the day that is `value` before `to`.
fn age(comparison: Comparison, value: &Value, to: i64) -> Option<ColumnConstraints> {
    let then = Interval::read(value.as_text()?)?.times(-1)?.after(to)?;
    let bound = |inclusive| time::day_of(then).map(|day| Bound { value: Value::Date(day), inclusive });
    let none = ColumnConstraints::default();
    Some(match comparison {
        Comparison::Greater => ColumnConstraints { high: bound(false), ..none },
        Comparison::GreaterOrEqual => ColumnConstraints { high: bound(true), ..none },
        Comparison::Less => ColumnConstraints { low: bound(false), ..none },
        Comparison::LessOrEqual => ColumnConstraints { low: bound(true), ..none },
        _ => none,
    })
}

fn age_years(comparison: Comparison, value: &Value, to: i64) -> Option<ColumnConstraints> {
    let Value::Number(years) = value else { return None };
    let (years, comparison) = match comparison {
        Comparison::Greater => (years.floor().saturating_add(Decimal::ONE), Comparison::GreaterOrEqual),
        Comparison::GreaterOrEqual => (years.ceil(), Comparison::GreaterOrEqual),
        Comparison::Less => (years.ceil(), Comparison::Less),
        Comparison::LessOrEqual => (years.floor().saturating_add(Decimal::ONE), Comparison::Less),
        _ => return None,
    };
    age(comparison, &Value::Text(format!("{years} years")), to)
}
