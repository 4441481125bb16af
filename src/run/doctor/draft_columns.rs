//! What the draft of a configuration says of columns: those that are not the domain's by their own name.

use crate::catalog::{Column, Schema, Table};
use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::domain::table::ColumnInfo;
use crate::infer::column_type::{ColumnType, text};
use crate::infer::model::{ColumnModel, Generator, ReferenceStrategy, TableModel};
use crate::infer::scalar_type::ScalarType;
use crate::infer::setting::{quoted, word};
use crate::run::doctor::draft_line::Line;
use crate::sqlexpr::value::Value;

/// Labels whose weights are told.
const LABELS: usize = 12;

/// A line for each column that is fitted, guessed or left out.
pub fn columns(
    table: &Table,
    member: &TableModel,
    all: &[TableModel],
    schema: &Schema,
    dataset: &Dataset,
    key: &str,
) -> Vec<Line> {
    let mut lines = Vec::new();
    for column in table.columns.iter().filter(|column| !column.generated) {
        let teller = Teller { table, member, all, schema, column };
        let told = match member.column(&column.name) {
            Some(at) => teller.written(&member.columns[at]),
            None => teller.left_out(dataset.now()),
        };
        let Some((about, setting)) = told else { continue };
        let name = word(&column.name);
        lines.push(Line {
            about: format!("{}: {about}", column.name),
            setting: setting.map(|setting| format!("tables.{key}.columns.{name} = {{ {setting} }}")),
        });
    }
    lines
}

/// A column that is told of.
struct Teller<'a> {
    table: &'a Table,
    member: &'a TableModel,
    all: &'a [TableModel],
    schema: &'a Schema,
    column: &'a Column,
}

/// What is done with a column, and the setting that says the same.
type Told = Option<(String, Option<String>)>;

