//! Ranges and multiranges: near the present where they are of times, within what CHECK constraints leave.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::calendar::DAY;
use crate::catalog::Column;
use crate::infer::scalar_type::ScalarType;
use crate::random::Slot;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{self, Bound, ColumnConstraints, Expression, Range, clock};

/// What a range type is made of.
#[derive(Clone, Debug)]
pub struct RangeType {
    /// What kind of type its bounds are of.
    scalar: ScalarType,
    /// It is a multirange.
    pub is_multi: bool,
    /// What CHECK constraints say of its lower bound.
    lower: ColumnConstraints,
    /// And of its upper one.
    upper: ColumnConstraints,
}

/// Names that no columns have.
const LOWER: &str = "\u{0}lower";
const UPPER: &str = "\u{0}upper";

/// The facts of the bounds of a column, as constraints speak of them: `lower(budget) >= 0`.
fn facts(checks: &[&Expression], column: &str, now: i64) -> (ColumnConstraints, ColumnConstraints) {
    let of_bound = |inner: &Expression| {
        let Expression::Call(function, arguments) = inner else { return None };
        let [Expression::Column(name)] = &arguments[..] else { return None };
        match function.name {
            "lower" if name == column => Some(Expression::Column(LOWER.into())),
            "upper" if name == column => Some(Expression::Column(UPPER.into())),
            _ => None,
        }
    };
    let checks: Vec<Expression> = checks.iter().map(|check| check.replaced(&of_bound)).collect();
    let checks: Vec<&Expression> = checks.iter().collect();
    (sqlexpr::facts(&checks, LOWER, now), sqlexpr::facts(&checks, UPPER, now))
}

impl RangeType {
    /// Of a column, the bounds of which are of this kind of type, under these constraints of its table, and those of its
    /// domain about `VALUE`; `None` where it is one of which we make none.
    pub fn of(
        column: &Column,
        scalar: ScalarType,
        checks: &[&Expression],
        domain: &[&Expression],
        now: i64,
    ) -> Option<Self> {
        let is_made = matches!(
            scalar,
            ScalarType::Integer
                | ScalarType::Decimal
                | ScalarType::Date
                | ScalarType::Timestamp
                | ScalarType::Time
        );
        let (lower, upper) = facts(checks, &column.name, now);
        let (of_lower, of_upper) = facts(domain, "VALUE", now);
        let (lower, upper) = (lower.and(of_lower), upper.and(of_upper));
        is_made.then_some(Self { scalar, is_multi: column.multirange, lower, upper })
    }

    /// A value for a row that was made about the second `made`, where `now` is the present.
    pub fn value(&self, slot: Slot, made: i64, now: i64) -> Value {
        let first = self.range(slot, made, now, 0);
        if !self.is_multi {
            return first.into();
        }
        let mut text = first.text();
        if slot.child(11).chance(60) {
            let second = self.range(slot, made, now, 1);
            if first.overlaps(&second) == Ok(false) && self.is_before(&first, &second) {
                text = format!("{text},{}", second.text());
            }
        }
        Value::Text(format!("{{{text}}}"))
    }

    fn is_before(&self, first: &Range, second: &Range) -> bool {
        matches!(number(&first.upper).zip(number(&second.lower)), Some((end, start)) if end < start)
    }

    /// The `position`th range of a value: those that follow lie behind.
    fn range(&self, slot: Slot, made: i64, now: i64, position: i64) -> Range {
        let draw = |child: u64, low: i64, high: i64| slot.child(child).between(low, high);
        let (lower, upper) = match self.scalar {
            ScalarType::Timestamp => {
                // Half hours of a working day, some days before and after the present.
                let day = now.max(made).div_euclid(DAY) + draw(1, -20, 20) + position;
                let start = day * DAY + (13 + draw(2, 0, 7)) * 3600 + draw(3, 0, 1) * 1800;
                (Value::Timestamp(start), Value::Timestamp(start + 1800 * draw(4, 1, 4)))
            }
            ScalarType::Date => {
                let length = *slot.child(4).pick(&[30, 90, 180, 365]);
                let day = made.min(now).div_euclid(DAY) + draw(1, 0, 30) + position * 400;
                (Value::Date(day as i32), Value::Date((day + length) as i32))
            }
            ScalarType::Time => {
                let start = 7 * 3600 + draw(1, 0, 6) * 1800 + position * 8 * 3600;
                let end = (start + draw(2, 6, 9) * 1800).min(DAY - 1);
                (Value::Text(clock(start)), Value::Text(clock(end)))
            }
            ScalarType::Integer => {
                let start = draw(1, 1, 50) + position * 200;
                (start.into(), (start + draw(2, 5, 50)).into())
            }
            _ => {
                let start = 1000 * (draw(1, 1, 20) + position * 60);
                (start.into(), (start + 1000 * draw(2, 1, 30)).into())
            }
        };
        self.within(lower, upper, slot)
    }

