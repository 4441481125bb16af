//! The first rows of each table, made and held to its constraints before anything is written: what would be
//! refused is told with its cause.

use std::sync::Arc;

use crate::catalog::Schema;
use crate::domain::dataset::Dataset;
use crate::error::{Error, Result};
use crate::infer::column_type::text;
use crate::infer::model::{Model, TableModel};
use crate::infer::repair;
use crate::infer::rows::{Row, RowGenerator, lookup};
use crate::infer::seen::Seen;
use crate::infer::uniqueness;
use crate::sqlexpr;

/// Number of rows of each table that are checked.
const ROWS: u64 = 300;
/// Rows that are made in one go: where one has a fault, no more than these are made in vain.
const AT_ONCE: u64 = 10;

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
        let rules = uniqueness::rules(&schema.tables[member.position], member);
        let mut keys: Vec<Seen<'_>> = rules.iter().map(Seen::new).collect();
        let mut fault = None;
        let mut ordinal = 0;
        let rows = maker.kept_count(at).min(ROWS);
        while ordinal < rows && fault.is_none() {
            maker.each_kept(at, ordinal..(ordinal + AT_ONCE).min(rows), |row| {
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

fn fault_of(member: &TableModel, row: &Row, now: i64, ordinal: u64, keys: &mut [Seen<'_>]) -> Option<String> {
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
        let Some(parts) = key.parts(&value_of, now) else { continue };
        if let Some(conflict) = key.conflict(&parts) {
            let rule = key.rule;
            let earlier = conflict.row;
            return Some(format!(
                "rows {earlier} and {number} of {table} would have the same {} ({}), which {} does not \
                 allow",
                rule.columns.join(", "),
                shown(member, row, &rule.columns),
                rule.name
            ));
        }
        key.add(parts, number);
    }
    None
}

fn shown(member: &TableModel, row: &Row, columns: &[String]) -> String {
    let one = |column: &String| {
        let value = lookup(&member.steps, row, column);
        let value = if value.is_null() { "NULL".into() } else { text(&value) };
        format!("{column} = {}", sqlexpr::brief(&value))
    };
    columns.iter().map(one).collect::<Vec<_>>().join(", ")
}
