//! Rows that a key or an exclusion constraint would refuse beside earlier ones, and what becomes of them.
//!
//! What keeps keys by construction ([`crate::infer::uniqueness`]) is for columns in which rows would meet all the time.
//! In others they seldom do: names, days, spans of time. There each row keeps what it has, and only one that comes
//! later and meets an earlier one is changed: a name gets what tells people of one name apart, a meeting moves to
//! another day, one of two labels gives way to the other, a row is put outside of the key's predicate. What nothing
//! saves is left out, where no other table refers to it. The rows are gone through once, in their order, when the plan
//! is made; growth appends rows, and so changes none.

mod spans;
mod variations;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::dataset::Dataset;
use crate::infer::model::{
    ColumnModel, Generator, KeyRule, Model, ReferenceStrategy, Rows, TableCheck, TableModel, UniqueBy,
};
use crate::infer::repair;
use crate::infer::rows::{NO_ORDINAL, Row, RowGenerator, lookup};
use crate::infer::scalar_type::ScalarType;
use crate::infer::seen::{Conflict, Seen};
use crate::infer::semantics::unique_text;
use crate::infer::troubles::Troubles;
use crate::infer::uniqueness;
use crate::sqlexpr::Expression;
use crate::sqlexpr::value::Value;
use variations::{Called, called, variation};

/// Rows that are made in one go.
const AT_ONCE: u64 = 1024;
/// Columns of a row that are changed at most, one after the other.
const ROUNDS: usize = 6;
/// Variations of a name that are tried before it gets a number.
const VARIATIONS: u64 = 60;
/// Other values that a column is asked for.
const OFFERS: u64 = 24;
/// Days by which a day is moved at most.
const DAYS: i64 = 3_000;

/// What was found of the rows of a table.
#[derive(Default)]
struct Settled {
    /// What rows have instead.
    changes: BTreeMap<u64, Vec<(usize, Value)>>,
    /// Ordinals of those that are left out.
    dropped: Vec<u64>,
}

/// Settles the rows that keys would refuse which nothing keeps by construction: parents first, as others may say what
/// they say.
pub fn all(members: &mut Vec<TableModel>, order: &[usize], dataset: &Dataset, troubles: &mut Troubles) {
    for at in order.iter().copied() {
        if members[at].unsettled.is_empty() || troubles.reach(members).contains(&at) {
            continue;
        }
        let is_referred = members.iter().any(|member| {
            member.references.iter().any(|reference| reference.to == at)
                || matches!(member.rows, Rows::Children { of, .. } if of == at)
        });
        let model = Arc::new(Model { members: std::mem::take(members) });
        let mut maker = RowGenerator::new(&model, dataset);
        let settled = settle(&mut maker, &model, at, !is_referred, dataset);
        drop(maker);
        *members = Arc::into_inner(model).map(|model| model.members).unwrap_or_default();
        match settled {
            Ok(settled) => {
                members[at].settled = settled.changes;
                members[at].dropped = settled.dropped;
            }
            Err(rule) => troubles.add(at, uniqueness::refused(&members[at], &rule)),
        }
    }
}

/// Goes through the rows of a member and settles those that meet earlier ones. Rows may be left out where `may_drop`.
///
/// # Errors
/// The key that a row would break, whatever is tried.
fn settle(
    maker: &mut RowGenerator,
    model: &Arc<Model>,
    member: usize,
    may_drop: bool,
    dataset: &Dataset,
) -> Result<Settled, Box<KeyRule>> {
    let planned = &model.members[member];
    let mut pass = Pass {
        maker,
        planned,
        member,
        now: dataset.now(),
        may_drop,
        seen: planned.unsettled.iter().map(Seen::new).collect(),
        settled: Settled::default(),
    };
    let count = pass.maker.count(member);
    for start in (0..count).step_by(AT_ONCE as usize) {
        let rows = pass.maker.rows(member, start..(start + AT_ONCE).min(count));
        for row in rows {
            pass.take(row)?;
        }
    }
    if let Some(domain) = planned.domain {
        for row in pass.maker.explicit_rows(member, dataset, domain) {
            pass.take(row)?;
        }
    }
    for row in pass.maker.rows_added(member) {
        pass.take(row)?;
    }
    Ok(pass.settled)
}

