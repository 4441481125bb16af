//! In which order the tables are filled, and what becomes of foreign keys that lead in a circle.

use crate::catalog::Schema;
use crate::error::{Error, Result};
use crate::infer::model::{TableModel, with_written_rows};

/// In which order the tables are filled.
#[derive(Debug, Default)]
pub struct Order {
    /// The tables that are written, parents first.
    pub tables: Vec<usize>,
    /// Foreign keys that are checked at the end of the transaction, and not usually: table and name.
    pub made_deferrable: Vec<(String, String)>,
    /// Some foreign keys can wait until the end of the transaction.
    pub defers: bool,
}

/// Orders the members, and marks the references that can be written only after all rows are there.
///
/// # Errors
/// A circle of foreign keys that can neither wait nor be NULL.
pub fn order(members: &mut [TableModel], schema: &Schema) -> Result<Order> {
    let mut waiting: Vec<usize> = (0..members.len()).filter(|at| members[*at].is_written()).collect();
    let mut order = Order::default();
    while !waiting.is_empty() {
        let free = waiting.iter().position(|at| blockers(members, &waiting, *at).is_empty());
        let next = match free {
            Some(position) => position,
            None => open_circle(members, &waiting, schema, &mut order)?,
        };
        order.tables.push(waiting.remove(next));
    }
    Ok(order)
}

/// The references of a member that lead to a table that is not filled yet, and cannot wait.
fn blockers(members: &[TableModel], waiting: &[usize], at: usize) -> Vec<usize> {
    let references = members[at].references.iter().enumerate();
    references
        .filter(|(_, reference)| {
            let to = with_written_rows(members, reference.to);
            reference.is_declared && !reference.is_deferred && to != at && waiting.contains(&to)
        })
        .map(|(reference, _)| reference)
        .collect()
}

/// The member into whose table a reference leads.
fn target(members: &[TableModel], at: usize, reference: usize) -> usize {
    with_written_rows(members, members[at].references[reference].to)
}

/// Chooses a table to be filled although others it refers to are not: one whose references can wait, else
/// one whose references can be NULL for a while, else one whose foreign keys may be altered.
fn open_circle(
    members: &mut [TableModel],
    waiting: &[usize],
    schema: &Schema,
    order: &mut Order,
) -> Result<usize> {
    // A table that only waits for a circle is in none, and keeps its references.
    let waiting_in_circle: Vec<usize> = (0..waiting.len())
        .filter(|position| {
            let at = waiting[*position];
            let leads_back =
                |reference: &usize| reaches(members, waiting, target(members, at, *reference), at);
            blockers(members, waiting, at).iter().all(leads_back)
        })
        .collect();
    let position = |test: &dyn Fn(usize) -> bool| {
        waiting_in_circle.iter().copied().find(|position| test(waiting[*position]))
    };
    let can = |members: &[TableModel], at: usize, test: &dyn Fn(usize, usize) -> bool| {
        blockers(members, waiting, at).iter().all(|reference| test(at, *reference))
    };
    let is_deferrable = |at: usize, reference: usize| members[at].references[reference].is_deferrable;
    if let Some(position) = position(&|at| can(members, at, &is_deferrable)) {
        order.defers = true;
        return Ok(position);
    }
    let is_soft =
        |at: usize, reference: usize| is_deferrable(at, reference) || can_wait(&members[at], reference);
    // Best one that no CHECK constraint looks at before it is there.
    let is_softest =
        |at: usize, reference: usize| is_soft(at, reference) && !is_checked(&members[at], reference);
    let softest = position(&|at| can(members, at, &is_softest));
    if let Some(position) = softest.or_else(|| position(&|at| can(members, at, &is_soft))) {
        let at = waiting[position];
        for reference in blockers(members, waiting, at) {
            order.defers |= members[at].references[reference].is_deferrable;
            if !members[at].references[reference].is_deferrable {
                members[at].references[reference].is_deferred = true;
            }
        }
        return Ok(position);
    }
    let owns = |at: usize| schema.tables[members[at].position].owned;
    let Some(position) = position(&owns) else {
        let names: Vec<&str> = waiting.iter().map(|at| members[*at].qualified.as_str()).collect();
        return Err(Error::failed(format!(
            "the foreign keys of {} form a cycle of NOT NULL columns, so no table can be filled first",
            names.join(", ")
        ))
        .with_hint("make one of the foreign keys DEFERRABLE, or connect as the owner of the tables"));
    };
    let at = waiting[position];
    for reference in blockers(members, waiting, at) {
        let reference = &mut members[at].references[reference];
        if reference.is_nullable {
            reference.is_deferred = true;
        } else if !reference.is_deferrable {
            reference.is_deferrable = true;
            order.made_deferrable.push((members[at].qualified.clone(), reference.name.clone()));
        }
    }
    order.defers = true;
    Ok(position)
}

/// Whether a table waits for another, or for one that does.
fn reaches(members: &[TableModel], waiting: &[usize], from: usize, to: usize) -> bool {
    let (mut open, mut seen) = (vec![from], Vec::new());
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if !seen.contains(&at) {
            seen.push(at);
            open.extend(
                blockers(members, waiting, at).iter().map(|reference| target(members, at, *reference)),
            );
        }
    }
    false
}

/// Whether a CHECK constraint is about what would be NULL for a while, and more.
fn is_checked(member: &TableModel, reference: usize) -> bool {
    deferred_columns(member, reference).iter().any(|column| {
        let column = &member.columns[*column].column_type.name;
        member.checks.iter().any(|check| check.expression.columns().contains(column))
    })
}

/// Whether a reference can be NULL for a while: one of its columns may, which no other reference and no key needs, and
/// the rows can be found again.
fn can_wait(member: &TableModel, reference: usize) -> bool {
    member.references[reference].is_nullable && !deferred_columns(member, reference).is_empty()
}

/// The columns of a reference that are NULL until all rows are there.
pub fn deferred_columns(member: &TableModel, reference: usize) -> Vec<usize> {
    let is_shared = |own: &str| {
        let others = member.references.iter().enumerate().filter(|(at, _)| *at != reference);
        others.into_iter().any(|(_, other)| other.columns.iter().any(|(column, _)| column == own))
    };
    member.references[reference]
        .columns
        .iter()
        .filter(|(own, _)| !is_shared(own))
        .filter_map(|(own, _)| member.column(own))
        .filter(|column| !member.columns[*column].column_type.not_null)
        .collect()
}
