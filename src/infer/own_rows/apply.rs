//! What was resolved, and what the server says of it, as rows of the scenario.

use super::cell::CellText;
use super::resolver::{Place, Resolved, ResolvedCell, ResolvedRow};
use crate::domain::explicit::{
    CellValue, OwnCell, OwnRow, OwnValue, Reference, Row, ScenarioRows, Value, When,
};
use crate::scenario::{Scenario, registry};

/// What the server says of a cell: the value as it writes it, and the same as the domain reads it.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub text: Option<String>,
    pub domain: Option<Value>,
}

impl Resolved {
    /// Puts all of it into a scenario; `answers` are those of the server, row by row and cell by cell.
    pub fn apply(self, scenario: &mut Scenario, answers: Vec<Vec<Answer>>) {
        for (row, answers) in self.rows.into_iter().zip(answers) {
            let ResolvedRow { scenario_index, handle, place, cells } = row;
            let (mut own, mut of_domain, mut links) = (Vec::new(), Vec::new(), Vec::new());
            let mut derived = Vec::new();
            let row_table = table_of(&scenario.scenario_rows[scenario_index], &place, &handle);
            for (cell, answer) in cells.into_iter().zip(answers) {
                let ResolvedCell { location, column, text, domain, .. } = cell;
                let value = match (text, answer.text) {
                    (CellText::Row(to), _) => OwnValue::Row(to),
                    (CellText::Text(_), Some(text)) => OwnValue::Text(text),
                    (CellText::Null, _) | (CellText::Text(_), None) => OwnValue::Null,
                };
                let Some((info, _)) = domain else {
                    own.push(OwnCell { column, value });
                    continue;
                };
                scenario.locate(scenario_index, &handle, info.name, &location);
                if let OwnValue::Row(to) = &value
                    && let Some(linked) = Linked::of(row_table, info.name)
                {
                    links.push((linked, to.clone()));
                    own.push(OwnCell { column, value });
                    continue;
                }
                let is_column =
                    registry::table(row_table).is_some_and(|known| known.column(info.name).is_some());
                if !is_column {
                    derived.extend(done_at(row_table, info.name, answer.domain.as_ref()));
                    own.push(OwnCell { column, value });
                    continue;
                }
                match (&value, answer.domain) {
                    // Who a row belongs to is the domain's to say.
                    (OwnValue::Row(to), _) if info.holds.refers_to.is_some() => {
                        of_domain.push((info.name, CellValue::Reference(to.clone())));
                    }
                    (OwnValue::Null, _) if !info.holds.not_null => {
                        of_domain.push((info.name, CellValue::Value(Value::Null)));
                        own.push(OwnCell { column, value });
                    }
                    (OwnValue::Text(_), Some(known)) => {
                        of_domain.push((info.name, CellValue::Value(known)));
                        own.push(OwnCell { column, value });
                    }
                    _ => own.push(OwnCell { column, value }),
                }
            }
            // What the file gives itself comes first.
            of_domain.extend(derived);
            let part = &mut scenario.scenario_rows[scenario_index];
            match place {
                Place::Target(table) => part.own_rows.push(OwnRow { table, handle, cells: own }),
                Place::Domain(mut made) => {
                    give(&mut made, of_domain);
                    made.own = own;
                    let more = link(&mut made, links);
                    part.rows.push(made);
                    part.rows.extend(more);
                }
                Place::Known => {
                    if let Some(known) = part.rows.iter_mut().find(|known| known.handle == handle) {
                        give(known, of_domain);
                        known.own.extend(own);
                        let more = link(known, links);
                        part.rows.extend(more);
                    }
                }
            }
        }
        for own in &mut scenario.own {
            *own = Default::default();
        }
    }
}

/// When a task was done, of which a column of the target says whether it is.
fn done_at(table: &str, column: &str, value: Option<&Value>) -> Option<(&'static str, CellValue)> {
    let is_done = match (table, column, value?) {
        ("tasks", "is_completed", Value::Bool(is_done)) => *is_done,
        ("tasks", "status", Value::Text(status)) => status == "completed",
        _ => return None,
    };
    let as_of = When { day: None, months: 0, days: 0, seconds: 0 };
    let at = if is_done { CellValue::Timestamp(as_of) } else { CellValue::Value(Value::Null) };
    Some(("completed_at", at))
}

/// A column of the target for what the domain keeps in a table of links.
#[derive(Clone, Copy)]
enum Linked {
    /// For whom a contact works.
    Employer,
    /// With whom a deal is discussed.
    Contact,
}

impl Linked {
    fn of(table: &str, column: &str) -> Option<Self> {
        match (table, column) {
            ("contacts", "organization_id") => Some(Self::Employer),
            ("opportunities", "contact_id") => Some(Self::Contact),
            _ => None,
        }
    }
}

/// Gives a row cells, but for those that it has.
fn give(row: &mut Row, cells: Vec<(&'static str, CellValue)>) {
    for (column, value) in cells {
        if row.cells.iter().all(|(known, _)| *known != column) {
            row.cells.push((column, value));
        }
    }
}

/// The domain's table of a row; empty where it is of another.
fn table_of(part: &ScenarioRows, place: &Place, handle: &str) -> &'static str {
    match place {
        Place::Domain(made) => made.table,
        Place::Known => part.rows.iter().find(|row| row.handle == handle).map_or("", |row| row.table),
        Place::Target(_) => "",
    }
}

/// Says of a row what its columns say of links; the rows of links that are to come beside it.
fn link(row: &mut Row, links: Vec<(Linked, Reference)>) -> Vec<Row> {
    let mut more = Vec::new();
    for (linked, to) in links {
        match linked {
            Linked::Employer => row.organization = row.organization.take().or(Some(to)),
            Linked::Contact => {
                let deal = CellValue::Reference(Reference::Handle(row.handle.clone()));
                more.push(Row {
                    table: "opportunity_contacts",
                    handle: format!("{}.contact", row.handle),
                    cells: vec![("opportunity_id", deal), ("contact_id", CellValue::Reference(to))],
                    own: Vec::new(),
                    organization: None,
                    without: Vec::new(),
                });
            }
        }
    }
    more
}