/// The rows of a member as they go by.
struct Pass<'a> {
    maker: &'a mut RowGenerator,
    planned: &'a TableModel,
    member: usize,
    now: i64,
    may_drop: bool,
    seen: Vec<Seen<'a>>,
    settled: Settled,
}

impl<'a> Pass<'a> {
    /// Takes the next row up, changed where it must be.
    fn take(&mut self, mut row: Row) -> Result<(), Box<KeyRule>> {
        let parent = row.identity.parent_ordinal();
        self.seen.iter_mut().for_each(|seen| seen.of_parent(parent));
        let made = row.values.clone();
        let mut fault = self.fault(&row);
        for _ in 0..ROUNDS {
            let Some((key, conflict)) = fault else { break };
            if !self.change(&mut row, key, &conflict) {
                fault = Some((key, conflict));
                break;
            }
            fault = self.fault(&row);
        }
        let lacks = self.may_drop && lacks(self.planned, &row);
        if fault.is_some() || lacks {
            let ordinal = row.identity.row_ref.ordinal;
            if self.may_drop && ordinal != NO_ORDINAL {
                self.settled.dropped.push(ordinal);
                return Ok(());
            }
            if let Some((key, _)) = fault {
                return Err(Box::new(self.seen[key].rule.clone()));
            }
        }
        let changes: Vec<(usize, Value)> = (0..made.len())
            .filter(|at| made[*at] != row.values[*at])
            .map(|at| (at, row.values[at].clone()))
            .collect();
        if !changes.is_empty() {
            self.settled.changes.insert(row.identity.key(), changes);
        }
        let value_of = |name: &str| lookup(&self.planned.columns, &row, name);
        for seen in &mut self.seen {
            if let Some(parts) = seen.parts(&value_of, self.now) {
                seen.add(parts, row.identity.row_ref.number);
            }
        }
        Ok(())
    }

    /// The first key that a row would break, and beside which row.
    fn fault(&self, row: &Row) -> Option<(usize, Conflict)> {
        (0..self.seen.len()).find_map(|key| Some((key, self.conflict(row, key)?)))
    }

    fn conflict(&self, row: &Row, key: usize) -> Option<Conflict> {
        let seen = &self.seen[key];
        let parts = seen.parts(&|name| lookup(&self.planned.columns, row, name), self.now)?;
        seen.conflict(&parts)
    }

    fn faults(&self, row: &Row) -> usize {
        (0..self.seen.len()).filter(|key| self.conflict(row, *key).is_some()).count()
    }

    /// Whether a row keeps the key now, and no fewer of the others and of the CHECK constraints than before.
    fn is_better(&self, row: &Row, key: usize, (faults, was_whole): (usize, bool)) -> bool {
        self.conflict(row, key).is_none()
            && self.faults(row) < faults
            && (!was_whole || repair::broken(self.planned, row, self.now).is_none())
    }

    /// Puts values into a row if that makes it better.
    fn try_values(
        &self,
        row: &mut Row,
        key: usize,
        before: (usize, bool),
        values: &[(usize, Value)],
    ) -> bool {
        if values.iter().any(|(at, _)| row.given.contains(at)) {
            return false;
        }
        let kept: Vec<(usize, Value)> = values.iter().map(|(at, _)| (*at, row.values[*at].clone())).collect();
        for (at, value) in values {
            row.values[*at] = value.clone();
        }
        if kept.iter().zip(values).any(|((_, old), (_, new))| old != new) && self.is_better(row, key, before)
        {
            return true;
        }
        for (at, value) in kept {
            row.values[at] = value;
        }
        false
    }

    /// Changes a row so that it keeps a key.
    fn change(&mut self, row: &mut Row, key: usize, conflict: &Conflict) -> bool {
        let before = (self.faults(row), repair::broken(self.planned, row, self.now).is_none());
        let rule = self.seen[key].rule;
        if let Some(same) = &conflict.same
            && let Expression::Column(name) = &rule.parts[conflict.part]
            && let Some(at) = self.free_column(name)
            && self.try_values(row, key, before, &[(at, same.clone())])
        {
            return true;
        }
        if !rule.is_of_equals() && self.move_span(row, key, conflict, before) {
            return true;
        }
        self.vary_text(row, key, before)
            || (rule.is_of_equals() && self.move_day(row, key, before))
            || self.put_outside(row, key, before)
            || self.offer(row, key, before)
            || self.leave_null(row, key, before)
    }

