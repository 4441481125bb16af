//! Which table and which column of the target a file means, row by row.

use std::collections::BTreeSet;

use super::cell::{self, CellText};
use crate::calendar::Day;
use crate::catalog::{LEDGER, Table};
use crate::domain::TABLES;
use crate::domain::explicit::Row;
use crate::domain::table::ColumnInfo;
use crate::infer::overrides::Overrides;
use crate::infer::recognition::domain_at;
use crate::infer::target_names::TargetNames;
use crate::scenario::location::{At, Location};
use crate::scenario::own::{OwnCellText, OwnRowText};
use crate::scenario::{Problem, cell as domain_cell, reference, registry, rows};
use crate::suggestion::quoted;

/// What was found of a scenario's own rows and columns.
#[derive(Debug, Default)]
pub struct Resolved {
    /// Rows of all scenarios of which something is the target's.
    pub rows: Vec<ResolvedRow>,
    /// Tables (of schema and name) that take part only for them.
    pub included: Vec<String>,
    /// All that is wrong.
    pub problems: Vec<Problem>,
}

/// A row of which something is the target's.
#[derive(Debug)]
pub struct ResolvedRow {
    /// Position of its scenario among those that are loaded.
    pub scenario_index: usize,
    pub handle: String,
    pub place: Place,
    pub cells: Vec<ResolvedCell>,
}

/// Where a row goes.
#[derive(Debug)]
pub enum Place {
    /// It is among the scenario's rows already.
    Known,
    /// It is a new one of the domain's table.
    Domain(Row),
    /// It is one of this table (oid) of the target.
    Target(u32),
}

/// A value for a column of the target.
#[derive(Debug)]
pub struct ResolvedCell {
    /// Where it stands.
    pub location: Location,
    pub column: String,
    /// The type of the column as SQL writes it.
    pub type_name: String,
    pub text: CellText,
    /// What the domain calls the column, and how its value is read there, as SQL over the column; none where it is not.
    pub domain: Option<(ColumnInfo, Option<String>)>,
}

/// Resolves rows, one after the other.
pub struct Resolver<'a> {
    names: &'a TargetNames<'a>,
    as_of: Day,
    included: BTreeSet<String>,
    resolved: Resolved,
}

impl<'a> Resolver<'a> {
    /// By what names mean in a target; dates that are relative are as of that day.
    pub fn new(names: &'a TargetNames<'a>, as_of: Day) -> Self {
        Self { names, as_of, included: BTreeSet::new(), resolved: Resolved::default() }
    }

    /// All that was resolved.
    pub fn into_resolved(self) -> Resolved {
        Resolved { included: self.included.into_iter().collect(), ..self.resolved }
    }

    /// Tells where there is no such table.
    pub fn check_table(&mut self, table: &At<String>) {
        if let Err(why) = self.names.table(&table.value) {
            self.fault(&table.location, format!("{}: {why}", quoted(&table.value)));
        }
    }

    fn fault(&mut self, location: &Location, message: impl Into<String>) {
        self.resolved.problems.push(Problem { location: location.clone(), message: message.into() });
    }

    fn table(&self, at: usize) -> &Table {
        &self.names.schema.tables[at]
    }

    /// Cells of a row of the domain's table that the domain does not take.
    pub fn cells_of(&mut self, scenario_index: usize, row: &Row, cells: &[OwnCellText]) {
        let at = match self.names.table_of_domain(row.table) {
            Some(at) => at,
            // That there is no such table is told with the row.
            None => return,
        };
        let found = cells.iter().filter_map(|cell| self.column(at, cell)).collect();
        let handle = row.handle.clone();
        self.resolved.rows.push(ResolvedRow { scenario_index, handle, place: Place::Known, cells: found });
    }

    /// A row of a table that is called so by the target, or that the domain calls otherwise.
    pub fn row(&mut self, scenario_index: usize, row: &OwnRowText) {
        // What there is not is told once, with the name.
        let Ok(at) = self.names.table(&row.table.value) else { return };
        let table = self.table(at);
        let setting = (table.schema.clone(), table.name.clone(), table.qualified(), table.oid);
        let (schema, name, qualified, oid) = setting;
        if !table.is_fillable() || schema == LEDGER {
            return self.fault(&row.table.location, format!("{qualified} is no table that can be filled"));
        }
        if Overrides::names(&self.names.overrides.exclude, &schema, &name) {
            return self.fault(&row.table.location, format!("{qualified} is excluded"));
        }
        let place = match domain_at(&self.names.recognition.roles, at) {
            Some(domain) => Place::Domain(Row {
                table: TABLES[domain].info().name,
                handle: row.handle.clone(),
                cells: Vec::new(),
                own: Vec::new(),
                organization: None,
                without: Vec::new(),
            }),
            None => {
                if !self.names.chosen.contains(&at) {
                    self.included.insert(format!("{schema}.{name}"));
                }
                Place::Target(oid)
            }
        };
        let (mut place, mut cells) = (place, Vec::new());
        for cell in &row.cells {
            if let Place::Domain(made) = &mut place
                && self.of_domain(at, made, cell)
            {
                continue;
            }
            cells.extend(self.column(at, cell));
        }
        if let Place::Domain(made) = &place {
            self.check_needed(row, made, &cells);
        }
        self.resolved.rows.push(ResolvedRow { scenario_index, handle: row.handle.clone(), place, cells });
    }

