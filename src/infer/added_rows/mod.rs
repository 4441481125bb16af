//! Rows of scenarios in tables that the domain does not have: those that a file spells out, and those that other explicit
//! rows must refer to where nothing else is there; and what a file gives for columns that the domain lacks.

mod beside;
mod given;

use crate::domain::dataset::Dataset;
use crate::infer::model::{Added, ColumnModel, Generator, ReferenceStrategy, TableModel};
use crate::infer::rows::NO_ORDINAL;

/// Children of base rows begin behind all that those have.
const BEHIND_BASE: u64 = 1_000;

/// Finds them for each table.
pub fn find(members: &mut Vec<TableModel>, dataset: &Dataset) {
    if !dataset.existing.is_empty() {
        members.iter_mut().for_each(take_existing);
    }
    if dataset.explicit.is_empty() && dataset.added.is_empty() {
        return;
    }
    for member in members.iter_mut().filter(|member| member.domain.is_none() && member.is_written()) {
        let rows = dataset.added.iter().filter(|row| row.table == member.oid);
        member.added = rows
            .map(|row| Added {
                number: row.number,
                scenario_index: row.scenario_index,
                parent: None,
                child: 0,
            })
            .collect();
    }
    given::find(members, dataset);
    for member in members.iter_mut() {
        let parent = member.references.iter().position(|to| to.strategy == ReferenceStrategy::Parent);
        let Some(parent) = parent else { continue };
        for row in &mut member.added {
            row.parent = member.given.get(&row.number).and_then(|given| given.reference(parent)).flatten();
        }
        number_children(&mut member.added);
    }
    beside::find(members, dataset);
    for member in members.iter_mut() {
        fit_keys(member);
    }
}

/// Rows that are there have keys of their own: what refers to a row of the domain asks it for its key.
fn take_existing(member: &mut TableModel) {
    member.has_existing = true;
    for (at, reference) in member.references.iter().enumerate() {
        let (ReferenceStrategy::FromDomain(position), [(own, theirs)]) =
            (&reference.strategy, &reference.columns[..])
        else {
            continue;
        };
        let is_it = |column: &&mut ColumnModel| {
            let is_passed = matches!(column.generator, Generator::Passthrough(of) if of == *position);
            is_passed && column.column_type.name == *own
        };
        for column in member.columns.iter_mut().filter(is_it) {
            column.generator = Generator::Reference(at, theirs.clone());
        }
    }
}

/// Tells the children of one parent apart.
fn number_children(rows: &mut [Added]) {
    for at in 0..rows.len() {
        let Some(parent) = rows[at].parent else { continue };
        let before = rows[..at].iter().filter(|row| row.parent == Some(parent)).count() as u64;
        let first = if parent.ordinal == NO_ORDINAL { 0 } else { BEHIND_BASE };
        rows[at].child = first + before;
    }
}

/// Numbers that the type of a key does not hold are counted down from the highest that it does.
fn fit_keys(member: &mut TableModel) {
    let highest = member.columns.iter().filter_map(|column| match &column.generator {
        Generator::Key(form) => Some(form.highest(&column.column_type)),
        _ => None,
    });
    let Some(highest) = highest.min() else { return };
    let mut taken = Vec::new();
    for row in member.added.iter().filter(|row| row.number > highest) {
        let room = highest.max(1);
        let mut key = room - row.number % room;
        while taken.contains(&key) && (taken.len() as u64) < room {
            key = if key <= 1 { room } else { key - 1 };
        }
        taken.push(key);
        member.added_keys.insert(row.number, key);
    }
}