    /// The step that makes a column, where it is not what others know the row by.
    fn free_column(&self, column: &str) -> Option<usize> {
        let at = self.planned.column(column)?;
        let column = &self.planned.columns[at];
        let is_fixed = matches!(
            column.generator,
            Generator::Key(_)
                | Generator::Name(_)
                | Generator::Record(_)
                | Generator::RecordType(_)
                | Generator::Copy(_)
                | Generator::Count(_)
                | Generator::Tenant(_)
        );
        let is_id = matches!(column.generator, Generator::Passthrough(0) | Generator::Converted(0))
            && column.column_type.scalar != ScalarType::Text;
        let is_told = !matches!(column.unique, None | Some(UniqueBy::EndOf(_)));
        (!is_told && !is_fixed && !is_id).then_some(at)
    }

    fn free_columns(&self, rule: &KeyRule) -> Vec<usize> {
        rule.columns.iter().filter_map(|column| self.free_column(column)).collect()
    }

    /// Tells names apart as people do; with a number where that is how such texts are told apart, or nothing else is
    /// left.
    fn vary_text(&mut self, row: &mut Row, key: usize, before: (usize, bool)) -> bool {
        let rule = self.seen[key].rule;
        let columns = &self.planned.columns;
        let mut texts: Vec<(usize, Called)> = self
            .free_columns(rule)
            .into_iter()
            .filter(|at| may_vary(&columns[*at]) && row.values[*at].as_text().is_some())
            .map(|at| (at, called(self.planned, &columns[at])))
            .collect();
        texts.sort_by_key(|(_, called)| *called);
        for (at, called) in &texts {
            let base = row.values[*at].as_text().unwrap_or_default().to_owned();
            let slot = self.maker.slot_of(self.member, *at, row);
            for attempt in 1..=VARIATIONS {
                let Some(text) = variation(*called, &base, attempt, slot) else { break };
                let value = columns[*at].column_type.fit_text(text.clone());
                if value.as_text() != Some(text.as_str()) {
                    continue;
                }
                let mut values = vec![(*at, value)];
                values.extend(self.followers(row, *at, &base, &text));
                if self.try_values(row, key, before, &values) {
                    return true;
                }
            }
        }
        texts.iter().any(|(at, _)| {
            let base = row.values[*at].as_text().unwrap_or_default();
            let number = row.identity.row_ref.number;
            let text = unique_text(base, number, columns[*at].column_type.max_length);
            self.try_values(row, key, before, &[(*at, columns[*at].column_type.fit_text(text))])
        })
    }

    /// Names elsewhere in the row that hold the old one: the whole name that a last name is part of.
    fn followers(&self, row: &Row, at: usize, old: &str, new: &str) -> Vec<(usize, Value)> {
        let columns = self.planned.columns.iter().enumerate();
        let follow = columns.filter_map(|(other, column)| {
            let text = row.values[other].as_text()?;
            let is_name = column
                .column_type
                .words
                .iter()
                .any(|word| matches!(word.as_str(), "name" | "label" | "title"));
            let follows =
                other != at && is_name && column.unique.is_none() && !old.is_empty() && text.contains(old);
            let value = column.column_type.fit_text(text.replacen(old, new, 1));
            follows.then_some((other, value))
        });
        follow.collect()
    }

