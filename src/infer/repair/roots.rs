//! Where a comparison turns: the values of one column at which a CHECK constraint that computes with it begins or
//! ceases to hold, found by doubling the distance and halving it again.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::infer::column_type::ColumnType;
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{Expression, Interval};

/// How often the distance is doubled.
const DOUBLINGS: u32 = 44;
/// Comparisons of one constraint that are looked at.
const MOST: usize = 8;

/// What a column holds, counted in its least steps.
#[derive(Clone, Copy)]
enum Scale {
    Number(Decimal),
    Day,
    Minute(i64),
    Clock,
}

impl Scale {
    fn of(column_type: &ColumnType, value: &Value) -> Option<(Self, i64)> {
        Some(match (column_type.scalar, value) {
            (ScalarType::Integer | ScalarType::Decimal, Value::Number(number)) => {
                let unit = column_type.unit();
                (Self::Number(unit), number.checked_div(unit)?.round().to_i64()?)
            }
            (ScalarType::Date, Value::Date(day)) => (Self::Day, (*day).into()),
            (ScalarType::Timestamp, Value::Timestamp(second)) => {
                (Self::Minute(second.rem_euclid(60)), second.div_euclid(60))
            }
            (ScalarType::Time, Value::Text(text)) => (Self::Clock, crate::sqlexpr::clock_seconds(text)? / 60),
            _ => return None,
        })
    }

    fn value(self, columns: i64) -> Option<Value> {
        Some(match self {
            Self::Number(unit) => Value::Number(Decimal::from(columns).checked_mul(unit)?),
            Self::Day => Value::Date(i32::try_from(columns).ok()?),
            Self::Minute(rest) => Value::Timestamp(columns.checked_mul(60)?.checked_add(rest)?),
            Self::Clock if (0..24 * 60).contains(&columns) => {
                Value::Text(format!("{:02}:{:02}:00", columns / 60, columns % 60))
            }
            Self::Clock => return None,
        })
    }
}

/// A value on a line, whatever its kind.
fn measure(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.to_f64(),
        Value::Date(day) => Some(f64::from(*day) * 86_400.0),
        Value::Timestamp(second) => Some(*second as f64),
        Value::Text(text) => {
            let clock = crate::sqlexpr::clock_seconds(text).map(|second| second as f64);
            clock.or_else(|| Some(Interval::read(text)?.length() as f64))
        }
        _ => None,
    }
}

/// A column of a row that is looked for.
pub(super) struct Sought<'a> {
    pub(super) column: &'a str,
    /// What it takes.
    pub(super) column_type: &'a ColumnType,
    /// What the row has in its columns, this one excepted.
    pub(super) row: &'a dyn Fn(&str) -> Value,
    /// The present, in seconds since 1970-01-01 UTC.
    pub(super) now: i64,
}

impl Sought<'_> {
    /// Values for the column near `value` at which comparisons of `check` turn; none for those that compare the column
    /// itself with a literal or another column.
    pub(super) fn roots(&self, check: &Expression, value: &Value) -> Vec<Value> {
        let mut sides = Vec::new();
        check.visit(&mut |inner| {
            if let Expression::Compare(_, left, right) = inner
                && sides.len() < MOST
                && (left.mentions(self.column) || right.mentions(self.column))
                && !(is_simple(left) && is_simple(right))
            {
                sides.push((left.as_ref(), right.as_ref()));
            }
        });
        let Some((scale, start)) = Scale::of(self.column_type, value).filter(|_| !sides.is_empty()) else {
            return Vec::new();
        };
        let mut turns: Vec<i64> = Vec::new();
        for (left, right) in sides {
            let gap = |columns: i64| self.gap(left, right, &scale.value(columns)?);
            turns.extend([-1, 1].iter().filter_map(|way| turn(&gap, start, *way)));
        }
        turns.sort_unstable();
        turns.dedup();
        let between: Vec<i64> = turns.windows(2).map(|pair| pair[0].midpoint(pair[1])).collect();
        // Close to each, the nearest first, then between two of them.
        turns.sort_by_key(|turn| turn.abs_diff(start));
        let near = turns.iter().flat_map(|turn| [*turn, turn.saturating_sub(1), turn.saturating_add(1)]);
        near.chain(between).filter_map(|columns| Some(self.column_type.fit(scale.value(columns)?))).collect()
    }

    /// How far the left side is above the right one where the column holds `value`.
    fn gap(&self, left: &Expression, right: &Expression, value: &Value) -> Option<f64> {
        let row = |name: &str| if name == self.column { value.clone() } else { (self.row)(name) };
        let side = |side: &Expression| measure(&side.outcome(&row, self.now).ok()?);
        Some(side(left)? - side(right)?)
    }
}

/// Whether a side of a comparison is a column or the same for every row.
fn is_simple(side: &Expression) -> bool {
    let mut side = side;
    while let Expression::Cast(inner, _) = side {
        side = inner;
    }
    matches!(side, Expression::Column(_)) || side.is_constant()
}

/// The first step in a direction at which the gap is on the other side of zero, or is zero.
fn turn(gap: &dyn Fn(i64) -> Option<f64>, start: i64, way: i64) -> Option<i64> {
    let first = gap(start)?;
    let is_over = |gap: f64| if first > 0.0 { gap <= 0.0 } else { gap >= 0.0 };
    let (mut near, mut distance) = (start, 1_i64);
    let mut far = None;
    for _ in 0..DOUBLINGS {
        let next = start.checked_add(distance * way)?;
        match gap(next) {
            Some(gap) if is_over(gap) => {
                far = Some(next);
                break;
            }
            Some(_) => near = next,
            // Behind the end of what can be told.
            None => break,
        }
        distance = distance.checked_mul(2)?;
    }
    let mut far = far?;
    while (far - near).abs() > 1 {
        let middle = near.midpoint(far);
        match gap(middle) {
            Some(gap) if is_over(gap) => far = middle,
            _ => near = middle,
        }
    }
    Some(far)
}
