//! The `rows` of a file: tables, handles, columns, and what a row has besides columns. Tables and columns that the domain
//! does not have are a database's.

use super::fields::{items, members, text, whole};
use super::json::{Json, Member, Node};
use super::location::{At, Location, Problems};
use super::own::{OwnCellText, TableText, is_slip};
use super::reference::{HANDLE, Handles, LONGEST, MADE, is_handle};
use super::registry::{self, Known};
use super::wishes;
use crate::domain::explicit::WITHOUT;
use crate::domain::explicit::ids::PLACES;
use crate::domain::table::ColumnInfo;
use crate::suggestion::{quoted, suggestion};

/// The most rows that a scenario has in a table: the first of its ids there is never given.
pub const MOST_ROWS: u64 = PLACES - 1;

/// What a row may have besides columns.
pub const KEYS: [&str; 4] = ["repeat", "without", "organization", "$comment"];

/// A row as a file has it, before its `repeat`.
#[derive(Clone, Debug)]
pub struct RowText {
    pub table: TableText,
    pub handle: At<String>,
    /// The columns that the file sets.
    pub cells: Vec<CellText>,
    /// Those of them that the domain does not have.
    pub own: Vec<OwnCellText>,
    pub repeat: Option<u64>,
    /// What is not made beside it.
    pub without: Option<Vec<String>>,
    /// Of a contact: where it works.
    pub organization: Option<Node>,
}

/// A column of a row as a file has it.
#[derive(Clone, Debug)]
pub struct CellText {
    /// Where its name stands.
    pub location: Location,
    pub column: &'static ColumnInfo,
    /// What it is to hold.
    pub value: Node,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.info.name)
    }
}

/// Reads `rows`, and the tables among them that the domain does not have; handles under tables that are surely none become strays of `handles`.
pub fn read(node: &Node, handles: &mut Handles, problems: &mut Problems) -> (Vec<RowText>, Vec<At<String>>) {
    let (mut rows, mut tables) = (Vec::new(), Vec::new());
    for member in members(node, "rows", problems) {
        let Some(table) = table(member, problems) else {
            if let Json::Object(rows) = &member.value.json {
                handles.strays.extend(rows.iter().map(|row| row.key.clone()));
            }
            continue;
        };
        if let TableText::Target(name) = &table {
            tables.push(name.clone());
        }
        for row in members(&member.value, &member.key, problems) {
            let is_new = check_handle(row, table.name(), handles, problems);
            let row = read_row(&table, row, problems);
            rows.extend(is_new.then_some(row));
        }
    }
    (rows, tables)
}

/// The table that a member of `rows` names: one of the domain, or else a database's.
fn table(member: &Member, problems: &mut Problems) -> Option<TableText> {
    let name = &member.key;
    if let Some(known) = registry::table(name) {
        return Some(TableText::Domain(known));
    }
    if name.trim().is_empty() || name.contains('\0') {
        problems.add(&member.location, format!("{} is no name of a table", quoted(name)));
        return None;
    }
    if wishes::near(name).is_some() {
        let names: Vec<&str> = registry::tables().iter().map(|known| known.info.name).collect();
        problems.unsure(&member.location, "table", name, &names);
    }
    Some(TableText::Target(At { location: member.location.clone(), value: name.clone() }))
}

/// Holds a handle to its pattern, and to be the only one of its kind in the file.
fn check_handle(row: &Member, table: &str, handles: &mut Handles, problems: &mut Problems) -> bool {
    let handle = &row.key;
    if !is_handle(handle) {
        let long =
            if handle.len() > LONGEST { format!(", at most {LONGEST} characters") } else { String::new() };
        problems.add(&row.location, format!("invalid handle {}: use {HANDLE}{long}", quoted(handle)));
        handles.strays.insert(handle.clone());
        return false;
    }
    if handle == MADE {
        problems.add(&row.location, format!("the handle `{MADE}` is reserved for generated rows"));
        return false;
    }
    if let Some((other, first)) = handles.rows.get(handle) {
        let at = format!("{}:{}", first.line, first.column);
        problems.add(
            &row.location,
            format!("duplicate handle `{handle}`; the first is a row of {other} at {at}"),
        );
        return false;
    }
    handles.rows.insert(handle.clone(), (table.to_owned(), row.location.clone()));
    true
}

