//! References of several columns as one: each column is decided by one thing, and what else refers by it must agree.
//!
//! A column may be the row's own key, always the same (the kind of a subtype), or part of several references. Then one
//! of them decides it: the row for which this one is made, what the domain knows, a reference that must be there before
//! one that may be NULL. The others lead to rows that have the same in the column to which it refers.

use std::sync::Arc;

use crate::catalog::{Column, Table};
use crate::domain::dataset::Dataset;
use crate::infer::column_type::ColumnType;
use crate::infer::generated::Generated;
use crate::infer::key_space::with_maker;
use crate::infer::model::{Agreement, DecidedBy, Reference, ReferenceStrategy, Rows, TableModel};
use crate::infer::references::TargetView;
use crate::infer::rows::RowGenerator;
use crate::infer::scalar_type::ScalarType;
use crate::infer::table_key::own_key;
use crate::sqlexpr;
use crate::sqlexpr::value::Value;

/// What decides the columns of a member, so far.
struct Columns<'a> {
    table: &'a Table,
    decided: Vec<(String, DecidedBy)>,
}

impl Columns<'_> {
    fn by(&self, column: &str) -> Option<&DecidedBy> {
        self.decided.iter().find(|(name, _)| name == column).map(|(_, by)| by)
    }

    fn decide(&mut self, column: &str, by: DecidedBy) {
        if self.by(column).is_none() {
            self.decided.push((column.to_owned(), by));
        }
    }

    fn is_nullable(&self, column: &str) -> bool {
        self.table.columns.iter().any(|other| other.name == column && !other.not_null && !other.generated)
    }
}

/// Notes for each reference of a member which of its columns something else decides, and puts the references in an order
/// in which what decides comes first.
pub fn agree(frame: &TargetView<'_>, rows: &[Rows], member: usize, references: &mut Vec<Reference>) {
    if references.iter().all(|reference| reference.columns.len() < 2) {
        return;
    }
    let table = frame.table(member);
    let mut columns = Columns { table, decided: Vec::new() };
    let is_single = |reference: &Reference| reference.columns.len() == 1;
    if let Some(key) = own_key(table)
        && !references.iter().any(|reference| is_single(reference) && reference.columns[0].0 == key.name)
    {
        columns.decide(&key.name, DecidedBy::Key);
    }
    constants(frame, member, references, &mut columns);
    move_parent(references, &columns);
    // Of a tenant of which there is one every row says the same.
    for (at, reference) in references
        .iter()
        .enumerate()
        .filter(|(_, reference)| is_single(reference) && has_one_row(&rows[reference.to]))
    {
        columns.decide(&reference.columns[0].0, DecidedBy::Reference(at, reference.columns[0].1.clone()));
    }
    for (at, reference) in references.iter().enumerate() {
        if matches!(reference.strategy, ReferenceStrategy::Parent | ReferenceStrategy::FromDomain(_)) {
            for (own, theirs) in &reference.columns {
                columns.decide(own, DecidedBy::Reference(at, theirs.clone()));
            }
        }
    }
    for at in 0..references.len() {
        if !is_single(&references[at]) {
            shared(references, at, &mut columns);
        }
    }
    for (at, reference) in references.iter_mut().enumerate() {
        let is_given = |by: &DecidedBy| match by {
            DecidedBy::Reference(other, _) => *other != at,
            DecidedBy::Key | DecidedBy::Value(_) => reference.columns.len() > 1,
        };
        // Which row the domain means is not for others to say.
        let is_fixed = matches!(reference.strategy, ReferenceStrategy::FromDomain(_));
        let agrees = reference.columns.iter().filter_map(|(own, theirs)| {
            let by = columns.by(own).filter(|by| is_given(by))?.clone();
            let is_alone =
                matches!(reference.strategy, ReferenceStrategy::Parent) && !matches!(by, DecidedBy::Value(_));
            (!is_fixed && !is_alone).then(|| Agreement { own: own.clone(), theirs: theirs.clone(), by })
        });
        reference.agrees = agrees.collect();
    }
    let single_row: Vec<bool> = references.iter().map(|reference| has_one_row(&rows[reference.to])).collect();
    for reference in references.iter_mut().filter(|reference| !reference.agrees.is_empty()) {
        let is_free = |own: &String| reference.agrees.iter().all(|agreed| agreed.own != *own);
        reference.is_nullable = match reference.is_full {
            true => reference.columns.iter().all(|(own, _)| columns.is_nullable(own)),
            false => reference.columns.iter().any(|(own, _)| is_free(own) && columns.is_nullable(own)),
        };
        // A tenant of which there is one is the same in all rows.
        reference.is_free_to_choose = reference.agrees.iter().all(|agreed| match agreed.by {
            DecidedBy::Reference(by, _) => single_row[by],
            DecidedBy::Key | DecidedBy::Value(_) => false,
        });
    }
    reorder(references);
}

