//! Rows of the domain that rows of the target's tables cannot do without, and that the scenario has none of.

use super::cell::CellText;
use super::resolver::{Place, Resolved, ResolvedRow};
use crate::domain::TABLES;
use crate::domain::explicit::Row;
use crate::infer::recognition::domain_at;
use crate::infer::table_key::is_required;
use crate::infer::target_names::TargetNames;
use crate::scenario::Scenario;
use crate::scenario::reference::MADE;

/// Adds one for each table that such a row must refer to, where neither the scenario nor its base has any.
pub fn add(resolved: &mut Resolved, names: &TargetNames<'_>, scenario: &Scenario) {
    let schema = names.schema;
    let mut added: Vec<(usize, &'static str)> = Vec::new();
    for row in &resolved.rows {
        let Place::Target(oid) = row.place else { continue };
        let Some(table) = schema.table(oid) else { continue };
        let keys = schema.foreign_keys.iter().filter(|key| key.from == oid && is_required(table, key));
        for key in keys {
            let is_given = row
                .cells
                .iter()
                .any(|cell| cell.text != CellText::Null && key.columns.contains(&cell.column));
            let to = schema.tables.iter().position(|table| table.oid == key.to);
            let Some(domain) = to.and_then(|to| domain_at(&names.recognition.roles, to)) else {
                continue;
            };
            let name = TABLES[domain].info().name;
            if !is_given && !has(resolved, scenario, row.scenario_index, name) {
                added.push((row.scenario_index, name));
            }
        }
    }
    added.sort_unstable();
    added.dedup();
    for (scenario_index, table) in added {
        let handle = format!("{MADE}.{}", table.trim_end_matches('s').replace('_', "-"));
        let made = Row {
            table,
            handle: handle.clone(),
            cells: Vec::new(),
            own: Vec::new(),
            organization: None,
            without: Vec::new(),
        };
        let place = Place::Domain(made);
        resolved.rows.push(ResolvedRow { scenario_index, handle, place, cells: Vec::new() });
    }
}

/// Whether a scenario has rows of a table of the domain, or base rows beside it.
fn has(resolved: &Resolved, scenario: &Scenario, scenario_index: usize, table: &str) -> bool {
    let of_file = &scenario.scenario_rows[scenario_index].rows;
    let of_scenario = resolved.rows.iter().filter(|row| row.scenario_index == scenario_index);
    let mut made =
        of_scenario.filter_map(|row| if let Place::Domain(made) = &row.place { Some(made) } else { None });
    !scenario.counts.is_none()
        || of_file.iter().any(|row| row.table == table)
        || made.any(|row| row.table == table)
}
