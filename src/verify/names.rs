//! The domain's names on a target that has others: each rule reads its tables through common table
//! expressions that bear the domain's names, so that a rule is written once and nothing is created.

use std::collections::BTreeMap;

use crate::catalog::{Column, MONEY_DIGITS, Schema, Table};
use crate::domain::TABLES;
use crate::error::Result;
use crate::infer::overrides::{LabelOverride, Overrides};
use crate::infer::{column_match, recognition};
use crate::sql::{quote_identifier, quote_literal};
use crate::verify::Rule;
use crate::verify::reading::{Reading, in_words, numbered, reading};

/// Rows by the domain's tables: the texts of their keys, column by column.
pub type NamedRows = BTreeMap<String, Vec<Vec<String>>>;

/// A domain's table in the target.
struct Known<'a> {
    name: &'static str,
    target: &'a Table,
    /// The domain's columns that it has: their names there, and how they are read.
    columns: Vec<(&'static str, &'a str, Reading)>,
}

/// The domain's names on a target.
pub struct Names<'a> {
    tables: Vec<Known<'a>>,
}

impl<'a> Names<'a> {
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
            let labels_of = |column: &Column| -> &[LabelOverride] {
                let setting = overrides.column(&target.schema, &target.name, &column.name);
                setting.map_or(&[], |setting| &setting.labels)
            };
            let columns: Vec<_> = found
                .iter()
                .zip(&infos)
                .filter_map(|(found, info)| {
                    let column = &target.columns[(*found)?.at];
                    let setting = overrides.column(&target.schema, &target.name, &column.name);
                    let reading = match column.base == "money" && schema.server.money_digits != MONEY_DIGITS {
                        true => Reading::Not("is money in units of its own".into()),
                        false if !labels_of(column).is_empty() => in_words(column, labels_of(column)),
                        false => {
                            let read = reading(name, info, (target, column), setting, now);
                            numbered(read, (name, info), (target, column), &known)
                        }
                    };
                    Some((info.name, column.name.as_str(), reading))
                })
                .collect();
            tables.push(Known { name, target, columns });
        }
        Ok(Self { tables })
    }

    /// A query that has a row if the tables hold any of these; `None` where they can hold none.
    pub fn query_of_rows(&self, rows: &NamedRows) -> Option<String> {
        let any = self.tables.iter().filter_map(|known| {
            let (schema, name) =
                (quote_identifier(&known.target.schema), quote_identifier(&known.target.name));
            Some(format!("(SELECT 1 FROM {schema}.{name} WHERE {} LIMIT 1)", known.is_of(rows)?))
        });
        let any: Vec<String> = any.collect();
        (!any.is_empty()).then(|| any.join(" UNION ALL "))
    }

    /// The schema in which the domain's tables are.
    pub fn home(&self) -> Option<&str> {
        self.tables.first().map(|known| known.target.schema.as_str())
    }

    /// The first table or column that the rule needs, and why the target does not have it.
    pub fn missing(&self, rule: &Rule) -> Option<String> {
        rule.needed().find_map(|need| {
            let missing = || Some(format!("no {} in this database", need.name()));
            let Some(known) = self.tables.iter().find(|known| known.name == need.table) else {
                return missing();
            };
            if need.column.is_empty() {
                return None;
            }
            let Some((_, own, reading)) = known.columns.iter().find(|(name, ..)| *name == need.column) else {
                return missing();
            };
            match reading {
                Reading::Whole(_) => None,
                Reading::Short(..) if need.may_be_short => None,
                Reading::Short(_, why) | Reading::Not(why) => {
                    Some(format!("{}.{own} {why}", known.target.name))
                }
            }
        })
    }

    /// A query of the rule, with the names that it needs.
    pub fn query(&self, rule: &Rule, sql: &str) -> String {
        self.query_without(rule, sql, &NamedRows::new())
    }

    /// The same, as if these rows were not there.
    pub fn query_without(&self, rule: &Rule, sql: &str, rows: &NamedRows) -> String {
        let needed = self.tables.iter().filter(|known| known.is_needed(rule));
        let views: Vec<String> = needed.map(|known| known.view(rows)).collect();
        format!("WITH {} SELECT * FROM ({sql}) AS of_rule(what)", views.join(", "))
    }
}

impl Known<'_> {
    fn is_needed(&self, rule: &Rule) -> bool {
        rule.needed().any(|need| need.table == self.name)
    }

    /// The condition that a row is one of these; `None` where none of them can be.
    fn is_of(&self, rows: &NamedRows) -> Option<String> {
        let rows = rows.get(self.name)?;
        let key = TABLES.iter().find(|table| table.info().name == self.name)?.info().key;
        let own = |name: &&str| {
            let (_, own, _) = self.columns.iter().find(|(known, ..)| known == name)?;
            Some(quote_identifier(own))
        };
        is_among(&key.iter().map(own).collect::<Option<Vec<_>>>()?, rows)
    }

    fn view(&self, without: &NamedRows) -> String {
        let rest =
            self.is_of(without).map_or_else(String::new, |is_of| format!(" WHERE ({is_of}) IS NOT TRUE"));
        let columns: Vec<String> = self
            .columns
            .iter()
            .filter_map(|(name, _, reading)| match reading {
                Reading::Whole(sql) | Reading::Short(sql, _) => {
                    Some(format!("{sql} AS {}", quote_identifier(name)))
                }
                Reading::Not(_) => None,
            })
            .collect();
        format!(
            "{} AS NOT MATERIALIZED (SELECT {} FROM {}.{}{rest})",
            self.name,
            columns.join(", "),
            quote_identifier(&self.target.schema),
            quote_identifier(&self.target.name)
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
