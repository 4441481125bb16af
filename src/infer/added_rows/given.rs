//! What a scenario gives for columns of the target, as its rows are made: values, and the rows that keys are of.

use crate::domain::dataset::Dataset;
use crate::domain::explicit::ids::FIRST_EXISTING;
use crate::domain::explicit::{GivenCells, GivenValue, RowId, RowTable};
use crate::domain::row_sampler::{RowRef, RowSampler};
use crate::infer::column_type::ColumnType;
use crate::infer::model::{GivenKey, GivenRow, Rows, TableModel, with_written_rows};
use crate::infer::rows::{explicit_number, explicit_ref};
use crate::infer::scalar_type::ScalarType;
use crate::sql::quote_literal;
use crate::sqlexpr;
use crate::sqlexpr::value::Value;

/// Takes what is given into the tables of its rows.
pub fn find(members: &mut [TableModel], dataset: &Dataset) {
    let mut found: Vec<(usize, u64, GivenRow)> = Vec::new();
    for (at, member) in members.iter().enumerate().filter(|(_, member)| member.is_written()) {
        let finder = Finder { members, member, dataset };
        match member.domain {
            Some(domain) => {
                let rows = dataset.explicit_of(domain).iter().filter(|made| !made.own.is_empty());
                found.extend(
                    rows.map(|made| (at, explicit_number(dataset, domain, made), finder.given(&made.own))),
                );
            }
            None => {
                let rows = dataset.added.iter().filter(|row| row.table == member.oid);
                found.extend(rows.map(|row| (at, row.number, finder.given(&row.cells))));
            }
        }
    }
    for (at, number, given) in found {
        members[at].given.insert(number, given);
    }
}

struct Finder<'a> {
    members: &'a [TableModel],
    member: &'a TableModel,
    dataset: &'a Dataset,
}

impl Finder<'_> {
    fn given(&self, cells: &GivenCells) -> GivenRow {
        let mut given = GivenRow::default();
        for (name, value) in cells {
            let Some(at) = self.member.column(name) else {
                // The server fills it where nothing is said: it is set once the row is there.
                let text = if let GivenValue::Text(text) = value { Some(text.clone()) } else { None };
                given.later.push((name.clone(), text));
                continue;
            };
            given.fixed.push(at);
            match value {
                GivenValue::Null => {
                    given.values.push((at, Value::Null));
                    self.lead_nowhere(name, &mut given);
                }
                GivenValue::Text(text) => {
                    self.lead_to(name, text, &mut given);
                    given.values.push((at, literal(&self.member.columns[at].column_type, text)));
                }
                GivenValue::Row(row) => self.lead(at, name, *row, &mut given),
            }
        }
        given
    }

    /// References of which a column is part.
    fn references(&self, column: &str) -> impl Iterator<Item = usize> {
        let is_part = move |at: &usize| {
            let reference = &self.member.references[*at];
            reference.columns.iter().any(|(own, _)| own == column)
                || reference.alternative.as_ref().is_some_and(|pair| pair.id == column)
        };
        (0..self.member.references.len()).filter(is_part)
    }

    /// The columns that say where a reference leads.
    fn columns_of(&self, reference: usize) -> impl Iterator<Item = usize> {
        let reference = &self.member.references[reference];
        let pair = reference.alternative.iter().flat_map(|pair| [&pair.id, &pair.of_type]);
        let names = reference.columns.iter().map(|(own, _)| own).chain(pair);
        names.filter_map(|name| self.member.column(name))
    }

    fn lead_nowhere(&self, column: &str, given: &mut GivenRow) {
        given.references.extend(self.references(column).map(|at| (at, None)));
    }

    /// A key by its value: the row that is there, where it is one that was read.
    fn lead_to(&self, column: &str, text: &str, given: &mut GivenRow) {
        for at in self.references(column) {
            let reference = &self.member.references[at];
            let theirs = reference.columns.iter().find(|(own, _)| own == column).map(|(_, theirs)| theirs);
            let row = theirs.and_then(|theirs| existing_with(&self.members[reference.to], theirs, text));
            given.references.push((at, row));
        }
    }

    /// The key of a row: of the reference that leads to its table, else of the row alone.
    fn lead(&self, at: usize, column: &str, row: RowId, given: &mut GivenRow) {
        let is_table = |member: &TableModel| match row.table {
            RowTable::Domain(domain) => member.domain == Some(domain),
            RowTable::Target(oid) => member.oid == oid,
        };
        let Some(row_ref) = self.row_ref(row) else { return };
        let all: Vec<usize> = self.references(column).collect();
        let leads = all.iter().find(|at| is_table(&self.members[self.member.references[**at].to]));
        match leads {
            Some(leads) => {
                given.references.extend(all.iter().map(|at| (*at, (at == leads).then_some(row_ref))));
                given.fixed.extend(self.columns_of(*leads));
            }
            None => {
                let to = self.members.iter().position(is_table).map(|to| with_written_rows(self.members, to));
                let existing =
                    row.number.checked_sub(FIRST_EXISTING).map(|at| &self.dataset.existing[at as usize]);
                let of_member = || self.members[to?].primary.clone();
                let Some(key) = existing.and_then(|row| row.key.clone()).or_else(of_member) else { return };
                // What is there says its key whatever table is asked.
                given.keys.push(GivenKey { column: at, to: to.unwrap_or(0), row: row_ref, key });
                given.fixed.push(at);
            }
        }
    }

    fn row_ref(&self, row: RowId) -> Option<RowRef> {
        let is_base = |domain: usize| RowSampler::new(self.dataset, domain).find(row.number);
        match row.table {
            RowTable::Domain(domain) if row.number < FIRST_EXISTING => {
                Some(is_base(domain).unwrap_or(explicit_ref(row.number)))
            }
            _ => Some(explicit_ref(row.number)),
        }
    }
}

/// The row that was read and that has this in a column.
fn existing_with(member: &TableModel, column: &str, text: &str) -> Option<RowRef> {
    let Rows::Existing { columns, rows } = &member.rows else { return None };
    let at = columns.iter().position(|name| name == column)?;
    let ordinal = rows.iter().position(|row| row[at].as_text() == Some(text))? as u64;
    Some(RowRef { ordinal, number: ordinal })
}

/// A value from its text, as far as it can be told what it is; else the text, which the server reads.
fn literal(column_type: &ColumnType, text: &str) -> Value {
    if column_type.scalar == ScalarType::Text && !column_type.is_list {
        return text.into();
    }
    if column_type.scalar == ScalarType::Json && !column_type.is_list {
        return Value::Json(text.to_owned());
    }
    let cast = format!("{}::{}", quote_literal(text), column_type.type_name);
    let value = sqlexpr::read(&cast).map(|expression| expression.value(&|_| Value::Null, 0));
    value.ok().filter(|value| !value.is_null()).unwrap_or_else(|| text.into())
}
