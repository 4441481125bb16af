//! Whether a scenario, with all that it extends, makes sense; and its explicit rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::base;
use super::cell;
use super::document::Document;
use super::location::{Location, Problems, RowLocations};
use super::own::{OwnCellText, OwnRowText, OwnTexts, TableText};
use super::reference::{self, Handles, LONGEST};
use super::registry::Known;
use super::rows::{MOST_ROWS, RowText};
use crate::domain::counts::Counts;
use crate::domain::explicit::{CellValue, Reference, Row, ScenarioRows};
use crate::suggestion::quoted;

/// A scenario that was checked.
#[derive(Debug)]
pub struct Checked {
    pub counts: Counts,
    pub scenario_rows: ScenarioRows,
    pub own: OwnTexts,
    /// Where they stand, by handle.
    pub locations: BTreeMap<String, RowLocations>,
}

/// Bytes that all rows may have once they are repeated.
const MOST_BYTES: u64 = 16 << 20;

/// Checks `document`. One that is not whole lacks what it extends: what may depend on that is
/// not checked.
pub fn check(document: &Document, is_whole: bool, problems: &mut Problems) -> Checked {
    let mut checker = Checker {
        is_whole,
        handles: Handles { rows: BTreeMap::new(), strays: document.handles.strays.clone() },
        uses: Vec::new(),
        locations: BTreeMap::new(),
        own: OwnTexts::default(),
        problems,
    };
    let counts = match is_whole {
        true => base::counts(&document.counts, checker.problems),
        false => Counts::NONE,
    };
    let rows = checker.rows(&document.rows);
    checker.own.tables.clone_from(&document.tables);
    if is_whole {
        checker.references(&counts);
        checker.expectations(document);
        super::breaks::check(&document.breaks, &checker.handles, checker.problems);
    }
    let Checker { locations, own, .. } = checker;
    let scenario_rows = ScenarioRows { rows, ..ScenarioRows::new(document.name.value.clone()) };
    Checked { counts, scenario_rows, own, locations }
}

struct Checker<'p> {
    is_whole: bool,
    handles: Handles,
    /// References, with their locations and the tables that they must lead to.
    uses: Vec<(Location, Reference, &'static str)>,
    locations: BTreeMap<String, RowLocations>,
    own: OwnTexts,
    problems: &'p mut Problems,
}

