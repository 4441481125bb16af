//! What the target holds of explicit rows: cells that it does not hold as they were given, and rows that a constraint of it
//! refuses.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Schema;
use crate::domain::dataset::Dataset;
use crate::domain::explicit::{CompletedRow, ScenarioRows};
use crate::domain::table::ColumnInfo;
use crate::domain::{TABLES, columns_of};
use crate::infer::column_type::text;
use crate::infer::labels::{self, How};
use crate::infer::model::{ColumnModel, Generator, ReferenceStrategy, TableModel};
use crate::infer::preflight::{ExplicitFault, explicit_faults};
use crate::infer::rows::{RowGenerator, explicit_values};
use crate::plan::Plan;
use crate::sqlexpr::value::Value;

/// Columns without which a row is in another situation.
const NEEDED: [&str; 2] = ["stage", "deleted_at"];
/// Those whose labels tell the situations apart.
const TELLING: [&str; 4] = ["stage", "status", "organization_type", "role"];

/// A cell that the target does not hold as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FittedCell {
    /// Position of its scenario among those that are loaded.
    pub scenario_index: usize,
    /// The row.
    pub handle: String,
    /// The domain's table and column.
    pub table: &'static str,
    pub column: &'static str,
    /// What the target holds instead.
    pub what: String,
    /// The row is in another situation then than the scenario says.
    pub is_other_situation: bool,
}

/// The domain's columns, with their tables.
pub type InexactColumns = BTreeSet<(&'static str, &'static str)>;

/// What the target holds of explicit rows.
#[derive(Default)]
pub struct Given {
    /// The cells that scenarios give and the target does not hold so.
    pub fitted: Vec<FittedCell>,
    /// Those that the target does not hold as they were meant, in any explicit row.
    pub inexact: InexactColumns,
    /// Rows that a constraint refuses.
    pub faults: Vec<ExplicitFault>,
}

impl Given {
    /// Of the rows of a dataset, which scenarios give so.
    pub fn of(plan: &Plan, dataset: &Dataset, schema: &Schema, scenario_rows: &[ScenarioRows]) -> Self {
        let (Some(model), false) = (&plan.model, dataset.explicit.is_empty() && dataset.added.is_empty())
        else {
            return Self::default();
        };
        let mut given: BTreeMap<(usize, &str), Vec<&'static str>> = BTreeMap::new();
        for (at, part) in scenario_rows.iter().enumerate() {
            for row in &part.rows {
                given.insert((at, &row.handle), row.cells.iter().map(|(column, _)| *column).collect());
            }
        }
        let is_given = |made: &CompletedRow, column: &str| {
            let columns = given.get(&(made.scenario_index, made.handle.as_str()));
            columns.is_some_and(|columns| columns.contains(&column))
        };
        let mut held = Self { faults: explicit_faults(model, dataset, schema), ..Self::default() };
        let mut rows = RowGenerator::new(model, dataset);
        for (at, member) in model.members.iter().enumerate() {
            let Some(domain) = member.domain.filter(|_| member.is_written() && !member.is_plain()) else {
                continue;
            };
            let mut taken = Taken::default();
            for made in dataset.explicit_of(domain) {
                let known = explicit_values(dataset, domain, made);
                let Some(row) = rows.explicit_row(at, known.clone()) else { continue };
                for (position, info) in columns_of(domain).iter().enumerate() {
                    let cell = Cell { member, info, position, known: &known[position], values: &row.values };
                    if column_of(member, position).is_some_and(|at| row.given.contains(&at)) {
                        continue;
                    }
                    let Some((what, is_other_situation)) = cell.fitted(&mut taken) else { continue };
                    let table = TABLES[domain].info().name;
                    held.inexact.insert((table, info.name));
                    if is_given(made, info.name) {
                        held.fitted.push(FittedCell {
                            scenario_index: made.scenario_index,
                            handle: made.handle.clone(),
                            table,
                            column: info.name,
                            what,
                            is_other_situation,
                        });
                    }
                }
            }
        }
        held
    }
}

