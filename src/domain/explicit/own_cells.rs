//! From what a scenario gives of the target's own to rows with numbers: which row each reference leads to.

use std::collections::BTreeMap;

use crate::domain::TABLES;
use crate::domain::explicit::completer::{Completer, RowDraft};
use crate::domain::explicit::facts::{self, position, table_called};
use crate::domain::explicit::ids::FIRST_EXISTING;
use crate::domain::explicit::own::{
    AddedRow, GivenCells, GivenValue, OwnCell, OwnDrafts, OwnRow, OwnValue, Owner, RowId, RowTable,
};
use crate::domain::explicit::row::Fault;
use crate::domain::explicit::row_kind::RowKind;
use crate::domain::explicit::value::{Lookup, Reference, Value};

impl Completer<'_> {
    /// Takes up the rows that are there and that the domain knows: nothing is made beside them, and they are not written.
    pub(super) fn admit_existing(&mut self) {
        let dataset = self.dataset;
        for (number, row) in (FIRST_EXISTING..).zip(&dataset.existing) {
            let Some((table, values)) = &row.domain else { continue };
            let draft = self.add_existing(*table, number, format!("existing-{}", number - FIRST_EXISTING));
            for (at, value) in values.iter().enumerate() {
                if let Some(value) = value.clone().filter(|_| facts::columns(*table)[at].name != "id") {
                    self.set(draft, at, value);
                }
            }
            if let Some(employer) = row.employer.as_ref().and_then(|employer| self.existing(employer)) {
                self.employ(draft, employer.number);
            }
        }
    }

    /// Takes the rows of tables up that only the target has, and what is given of the columns of one of the domain's.
    pub(super) fn admit_own_row(&mut self, scenario_index: usize, row: &OwnRow) {
        let number = self.number_in(scenario_index, TABLES.len() + row.table as usize, &row.handle);
        let handle = row.handle.clone();
        if number == 0 {
            let message = "the scenario has too many rows of this table".to_owned();
            self.faults.push(Fault { scenario_index, handle: handle.clone(), column: None, message });
        }
        let id = RowId { table: RowTable::Target(row.table), number };
        self.own.by_handle.insert((scenario_index, handle.clone()), id);
        let at = self.own.rows.len();
        self.own.rows.push(AddedRow { table: row.table, scenario_index, handle, number, cells: Vec::new() });
        self.own.cells.extend(row.cells.iter().map(|cell| (Owner::Row(at), cell.clone())));
    }

    pub(super) fn admit_own_cells(&mut self, draft: usize, cells: &[OwnCell]) {
        self.own.cells.extend(cells.iter().map(|cell| (Owner::Draft(draft), cell.clone())));
    }

    /// Finds the rows that the target's columns refer to.
    pub(super) fn resolve_own(&mut self) {
        for (owner, cell) in std::mem::take(&mut self.own.cells) {
            let (scenario_index, handle) = match owner {
                Owner::Draft(draft) => {
                    let draft = &self.drafts[draft];
                    (draft.scenario_index, draft.handle.clone())
                }
                Owner::Row(at) => (self.own.rows[at].scenario_index, self.own.rows[at].handle.clone()),
            };
            let given = match &cell.value {
                OwnValue::Null => GivenValue::Null,
                OwnValue::Text(text) => GivenValue::Text(text.clone()),
                OwnValue::Row(reference) => match self.row_of(scenario_index, (&handle, &cell), reference) {
                    Ok(Some(id)) => GivenValue::Row(id),
                    // It is looked up in a database only.
                    Ok(None) => continue,
                    Err(message) => {
                        let column = Some(cell.column);
                        self.faults.push(Fault { scenario_index, handle, column, message });
                        continue;
                    }
                },
            };
            match owner {
                Owner::Draft(draft) => {
                    self.own.given.entry(draft).or_default().push((cell.column, given));
                }
                Owner::Row(at) => self.own.rows[at].cells.push((cell.column, given)),
            }
        }
    }

    /// The row that a reference leads to; `None` where only a database would tell.
    fn row_of(
        &self,
        scenario_index: usize,
        (handle, cell): (&str, &OwnCell),
        reference: &Reference,
    ) -> Result<Option<RowId>, String> {
        let of_kind = |kind: RowKind, number: u64| RowId {
            table: RowTable::Domain(table_called(kind.table())),
            number,
        };
        match reference {
            Reference::Handle(wanted) => {
                if let Some(draft) = self.find(scenario_index, wanted) {
                    let draft = &self.drafts[draft];
                    return match draft.id {
                        0 => Err(format!(
                            "`@{wanted}` has no id: it is a row of {}",
                            TABLES[draft.table].info().name
                        )),
                        number => Ok(Some(RowId { table: RowTable::Domain(draft.table), number })),
                    };
                }
                let found = self.own.by_handle.get(&(scenario_index, wanted.clone()));
                found.copied().map(Some).ok_or_else(|| format!("there is no row `@{wanted}`"))
            }
            Reference::Existing(lookup) => Ok(self.existing(lookup)),
            Reference::Nth(nth) => match facts::is_there(self.dataset, *nth) {
                true => Ok(Some(of_kind(nth.kind, facts::nth_id(*nth)))),
                false => Err(nth.missing()),
            },
            Reference::Some(kind) => {
                let slot = self.slot_of(scenario_index, handle, &cell.column);
                let id = facts::some_id(self.dataset, *kind, slot);
                let missing = || format!("there is no {} among the base rows", kind.name());
                id.map(|id| Some(of_kind(*kind, id))).ok_or_else(missing)
            }
        }
    }

    /// The row that a lookup has found; `None` without a database.
    pub(super) fn existing(&self, lookup: &Lookup) -> Option<RowId> {
        let at = self.dataset.existing.iter().position(|row| row.lookup == *lookup)?;
        let row = &self.dataset.existing[at];
        let table =
            row.domain.as_ref().map_or(RowTable::Target(row.table), |(domain, _)| RowTable::Domain(*domain));
        Some(RowId { table, number: FIRST_EXISTING + at as u64 })
    }

    /// The rows of tables that only the target has, table by table in the order of the scenarios, and what columns of the
    /// target are given of each draft.
    pub(super) fn take_own(&mut self) -> (Vec<AddedRow>, BTreeMap<usize, GivenCells>) {
        let OwnDrafts { mut rows, given, .. } = std::mem::take(&mut self.own);
        rows.sort_by_key(|row| (row.table, row.scenario_index));
        (rows, given)
    }

    fn add_existing(&mut self, table: usize, number: u64, handle: String) -> usize {
        let draft = self.drafts.len();
        let mut values = vec![None; facts::columns(table).len()];
        let is_numbered = TABLES[table].info().key == ["id"];
        if is_numbered {
            values[position(table, "id")] = Some(Value::Int(number as i64));
            self.by_id.insert((table, number), draft);
        }
        self.drafts.push(RowDraft {
            table,
            scenario_index: 0,
            handle,
            is_implied: true,
            is_existing: true,
            values,
            id: if is_numbered { number } else { 0 },
            without: Vec::new(),
            employer: None,
            least_revenue: 0,
            latest: self.dataset.now(),
        });
        draft
    }
}
