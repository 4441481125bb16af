//! Rows and columns of a scenario that only the target has, held against its catalog: which table and which column is
//! meant, and what a value is there. Rows of tables that are the domain's under another name become the domain's rows, so
//! that all else in them fits.

mod apply;
mod cell;
mod required;
mod resolver;
mod schema;
mod targets;

use crate::calendar::Day;
use crate::catalog::Schema;
use crate::error::Result;
use crate::infer::overrides::Overrides;
use crate::infer::recognition;
use crate::infer::table_selection::{self, ExistingRows};
use crate::infer::target_names::TargetNames;
use crate::scenario::Scenario;
pub use apply::Answer;
pub use cell::{CellText, condition_text};
use resolver::Resolver;
pub use resolver::{Resolved, ResolvedCell};
pub use schema::json_schema;

/// Resolves what a scenario has of the target's. Nothing is asked of the server: values are as they were written.
///
/// # Errors
/// Several schemas have the domain's tables; settings name what is not there.
pub fn resolve(schema: &Schema, overrides: &Overrides, scenario: &Scenario, as_of: Day) -> Result<Resolved> {
    let recognition = recognition::recognize(schema, overrides)?;
    let choice = table_selection::choose(schema, overrides, &ExistingRows::new(), &recognition)?;
    let chosen: Vec<usize> = choice.chosen.iter().map(|chosen| chosen.at).collect();
    let names = TargetNames { schema, recognition: &recognition, chosen: &chosen, overrides };
    let mut resolver = Resolver::new(&names, as_of);
    for (scenario_index, own) in scenario.own.iter().enumerate() {
        let part = &scenario.scenario_rows[scenario_index];
        own.tables.iter().for_each(|table| resolver.check_table(table));
        for (handle, cells) in &own.cells {
            if let Some(row) = part.rows.iter().find(|row| row.handle == *handle) {
                resolver.cells_of(scenario_index, row, cells);
            }
        }
        for row in &own.rows {
            resolver.row(scenario_index, row);
        }
    }
    let mut resolved = resolver.into_resolved();
    required::add(&mut resolved, &names, scenario);
    targets::check(&mut resolved, &names, scenario);
    Ok(resolved)
}
