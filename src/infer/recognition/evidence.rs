//! What a table of the target shows of itself: what it is called without a prefix that others share, and the words
//! of its columns.

use crate::catalog::{Column, Schema, Table};
use crate::domain::TABLES;
use crate::infer::column_type::scalar_type;
use crate::infer::names::{self, FieldName};
use crate::infer::recognition::prefix;
use crate::infer::scalar_type::ScalarType;

/// Names this alike are well-known other names.
pub const KNOWN: u8 = 80;

pub struct TableEvidence<'a> {
    pub table: &'a Table,
    /// Its name without the prefix that it shares with others.
    pub name: String,
    /// How surely it is called like each table of the domain, with or without its prefix.
    called: Vec<Option<u8>>,
    pub columns: Vec<ColumnEvidence<'a>>,
}

pub struct ColumnEvidence<'a> {
    pub column: &'a Column,
    /// The words of its name.
    pub words: Vec<String>,
    /// Its name, as it may be a column of the domain.
    pub name: FieldName,
    /// The words in the singular, with blanks between.
    pub phrase: String,
    pub scalar: ScalarType,
}

/// What all tables of a target show.
pub fn read(schema: &Schema) -> Vec<TableEvidence<'_>> {
    let names = prefix::names(schema);
    let tables = schema.tables.iter().zip(names);
    tables.map(|(table, name)| TableEvidence::of(table, name)).collect()
}

impl<'a> ColumnEvidence<'a> {
    fn of(column: &'a Column, table: &str) -> Self {
        let words = names::words(&column.name);
        let phrase = names::singular_phrase(&words);
        let scalar = scalar_type(&column.base, column.category, column.labels.is_some());
        Self { column, words, name: FieldName::of_table(&column.name, table), phrase, scalar }
    }

    /// Its last word.
    pub fn last(&self) -> &str {
        self.words.last().map_or("", String::as_str)
    }

    /// Whether it says who did something: `created_by`, `updatedById`.
    pub fn is_who(&self) -> bool {
        let words: Vec<&str> =
            self.words.iter().map(String::as_str).filter(|word| !matches!(*word, "id" | "uuid")).collect();
        words.len() > 1 && words.last() == Some(&"by")
    }
}

impl<'a> TableEvidence<'a> {
    fn of(table: &'a Table, name: String) -> Self {
        let called = |domain: &&dyn crate::domain::table::Table| {
            let domain = domain.info().name;
            let whole = names::table_match(domain, &table.name);
            if name == table.name { whole } else { whole.max(names::table_match(domain, &name)) }
        };
        let called = TABLES.iter().map(called).collect();
        let columns = table.columns.iter().map(|column| ColumnEvidence::of(column, &name)).collect();
        Self { table, name, called, columns }
    }

    /// How surely it is called like the table of the domain at this position.
    pub fn called(&self, domain: usize) -> Option<u8> {
        self.called[domain]
    }

    /// Whether it has a name that may mean that table.
    pub fn may_be_called(&self, domain: usize) -> bool {
        self.called[domain].is_some()
    }

    /// Whether it is called like that table, or by a well-known other name.
    pub fn is_called(&self, domain: usize) -> bool {
        self.called[domain].is_some_and(|score| score >= KNOWN)
    }
}