fn read_row(table: &TableText, row: &Member, problems: &mut Problems) -> RowText {
    let mut read = RowText {
        table: table.clone(),
        handle: At { location: row.location.clone(), value: row.key.clone() },
        cells: Vec::new(),
        own: Vec::new(),
        repeat: None,
        without: None,
        organization: None,
    };
    for member in members(&row.value, &quoted(&row.key), problems) {
        match (member.key.as_str(), table.known()) {
            ("$comment", _) => {
                text(&member.value, "$comment", problems);
            }
            ("repeat", _) => read.repeat = whole(&member.value, "repeat", 1, MOST_ROWS, problems),
            (_, Some(known)) => of_domain(known, member, &mut read, problems),
            (_, None) => read.own.push(own(member, None)),
        }
    }
    read
}

/// A member of a row of the domain's table.
fn of_domain(table: &'static Known, member: &Member, read: &mut RowText, problems: &mut Problems) {
    match (member.key.as_str(), table.column(&member.key)) {
        ("id", _) => problems.add(&member.location, NO_ID),
        (_, Some(column)) => {
            read.cells.push(CellText {
                location: member.location.clone(),
                column,
                value: member.value.clone(),
            });
        }
        ("without", _) => read.without = Some(without(table, member, problems)),
        ("organization", _) if table.info.name == "contacts" => {
            read.organization = Some(member.value.clone());
        }
        ("organization", _) => {
            problems.add(&member.location, "`organization` can only be used in rows of contacts");
        }
        _ => read.own.push(own(member, unknown_column(table, member, problems))),
    }
}

/// A column that only a database has.
fn own(member: &Member, refused: Option<String>) -> OwnCellText {
    let Member { location, key, value } = member;
    OwnCellText { location: location.clone(), column: key.clone(), value: value.clone(), refused }
}

/// That `id` cannot be set.
pub const NO_ID: &str =
    "`id` cannot be set: ids follow from the scenario name; --handles writes them to a file";

/// What to say of a column that the domain does not have, where no database has it either.
fn unknown_column(table: &Known, member: &Member, problems: &mut Problems) -> Option<String> {
    let columns = table.columns.iter().map(|column| column.name).filter(|name| *name != "id");
    let names: Vec<&str> = columns.chain(KEYS).collect();
    let what = format!("column of {}", table.info.name);
    if is_slip(&member.key, &names) {
        problems.unsure(&member.location, &what, &member.key, &names);
    }
    Some(format!("unknown {what} {}; {}", quoted(&member.key), suggestion(&member.key, &names)))
}

/// What may be left out beside rows of `table`.
pub fn leavable(table: &str) -> &'static [&'static str] {
    WITHOUT.iter().find(|(name, _)| *name == table).map_or(&[], |(_, names)| names)
}

fn without(table: &Known, member: &Member, problems: &mut Problems) -> Vec<String> {
    let known = leavable(table.info.name);
    if known.is_empty() {
        let message =
            format!("`without` cannot be used in rows of {}: they have no required rows", table.info.name);
        problems.add(&member.location, message);
        return Vec::new();
    }
    let mut names: Vec<String> = Vec::new();
    for item in items(&member.value, "without", problems) {
        let Some(name) = text(item, "each of `without`", problems) else { continue };
        if !known.contains(&name) {
            problems.unknown(&item.location, "value of `without`:", name, known);
        } else if names.iter().any(|before| before == name) {
            problems.add(&item.location, format!("duplicate {}", quoted(name)));
        } else {
            names.push(name.to_owned());
        }
    }
    names
}

impl RowText {
    /// Lays the columns of `other`, a row with the same handle, over this one's.
    pub fn lay_over(&mut self, other: Self) {
        for cell in other.cells {
            match self.cells.iter_mut().find(|mine| mine.column.name == cell.column.name) {
                Some(mine) => *mine = cell,
                None => self.cells.push(cell),
            }
        }
        for cell in other.own {
            match self.own.iter_mut().find(|mine| mine.column == cell.column) {
                Some(mine) => *mine = cell,
                None => self.own.push(cell),
            }
        }
        self.handle = other.handle;
        self.repeat = other.repeat.or(self.repeat);
        self.without = other.without.or_else(|| self.without.take());
        self.organization = other.organization.or_else(|| self.organization.take());
    }

    /// Where the whole of it begins.
    pub const fn location(&self) -> &Location {
        &self.handle.location
    }

    /// About how many bytes all of it takes.
    pub fn size(&self) -> u64 {
        let cells = self.cells.iter().map(|cell| &cell.value).chain(self.own.iter().map(|cell| &cell.value));
        let cells: u64 = cells.map(Node::size).sum();
        cells.saturating_mul(self.repeat.unwrap_or(1))
    }
}
