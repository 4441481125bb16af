//! All rows of a run's scenarios, from what was given to what is written.

use crate::domain::dataset::Dataset;
use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::own::AddedRow;
use crate::domain::explicit::row::{CompletedRow, Fault, ScenarioRows};
use crate::domain::explicit::{contacts, deals, link_rows, organizations, products, required_rows};

/// `dataset` with the rows of `scenario_rows`.
///
/// # Errors
/// Everything that is wrong with them.
pub fn with_rows(mut dataset: Dataset, scenario_rows: &[ScenarioRows]) -> Result<Dataset, Vec<Fault>> {
    if scenario_rows.iter().all(|part| part.first_handle().is_none()) {
        return Ok(dataset);
    }
    (dataset.explicit, dataset.added) = complete(&dataset, scenario_rows)?;
    Ok(dataset)
}

/// All rows of `scenario_rows` with all their values, in the order of their tables, and what stands beside them.
///
/// # Errors
/// Everything that is wrong, row by row.
fn complete(
    dataset: &Dataset,
    scenario_rows: &[ScenarioRows],
) -> Result<(Vec<CompletedRow>, Vec<AddedRow>), Vec<Fault>> {
    let mut completer = Completer::new(dataset, scenario_rows);
    completer.check_base();
    completer.admit_existing();
    for (number, part) in scenario_rows.iter().enumerate() {
        for row in &part.rows {
            completer.admit(number, row);
        }
        for row in &part.own_rows {
            completer.admit_own_row(number, row);
        }
    }
    completer.resolve();
    required_rows::organizations(&mut completer);
    completer.resolve();
    required_rows::people_and_products(&mut completer);
    completer.resolve();
    required_rows::links(&mut completer);
    completer.resolve();
    completer.refuse_unresolved();
    completer.resolve_own();
    completer.check_ends();
    completer.check_unique();
    if completer.is_sound() {
        finish(&mut completer);
    }
    completer.into_made()
}

fn finish(completer: &mut Completer<'_>) {
    required_rows::latest(completer);
    organizations::finish(completer);
    contacts::finish(completer);
    products::finish(completer);
    deals::finish(completer);
    link_rows::finish(completer);
}