impl Teller<'_> {
    fn written(&self, column: &ColumnModel) -> Told {
        let about = column.about.clone();
        if let Some((_, labels)) = self.member.invented.iter().find(|(column, _)| *column == self.column.name)
        {
            return Some((about, Some(self.labels(column, labels))));
        }
        match &column.generator {
            Generator::Passthrough(position) => self.domain(*position, about, false),
            Generator::Converted(position) => self.domain(*position, about, true),
            Generator::Reference(at, _) => self.reference(*at, about),
            Generator::Labels(labels) => Some((about, self.weights(labels))),
            Generator::Constant(value) | Generator::Tenant(value) => Some((about, self.constant(value))),
            Generator::Pattern(pattern) => {
                let pattern = format!("pattern = {}", quoted(pattern.source()));
                Some((about, Some(pattern).filter(|_| self.is_free())))
            }
            Generator::Semantics(_)
            | Generator::Lifecycle(_)
            | Generator::Document(_)
            | Generator::InTurn(_)
            | Generator::Exotic => Some((about, self.skip().or_else(|| self.sample(&column.column_type)))),
            Generator::Equals(_) | Generator::Name(_) | Generator::Default(_) => Some((about, None)),
            Generator::Record(_) | Generator::RecordType(_) | Generator::Copy(_) | Generator::Count(_) => {
                Some((about, self.skip()))
            }
            // Keys are what they are.
            Generator::Key(_) => None,
        }
    }

    /// Labels that are invented, as they are.
    fn labels(&self, column: &ColumnModel, labels: &[String]) -> String {
        let pairs: Vec<String> =
            labels.iter().map(|label| format!("{} = {}", word(label), quoted(label))).collect();
        let labels = format!("labels = {{ {} }}", pairs.join(", "));
        let of_domain = match column.generator {
            Generator::Passthrough(position) | Generator::Converted(position) => {
                self.infos().get(position).map(|info| info.name)
            }
            _ => None,
        };
        match of_domain {
            Some(name) if name != self.column.name => format!("is = {}, {labels}", quoted(name)),
            _ => labels,
        }
    }

    /// What the domain knows of the table's rows.
    fn infos(&self) -> Vec<ColumnInfo> {
        let table = self.member.domain.map(|domain| TABLES[domain]);
        table
            .map(|table| table.columns().into_iter().chain(table.virtual_columns()).collect())
            .unwrap_or_default()
    }

    /// A column of the domain, that is the only one of its name.
    fn domain(&self, position: usize, about: String, is_fitted: bool) -> Told {
        let name = self.infos().get(position)?.name;
        if name == self.column.name && !is_fitted {
            return None;
        }
        // Where a column bears another name what is said of it begins with the domain's.
        let prefix = format!("{name}: ");
        let about = about.strip_prefix(&prefix).unwrap_or(&about);
        Some((format!("as {name}: {about}"), Some(format!("is = {}", quoted(name)))))
    }

    fn reference(&self, at: usize, about: String) -> Told {
        let reference = &self.member.references[at];
        if let ReferenceStrategy::FromDomain(position) = reference.strategy {
            return self.domain(position, about, false);
        }
        let to = self.all.get(reference.to).filter(|_| !reference.is_declared)?;
        let theirs =
            reference.columns.iter().find(|(own, _)| *own == self.column.name).map(|(_, theirs)| theirs);
        let told = theirs.map(|theirs| {
            let table = &self.schema.tables[to.position];
            let is_alone = self.schema.tables.iter().filter(|other| other.name == table.name).count() == 1;
            let name = if is_alone { table.name.clone() } else { format!("{}.{}", table.schema, table.name) };
            format!("refers_to = {}", quoted(&format!("{name}.{theirs}")))
        });
        Some((about, told.or_else(|| self.skip())))
    }

    fn left_out(&self, now: i64) -> Told {
        let (_, why) = self.member.left_out.iter().find(|(column, _)| *column == self.column.name)?;
        Some((format!("not written: {why}"), self.sample(&ColumnType::new(self.column, &[], now))))
    }

    fn weights(&self, labels: &[(Value, u64)]) -> Option<String> {
        if labels.len() > LABELS || !self.is_free() {
            return None;
        }
        let weights: Vec<String> =
            labels.iter().map(|(value, weight)| format!("{} = {weight}", word(&text(value)))).collect();
        Some(format!("weights = {{ {} }}", weights.join(", ")))
    }

    fn constant(&self, value: &Value) -> Option<String> {
        match value {
            Value::Text(text) => Some(format!("value = {}", quoted(text))),
            Value::Bool(value) => Some(format!("value = {value}")),
            Value::Number(number) => Some(format!("value = {number}")),
            _ => self.skip(),
        }
    }

    /// It can be left alone.
    fn skip(&self) -> Option<String> {
        let can = !self.column.not_null || self.column.has_default;
        can.then(|| "skip = true".to_owned())
    }

    /// A value of its type, where any will do.
    fn sample(&self, column_type: &ColumnType) -> Option<String> {
        if !self.is_free()
            || column_type.is_list
            || column_type.labels.is_some()
            || self.column.domain_checks.is_some()
        {
            return None;
        }
        let value = match column_type.scalar {
            ScalarType::Bool => "true",
            ScalarType::Integer | ScalarType::Decimal => "1",
            ScalarType::Text => "\"text\"",
            ScalarType::Date | ScalarType::Timestamp => "\"2026-01-01\"",
            _ => return None,
        };
        Some(format!("value = {value}"))
    }

    /// No key has a say in it.
    fn is_free(&self) -> bool {
        let name = &self.column.name;
        let is_in_key = self.table.uniques.iter().any(|unique| {
            unique.expressions.is_some() || unique.columns.iter().flatten().any(|column| column == name)
        });
        let is_reference = self
            .schema
            .foreign_keys
            .iter()
            .any(|key| key.from == self.table.oid && key.columns.contains(name));
        !is_in_key && !is_reference
    }
}
