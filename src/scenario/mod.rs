//! What is asked for: how many of each, how the choices are weighted, and rows that are spelled out.
//!
//! Scenarios are files (`docs/scenarios.md`). `json` reads one as JSON with locations, `document` as a
//! scenario, with `fields`, `base`, `rows` and `expectation` for its parts; `merge` lays it over what
//! it extends; `check` tells whether all that makes sense, with `cell`, `when` and `reference` for
//! values; `load` makes one scenario of all that a run wants. Flags override a scenario's counts.

use std::collections::BTreeMap;

mod as_of;
mod base;
mod breaks;
mod cell;
mod check;
mod document;
mod expectation;
mod fields;
mod json;
pub mod library;
mod load;
mod location;
mod merge;
mod parse;
mod reference;
mod registry;
mod rows;
mod schema;
mod schema_rows;
#[cfg(test)]
mod tests;
mod when;
pub mod wishes;

pub use as_of::AsOf;
pub use base::{Count, CountsText, HEAVIEST, WeightsText};
pub use breaks::Break;
pub use document::Document;
pub use expectation::{Expectation, Wanted};
pub use location::{At, Location, Problem};
pub use parse::parse;
pub use schema::json_schema;

use crate::domain::counts::{Counts, Weights};
use crate::domain::explicit::{Fault, ScenarioRows};
use crate::error::{Error, Result};
use crate::note::Note;
use crate::suggestion::quoted;
use location::{Problems, RowLocations};
use wishes::Wishes;

/// What a run is to make.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The names of the scenarios that it is made of, joined by `+`.
    pub name: String,
    /// A line for lists.
    pub title: String,
    pub description: String,
    /// Which bug it catches.
    pub catches: Option<String>,
    /// The as-of date, where a scenario has one.
    pub as_of: Option<AsOf>,
    /// How many of each.
    pub counts: Counts,
    /// For a column (`opportunities.stage`), how likely each of its values is.
    pub weights: Weights,
    /// What is asked of tables by name: the target's may be among them.
    pub wishes: Wishes,
    /// The rows that are spelled out, of each scenario that has any.
    pub scenario_rows: Vec<ScenarioRows>,
    /// What queries over those rows must answer.
    pub expectations: Vec<Expectation>,
    /// For a scenario, the consistency rules that its rows break on purpose.
    pub breaks: Vec<(String, Vec<Break>)>,
    /// What was not done as was asked.
    pub notes: Vec<Note>,
    /// Where the rows of each scenario stand.
    locations: Vec<ScenarioLocations>,
}

/// Where a scenario stands.
#[derive(Clone, Debug)]
struct ScenarioLocations {
    file: Location,
    rows: BTreeMap<String, RowLocations>,
}

/// Checks that `name` is a valid scenario name.
///
/// # Errors
/// It is not; the hint shows a valid one.
pub fn check_name(name: &str) -> Result<()> {
    if reference::is_handle(name) {
        return Ok(());
    }
    Err(Error::usage(format!("{} is not a valid scenario name", quoted(name)))
        .with_hint("use lower-case words separated by hyphens, such as overdue-renewal"))
}

impl Scenario {
    /// Faults of its scenario_rows as one error that tells where in their files they are: those of
    /// rows that were made beside another, at that one.
    pub fn faults(&self, faults: &[Fault]) -> Error {
        let mut problems = Problems::default();
        for fault in faults {
            let message = format!("{}: {}", quoted(&fault.handle), fault.message);
            match self.location(fault) {
                Some(location) => problems.add(location, message),
                None => return Error::usage(message),
            }
        }
        location::error(&problems.sorted())
    }

    fn location(&self, fault: &Fault) -> Option<&Location> {
        let locations = self.locations.get(fault.scenario_index)?;
        let root = fault.handle.split('.').next().unwrap_or_default();
        let Some(row) = locations.rows.get(root) else { return Some(&locations.file) };
        let cell = fault.column.filter(|_| root == fault.handle).and_then(|column| row.cells.get(column));
        Some(cell.unwrap_or(&row.row))
    }
}
