//! Tables of the app whose rows explicit rows must refer to, and that have none for them: a row is made for each explicit
//! row of the parent table, else one for the scenario, and is the scenario's, too.

use std::collections::BTreeSet;

use crate::domain::TABLES;
use crate::domain::dataset::{Dataset, OrganizationType};
use crate::domain::explicit::{CompletedRow, ids};
use crate::infer::key_space;
use crate::infer::model::{Added, Rows, TableModel};
use crate::infer::rows::explicit_ref;

/// Finds the tables, and for which rows they have one.
pub fn find(members: &mut Vec<TableModel>, dataset: &Dataset) {
    let counts = key_space::counts(members, dataset);
    // What is added may need others in its turn.
    for _ in 0..members.len() {
        let needed = needed(members, dataset);
        let mut has_more = false;
        for (at, scenarios) in needed {
            has_more |= add(members, (at, counts[at].0), &scenarios, dataset);
        }
        if !has_more {
            break;
        }
    }
}

/// Tables of the app that explicit rows must refer to and that hold nothing explicit, and of which scenarios those are.
fn needed(members: &[TableModel], dataset: &Dataset) -> Vec<(usize, BTreeSet<usize>)> {
    let mut needed: Vec<(usize, BTreeSet<usize>)> = Vec::new();
    for member in members {
        let of_domain = member.domain.map(|domain| dataset.explicit_of(domain)).unwrap_or_default();
        let rows: Vec<(usize, Option<u64>)> = of_domain
            .iter()
            .map(|made| (made.scenario_index, number(member, made)))
            .chain(member.added.iter().map(|row| (row.scenario_index, Some(row.number))))
            .collect();
        for (at, reference) in member.references.iter().enumerate() {
            let to = &members[reference.to];
            if reference.is_nullable || to.domain.is_some() || !to.added.is_empty() {
                continue;
            }
            let is_given = |number: &Option<u64>| {
                let given = number.and_then(|number| member.given.get(&number));
                given.is_some_and(|given| given.reference(at).is_some())
            };
            let scenarios: BTreeSet<usize> =
                rows.iter().filter(|(_, number)| !is_given(number)).map(|(scenario, _)| *scenario).collect();
            if scenarios.is_empty() {
                continue;
            }
            match needed.iter_mut().find(|(other, _)| *other == reference.to) {
                Some((_, others)) => others.extend(scenarios),
                None => needed.push((reference.to, scenarios)),
            }
        }
    }
    needed
}

/// The number of an explicit row of the domain that has one.
fn number(member: &TableModel, made: &CompletedRow) -> Option<u64> {
    let info = TABLES[member.domain?].info();
    (info.key == ["id"]).then(|| made.key().next()).flatten().and_then(|(_, id)| u64::try_from(id).ok())
}

/// Adds rows to a table; whether there were any to add.
fn add(
    members: &mut [TableModel],
    (at, base): (usize, u64),
    scenarios: &BTreeSet<usize>,
    dataset: &Dataset,
) -> bool {
    let one = |scenario_index: usize, number: u64, parent| Added { number, scenario_index, parent, child: 0 };
    let added: Vec<Added> = match members[at].rows {
        Rows::Existing { .. } => return false,
        Rows::Children { of, kin, .. } if members[of].domain.is_some() => {
            let parents = members[of].domain.map(|domain| parents(domain, kin, dataset)).unwrap_or_default();
            parents
                .into_iter()
                .map(|(scenario, number)| one(scenario, number, Some(explicit_ref(number))))
                .collect()
        }
        _ => Vec::new(),
    };
    let added = match added.is_empty() && base == 0 {
        // The first number of a scenario is no other row's.
        true => scenarios
            .iter()
            .filter_map(|scenario| Some(one(*scenario, first_number(*scenario, dataset)?, None)))
            .collect(),
        false => added,
    };
    members[at].added = added;
    !members[at].added.is_empty()
}

/// The first of a scenario's numbers, by those of its rows.
fn first_number(scenario_index: usize, dataset: &Dataset) -> Option<u64> {
    let added = dataset.added.iter().filter(|row| row.scenario_index == scenario_index).map(|row| row.number);
    let of_domain = dataset.explicit.iter().filter(|made| made.scenario_index == scenario_index);
    let ids =
        of_domain.filter(|made| TABLES[made.table].info().key == ["id"]).filter_map(|made| made.key().next());
    let ids = ids.filter_map(|(_, id)| u64::try_from(id).ok());
    added.chain(ids).find(|number| ids::is_explicit(*number)).map(|number| number - number % ids::PLACES)
}

/// The explicit rows of a table, and the scenarios whose they are; of organizations those of a type, else the first of any.
fn parents(domain: usize, kin: OrganizationType, dataset: &Dataset) -> Vec<(usize, u64)> {
    let info = TABLES[domain].info();
    let columns = TABLES[domain].columns();
    let of_type = columns.iter().position(|column| column.name == "organization_type");
    let rows = dataset.explicit_of(domain);
    let number = |made: &CompletedRow| {
        let id = made.key().next().map(|(_, id)| id)?;
        let number = (info.key == ["id"]).then(|| u64::try_from(id).ok()).flatten()?;
        Some((made.scenario_index, number))
    };
    let is_kin =
        |made: &&CompletedRow| of_type.is_none_or(|at| made.values[at].as_text() == Some(kin.label()));
    let found: Vec<(usize, u64)> = rows.iter().filter(is_kin).filter_map(number).collect();
    if found.is_empty() { rows.first().and_then(number).into_iter().collect() } else { found }
}
