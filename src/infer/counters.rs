//! Columns that count the rows of other tables which refer to the row: `contacts_count`, `usage_count`. The rows are counted
//! when the plan is made, as which row a reference leads to is decided by then.

use std::sync::Arc;

use crate::domain::TABLES;
use crate::domain::dataset::{Dataset, OrganizationType};
use crate::infer::copies::place_of;
use crate::infer::model::{Counted, Generator, Model, Reference, TableModel};
use crate::infer::names::{self, NameWords};
use crate::infer::organization_type::organization_type_hint;
use crate::infer::references::TargetView;
use crate::infer::rows::RowGenerator;

/// What a column counts.
#[derive(Debug, PartialEq, Eq)]
pub enum Counter {
    /// The rows that refer to it so: the positions of their table and of its reference.
    Of(Vec<(usize, usize)>),
    /// Rows of a table that is not filled, or some of those of one.
    Nothing,
}

fn singular(name: &str) -> Vec<String> {
    names::words(name).iter().map(|word| names::singular(word)).collect()
}

/// Whether a table is called by words, or by one for being such: `memberships` of members.
fn is_called(table: &str, words: &[String]) -> bool {
    let (name, wanted) = (singular(table).concat(), words.concat());
    name == wanted || name.strip_suffix("ship") == Some(wanted.as_str())
}

/// Whether its name ends so, behind what others share: `orders_orderitem`, `teams_membership`.
fn ends_with(table: &str, words: &[String]) -> bool {
    let (name, wanted) = (singular(table).concat(), words.concat());
    name.strip_suffix("ship").unwrap_or(&name).ends_with(&wanted)
}

/// The words for what a column counts.
fn counted(column: &str) -> Option<Vec<String>> {
    let words = singular(column);
    let known = NameWords::get();
    let before = known.counts_before.iter().find_map(|before| {
        let before: Vec<&str> = before.split(' ').collect();
        let (first, rest) = words.split_at_checked(before.len())?;
        (first == before).then(|| rest.to_vec())
    });
    let behind = || {
        let (last, of) = words.split_last()?;
        known.counts_behind.contains(last.as_str()).then(|| of.to_vec())
    };
    before.or_else(behind).filter(|of| !of.is_empty())
}

/// What a column of a member counts, if it is a counter.
pub fn of(
    frame: &TargetView<'_>,
    references: &[Vec<Reference>],
    member: usize,
    column: &str,
) -> Option<Counter> {
    let name = singular(column).join(" ");
    if NameWords::get().counts_uses.contains(name.as_str()) {
        let all = (0..references.len()).flat_map(|from| {
            let its = references[from].iter().enumerate();
            its.filter(|(_, reference)| reference.to == member && !place_of(reference).is_empty())
                .map(move |(at, _)| (from, at))
        });
        let all: Vec<(usize, usize)> = all.collect();
        return Some(if all.is_empty() { Counter::Nothing } else { Counter::Of(all) });
    }
    let words = counted(column)?;
    if let Some(found) = children(frame, references, member, &words) {
        return Some(Counter::Of(vec![found]));
    }
    let own = singular(&frame.chosen[member].name);
    let is_table = |words: &[String]| {
        let mut tables = frame.schema.tables.iter();
        tables
            .any(|table| is_called(&table.name, words) || ends_with(&table.name, &[&own[..], words].concat()))
    };
    let is_some_of =
        (1..words.len()).any(|from| children(frame, references, member, &words[from..]).is_some());
    (is_some_of || is_table(&words)).then_some(Counter::Nothing)
}

/// The rows of a table of this name, and by which of its references they belong to a row of a member.
fn children(
    frame: &TargetView<'_>,
    references: &[Vec<Reference>],
    member: usize,
    words: &[String],
) -> Option<(usize, usize)> {
    let own = singular(&frame.chosen[member].name);
    let with_own = [&own[own.len().saturating_sub(1)..], words].concat();
    let is_named = |from: usize, words: &[String]| is_called(&frame.chosen[from].name, words);
    let is_of_domain = |from: usize| {
        let domain = frame.chosen[from].domain.map(|(domain, _)| TABLES[domain].info().name);
        domain.is_some_and(|domain| names::table_match(domain, &words.join("_")).is_some())
    };
    let leads =
        |from: usize| reference_to(&references[from], member, &own).map(|reference| (from, reference));
    let find = |is_it: &dyn Fn(usize) -> bool| {
        (0..references.len()).filter(|from| !frame.chosen[*from].is_there && is_it(*from)).find_map(leads)
    };
    // A table that links two: what is counted stands at its other end.
    let is_link_to = |from: usize| {
        frame.chosen[from].links.is_some()
            && references[from].iter().any(|reference| {
                reference.to != member
                    && (is_named(reference.to, words) || singular(&place_of(reference)).starts_with(words))
            })
    };
    find(&|from| is_named(from, words))
        .or_else(|| find(&|from| ends_with(&frame.chosen[from].name, &with_own)))
        .or_else(|| find(&is_of_domain))
        .or_else(|| find(&is_link_to))
        .or_else(|| {
            let is_child = NameWords::get().own_children.contains(words.join(" ").as_str());
            is_child.then(|| leads(member)).flatten()
        })
}

/// The reference by which rows belong to those of a table: called like it, else to the customer, else the first.
fn reference_to(references: &[Reference], to: usize, own: &[String]) -> Option<usize> {
    let all: Vec<usize> = (0..references.len())
        .filter(|at| references[*at].to == to && !place_of(&references[*at]).is_empty())
        .collect();
    let place = |at: &usize| place_of(&references[*at]);
    let is_called = |at: &&usize| singular(&place(at)).split_last().is_some_and(|(_, stem)| stem == own);
    let is_customer = |at: &&usize| organization_type_hint(&place(at)) == OrganizationType::Customer;
    let found = all.iter().find(is_called).or_else(|| all.iter().find(is_customer)).or_else(|| all.first());
    found.copied()
}

/// A counter.
struct CounterColumn {
    member: usize,
    column: usize,
    of: Vec<(usize, usize)>,
}

/// Counts what counters count, in one pass over the rows of each table that is counted.
pub fn count(members: &mut Vec<TableModel>, dataset: &Dataset) {
    let of_member = |(member, planned): (usize, &TableModel)| {
        let columns = planned.columns.iter().enumerate();
        let found = columns.filter_map(|(at, column)| match &column.generator {
            Generator::Count(counted) => Some(CounterColumn { member, column: at, of: counted.of.clone() }),
            _ => None,
        });
        found.collect::<Vec<_>>()
    };
    let all: Vec<CounterColumn> = members.iter().enumerate().flat_map(of_member).collect();
    if all.is_empty() {
        return;
    }
    let model = Arc::new(Model { members: std::mem::take(members) });
    let mut rows = RowGenerator::new(&model, dataset);
    let counts: Vec<_> =
        all.iter().map(|counter| Arc::new(rows.counts(counter.member, &counter.of, dataset))).collect();
    drop(rows);
    *members = Arc::into_inner(model).map(|model| model.members).unwrap_or_default();
    for (counter, counts) in all.iter().zip(counts) {
        if let Generator::Count(counted) = &mut members[counter.member].columns[counter.column].generator {
            counted.counts = Some(counts);
        }
    }
}

impl Counted {
    /// Of these tables' rows, which are not counted yet.
    pub const fn new(of: Vec<(usize, usize)>) -> Self {
        Self { of, counts: None }
    }
}