fn has_one_row(rows: &Rows) -> bool {
    match rows {
        Rows::Standing(count) => *count == 1,
        Rows::Existing { rows, .. } => rows.len() == 1,
        Rows::Listed(names) => names.len() == 1,
        Rows::Domain | Rows::Children { .. } => false,
    }
}

/// The columns of references of several columns that hold one value only.
fn constants(frame: &TargetView<'_>, member: usize, references: &[Reference], columns: &mut Columns<'_>) {
    let table = frame.table(member);
    let generated = Generated::of(table);
    let alone = |name: &str| {
        references.iter().any(|reference| reference.columns.len() == 1 && reference.columns[0].0 == name)
    };
    for reference in references.iter().filter(|reference| reference.columns.len() > 1) {
        for (own, _) in &reference.columns {
            let Some(column) = table.columns.iter().find(|column| column.name == *own) else { continue };
            if columns.by(own).is_some() || alone(own) {
                continue;
            }
            let computed = generated.expression(own).filter(|expression| expression.is_constant());
            let value = computed
                .and_then(|expression| expression.outcome(&|_| Value::Null, 0).ok())
                .or_else(|| only(frame, table, column, reference))
                .or_else(|| of_own_table(member, column, references, reference));
            if let Some(value) = value.filter(|value| !value.is_null()) {
                columns.decide(own, DecidedBy::Value(value));
            }
        }
    }
}

/// The only value of a column: as the configuration or a CHECK constraint says, or the default of a subtype.
fn only(frame: &TargetView<'_>, table: &Table, column: &Column, reference: &Reference) -> Option<Value> {
    let setting = frame.overrides.column(&table.schema, &table.name, &column.name);
    if let Some(value) = setting.and_then(|setting| setting.value.clone()) {
        return Some(value);
    }
    let checks: Vec<_> =
        table.checks.iter().filter_map(|check| sqlexpr::read(&check.definition).ok()).collect();
    let checks: Vec<_> = checks.iter().filter(|check| check.mentions(&column.name)).collect();
    let column_type = ColumnType::new(column, &checks, 0);
    if let Some([one]) = column_type.facts.labels.as_deref() {
        return Some(one.clone());
    }
    if let Some([one]) = column_type.labels.as_deref() {
        return Some(one.as_str().into());
    }
    let has_key = own_key(table).is_some_and(|key| reference.columns.iter().any(|(own, _)| *own == key.name));
    column_type.default.filter(|_| has_key && column.not_null)
}

/// A column that must have a value, of a reference to rows of the same table that may be NULL without it (the unit of a
/// team, of which the parent is in the same unit): nothing else decides it, and so all rows are in the first.
fn of_own_table(
    member: usize,
    column: &Column,
    references: &[Reference],
    reference: &Reference,
) -> Option<Value> {
    let has_it = |reference: &&Reference| reference.columns.iter().any(|(own, _)| *own == column.name);
    let is_alone = references.iter().filter(has_it).count() == 1;
    let column_type = ColumnType::new(column, &[], 0);
    let is_free = column.not_null
        && reference.to == member
        && reference.is_nullable
        && is_alone
        && !column_type.has_default;
    match column_type.scalar {
        ScalarType::Integer | ScalarType::Decimal | ScalarType::Text if is_free => {
            Some(column_type.fit(Value::from(1))).filter(|value| !value.is_null())
        }
        _ => None,
    }
}

/// The row for which a subtype's row is made is one of its kind: the reference that says the kind, too, leads to it.
fn move_parent(references: &mut [Reference], columns: &Columns<'_>) {
    let Some(parent) =
        references.iter().position(|reference| reference.strategy == ReferenceStrategy::Parent)
    else {
        return;
    };
    let [pair] = &references[parent].columns[..] else { return };
    let (pair, to) = (pair.clone(), references[parent].to);
    let has_constant = |reference: &Reference| {
        reference.columns.iter().any(|(own, _)| matches!(columns.by(own), Some(DecidedBy::Value(_))))
    };
    let wider = references.iter().position(|reference| {
        reference.to == to
            && reference.columns.len() > 1
            && reference.columns.contains(&pair)
            && has_constant(reference)
    });
    if let Some(wider) = wider {
        references[parent].strategy = references[wider].strategy.clone();
        references[wider].strategy = ReferenceStrategy::Parent;
        references[wider].null_percent = 0;
    }
}