    /// Takes what a row of the domain's table has besides the columns of the target; whether it was that.
    fn of_domain(&mut self, at: usize, made: &mut Row, cell: &OwnCellText) -> bool {
        if self.table(at).columns.iter().any(|column| column.name == cell.column) {
            return false;
        }
        if cell.column == "without" {
            match cell::words(&cell.value, rows::leavable(made.table)) {
                Ok(names) => made.without = names,
                Err(why) => self.fault(&cell.value.location, format!("without: {why}")),
            }
            return true;
        }
        if cell.column == "organization" && made.table == "contacts" {
            match reference::read("organization", &cell.value) {
                Ok(to) => made.organization = Some(to),
                Err(why) => self.fault(&cell.value.location, why),
            }
            return true;
        }
        let known = registry::table(made.table).and_then(|known| known.column(&cell.column));
        let Some(info) = known.filter(|info| info.name != "id") else { return false };
        // Where the target has it under another name, that decides what it takes.
        if self.names.of_domain(at).iter().any(|(_, other)| other.name == info.name) {
            return false;
        }
        match domain_cell::read(info, &cell.value) {
            Ok(value) => made.cells.push((info.name, value)),
            Err(why) => self.fault(&cell.value.location, why),
        }
        true
    }

    /// What a cell is in the target; a fault where it has no such column, or not with such a value.
    fn column(&mut self, at: usize, cell: &OwnCellText) -> Option<ResolvedCell> {
        let position = match (self.names.column_of(at, &cell.column), &cell.refused) {
            (Ok(position), _) => position,
            // What the domain says of its own columns says more.
            (Err(_), Some(refused)) if self.is_of_domain(at, &cell.column) => {
                self.fault(&cell.location, refused.clone());
                return None;
            }
            (Err(why), _) => {
                self.fault(&cell.location, why);
                return None;
            }
        };
        let of_domain = self.names.all_of_domain(at).into_iter().find(|(own, _)| *own == position);
        let (schema, table) = (self.names.schema, &self.names.schema.tables[at]);
        let column = &table.columns[position];
        if column.generated {
            self.fault(&cell.location, format!("{} is a generated column and cannot be set", cell.column));
            return None;
        }
        if of_domain.as_ref().is_some_and(|(_, info)| info.name == "id") {
            self.fault(&cell.location, rows::NO_ID);
            return None;
        }
        // What the domain says of its own columns says more.
        if let (Some(refused), Some((_, info))) = (&cell.refused, &of_domain)
            && self.names.is_bundled(at)
            && self.is_of_domain(at, info.name)
            && info.name == column.name
            && !cell::is_label((schema, table, column), &cell.value, self.as_of)
        {
            self.fault(&cell.value.location, refused.clone());
            return None;
        }
        let text = match cell::read((schema, table, column), &cell.value, self.as_of) {
            Ok(text) => text,
            Err(why) => {
                self.fault(&cell.value.location, why);
                return None;
            }
        };
        let domain = of_domain.map(|(_, info)| {
            let read = self.names.reading(at, column, &info, self.as_of.midnight());
            (info, read)
        });
        Some(ResolvedCell {
            location: cell.value.location.clone(),
            column: column.name.clone(),
            type_name: column.type_name.clone(),
            text,
            domain,
        })
    }

    /// Whether the domain's table has a column of this name.
    fn is_of_domain(&self, at: usize, name: &str) -> bool {
        let domain = domain_at(&self.names.recognition.roles, at);
        let known = domain.and_then(|domain| registry::table(TABLES[domain].info().name));
        known.is_some_and(|known| known.column(name).is_some())
    }

    /// A row of the domain must have what the domain cannot make up.
    fn check_needed(&mut self, row: &OwnRowText, made: &Row, cells: &[ResolvedCell]) {
        let Some(known) = registry::table(made.table) else { return };
        let has = |info: &ColumnInfo| {
            made.cells.iter().any(|(name, _)| *name == info.name)
                || cells.iter().any(|cell| cell.domain.as_ref().is_some_and(|(of, _)| of.name == info.name))
        };
        let lacking: Vec<&str> = known
            .columns
            .iter()
            .filter(|info| info.holds.needed && !has(info))
            .map(|info| info.name)
            .collect();
        for name in lacking {
            let (handle, table) = (&row.handle, &row.table.value);
            self.fault(
                &row.location,
                format!("`{handle}` lacks {name}, which is required for a row of {table}"),
            );
        }
    }
}