    /// Moves a day or a moment: what is past further into the past, what is to come further on.
    fn move_day(&self, row: &mut Row, key: usize, before: (usize, bool)) -> bool {
        let rule = self.seen[key].rule;
        let is_time = |at: &usize| matches!(row.values[*at], Value::Date(_) | Value::Timestamp(_));
        let Some(at) = self.free_columns(rule).into_iter().find(is_time) else { return false };
        let old = row.values[at].clone();
        let moved = |by: i64| match old {
            Value::Date(day) => Value::Date(day.saturating_add(by as i32)),
            Value::Timestamp(second) => Value::Timestamp(second.saturating_add(by * crate::calendar::DAY)),
            ref other => other.clone(),
        };
        let is_past = match old {
            Value::Date(day) => i64::from(day) * crate::calendar::DAY <= self.now,
            Value::Timestamp(second) => second <= self.now,
            _ => true,
        };
        let way = if is_past { -1 } else { 1 };
        if let Value::Timestamp(second) = old {
            let soon = (1..=12).map(|column| Value::Timestamp(second + way * column * 900));
            for value in soon {
                if self.try_values(row, key, before, &[(at, value)]) {
                    return true;
                }
            }
        }
        (1..=DAYS).any(|by| self.try_values(row, key, before, &[(at, moved(way * by))]))
    }

    /// Puts a row out of those for which the key holds.
    fn put_outside(&mut self, row: &mut Row, key: usize, before: (usize, bool)) -> bool {
        let rule = self.seen[key].rule;
        let Some(inside) = &rule.predicate else { return false };
        let outside = Expression::Not(Box::new(Expression::Is(
            crate::sqlexpr::operator::Test::True,
            Box::new(inside.clone()),
        )));
        let check = TableCheck::new(rule.name.clone(), format!("NOT ({})", rule.name), outside);
        let check = check.of(&self.planned.columns);
        let made = row.values.clone();
        let (member, now) = (self.member, self.now);
        let maker = &mut *self.maker;
        let mut other = |at: usize, offer: u64, row: &Row| maker.other(member, at, offer, row);
        let is_out = repair::satisfy(self.planned, row, now, &check, &mut other);
        if is_out && self.is_better(row, key, before) {
            return true;
        }
        row.values = made;
        false
    }

    /// Asks the columns of the key for other values.
    fn offer(&mut self, row: &mut Row, key: usize, before: (usize, bool)) -> bool {
        let rule = self.seen[key].rule;
        for at in self.free_columns(rule) {
            let column = &self.planned.columns[at];
            let column_type = &column.column_type;
            let mut values: Vec<Value> = Vec::new();
            if let Some(labels) = column_type.labels.as_ref().filter(|_| !column_type.is_list) {
                values.extend(labels.iter().map(|label| Value::from(label.as_str())));
            }
            if row.values[at].is_null() && !row.alternatives[at].is_null() {
                values.push(row.alternatives[at].clone());
            }
            for value in values {
                if self.try_values(row, key, before, &[(at, value)]) {
                    return true;
                }
            }
            for offer in 0..OFFERS {
                let Some(value) = self.maker.other(self.member, at, offer, row) else { break };
                if self.try_values(row, key, before, &[(at, value)]) {
                    return true;
                }
            }
        }
        false
    }

    /// Leaves a column of the key NULL, as NULLs differ.
    fn leave_null(&self, row: &mut Row, key: usize, before: (usize, bool)) -> bool {
        let rule = self.seen[key].rule;
        if rule.nulls_same {
            return false;
        }
        let may_be = |at: &usize| {
            let column = &self.planned.columns[*at];
            let is_parent = match column.generator {
                Generator::Reference(reference, _) => {
                    self.planned.references[reference].strategy == ReferenceStrategy::Parent
                }
                _ => false,
            };
            !column.column_type.not_null && !is_parent
        };
        let free: Vec<usize> = self.free_columns(rule).into_iter().filter(may_be).collect();
        free.into_iter().any(|at| self.try_values(row, key, before, &[(at, Value::Null)]))
    }
}

/// Whether a text may be written otherwise: it is no label, and no pattern says what it is.
fn may_vary(column: &ColumnModel) -> bool {
    column.column_type.scalar == ScalarType::Text
        && column.column_type.labels.is_none()
        && column.column_type.facts.patterns.is_empty()
        && !column.column_type.is_list
        && !matches!(
            column.generator,
            Generator::Labels(_) | Generator::Reference(..) | Generator::Equals(_) | Generator::Lifecycle(_)
        )
}

/// Whether a row has no value where it must have one.
fn lacks(member: &TableModel, row: &Row) -> bool {
    member
        .columns
        .iter()
        .zip(&row.values)
        .any(|(column, value)| column.column_type.not_null && value.is_null())
}
