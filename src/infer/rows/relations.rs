//! Columns of a row that are compared, brought into order.

use rust_decimal::Decimal;

use crate::calendar::DAY;
use crate::infer::model::{Relation, TableModel};
use crate::infer::relations::{is_free, is_percent};
use crate::infer::rows::maker::Maker;
use crate::infer::rows::row::Row;
use crate::random::Slot;
use crate::sqlexpr::value::Value;

/// Percent of a whole that a part takes at most.
const MOST_TAKEN: u64 = 60;
/// Percent that are taken off a price.
const OFF: [i64; 6] = [0, 0, 5, 5, 10, 15];
/// Most percent that are taken off.
const MOST_OFF: i64 = 50;
/// Days by which a time is moved before or behind another.
const DAYS: u64 = 30;

fn number(value: &Value) -> Option<Decimal> {
    if let Value::Number(number) = value { Some(*number) } else { None }
}

/// Whether one value is above another; never where one is none, or they are of different types.
fn is_above(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one > other,
        (Value::Text(one), Value::Text(other)) => one > other,
        _ => second(one).zip(second(other)).is_some_and(|(one, other)| one > other),
    }
}

fn second(value: &Value) -> Option<i64> {
    match value {
        Value::Date(day) => Some(i64::from(*day) * DAY),
        Value::Timestamp(second) => Some(*second),
        _ => None,
    }
}

impl Maker<'_> {
    /// Brings the columns of a row that are compared into order.
    pub(super) fn relate(&mut self, member: usize, row: &mut Row) {
        let model = self.model;
        let planned = &model.members[member];
        for relation in &planned.relations {
            match relation {
                Relation::Order(columns) => self.sort(member, columns, row),
                Relation::Within { part, whole } => {
                    let taken = self.slot(member, *part, &row.identity).child(61).below(MOST_TAKEN + 1);
                    if let (Some(whole), Some(_)) = (number(&row.values[*whole]), number(&row.values[*part]))
                    {
                        let value = (whole * Decimal::from(taken) / Decimal::ONE_HUNDRED).trunc();
                        put(planned, row, *part, value);
                    }
                }
                Relation::Rest { rest, whole, part } => {
                    let of = |at: &usize| number(&row.values[*at]);
                    if let (Some(whole), Some(part), Some(_)) = (of(whole), of(part), of(rest)) {
                        put(planned, row, *rest, whole - part);
                    }
                }
                Relation::Discount { discount, price, quantity, percent } => {
                    self.take_off(member, (*discount, *price, *quantity, *percent), row);
                }
                Relation::Share { of, value, is_taken_off } => {
                    let is_share = row.values[*of].as_text().is_some_and(is_percent);
                    let is_there = number(&row.values[*value]).is_some();
                    if is_there && *is_taken_off {
                        let amounts = self.amounts(member, &row.identity, &row.refs);
                        let off = if is_share { amounts.percent } else { amounts.discount };
                        put(planned, row, *value, off);
                    } else if is_there && is_share {
                        let slot = self.slot(member, *value, &row.identity).child(62);
                        put(planned, row, *value, Decimal::from(5 * slot.between(1, 6)));
                    }
                }
            }
        }
    }

    /// Puts columns in order: values that were made up change places, others stay and move those.
    fn sort(&self, member: usize, columns: &[usize], row: &mut Row) {
        let planned = &self.model.members[member];
        let set: Vec<usize> = columns.iter().copied().filter(|at| !row.values[*at].is_null()).collect();
        if set.iter().all(|at| is_free(&planned.columns[*at])) {
            let mut values: Vec<Value> = set.iter().map(|at| row.values[*at].clone()).collect();
            values.sort_by(|one, other| match (is_above(one, other), is_above(other, one)) {
                (true, _) => std::cmp::Ordering::Greater,
                (_, true) => std::cmp::Ordering::Less,
                _ => std::cmp::Ordering::Equal,
            });
            for (at, value) in set.iter().zip(values) {
                row.values[*at] = planned.columns[*at].column_type.fit(value);
            }
            return;
        }
        for pair in set.windows(2) {
            let [lesser, greater] = *pair else { continue };
            if !is_above(&row.values[lesser], &row.values[greater]) {
                continue;
            }
            let (moved, to, way) = match is_free(&planned.columns[greater]) {
                true => (greater, lesser, 1),
                false => (lesser, greater, -1),
            };
            if is_free(&planned.columns[moved]) {
                let slot = self.slot(member, moved, &row.identity).child(63);
                let value = self.beside(&row.values[to], way, slot);
                row.values[moved] = planned.columns[moved].column_type.fit(value);
            }
        }
    }

    /// A value somewhat above or below another.
    fn beside(&self, value: &Value, way: i64, slot: Slot) -> Value {
        let days = slot.below(DAYS + 1) as i64;
        match value {
            Value::Number(number) => {
                let percent = Decimal::from(100 + way * slot.between(5, 40));
                Value::Number((number * percent / Decimal::ONE_HUNDRED).round_dp(2))
            }
            Value::Date(day) => Value::Date(day + (way * days) as i32),
            Value::Timestamp(second) => {
                let moved = second + way * days * DAY;
                // What has been does not move into the future.
                Value::Timestamp(if *second <= self.program.now {
                    moved.min(self.program.now)
                } else {
                    moved
                })
            }
            other => other.clone(),
        }
    }

    /// What is taken off a price: its percentage where the row says one.
    fn take_off(
        &self,
        member: usize,
        (discount, price, quantity, percent): (usize, usize, Option<usize>, Option<usize>),
        row: &mut Row,
    ) {
        let planned = &self.model.members[member];
        let Some(price) = number(&row.values[price]) else { return };
        let said = percent.map(|at| (at, number(&row.values[at])));
        let is_null = row.values[discount].is_null();
        let off = match said {
            // Both say how much is taken off, or neither.
            Some((_, None)) if !planned.columns[discount].column_type.not_null => {
                return row.leave_out(discount);
            }
            None if is_null => return,
            Some((at, Some(said))) => {
                let off = said.min(MOST_OFF.into());
                put(planned, row, at, off);
                off
            }
            _ => Decimal::from(*self.slot(member, discount, &row.identity).child(64).pick(&OFF)),
        };
        let whole = price * quantity.and_then(|at| number(&row.values[at])).unwrap_or(Decimal::ONE);
        put(planned, row, discount, (whole * off / Decimal::ONE_HUNDRED).round_dp(2));
    }
}

/// Puts a number into a column that is made up.
fn put(planned: &TableModel, row: &mut Row, at: usize, number: Decimal) {
    if is_free(&planned.columns[at]) {
        row.values[at] = planned.columns[at].column_type.fit(Value::Number(number));
    }
}
