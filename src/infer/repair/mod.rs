//! Rows that break a CHECK constraint although each column was made to fit: a search, in an order that is
//! always the same, for the fewest other values with which they pass.

mod roots;

use std::cell::Cell;

use rust_decimal::Decimal;

use crate::domain::TABLES;
use crate::infer::column_type::{ColumnType, step};
use crate::infer::model::{ColumnModel, Generator, TableCheck, TableModel};
use crate::infer::rows::variants;
use crate::infer::rows::{Row, lookup};
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{Verdict, literals};
use roots::Sought;

/// Number of other values that are tried for a column.
const OFFERS: u64 = 16;
/// Number of other rows that are tried for a reference.
const LINKS: u64 = 4;
/// Distance up to which neighbouring whole numbers are tried.
const NEAR: i64 = 12;
/// Maximum number of passes over the constraints.
const ROUNDS: usize = 24;

/// What a search may cost for one row and constraint: expressions that are evaluated. Rows that can be repaired take a few
/// thousand; for others all combinations would be tried, of which there are too many.
const EFFORT: u64 = 1 << 18;
/// So often a constraint is evaluated at least, however large it is.
const TRIES: u64 = 64;

/// What a column of a row might be instead: the column, which offer, and the row.
type Other<'a> = dyn FnMut(usize, u64, &Row) -> Option<Value> + 'a;

/// A search for a row.
struct Search<'a> {
    member: &'a TableModel,
    now: i64,
    left: Cell<u64>,
}

/// Changes the row until it satisfies as many constraints as possible. Returns whether one was violated.
pub fn repair(member: &TableModel, row: &mut Row, now: i64, other: &mut Other<'_>) -> bool {
    for round in 0..ROUNDS {
        let Some(check) = broken(member, row, now) else { return round > 0 };
        if round == 0 {
            row.keep_alternatives();
        }
        if !satisfy(member, row, now, check, other) {
            return true;
        }
    }
    true
}

/// Makes the row pass one constraint, and no fewer of the others than before.
pub fn satisfy(
    member: &TableModel,
    row: &mut Row,
    now: i64,
    check: &TableCheck,
    other: &mut Other<'_>,
) -> bool {
    let left = EFFORT.max(check.cost.saturating_mul(TRIES));
    Search { member, now, left: Cell::new(left) }.satisfy(row, check, other)
}

/// The first CHECK constraint that a row breaks.
pub fn broken<'a>(member: &'a TableModel, row: &Row, now: i64) -> Option<&'a TableCheck> {
    member.checks.iter().find(|check| !passes(row, now, check))
}

fn passes(row: &Row, now: i64, check: &TableCheck) -> bool {
    check.expression.verdict_on(&|column| check.value(&row.values, column), now) != Verdict::Fails
}