impl Checker<'_> {
    fn rows(&mut self, texts: &[RowText]) -> Vec<Row> {
        let repeats = self.is_small(texts);
        let mut rows = Vec::new();
        for text in texts {
            let count = text.repeat.filter(|_| repeats).unwrap_or(1);
            for number in 1..=count {
                let before = self.problems.len();
                let row = self.row(text, text.repeat.map(|_| number));
                rows.extend(row);
                // The other repetitions have the same faults.
                if self.problems.len() > before {
                    break;
                }
            }
        }
        rows
    }

    /// Whether the rows are few enough, and small enough, to be spelled out.
    fn is_small(&mut self, texts: &[RowText]) -> bool {
        let (mut counts, mut bytes) = (HashMap::new(), 0_u64);
        let before = self.problems.len();
        for text in texts {
            let table = text.table.name();
            let count: &mut u64 = counts.entry(table).or_default();
            let was = *count;
            *count += text.repeat.unwrap_or(1);
            if was <= MOST_ROWS && *count > MOST_ROWS {
                let message =
                    format!("too many rows of {table}: a scenario can have at most {MOST_ROWS} per table");
                self.problems.add(text.location(), message);
            }
            bytes += text.size();
            if bytes > MOST_BYTES {
                let message = format!("the rows are too large: at most {} MiB in total", MOST_BYTES >> 20);
                self.problems.add(text.location(), message);
                break;
            }
        }
        self.problems.len() == before
    }

    fn row(&mut self, text: &RowText, number: Option<u64>) -> Option<Row> {
        let handle =
            number.map_or_else(|| text.handle.value.clone(), |n| format!("{}-{n}", text.handle.value));
        if !self.take_handle(text, &handle) {
            return None;
        }
        let mut locations = RowLocations { row: text.location().clone(), cells: BTreeMap::new() };
        let mut own: Vec<OwnCellText> = text.own.iter().map(|cell| cell.numbered(number)).collect();
        for cell in &own {
            locations.cells.insert(cell.column.clone(), cell.value.location.clone());
        }
        let known = match &text.table {
            TableText::Domain(known) => known,
            TableText::Target(table) => {
                let location = text.location().clone();
                self.locations.insert(handle.clone(), locations);
                self.own.rows.push(OwnRowText { table: table.clone(), handle, location, cells: own });
                return None;
            }
        };
        let mut cells = Vec::new();
        for cell in &text.cells {
            let name = cell.column.name;
            let numbered = number.map(|n| cell.value.numbered(n));
            match cell::read(cell.column, numbered.as_ref().unwrap_or(&cell.value)) {
                Ok(given) => {
                    if let (CellValue::Reference(to), Some(table)) = (&given, cell.column.holds.refers_to) {
                        self.uses.push((cell.value.location.clone(), to.clone(), table));
                    }
                    cells.push((name, given));
                }
                // Another database may take it.
                Err(message) => {
                    self.problems.doubt(&cell.value.location, message.clone());
                    own.push(OwnCellText {
                        location: cell.location.clone(),
                        column: name.to_owned(),
                        value: numbered.unwrap_or_else(|| cell.value.clone()),
                        refused: Some(message),
                    });
                }
            }
            locations.cells.insert(name.to_owned(), cell.value.location.clone());
        }
        self.needed(text, known);
        let organization = self.organization(text, number, &mut locations);
        self.locations.insert(handle.clone(), locations);
        let without = text.without.clone().unwrap_or_default();
        if !own.is_empty() {
            self.own.cells.push((handle.clone(), own));
        }
        Some(Row { table: known.info.name, handle, cells, own: Vec::new(), organization, without })
    }

    fn take_handle(&mut self, text: &RowText, handle: &str) -> bool {
        let location = text.location();
        if handle.len() > LONGEST {
            let message = format!("the handle {} is too long: at most {LONGEST} characters", quoted(handle));
            self.problems.add(location, message);
            return false;
        }
        let row = (text.table.name().to_owned(), location.clone());
        if let Some((table, other)) = self.handles.rows.insert(handle.to_owned(), row) {
            let message =
                format!("duplicate handle `{handle}`: it is also used by a row of {table} at {other}");
            self.problems.add(location, message);
            return false;
        }
        true
    }

    fn needed(&mut self, text: &RowText, known: &Known) {
        if !self.is_whole {
            return;
        }
        for column in &known.columns {
            if column.holds.needed && !text.cells.iter().any(|cell| cell.column.name == column.name) {
                let (handle, table) = (&text.handle.value, known.info.name);
                let message =
                    format!("`{handle}` lacks {}, which is required for a row of {table}", column.name);
                self.problems.add(text.location(), message);
            }
        }
    }

    fn organization(
        &mut self,
        text: &RowText,
        number: Option<u64>,
        locations: &mut RowLocations,
    ) -> Option<Reference> {
        let node = text.organization.as_ref()?;
        let numbered = number.map(|n| node.numbered(n));
        locations.cells.insert("organization".to_owned(), node.location.clone());
        match reference::read("organization", numbered.as_ref().unwrap_or(node)) {
            Ok(reference) => {
                self.uses.push((node.location.clone(), reference.clone(), "organizations"));
                Some(reference)
            }
            Err(message) => {
                self.problems.add(&node.location, message);
                None
            }
        }
    }

    fn references(&mut self, counts: &Counts) {
        let mut told: HashSet<&Location> = HashSet::new();
        for (location, reference, table) in &self.uses {
            // The repetitions of a row have the same faults.
            if told.contains(location) {
                continue;
            }
            let before = self.problems.len();
            self.handles.check(location, reference, table, self.problems);
            if let Some(fault) = reference::base_fault(reference, table, counts) {
                self.problems.add(location, fault);
            }
            if self.problems.len() > before {
                told.insert(location);
            }
        }
    }

    fn expectations(&mut self, document: &Document) {
        for expectation in &document.expectations {
            for handle in expectation.handles() {
                if !self.handles.has(handle) {
                    self.handles.unknown(&expectation.location, handle, self.problems);
                } else if let Some(table) = self.without_id(handle) {
                    let message = format!("`@{handle}` has no id: it is a row of {table}");
                    self.problems.add(&expectation.location, message);
                }
            }
        }
    }

    /// The table of the row `handle`, where its rows have no ids.
    fn without_id(&self, handle: &str) -> Option<String> {
        let table = match handle.rsplit_once('.') {
            None => self.handles.rows.get(handle)?.0.as_str(),
            Some((deal, made)) if self.handles.rows.get(deal).is_some_and(|(t, _)| t == "opportunities") => {
                match made {
                    "contact" => "opportunity_contacts",
                    _ if made.starts_with("item-") => "opportunity_products",
                    _ => return None,
                }
            }
            Some(_) => return None,
        };
        let known = super::registry::table(table)?;
        known.column("id").is_none().then(|| table.to_owned())
    }
}