    /// The bounds moved to where the constraints leave them.
    fn within(&self, lower: Value, upper: Value, slot: Slot) -> Range {
        let (least, most) = (self.lower.low.as_ref(), self.upper.high.as_ref().or(self.lower.high.as_ref()));
        let is_out = |value: &Value, bound: Option<&Bound>, is_low: bool| {
            let pair = bound.and_then(|bound| number(value).zip(number(&bound.value)));
            pair.is_some_and(|(value, bound)| if is_low { value < bound } else { value >= bound })
        };
        if !is_out(&lower, least, true) && !is_out(&upper, most, false) {
            return Range::until(lower, upper);
        }
        let (low, high) = match (edge(least), edge(most)) {
            (Some(low), Some(high)) if high > low => (low, high),
            (Some(low), _) => (low, low.saturating_add(self.reach())),
            (_, Some(high)) => (high.saturating_sub(self.reach()), high),
            _ => return Range::until(lower, upper),
        };
        let share = |percent: i64| {
            let width = high.saturating_sub(low);
            let part = width.saturating_mul(percent.into()) / Decimal::ONE_HUNDRED;
            low.saturating_add(if width > Decimal::TEN || self.scalar == ScalarType::Integer {
                part.trunc()
            } else {
                part
            })
        };
        let start = slot.child(5).between(1, 40);
        let (mut first, mut last) = (share(start), share(start + slot.child(6).between(10, 50)));
        if last <= first {
            (first, last) = (low, high);
        }
        Range::until(self.bound(first), self.bound(last))
    }

    /// How far a range reaches where only one end is given.
    fn reach(&self) -> Decimal {
        match self.scalar {
            ScalarType::Date | ScalarType::Timestamp => Decimal::from(60 * DAY),
            ScalarType::Time => Decimal::from(8 * 3600),
            _ => Decimal::ONE_HUNDRED,
        }
    }

    /// The bound that counts so.
    fn bound(&self, number: Decimal) -> Value {
        let whole = number.trunc().to_i64().unwrap_or_default();
        match self.scalar {
            ScalarType::Date => Value::Date(whole.div_euclid(DAY) as i32),
            ScalarType::Timestamp => Value::Timestamp(whole),
            ScalarType::Time => Value::Text(clock(whole.clamp(0, DAY - 1))),
            _ => Value::Number(number),
        }
    }
}

/// A bound as a number: days and moments in seconds.
pub fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Date(day) => Some(Decimal::from(i64::from(*day) * DAY)),
        Value::Timestamp(second) => Some(Decimal::from(*second)),
        Value::Text(text) => sqlexpr::clock_seconds(text).map(Decimal::from).or_else(|| text.parse().ok()),
        _ => None,
    }
}

/// The edge of what a constraint leaves.
fn edge(bound: Option<&Bound>) -> Option<Decimal> {
    number(&bound?.value)
}

/// A range as much later, or higher, as `by` says: in seconds where it is of times.
pub fn moved(range: &Range, by: Decimal) -> Range {
    let one = |bound: &Value| match bound {
        Value::Null => Value::Null,
        Value::Date(day) => {
            let days = (by / Decimal::from(DAY)).round().to_i32().unwrap_or_default();
            Value::Date(day.saturating_add(days))
        }
        Value::Timestamp(second) => Value::Timestamp(second.saturating_add(by.to_i64().unwrap_or_default())),
        Value::Text(text) => match sqlexpr::clock_seconds(text) {
            Some(second) => Value::Text(clock((second + by.to_i64().unwrap_or_default()).clamp(0, DAY - 1))),
            None => bound.clone(),
        },
        Value::Number(number) => Value::Number(number.saturating_add(by)),
        other => other.clone(),
    };
    Range { lower: one(&range.lower), upper: one(&range.upper), ..range.clone() }
}
