//! Spans that must not overlap: a later one is moved to where nothing is.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Pass;
use crate::calendar::DAY;
use crate::infer::column_type::clock;
use crate::infer::ranges::{self, moved};
use crate::infer::rows::{Row, lookup};
use crate::infer::seen::Conflict;
use crate::sqlexpr;
use crate::sqlexpr::value::Value;

/// Days by which a span is moved before it is put where there is room.
const DAYS: i64 = 45;

impl Pass<'_> {
    /// Moves the columns of which a span is made together: by whole days, at the same time of the day, else to the next
    /// place where there is room.
    pub(super) fn move_span(
        &self,
        row: &mut Row,
        key: usize,
        conflict: &Conflict,
        before: (usize, bool),
    ) -> bool {
        let rule = self.seen[key].rule;
        let columns = rule.parts[conflict.part].columns();
        let columns: Vec<usize> = columns.iter().filter_map(|column| self.free_column(column)).collect();
        let movers = movers(&columns, row);
        if movers.is_empty() {
            return false;
        }
        let is_of_time = movers.iter().any(|at| is_time(&row.values[*at]));
        let is_past =
            movers.iter().any(|at| start(&row.values[*at]).is_some_and(|second| second <= self.now));
        let way = if is_past { -1 } else { 1 };
        let by = |row: &Row, by: Decimal| -> Vec<(usize, Value)> {
            movers.iter().map(|at| (*at, later(&row.values[*at], by))).collect()
        };
        if is_of_time {
            for days in 1..=DAYS {
                let values = by(row, Decimal::from(way * days * DAY));
                if self.try_values(row, key, before, &values) {
                    return true;
                }
            }
        }
        let seen = &self.seen[key];
        let Some(parts) = seen.parts(&|name| lookup(&self.planned.columns, row, name), self.now) else {
            return false;
        };
        let ways = [way > 0 || !is_of_time, way < 0];
        ways.into_iter().any(|is_forward| {
            let Some(mut distance) = seen.distance(&parts, is_forward) else { return false };
            if movers.iter().any(|at| matches!(row.values[*at], Value::Date(_))) {
                let days = (distance / Decimal::from(DAY)).abs().ceil() * Decimal::from(DAY);
                distance = if is_forward { days } else { -days };
            }
            let values = by(row, distance);
            self.try_values(row, key, before, &values)
        })
    }
}

/// The columns that move: days before times of the day, ranges as a whole.
fn movers(columns: &[usize], row: &Row) -> Vec<usize> {
    let of = |is_it: fn(&Value) -> bool| -> Vec<usize> {
        columns.iter().copied().filter(|at| is_it(&row.values[*at])).collect()
    };
    let all = [
        of(|value| matches!(value, Value::Range(_))),
        of(|value| matches!(value, Value::Date(_) | Value::Timestamp(_))),
        of(|value| matches!(value, Value::Text(text) if sqlexpr::clock_seconds(text).is_some())),
        of(|value| matches!(value, Value::Number(_))),
    ];
    all.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

fn is_time(value: &Value) -> bool {
    match value {
        Value::Date(_) | Value::Timestamp(_) => true,
        Value::Range(range) => is_time(&range.lower) || is_time(&range.upper),
        _ => false,
    }
}

/// When it begins, in seconds.
fn start(value: &Value) -> Option<i64> {
    match value {
        Value::Date(_) | Value::Timestamp(_) => ranges::number(value)?.to_i64(),
        Value::Range(range) => start(&range.lower),
        _ => None,
    }
}

/// A value as much later, or higher.
fn later(value: &Value, by: Decimal) -> Value {
    match value {
        Value::Range(range) => moved(range, by).into(),
        Value::Date(day) => {
            Value::Date(day.saturating_add((by / Decimal::from(DAY)).to_i32().unwrap_or_default()))
        }
        Value::Timestamp(second) => Value::Timestamp(second.saturating_add(by.to_i64().unwrap_or_default())),
        Value::Number(number) => Value::Number(number.saturating_add(by)),
        Value::Text(text) => match sqlexpr::clock_seconds(text) {
            Some(second) => {
                let moved = second + by.to_i64().unwrap_or_default();
                Value::Text(clock(moved.clamp(0, DAY - 1)))
            }
            None => value.clone(),
        },
        other => other.clone(),
    }
}
