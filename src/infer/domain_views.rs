//! The domain's names on a target that has others: a query reads the domain's tables through common table expressions
//! that bear their names, so that it is written once and nothing is created.

use std::collections::BTreeMap;

use crate::catalog::{Column, MONEY_DIGITS, Schema, Table};
use crate::domain::TABLES;
use crate::domain::table::ColumnInfo;
use crate::error::Result;
use crate::infer::overrides::{LabelOverride, Overrides};
use crate::infer::reading::{Reading, in_words, numbered, reading};
use crate::infer::{column_match, recognition};
use crate::sql::{quote_identifier, quote_literal};

/// Rows by the domain's tables: the texts of their keys, column by column.
pub type NamedRows = BTreeMap<String, Vec<Vec<String>>>;

/// A domain's table in the target.
pub struct DomainView<'a> {
    /// Its name in the domain.
    pub name: &'static str,
    /// It in the target.
    pub target: &'a Table,
    /// The domain's columns that it has: their names there, and how they are read.
    columns: Vec<(&'static str, &'a str, Reading)>,
}

/// The domain's tables as they are read from a target.
pub struct DomainViews<'a> {
    tables: Vec<DomainView<'a>>,
}

/// How a column of the target is read as one of the domain's `table`; the present, in seconds, is what constraints are
/// read by.
pub fn column_reading(
    schema: &Schema,
    overrides: &Overrides,
    (table, info): (&str, &ColumnInfo),
    (target, column): (&Table, &Column),
    now: i64,
) -> Reading {
    let setting = overrides.column(&target.schema, &target.name, &column.name);
    let labels: &[LabelOverride] = setting.map_or(&[], |setting| &setting.labels);
    match column.base == "money" && schema.server.money_digits != MONEY_DIGITS {
        true => Reading::Not("is money in units of its own".into()),
        false if !labels.is_empty() => in_words(column, labels),
        false => reading(table, info, (target, column), setting, now),
    }
}

impl<'a> DomainViews<'a> {
    /// As the tables and columns are recognized; the present, in seconds, is what constraints are read by.
    ///
    /// # Errors
    /// Several schemas have the tables.
    pub fn of(schema: &'a Schema, overrides: &Overrides, now: i64) -> Result<Self> {
        let all = recognition::roles(schema, overrides)?;
        let domain_of = |oid: u32| {
            let at = schema.tables.iter().position(|table| table.oid == oid)?;
            recognition::domain_at(&all, at)
        };
        let mut tables = Vec::new();
        for (domain, found) in all.iter().enumerate() {
            let Some(found) = found else { continue };
            let target = &schema.tables[found.at];
            let leads = column_match::leads(schema, target, &domain_of, overrides);
            let (name, infos) = (TABLES[domain].info().name, TABLES[domain].columns());
            let found = column_match::columns(domain, target, overrides, &leads)?;
            let known: Vec<(&str, &str)> = found
                .iter()
                .zip(&infos)
                .filter_map(|(found, info)| Some((target.columns[(*found)?.at].name.as_str(), info.name)))
                .collect();
            let columns: Vec<_> = found
                .iter()
                .zip(&infos)
                .filter_map(|(found, info)| {
                    let column = &target.columns[(*found)?.at];
                    let read = column_reading(schema, overrides, (name, info), (target, column), now);
                    let is_told = overrides
                        .column(&target.schema, &target.name, &column.name)
                        .is_some_and(|setting| !setting.labels.is_empty());
                    let read = match is_told {
                        true => read,
                        false => numbered(read, (name, info), (target, column), &known),
                    };
                    Some((info.name, column.name.as_str(), read))
                })
                .collect();
            tables.push(DomainView { name, target, columns });
        }
        Ok(Self { tables })
    }

    /// The schema in which the domain's tables are.
    pub fn home(&self) -> Option<&str> {
        self.tables.first().map(|known| known.target.schema.as_str())
    }

    /// The domain's table of this name, if the target has it.
    pub fn table(&self, name: &str) -> Option<&DomainView<'a>> {
        self.tables.iter().find(|view| view.name == name)
    }

    /// The tables that the target has.
    pub fn tables(&self) -> impl Iterator<Item = &DomainView<'a>> {
        self.tables.iter()
    }
}

impl DomainView<'_> {
    /// How a column of the domain is read, and what it is called in the target; `None` where the target lacks it.
    pub fn column(&self, name: &str) -> Option<(&str, &Reading)> {
        self.columns.iter().find(|(known, ..)| *known == name).map(|(_, own, reading)| (*own, reading))
    }

    /// The columns of the domain that cannot be read as they were meant, by their names: shortened ones, rounded ones.
    pub fn inexact(&self) -> impl Iterator<Item = &'static str> {
        self.columns
            .iter()
            .filter(|(.., reading)| !matches!(reading, Reading::Whole(_)))
            .map(|(name, ..)| *name)
    }

    /// The same with the columns of the target that have no name of the domain's, under their own names.
    pub fn sql_with_own(&self) -> String {
        let is_named = |name: &str| {
            self.columns
                .iter()
                .any(|(known, _, reading)| *known == name && !matches!(reading, Reading::Not(_)))
        };
        let own =
            self.target.columns.iter().map(|column| column.name.as_str()).filter(|name| !is_named(name));
        self.with(own.map(quote_identifier), None)
    }

    /// It as a common table expression that bears the domain's names, as if these rows were not there.
    pub fn sql_without(&self, rows: &NamedRows) -> String {
        let is_of = self.is_of(rows);
        self.with(std::iter::empty(), is_of.map(|is_of| format!(" WHERE ({is_of}) IS NOT TRUE")))
    }

    /// The condition that a row is one of these; `None` where none of them can be.
    fn is_of(&self, rows: &NamedRows) -> Option<String> {
        let rows = rows.get(self.name)?;
        let key = TABLES.iter().find(|table| table.info().name == self.name)?.info().key;
        let own = |name: &&str| self.column(name).map(|(own, _)| quote_identifier(own));
        is_among(&key.iter().map(own).collect::<Option<Vec<_>>>()?, rows)
    }

    fn with(&self, more: impl Iterator<Item = String>, rest: Option<String>) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .filter_map(|(name, _, reading)| match reading {
                Reading::Whole(sql) | Reading::Short(sql, _) => {
                    Some(format!("{sql} AS {}", quote_identifier(name)))
                }
                Reading::Not(_) => None,
            })
            .chain(more)
            .collect();
        format!(
            "{} AS NOT MATERIALIZED (SELECT {} FROM {}.{}{})",
            self.name,
            columns.join(", "),
            quote_identifier(&self.target.schema),
            quote_identifier(&self.target.name),
            rest.unwrap_or_default()
        )
    }
}

/// The condition that columns, read as text, have one of these values.
fn is_among(columns: &[String], rows: &[Vec<String>]) -> Option<String> {
    let row = |row: &Vec<String>| {
        format!("({})", row.iter().map(|value| quote_literal(value)).collect::<Vec<_>>().join(", "))
    };
    let rows: Vec<String> = rows.iter().filter(|row| row.len() == columns.len()).map(row).collect();
    let columns: Vec<String> = columns.iter().map(|column| format!("{column}::text")).collect();
    (!rows.is_empty()).then(|| format!("({}) IN ({})", columns.join(", "), rows.join(", ")))
}
