//! What a scenario gives, held to what the target can hold of it: the rest is told, or is a reason to refuse.

use std::collections::BTreeMap;

use crate::domain::explicit::Fault;
use crate::error::{Error, Result};
use crate::infer::preflight::ExplicitFault;
use crate::note::{Note, NoteKind};
use crate::plan::{FittedCell, Given, InexactColumns, TablePlan};
use crate::run::seed::before::Prepared;
use crate::run::seed::request::Request;

/// Rows that a note names.
const NAMED: usize = 4;

impl Request {
    /// Notes of what explicit rows hold instead of what the scenario gives, and the columns that do not hold what they were
    /// meant to.
    ///
    /// # Errors
    /// A row would be in another situation, or none of them can be written: where in the file that is said.
    pub(super) fn check_given(&self, prepared: &Prepared) -> Result<(Vec<Note>, InexactColumns)> {
        let Prepared { plan, dataset, schema, .. } = prepared;
        let is_there = |table: &str| {
            plan.tables
                .iter()
                .any(|planned| planned.domain_table().is_some_and(|own| own.info().name == table))
        };
        let (mut faults, mut missing) = (Vec::new(), BTreeMap::<&str, Vec<&str>>::new());
        let (mut written, mut unfilled) = (0, Vec::new());
        for (scenario_index, part) in self.scenario.scenario_rows.iter().enumerate() {
            for row in &part.rows {
                if is_there(row.table) {
                    written += 1;
                    continue;
                }
                missing.entry(row.table).or_default().push(&row.handle);
                let message = format!("the target has no table {}", row.table);
                faults.push(Fault { scenario_index, handle: row.handle.clone(), column: None, message });
            }
            for row in &part.own_rows {
                let has_no_key =
                    |planned: &TablePlan| planned.oid() == Some(row.table) && planned.key().is_empty();
                if plan.tables.iter().any(has_no_key) {
                    let message =
                        "its table has no primary key, by which the row could be found again".to_owned();
                    unfilled.push(Fault {
                        scenario_index,
                        handle: row.handle.clone(),
                        column: None,
                        message,
                    });
                    continue;
                }
                let is_planned =
                    |planned: &TablePlan| planned.oid() == Some(row.table) && planned.explicit > 0;
                if plan.tables.iter().any(is_planned) {
                    written += 1;
                    continue;
                }
                let table = schema.table(row.table).map_or_else(String::new, |table| table.qualified());
                let skipped = plan.skipped.iter().find(|skipped| skipped.table == table);
                let why = skipped.map_or("it takes no part", |skipped| skipped.why.as_str());
                let message = format!("{table} cannot be filled: {why}");
                unfilled.push(Fault { scenario_index, handle: row.handle.clone(), column: None, message });
            }
        }
        if !unfilled.is_empty() {
            return Err(self.refused(&unfilled));
        }
        if written == 0 && !faults.is_empty() {
            return Err(self.refused(&faults));
        }
        let Given { fitted, faults, inexact } =
            Given::of(plan, dataset, schema, &self.scenario.scenario_rows);
        let of_row = |fault: &ExplicitFault| {
            let ExplicitFault { scenario_index, handle, text } = fault;
            Fault {
                scenario_index: *scenario_index,
                handle: handle.clone(),
                column: None,
                message: text.clone(),
            }
        };
        let others = fitted.iter().filter(|cell| cell.is_other_situation).map(fault);
        let faults: Vec<Fault> = others.chain(faults.iter().map(of_row)).collect();
        if !faults.is_empty() {
            return Err(self.refused(&faults));
        }
        let mut notes: Vec<Note> = missing
            .iter()
            .map(|(table, handles)| {
                let text =
                    format!("rows of {table} were left out, as there is no such table: {}", some(handles));
                Note::new(NoteKind::RowFitted, text).about(*table)
            })
            .collect();
        let mut by_column = BTreeMap::<(&str, &str, &str), Vec<&str>>::new();
        for cell in &fitted {
            by_column.entry((cell.table, cell.column, &cell.what)).or_default().push(&cell.handle);
        }
        notes.extend(by_column.iter().map(|((table, column, what), handles)| {
            Note::new(NoteKind::RowFitted, format!("{table}.{column} of {}: {what}", some(handles)))
                .about(*table)
        }));
        Ok((notes, inexact))
    }

    /// The scenario is right, but this schema cannot hold it.
    fn refused(&self, faults: &[Fault]) -> Error {
        let error = self.scenario.faults(faults);
        Error::refused(format!("{error:#}")).with_hint(
            "nothing was changed; the schema cannot hold this situation: leave those rows or columns out of the scenario",
        )
    }
}

fn fault(cell: &FittedCell) -> Fault {
    Fault {
        scenario_index: cell.scenario_index,
        handle: cell.handle.clone(),
        column: Some(cell.column.to_owned()),
        message: format!("{}.{}: {}", cell.table, cell.column, cell.what),
    }
}

/// `a, b and 3 more`.
fn some(handles: &[&str]) -> String {
    let named: Vec<&str> = handles.iter().copied().take(NAMED).collect();
    match handles.len().checked_sub(NAMED) {
        None | Some(0) => named.join(", "),
        Some(more) => format!("{} and {more} more", named.join(", ")),
    }
}
