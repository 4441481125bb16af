//! Whether references lead to rows of the tables that their foreign keys lead to.

use std::collections::BTreeMap;

use super::cell::CellText;
use super::resolver::{Place, Resolved, ResolvedCell, ResolvedRow};
use crate::domain::explicit::Reference;
use crate::infer::target_names::TargetNames;
use crate::scenario::{Problem, Scenario};

/// Tells of each that leads to a row of another table.
pub fn check(resolved: &mut Resolved, names: &TargetNames<'_>, scenario: &Scenario) {
    let tables = tables(resolved, names, scenario);
    let mut problems = Vec::new();
    for row in &resolved.rows {
        let Some(from) = tables.get(&(row.scenario_index, row.handle.as_str())) else { continue };
        for cell in &row.cells {
            let CellText::Row(to) = &cell.text else { continue };
            let is = match to {
                Reference::Handle(handle) => tables.get(&(row.scenario_index, handle.as_str())).copied(),
                Reference::Existing(lookup) => names.table(&lookup.table).ok(),
                Reference::Nth(nth) => names.table_of_domain(nth.kind.table()),
                Reference::Some(kind) => names.table_of_domain(kind.table()),
            };
            problems.extend(is.and_then(|is| fault(names, *from, cell, is)));
        }
    }
    resolved.problems.extend(problems);
}

/// That a cell of a row of the table `from` does not refer to the table `is`.
fn fault(names: &TargetNames<'_>, from: usize, cell: &ResolvedCell, is: usize) -> Option<Problem> {
    let (schema, oid) = (names.schema, names.schema.tables[from].oid);
    let keys = schema.foreign_keys.iter().filter(|key| key.from == oid && key.columns.contains(&cell.column));
    let leads: Vec<u32> = keys.map(|key| key.to).collect();
    if leads.contains(&schema.tables[is].oid) {
        return None;
    }
    if leads.is_empty() {
        return unfit_key(names, from, cell, is);
    }
    let wanted: Vec<String> = leads.iter().filter_map(|oid| Some(schema.table(*oid)?.qualified())).collect();
    let message = format!(
        "{} refers to {}, and this is a row of {}",
        cell.column,
        wanted.join(" or "),
        schema.tables[is].qualified()
    );
    Some(Problem { location: cell.location.clone(), message })
}

/// That a column that is no foreign key cannot hold the key of a row of the table `is`.
fn unfit_key(names: &TargetNames<'_>, from: usize, cell: &ResolvedCell, is: usize) -> Option<Problem> {
    let to = &names.schema.tables[is];
    let own = names.schema.tables[from].columns.iter().find(|column| column.name == cell.column)?;
    let key = to.single_key().and_then(|key| to.columns.iter().find(|column| column.name == key));
    let is_number = |base: &str| matches!(base, "int2" | "int4" | "int8" | "numeric");
    let is_text = |base: &str| matches!(base, "text" | "varchar" | "bpchar" | "citext");
    let why = match key {
        None => format!("{} has no key of one column", to.qualified()),
        Some(key)
            if key.base == own.base || is_number(&key.base) && is_number(&own.base) || is_text(&own.base) =>
        {
            return None;
        }
        Some(key) => format!("the key of {} is {}", to.qualified(), key.type_name),
    };
    let message = format!("{} ({}) cannot hold this key: {why}", cell.column, cell.type_name);
    Some(Problem { location: cell.location.clone(), message })
}

/// The table of each row of the scenarios, by its position in the catalog.
fn tables<'r>(
    resolved: &'r Resolved,
    names: &TargetNames<'_>,
    scenario: &'r Scenario,
) -> BTreeMap<(usize, &'r str), usize> {
    let of_files = scenario.scenario_rows.iter().enumerate().flat_map(|(number, part)| {
        part.rows.iter().map(move |row| ((number, row.handle.as_str()), names.table_of_domain(row.table)))
    });
    let of_target = |row: &'r ResolvedRow| {
        let at = match &row.place {
            Place::Known => return None,
            Place::Domain(made) => names.table_of_domain(made.table),
            Place::Target(oid) => names.schema.tables.iter().position(|table| table.oid == *oid),
        };
        Some(((row.scenario_index, row.handle.as_str()), at))
    };
    let all = of_files.chain(resolved.rows.iter().filter_map(of_target));
    all.filter_map(|(row, at)| Some((row, at?))).collect()
}
