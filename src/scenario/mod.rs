//! What is asked for: how many of each, how the choices are weighted, and rows that are spelled out.
//!
//! Scenarios are files (`docs/scenarios.md`). `json` reads one as JSON with locations, `document` as a
//! scenario, with `fields`, `base`, `rows` and `expectation` for its parts; `merge` lays it over what
//! it extends; `check` tells whether all that makes sense, with `cell`, `when` and `reference` for
//! values; `load` makes one scenario of all that a run wants. Flags override a scenario's counts.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

mod as_of;
mod base;
mod breaks;
pub mod cell;
mod check;
mod document;
mod expectation;
mod fields;
pub mod json;
pub mod library;
mod load;
pub mod location;
mod merge;
pub mod own;
mod parse;
pub mod reference;
pub mod registry;
pub mod rows;
mod schema;
pub mod schema_rows;
#[cfg(test)]
mod tests;
pub mod when;
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
use crate::domain::explicit::{CellValue, ExistingRow, Fault, Lookup, Reference, ScenarioRows};
use crate::error::{Error, Result};
use crate::note::{Note, NoteKind};
use crate::suggestion::quoted;
use location::{Problems, RowLocations};
use own::OwnTexts;
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
    /// What of each of those scenarios only a database has, until it is held against one.
    pub own: Vec<OwnTexts>,
    /// Rows that are there and that lookups have found.
    pub existing: Vec<ExistingRow>,
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

    /// What is told where there is no database that could have its own tables and columns.
    fn own_notes(&self) -> Vec<Note> {
        let (mut tables, mut columns) = (BTreeMap::<&str, usize>::new(), BTreeSet::<String>::new());
        for (own, part) in self.own.iter().zip(&self.scenario_rows) {
            own.rows.iter().for_each(|row| *tables.entry(row.table.value.as_str()).or_default() += 1);
            for (handle, cells) in &own.cells {
                let row = part.rows.iter().find(|row| row.handle == *handle);
                columns.extend(
                    row.iter()
                        .flat_map(|row| cells.iter().map(|cell| format!("{}.{}", row.table, cell.column))),
                );
            }
        }
        let lookups: BTreeSet<&str> =
            self.lookups().iter().map(|(_, lookup)| lookup.table.as_str()).collect();
        let rows =
            tables.iter().map(|(table, rows)| format!("{} of {table}", crate::report::rows(*rows as u64)));
        let found = lookups.iter().map(|table| format!("rows that are looked up in {table}"));
        let left: Vec<String> = rows.chain(columns.iter().cloned()).chain(found).collect();
        if left.is_empty() {
            return Vec::new();
        }
        let text = format!(
            "left out, as only a database can say what they are (--database-url names one): {}",
            left.join(", ")
        );
        vec![Note::new(NoteKind::NeedsDatabase, text)]
    }

    /// Its rows, without references to rows that are not held against a database yet.
    pub fn rows_of_domain(&self) -> Cow<'_, [ScenarioRows]> {
        if self.own.iter().all(|own| own.rows.is_empty()) {
            return Cow::Borrowed(&self.scenario_rows);
        }
        let mut all = self.scenario_rows.clone();
        for (part, own) in all.iter_mut().zip(&self.own) {
            let is_own = |reference: &Reference| match reference {
                Reference::Handle(handle) => {
                    let root = handle.split('.').next().unwrap_or_default();
                    own.rows.iter().any(|row| row.handle == root)
                }
                _ => false,
            };
            for row in &mut part.rows {
                row.cells.retain(|(_, cell)| !matches!(cell, CellValue::Reference(to) if is_own(to)));
                row.organization = row.organization.take().filter(|to| !is_own(to));
            }
        }
        Cow::Owned(all)
    }

    /// Whether nothing is asked for that only a database knows by its name.
    pub fn names_nothing(&self) -> bool {
        self.wishes.is_empty() && self.own.iter().all(OwnTexts::is_empty) && self.lookups().is_empty()
    }

    /// Does without what only a database has, and tells so.
    pub fn leave_own(&mut self) {
        self.notes.extend(self.own_notes());
        self.own.iter_mut().for_each(|own| *own = OwnTexts::default());
    }

    /// Notes where a column of a row stands, by a name that its file does not have.
    pub fn locate(&mut self, scenario_index: usize, handle: &str, column: &str, location: &Location) {
        let row = self.locations.get_mut(scenario_index).and_then(|part| part.rows.get_mut(handle));
        if let Some(row) = row {
            row.cells.entry(column.to_owned()).or_insert_with(|| location.clone());
        }
    }

    /// The rows that are looked up, each once, and where the first says so.
    pub fn lookups(&self) -> Vec<(Option<&Location>, &Lookup)> {
        let mut found: Vec<(Option<&Location>, &Lookup)> = Vec::new();
        for (scenario_index, part) in self.scenario_rows.iter().enumerate() {
            let locations = self.locations.get(scenario_index);
            let at = |handle: &str, column: &str| {
                let row = locations?.rows.get(handle)?;
                Some(row.cells.get(column).unwrap_or(&row.row))
            };
            for (handle, column, reference) in part.references() {
                if let Reference::Existing(lookup) = reference
                    && found.iter().all(|(_, other)| *other != lookup)
                {
                    found.push((at(handle, column), lookup));
                }
            }
        }
        found
    }

    fn location(&self, fault: &Fault) -> Option<&Location> {
        let locations = self.locations.get(fault.scenario_index)?;
        let root = fault.handle.split('.').next().unwrap_or_default();
        let Some(row) = locations.rows.get(root) else { return Some(&locations.file) };
        let column = fault.column.as_ref().filter(|_| root == fault.handle);
        let cell = column.and_then(|column| row.cells.get(column));
        Some(cell.unwrap_or(&row.row))
    }
}