impl Search<'_> {
    /// Whether the row passes, and the search may go on: where it may not, nothing passes any more.
    fn passes(&self, row: &Row, check: &TableCheck) -> bool {
        let Some(left) = self.left.get().checked_sub(check.cost) else {
            self.left.set(0);
            return false;
        };
        self.left.set(left);
        passes(row, self.now, check)
    }

    fn is_over(&self) -> bool {
        self.left.get() == 0
    }

    fn satisfy(&self, row: &mut Row, check: &TableCheck, other: &mut Other<'_>) -> bool {
        let columns: Vec<usize> = check.positions.iter().flatten().copied().collect();
        let mut touched = check.columns.clone();
        // With a column those change that follow from it.
        for column in &self.member.columns {
            if let Generator::Equals(expression) = &column.generator
                && touched.iter().any(|column| expression.mentions(column))
            {
                touched.push(column.column_type.name.clone());
            }
        }
        // What reads none of the columns says of the row what it said before.
        let is_beside = |beside: &&TableCheck| {
            beside.name != check.name && beside.columns.iter().any(|column| touched.contains(column))
        };
        let beside: Vec<&TableCheck> = self.member.checks.iter().filter(is_beside).collect();
        let goal = Goal { check, beside, columns };
        self.passes(row, check) || self.change_one(row, &goal, other) || self.change_two(row, &goal, other)
    }

    /// How many are broken, besides the one that is to be met.
    fn faults(&self, row: &Row, goal: &Goal<'_>) -> usize {
        goal.beside.iter().filter(|check| !self.passes(row, check)).count()
    }

    /// Whether the row is as it should be, with no more faults than `before`.
    fn is_met(&self, row: &Row, goal: &Goal<'_>, before: usize) -> bool {
        self.passes(row, goal.check) && self.faults(row, goal) <= before && !self.is_over()
    }

    /// Tries to reach `goal` by changing one column of `row`.
    fn change_one(&self, row: &mut Row, goal: &Goal<'_>, other: &mut Other<'_>) -> bool {
        let before = self.faults(row, goal);
        for at in by_change_cost(self.member, row, &goal.columns) {
            if self.is_over() {
                return false;
            }
            for candidate in self.candidates(row, at, goal.check, &goal.columns, other) {
                let kept = self.put(row, at, candidate);
                if self.is_met(row, goal, before) {
                    return true;
                }
                take_back(row, kept);
            }
        }
        false
    }

    /// Tries to reach `goal` by changing two columns of `row` together.
    fn change_two(&self, row: &mut Row, goal: &Goal<'_>, other: &mut Other<'_>) -> bool {
        let before = self.faults(row, goal);
        let columns = by_change_cost(self.member, row, &goal.columns);
        for (i, first) in columns.iter().enumerate() {
            if self.is_over() {
                return false;
            }
            for candidate in self.candidates(row, *first, goal.check, &columns, other) {
                let kept_first = self.put(row, *first, candidate);
                for second in &columns[i + 1..] {
                    if self.is_over() {
                        break;
                    }
                    for candidate in self.candidates(row, *second, goal.check, &columns, other) {
                        let kept = self.put(row, *second, candidate);
                        if self.is_met(row, goal, before) {
                            return true;
                        }
                        take_back(row, kept);
                    }
                }
                take_back(row, kept_first);
            }
        }
        false
    }

    /// Puts a value into a column, and into those that follow from it by a CHECK constraint what they are then: what
    /// stood there.
    fn put(&self, row: &mut Row, at: usize, value: Value) -> Vec<(usize, Value)> {
        let mut kept = vec![(at, std::mem::replace(&mut row.values[at], value))];
        let mut next = 0;
        while next < kept.len() {
            let changed = &self.member.columns[kept[next].0].column_type.name;
            next += 1;
            for (follower, column) in self.member.columns.iter().enumerate() {
                let Generator::Equals(expression) = &column.generator else { continue };
                if kept.iter().any(|(at, _)| *at == follower) || !expression.mentions(changed) {
                    continue;
                }
                let value = expression.value(&|name| lookup(&self.member.columns, row, name), self.now);
                kept.push((
                    follower,
                    std::mem::replace(&mut row.values[follower], column.column_type.fit(value)),
                ));
            }
        }
        kept
    }

    /// Values that a column might have instead: where a constraint computes with it those at which it turns, then others.
    fn candidates(
        &self,
        row: &Row,
        at: usize,
        check: &TableCheck,
        columns: &[usize],
        other: &mut Other<'_>,
    ) -> Vec<Value> {
        let column = &self.member.columns[at];
        let mut found = Vec::new();
        if !matches!(column.generator, Generator::Reference(..)) && column.unique.is_none() {
            let sought = Sought {
                column: &column.column_type.name,
                column_type: &column.column_type,
                row: &|name| check.value(&row.values, name).into_owned(),
                now: self.now,
            };
            found = sought.roots(&check.expression, &row.values[at]);
        }
        found.extend(candidates(self.member, row, at, check, columns, other));
        found
    }
}

/// Puts back what stood in a row.
fn take_back(row: &mut Row, kept: Vec<(usize, Value)>) {
    for (at, value) in kept {
        row.values[at] = value;
    }
}

/// The goal of a search.
struct Goal<'a> {
    /// The constraint that the row must satisfy afterwards.
    check: &'a TableCheck,
    /// And no more of those are broken that read the same columns.
    beside: Vec<&'a TableCheck>,
    /// Positions of the columns that may be changed.
    columns: Vec<usize>,
}

/// How freely a column may be changed: what we made up before what the domain has; a key never.
fn change_cost(member: &TableModel, at: usize) -> Option<u8> {
    let column = &member.columns[at];
    match &column.generator {
        _ if column.unique.is_some() => Some(7),
        Generator::Equals(_) => Some(0),
        Generator::Semantics(_) | Generator::Document(_) | Generator::Exotic => Some(1),
        Generator::Labels(_) | Generator::Pattern(_) | Generator::Lifecycle(_) => Some(2),
        Generator::Reference(..) => Some(3),
        // The number of the row is what others know it by.
        Generator::Converted(0) | Generator::Passthrough(0) if has_number(member) => None,
        // When the domain's rows closed may be left open rather than that they did be changed.
        Generator::Converted(_) | Generator::Passthrough(_) if is_loose_time(column) => Some(4),
        Generator::Converted(_) | Generator::Passthrough(_) => Some(5),
        Generator::Constant(_)
        | Generator::InTurn(_)
        | Generator::Tenant(_)
        | Generator::Name(_)
        | Generator::Copy(_) => Some(6),
        Generator::Key(_)
        | Generator::Default(_)
        | Generator::Record(_)
        | Generator::RecordType(_)
        | Generator::Count(_) => None,
    }
}