/// Decides the columns of a reference of several: those that one of a single column has, too, are that one's where this
/// one can be NULL without them.
fn shared(references: &[Reference], at: usize, columns: &mut Columns<'_>) {
    let reference = &references[at];
    let others = |own: &str| {
        let of = |(other, reference): (usize, &Reference)| {
            let theirs =
                reference.columns.iter().find(|(column, _)| column == own).map(|(_, theirs)| theirs.clone());
            theirs.filter(|_| other != at).map(|theirs| (other, reference.columns.len(), theirs))
        };
        references.iter().enumerate().filter_map(of).collect::<Vec<_>>()
    };
    let nullable = |own: &String| columns.is_nullable(own);
    let may_be_null = match reference.is_full {
        true => reference.columns.iter().all(|(own, _)| nullable(own)),
        false => reference.columns.iter().any(|(own, _)| nullable(own) && others(own).is_empty()),
    };
    for (own, theirs) in &reference.columns {
        let single = others(own).into_iter().find(|(_, width, _)| *width == 1);
        match single {
            Some((other, _, theirs)) if may_be_null => {
                columns.decide(own, DecidedBy::Reference(other, theirs))
            }
            _ => columns.decide(own, DecidedBy::Reference(at, theirs.clone())),
        }
    }
}

/// Puts what decides before what follows, else in the order in which they are.
fn reorder(references: &mut Vec<Reference>) {
    let needs: Vec<Vec<usize>> = references
        .iter()
        .map(|reference| {
            let by = reference.agrees.iter().filter_map(|agreed| match agreed.by {
                DecidedBy::Reference(by, _) => Some(by),
                DecidedBy::Key | DecidedBy::Value(_) => None,
            });
            by.collect()
        })
        .collect();
    let mut order: Vec<usize> = Vec::new();
    while order.len() < references.len() {
        let waits = |at: usize| needs[at].iter().any(|need| !order.contains(need));
        let mut left = (0..references.len()).filter(|at| !order.contains(at));
        let first = left.clone().find(|at| !waits(*at)).or_else(|| left.next());
        let Some(first) = first else { break };
        order.push(first);
    }
    let place = |old: usize| order.iter().position(|at| *at == old).unwrap_or(old);
    let mut moved: Vec<Reference> = order.iter().map(|at| references[*at].clone()).collect();
    for reference in &mut moved {
        for agreed in &mut reference.agrees {
            if let DecidedBy::Reference(by, _) = &mut agreed.by {
                *by = place(*by);
            }
        }
    }
    *references = moved;
}

/// The columns to which those of a reference lead that something else decides.
fn agreed_columns(reference: &Reference) -> Vec<String> {
    reference.agrees.iter().map(|agreed| agreed.theirs.clone()).collect()
}

/// The rows for which those of a subtype are made: of its kind alone.
pub fn find_hosts(members: &mut Vec<TableModel>, dataset: &Dataset) {
    for at in 0..members.len() {
        let of_kind = |reference: &&Reference| {
            reference.strategy == ReferenceStrategy::Parent && !reference.agrees.is_empty()
        };
        let Some(reference) = members[at].references.iter().find(of_kind).cloned() else { continue };
        if matches!(members[at].rows, Rows::Children { of, .. } if of == reference.to) {
            let groups = with_maker(members, dataset, |maker, _| {
                maker.groups(reference.to, &agreed_columns(&reference))
            });
            members[at].hosts = RowGenerator::group_of(&groups, &reference.agrees).map(Arc::new);
        }
    }
}

/// The rows to which references lead of which something else decides some columns.
pub fn find_groups(members: &mut Vec<TableModel>, dataset: &Dataset) {
    for at in 0..members.len() {
        for which in 0..members[at].references.len() {
            let reference = members[at].references[which].clone();
            if reference.is_free_to_choose
                || reference.strategy == ReferenceStrategy::Parent
                || !members[at].is_written()
            {
                continue;
            }
            let groups = with_maker(members, dataset, |maker, _| {
                maker.groups(reference.to, &agreed_columns(&reference))
            });
            members[at].references[which].groups = Some(Arc::new(groups));
        }
    }
}
