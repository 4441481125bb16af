//! Rows and columns of a file that only a database has: as they were written, until they are held against one.

use super::json::{Json, Node};
use super::location::{At, Location};
use super::registry::Known;

/// A column that the domain's table does not have, or not with such a value.
#[derive(Clone, Debug)]
pub struct OwnCellText {
    /// Where its name stands.
    pub location: Location,
    pub column: String,
    pub value: Node,
    /// Why the domain does not take it.
    pub refused: Option<String>,
}

/// A row of a table that the domain does not have.
#[derive(Clone, Debug)]
pub struct OwnRowText {
    /// Its table, as the file calls it.
    pub table: At<String>,
    pub handle: String,
    /// Where its handle stands.
    pub location: Location,
    pub cells: Vec<OwnCellText>,
}

/// What a scenario has of that.
#[derive(Clone, Debug, Default)]
pub struct OwnTexts {
    /// Tables that the domain does not have, as the file calls them.
    pub tables: Vec<At<String>>,
    /// Rows of those.
    pub rows: Vec<OwnRowText>,
    /// Cells of rows of the domain's tables, by their handles.
    pub cells: Vec<(String, Vec<OwnCellText>)>,
}

impl OwnTexts {
    /// Whether all of it is the domain's.
    pub const fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.rows.is_empty() && self.cells.is_empty()
    }
}

impl OwnCellText {
    /// The same for the row of this number of those that are repeated.
    pub fn numbered(&self, number: Option<u64>) -> Self {
        match number {
            Some(number) => Self { value: self.value.numbered(number), ..self.clone() },
            None => self.clone(),
        }
    }
}

/// The table of a row, as a file has it.
#[derive(Clone, Debug)]
pub enum TableText {
    /// One of the domain's.
    Domain(&'static Known),
    /// One that only a database has.
    Target(At<String>),
}

impl TableText {
    pub fn name(&self) -> &str {
        match self {
            Self::Domain(known) => known.info.name,
            Self::Target(name) => &name.value,
        }
    }

    /// The domain's table.
    pub const fn known(&self) -> Option<&'static Known> {
        match self {
            Self::Domain(known) => Some(known),
            Self::Target(_) => None,
        }
    }
}

/// Whether `name` is one of these but for a slip of the finger; one and several of the same are names of their own.
pub fn is_slip(name: &str, known: &[&str]) -> bool {
    let is_form =
        |known: &str| known.strip_suffix('s') == Some(name) || name.strip_suffix('s') == Some(known);
    known.iter().any(|known| strsim::damerau_levenshtein(name, known) == 1 && !is_form(known))
}

/// What a lookup asks of a column: a text as the server reads it; `None` for NULL.
pub fn condition(node: &Node) -> Option<String> {
    match &node.json {
        Json::Null => None,
        Json::Text(text) => Some(text.clone()),
        _ => {
            let mut text = String::new();
            node.write(&mut text);
            Some(text)
        }
    }
}