/// Whether the first column of the CRM table is the row number.
fn has_number(member: &TableModel) -> bool {
    let columns = member.domain.map(|domain| TABLES[domain].columns());
    columns.is_some_and(|columns| columns.first().is_some_and(|first| first.name == "id"))
}

/// A day or a moment of the domain that may be NULL.
fn is_loose_time(column: &ColumnModel) -> bool {
    let is_time = matches!(column.column_type.scalar, ScalarType::Date | ScalarType::Timestamp);
    is_time
        && !column.column_type.not_null
        && matches!(column.generator, Generator::Converted(_) | Generator::Passthrough(_))
}

/// The least reluctant first; of references another one first from row to row, so that not all rows give up
/// the same.
fn by_change_cost(member: &TableModel, row: &Row, columns: &[usize]) -> Vec<usize> {
    let free = columns.iter().filter(|at| !row.given.contains(at));
    let mut columns: Vec<(u8, usize)> =
        free.filter_map(|at| Some((change_cost(member, *at)?, *at))).collect();
    columns.sort_unstable();
    let references = columns.iter().filter(|(change_cost, _)| *change_cost == 3).count();
    if references > 1 {
        let first = columns.iter().position(|(change_cost, _)| *change_cost == 3).unwrap_or(0);
        columns[first..first + references]
            .rotate_left(row.identity.row_ref.number as usize / 10 % references);
    }
    columns.into_iter().map(|(_, at)| at).collect()
}

/// Values that a column might have instead.
fn candidates(
    member: &TableModel,
    row: &Row,
    at: usize,
    check: &TableCheck,
    columns: &[usize],
    other: &mut Other<'_>,
) -> Vec<Value> {
    let column_type = &member.columns[at].column_type;
    let mut found: Vec<Value> = Vec::new();
    if !row.alternatives[at].is_null() && row.values[at].is_null() {
        found.push(row.alternatives[at].clone());
    }
    if matches!(member.columns[at].generator, Generator::Reference(..)) {
        found.extend((0..LINKS).filter_map(|offer| other(at, offer, row)));
        found.extend((!column_type.not_null).then_some(Value::Null));
        return found;
    }
    if is_loose_time(&member.columns[at]) && !row.values[at].is_null() {
        found.push(Value::Null);
    }
    let unit = Decimal::new(1, if column_type.scalar == ScalarType::Integer { 0 } else { 2 });
    for literal in &literals(&check.expression, &column_type.name, 0) {
        found.extend([0, 1, -1].map(|by| column_type.fit(step(literal, by != 0, by, unit))));
    }
    for beside in columns.iter().filter(|beside| **beside != at) {
        let value = &row.values[*beside];
        if !value.is_null() {
            found.extend([0, 1, -1].map(|by| column_type.fit(step(value, by != 0, by, unit))));
        }
    }
    if let (Value::Text(text), None, false, ScalarType::Text) =
        (&row.values[at], &column_type.labels, column_type.is_list, column_type.scalar)
    {
        found.extend(variants::forms(text).into_iter().map(|form| column_type.fit(form.into())));
    }
    for label in column_type.labels.iter().flatten() {
        found.push(wrapped(column_type, label.as_str().into()));
    }
    if column_type.scalar == ScalarType::Bool {
        found.extend([Value::Bool(true), Value::Bool(false)]);
    }
    if let (Value::Number(number), ScalarType::Integer) = (&row.values[at], column_type.scalar) {
        found.extend(
            (1..=NEAR)
                .map(Decimal::from)
                .flat_map(|by| [number.saturating_add(by), number.saturating_sub(by)].map(Value::Number)),
        );
    }
    for offer in 0..OFFERS {
        found.extend(other(at, offer, row));
    }
    let is_loose = is_loose_time(&member.columns[at]);
    found.retain(|value| if value.is_null() { is_loose } else { is_in_range(column_type, value) });
    found.extend((!column_type.not_null).then_some(Value::Null));
    found.dedup();
    found
}

fn wrapped(column_type: &ColumnType, value: Value) -> Value {
    if column_type.is_list { Value::List(vec![value]) } else { value }
}

fn is_in_range(column_type: &ColumnType, value: &Value) -> bool {
    column_type.bounded(value.clone()) == *value
}