/// Which of the domain's labels the target's have been taken for, by column.
type Taken = BTreeMap<(usize, String), String>;

/// A cell of an explicit row.
struct Cell<'a> {
    member: &'a TableModel,
    info: &'a ColumnInfo,
    /// The column among the domain's.
    position: usize,
    /// What the domain has there.
    known: &'a Value,
    /// What is written, step by step.
    values: &'a [Value],
}

impl Cell<'_> {
    /// What the target holds instead of the cell, and whether the row is in another situation then; `None` where it holds
    /// it.
    fn fitted(&self, taken: &mut Taken) -> Option<(String, bool)> {
        let Self { member, info, known, values, .. } = self;
        let Some(at) = column_of(member, self.position) else {
            let what = format!("{} has no such column", member.qualified);
            return (!known.is_null()).then(|| (what, NEEDED.contains(&info.name)));
        };
        let (column, value) = (&member.columns[at], &values[at]);
        let told = format!("{}.{}", member.qualified, column.column_type.name);
        if matches!(column.generator, Generator::Reference(..)) {
            let is_lost = !known.is_null() && value.is_null();
            return is_lost.then(|| (format!("{told} stays NULL"), false));
        }
        if !info.holds.labels.is_empty() {
            return self
                .label(at, column, value, taken)
                .map(|what| (format!("{told} {what}"), TELLING.contains(&info.name)));
        }
        let fitted = column.column_type.fit_counted((*known).clone());
        let is_shorter = match (known, value) {
            (Value::Text(known), Value::Text(value)) => value.chars().count() < known.chars().count(),
            _ => false,
        };
        let is_rounded = match (known, value) {
            (Value::Number(known), Value::Number(value)) => {
                column.column_type.unit.map_or(*known, |unit| unit.counted(*known)) != *value
            }
            _ => false,
        };
        (is_shorter || is_rounded || fitted != *value)
            .then(|| (format!("{told} holds {} instead", shown(value)), false))
    }

    /// What is written instead of a label that the target lacks.
    fn label(&self, at: usize, column: &ColumnModel, value: &Value, taken: &mut Taken) -> Option<String> {
        let known = self.known.as_text()?;
        if value.is_null() {
            return Some("stays NULL".to_owned());
        }
        let labels = column.column_type.labels.as_ref().filter(|_| column.labels.is_none());
        let default = column.column_type.default.as_ref().and_then(Value::as_text);
        let nearest = labels.and_then(|labels| labels::nearest(known, labels, default));
        if nearest.is_some_and(|nearest| matches!(nearest.how, How::Default | How::First)) {
            return Some(format!("has no label {known}; the nearest is {}", shown(value)));
        }
        let earlier = taken.entry((at, text(value))).or_insert_with(|| known.to_owned());
        (earlier != known)
            .then(|| format!("has no label of its own for {known}: {} stands for {earlier}", shown(value)))
    }
}

/// The step of a table that writes the domain's column at a position.
fn column_of(member: &TableModel, position: usize) -> Option<usize> {
    member.columns.iter().position(|column| match &column.generator {
        Generator::Passthrough(at) | Generator::Converted(at) => *at == position,
        Generator::Reference(reference, _) => match member.references[*reference].strategy {
            ReferenceStrategy::FromDomain(at) | ReferenceStrategy::Named(at) => at == position,
            _ => false,
        },
        Generator::Key(_) => position == 0,
        _ => false,
    })
}

/// A value as a person reads it.
fn shown(value: &Value) -> String {
    const MOST: usize = 60;
    if value.is_null() {
        return "NULL".to_owned();
    }
    let text = text(value);
    if text.chars().count() > MOST { text.chars().take(MOST).chain("...".chars()).collect() } else { text }
}
