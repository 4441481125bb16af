//! The first rows of each table, made and held to its constraints before anything is written: what would be
//! refused is told with its cause.

use std::sync::Arc;

use crate::catalog::Schema;
use crate::domain::dataset::Dataset;
use crate::error::Error;
use crate::infer::column_type::text;
use crate::infer::model::{Added, Generator, Model, TableModel};
use crate::infer::repair;
use crate::infer::rows::{Row, RowGenerator, lookup};
use crate::infer::seen::Seen;
use crate::infer::setting;
use crate::infer::troubles::Troubles;
use crate::infer::uniqueness;
use crate::sqlexpr;

/// Number of rows of each table that are checked.
const ROWS: u64 = 300;
/// Rows that are made in one go: where one has a fault, no more than these are made in vain.
const AT_ONCE: u64 = 10;

/// Makes the first rows of each table and holds them to its constraints.
///
/// The constraint that a row would break, and the row, is added to the `troubles`, one of each table. Tables that are in
/// trouble already, or refer to such, are not looked at.
pub fn check_first_rows(model: &Arc<Model>, dataset: &Dataset, schema: &Schema, troubles: &mut Troubles) {
    let mut maker = RowGenerator::new(model, dataset);
    let reached = troubles.reach(&model.members);
    for (at, member) in model.members.iter().enumerate() {
        if !member.is_written() || member.is_plain() || reached.contains(&at) {
            continue;
        }
        let rules = uniqueness::rules(&schema.tables[member.position], member);
        let mut keys: Vec<Seen<'_>> = rules.iter().map(Seen::new).collect();
        let mut fault = None;
        let mut ordinal = 0;
        let named = |ordinal: u64| format!("row {} of {}", ordinal + 1, member.qualified);
        let rows = maker.kept_count(at).min(ROWS);
        while ordinal < rows && fault.is_none() {
            maker.each_kept(at, ordinal..(ordinal + AT_ONCE).min(rows), |row| {
                if fault.is_none() {
                    fault = fault_of(member, row, dataset.now(), &named, ordinal, &mut keys);
                }
                ordinal += 1;
            });
        }
        if let Some(Fault { text, columns }) = fault {
            let table = &schema.tables[member.position];
            let lines: Vec<String> =
                columns.iter().map(|column| setting::value(schema, table, column)).collect();
            let hint = match lines.is_empty() {
                true => {
                    "leave the table out with --exclude, or set fewer rows for it in crm-seed.toml".to_owned()
                }
                false => format!(
                    "say in crm-seed.toml what fits ({}), or leave the table out with --exclude",
                    lines.join(", ")
                ),
            };
            troubles.add(at, Error::failed(text).with_hint(hint));
        }
    }
}

/// An explicit row that a constraint would refuse.
pub struct ExplicitFault {
    /// Position of its scenario among those that are loaded.
    pub scenario_index: usize,
    pub handle: String,
    /// Which constraint, and what of the row.
    pub text: String,
}

/// Makes all explicit rows and holds them to the constraints of their tables; the first fault of each table.
pub fn explicit_faults(model: &Arc<Model>, dataset: &Dataset, schema: &Schema) -> Vec<ExplicitFault> {
    let mut faults = Vec::new();
    let mut maker = RowGenerator::new(model, dataset);
    for (at, member) in model.members.iter().enumerate().filter(|(_, member)| member.is_written()) {
        let (names, rows): (Vec<(usize, String)>, Vec<Row>) = match member.domain {
            Some(_) if member.is_plain() => continue,
            Some(domain) => {
                let explicit = dataset.explicit_of(domain).iter();
                let names = explicit.map(|made| (made.scenario_index, made.handle.clone())).collect();
                (names, maker.explicit_rows(at, dataset, domain))
            }
            None => (added_names(member, dataset), maker.rows_added(at)),
        };
        let named = |ordinal: u64| {
            names.get(ordinal as usize).map_or_else(String::new, |(_, handle)| format!("`{handle}`"))
        };
        let rules = uniqueness::rules(&schema.tables[member.position], member);
        let mut keys: Vec<Seen<'_>> = rules.iter().map(Seen::new).collect();
        let fault = rows.iter().zip(0..).find_map(|(row, ordinal)| {
            let fault = fault_of(member, row, dataset.now(), &named, ordinal, &mut keys)?;
            let (scenario_index, handle) = names.get(ordinal as usize)?.clone();
            Some(ExplicitFault { scenario_index, handle, text: fault.text })
        });
        faults.extend(fault);
    }
    faults
}

/// What the rows of scenarios in a table are called that the domain does not have; what others require has the table's name.
fn added_names(member: &TableModel, dataset: &Dataset) -> Vec<(usize, String)> {
    let name = |row: &Added| {
        let of_file =
            dataset.added.iter().find(|other| other.table == member.oid && other.number == row.number);
        let handle = of_file.map_or_else(|| member.name.clone(), |other| other.handle.clone());
        (row.scenario_index, handle)
    };
    member.added.iter().map(name).collect()
}

/// What would be refused, and the columns that could have another value.
struct Fault {
    text: String,
    columns: Vec<String>,
}

fn fault_of(
    member: &TableModel,
    row: &Row,
    now: i64,
    named: &dyn Fn(u64) -> String,
    ordinal: u64,
    keys: &mut [Seen<'_>],
) -> Option<Fault> {
    let what = named(ordinal);
    if let Some(check) = repair::broken(member, row, now) {
        let text = format!(
            "{what} would violate CHECK constraint {}: {} ({})",
            check.name,
            sqlexpr::brief(&check.definition),
            shown(member, row, &check.columns)
        );
        // What refers to another row, or is a key, is not for one value.
        let is_free = |column: &&String| {
            member.column(column).is_some_and(|at| {
                !matches!(member.columns[at].generator, Generator::Reference(..) | Generator::Key(_))
            })
        };
        return Some(Fault { text, columns: check.columns.iter().filter(is_free).cloned().collect() });
    }
    for (column, value) in member.columns.iter().zip(&row.values) {
        if column.column_type.not_null && value.is_null() {
            let name = &column.column_type.name;
            let text = format!("{what} would be NULL in {name}, which is NOT NULL ({})", column.about);
            return Some(Fault { text, columns: vec![name.clone()] });
        }
    }
    for (column, value) in member.columns.iter().zip(&row.values) {
        let length = value.as_text().map_or(0, |text| text.chars().count());
        if let Some(most) =
            column.column_type.max_length.filter(|most| length > *most && column.column_type.base != "varbit")
        {
            let column = &column.column_type.name;
            let text = format!("{what} would have {length} characters in {column}, which allows {most}");
            return Some(Fault { text, columns: vec![column.clone()] });
        }
    }
    let value_of = |name: &str| lookup(&member.columns, row, name);
    for key in keys {
        let Some(parts) = key.parts(&value_of, now) else { continue };
        if let Some(conflict) = key.conflict(&parts) {
            let rule = key.rule;
            let text = format!(
                "{what} would have the same {} as {} ({}), which {} does not allow",
                rule.columns.join(", "),
                named(conflict.row),
                shown(member, row, &rule.columns),
                rule.name
            );
            return Some(Fault { text, columns: Vec::new() });
        }
        key.add(parts, ordinal);
    }
    None
}

fn shown(member: &TableModel, row: &Row, columns: &[String]) -> String {
    let one = |column: &String| {
        let value = lookup(&member.columns, row, column);
        let value = if value.is_null() { "NULL".into() } else { text(&value) };
        format!("{column} = {}", sqlexpr::brief(&value))
    };
    columns.iter().map(one).collect::<Vec<_>>().join(", ")
}
