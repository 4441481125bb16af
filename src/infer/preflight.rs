//! The first rows of each table, made and held to its constraints before anything is written: what would be
//! refused is told with its cause.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::{Schema, Unique};
use crate::domain::dataset::Dataset;
use crate::error::{Error, Result};
use crate::infer::column_type::text;
use crate::infer::model::{Model, TableModel};
use crate::infer::repair;
use crate::infer::rows::{Row, RowGenerator, lookup};
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{self, Expression};

/// Number of rows of each table that are checked.
const ROWS: u64 = 300;
/// Rows that are made in one go: where one has a fault, no more than these are made in vain.
const AT_ONCE: u64 = 10;

/// A unique key, with the values seen so far.
struct Key<'a> {
    unique: &'a Unique,
    parts: Vec<Expression>,
    predicate: Option<Expression>,
    seen: HashMap<String, u64>,
}

/// Makes the first rows of each table and holds them to its constraints.
///
/// # Errors
/// The constraint that a row would break, and the row.
pub fn probe(adapted: &Arc<Model>, dataset: &Dataset, schema: &Schema) -> Result<()> {
    let mut maker = RowGenerator::new(adapted, dataset);
    for (at, member) in adapted.members.iter().enumerate() {
        if !member.is_written() || member.is_plain() {
            continue;
        }
        let mut keys = keys(member, schema);
        let mut fault = None;
        let mut ordinal = 0;
        let rows = maker.count(at).min(ROWS);
        while ordinal < rows && fault.is_none() {
            maker.each(at, ordinal..(ordinal + AT_ONCE).min(rows), |row| {
                if fault.is_none() {
                    fault = fault_of(member, row, dataset.now(), ordinal, &mut keys);
                }
                ordinal += 1;
            });
        }
        if let Some(fault) = fault {
            return Err(Error::failed(fault).with_hint(
                "nothing was changed; set the values of these columns in crm-seed.toml, or leave the \
                 table out with --exclude",
            ));
        }
    }
    Ok(())
}

fn keys<'a>(member: &TableModel, schema: &'a Schema) -> Vec<Key<'a>> {
    let table = &schema.tables[member.position];
    let read = |unique: &'a Unique| {
        let parts: Option<Vec<Expression>> = match &unique.expressions {
            Some(expressions) => expressions.iter().map(|text| sqlexpr::read(text).ok()).collect(),
            None => unique
                .columns
                .iter()
                .flatten()
                .map(|column| Some(Expression::Column(column.clone())))
                .collect(),
        };
        let predicate = match &unique.predicate {
            Some(text) => Some(sqlexpr::read(text).ok()?),
            None => None,
        };
        Some(Key { unique, parts: parts?, predicate, seen: HashMap::new() })
    };
    table.uniques.iter().filter(|unique| unique.exclusion.is_none()).filter_map(read).collect()
}

fn fault_of(member: &TableModel, row: &Row, now: i64, ordinal: u64, keys: &mut [Key<'_>]) -> Option<String> {
    let table = &member.qualified;
    let number = ordinal + 1;
    if let Some(check) = repair::broken(member, row, now) {
        return Some(format!(
            "row {number} of {table} would violate CHECK constraint {}: {} ({})",
            check.name,
            sqlexpr::brief(&check.definition),
            shown(member, row, &check.columns)
        ));
    }
    for (step, value) in member.steps.iter().zip(&row.values) {
        if step.shape.not_null && value.is_null() {
            let column = &step.shape.column;
            return Some(format!(
                "row {number} of {table} would be NULL in {column}, which is NOT NULL ({})",
                step.about
            ));
        }
    }
    for (step, value) in member.steps.iter().zip(&row.values) {
        let length = value.as_text().map_or(0, |text| text.chars().count());
        if let Some(most) = step.shape.max_length.filter(|most| length > *most && step.shape.base != "varbit")
        {
            let column = &step.shape.column;
            return Some(format!(
                "row {number} of {table} would have {length} characters in {column}, which allows {most}"
            ));
        }
    }
    let value_of = |name: &str| lookup(&member.steps, row, name);
    for key in keys {
        let holds = key.predicate.as_ref().is_none_or(|p| p.value(&value_of, now) == Value::Bool(true));
        let parts: Vec<Value> = key.parts.iter().map(|part| part.value(&value_of, now)).collect();
        let has_null = parts.iter().any(Value::is_null) && !key.unique.nulls_not_distinct;
        if !holds || has_null {
            continue;
        }
        let shown: Vec<String> = parts.iter().map(text).collect();
        if let Some(earlier) = key.seen.insert(shown.join("\u{1f}"), number) {
            return Some(format!(
                "rows {earlier} and {number} of {table} would have the same {} ({}), which {} does not \
                 allow",
                uniques_text(key),
                shown.join(", "),
                key.unique.name
            ));
        }
    }
    None
}

fn uniques_text(key: &Key<'_>) -> String {
    match &key.unique.expressions {
        Some(expressions) => expressions.join(", "),
        None => key.unique.columns.iter().flatten().cloned().collect::<Vec<_>>().join(", "),
    }
}

fn shown(member: &TableModel, row: &Row, columns: &[String]) -> String {
    let one = |column: &String| {
        let value = lookup(&member.steps, row, column);
        let value = if value.is_null() { "NULL".into() } else { text(&value) };
        format!("{column} = {}", sqlexpr::brief(&value))
    };
    columns.iter().map(one).collect::<Vec<_>>().join(", ")
}
