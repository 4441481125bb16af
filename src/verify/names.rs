//! The domain's names on a target that has others: each rule reads its tables through common table
//! expressions that bear the domain's names, so that a rule is written once and nothing is created.

use crate::catalog::{Column, Schema, Table};
use crate::domain::TABLES;
use crate::error::Result;
use crate::infer::labels;
use crate::infer::overrides::Overrides;
use crate::infer::{column_match, recognition};
use crate::sql::{quote_identifier, quote_literal};
use crate::verify::Rule;

/// A domain's table in the target.
struct Known<'a> {
    name: &'static str,
    target: &'a Table,
    /// The domain's columns that it has, and what they are there.
    columns: Vec<(&'static str, String)>,
    /// All of it is called as in the domain.
    is_same: bool,
}

/// The domain's names on a target.
pub struct Names<'a> {
    tables: Vec<Known<'a>>,
}

/// Texts shorter than this may have been cut.
const WHOLE: i32 = 40;

impl<'a> Names<'a> {
    /// As the tables and columns are recognized.
    ///
    /// # Errors
    /// Several schemas have the tables.
    pub fn of(schema: &'a Schema, overrides: &Overrides) -> Result<Self> {
        let all = recognition::roles(schema, overrides)?;
        let domain_of = |oid: u32| {
            let at = schema.tables.iter().position(|table| table.oid == oid)?;
            recognition::domain_at(&all, at)
        };
        let mut tables = Vec::new();
        for (domain, found) in all.iter().enumerate() {
            let Some(found) = found else { continue };
            let target = &schema.tables[found.at];
            let leads = column_match::leads(schema, target, &domain_of);
            let infos = TABLES[domain].columns();
            let columns: Vec<(&'static str, String)> =
                column_match::columns(domain, target, overrides, &leads)?
                    .iter()
                    .zip(&infos)
                    .filter_map(|(found, info)| {
                        let column = &target.columns[(*found)?.at];
                        Some((info.name, expression(column, info.holds.labels)?))
                    })
                    .collect();
            let name = TABLES[domain].info().name;
            let is_same =
                target.name == name && columns.iter().all(|(name, sql)| *sql == quote_identifier(name));
            tables.push(Known { name, target, columns, is_same });
        }
        Ok(Self { tables })
    }

    /// The schema in which the domain's tables are.
    pub fn home(&self) -> Option<&str> {
        self.tables.first().map(|known| known.target.schema.as_str())
    }

    /// The first table or column that the rule needs and the target lacks.
    pub fn missing(&self, rule: &Rule) -> Option<String> {
        rule.needs.iter().find_map(|need| {
            let (table, column) = need.split_once('.').unwrap_or((need, ""));
            let known = self.tables.iter().find(|known| known.name == table);
            let has = known.is_some_and(|known| {
                column.is_empty() || known.columns.iter().any(|(name, _)| *name == column)
            });
            (!has).then(|| format!("no {need} in this database"))
        })
    }

    /// A query of the rule, with the names that it needs.
    pub fn query(&self, rule: &Rule, sql: String) -> String {
        let needed = |known: &&Known<'_>| {
            !known.is_same && rule.needs.iter().any(|need| need.split('.').next() == Some(known.name))
        };
        let views: Vec<String> = self.tables.iter().filter(needed).map(Known::view).collect();
        if views.is_empty() {
            sql
        } else {
            format!("WITH {} SELECT * FROM ({sql}) AS of_rule(what)", views.join(", "))
        }
    }
}

impl Known<'_> {
    fn view(&self) -> String {
        let columns: Vec<String> =
            self.columns.iter().map(|(name, sql)| format!("{sql} AS {}", quote_identifier(name))).collect();
        format!(
            "{} AS NOT MATERIALIZED (SELECT {} FROM {})",
            self.name,
            columns.join(", "),
            self.target.qualified()
        )
    }
}

/// The domain's value of a column; `None` where it cannot be told from what is there.
fn expression(column: &Column, values: &[&str]) -> Option<String> {
    let name = quote_identifier(&column.name);
    let is_cut =
        matches!(column.base.as_str(), "varchar" | "bpchar") && (5..WHOLE + 4).contains(&column.typmod);
    let Some(found) = &column.labels else {
        return (!is_cut || !values.is_empty() || column.typmod < 24).then_some(name);
    };
    if values.is_empty() || values.iter().all(|value| found.iter().any(|label| label == value)) {
        return Some(name);
    }
    let mut cases = Vec::new();
    let mut taken = Vec::new();
    for value in values {
        let at = labels::nearest(value, found, None)?.index;
        if taken.contains(&at) {
            return None;
        }
        taken.push(at);
        cases.push(format!("WHEN {} THEN {}", quote_literal(&found[at]), quote_literal(value)));
    }
    Some(format!("CASE {name}::text {} ELSE {name}::text END", cases.join(" ")))
}
