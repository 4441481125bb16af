//! Columns of the domain, converted to fit.

use super::{Decided, Decision};
use crate::domain::table::ColumnInfo;
use crate::error::Result;
use crate::infer::key::KeyForm;
use crate::infer::model::Generator;
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;
use crate::value::Kind;

impl Decision<'_> {
    /// The column of the domain at this position.
    ///
    /// # Errors
    /// It is a key of a type that none can be made of.
    pub(super) fn domain(&mut self, position: usize) -> Result<Decided> {
        let info = self.frame.infos(self.member)[position];
        let table = self.table();
        let said = self.frame.overrides.column(&table.schema, &table.name, &self.column.name);
        self.column_type.unit = self.column_type.counts(&info, said.and_then(|said| said.unit));
        if info.name == "country" {
            self.column_type.country = self.country();
        }
        if info.name == "id" {
            let table = &self.table().name;
            return match (self.column_type.scalar, KeyForm::of(table, &self.column_type)) {
                (ScalarType::Integer, _) => {
                    Ok(Decided::Generated(Generator::Passthrough(position), 0, info.about.to_owned()))
                }
                (_, Some(form)) => {
                    Ok(Decided::Generated(Generator::Key(form), 0, "a key made from the row number".into()))
                }
                (_, None) => Err(self.unsupported()),
            };
        }
        // A reference to a table that takes no part has nothing to refer to.
        if info.holds.refers_to.is_some() {
            return match self.column_type.not_null {
                false => Ok(Decided::Null("references a table that is not filled".into())),
                true => Ok(Decided::Generated(Generator::Converted(position), 0, info.about.to_owned())),
            };
        }
        let about = self.fitted(info);
        let generator = if self.is_plain(info) {
            Generator::Passthrough(position)
        } else {
            Generator::Converted(position)
        };
        Ok(Decided::Generated(generator, 0, about))
    }

    /// How the domain's values are fitted, for people.
    fn fitted(&self, info: ColumnInfo) -> String {
        let mut about = info.about.to_owned();
        if info.name != self.column.name {
            about = format!("{}: {about}", info.name);
        }
        if let Some(labels) = self.column_type.labels.as_ref().filter(|_| !self.is_plain(info)) {
            let values = if info.holds.labels.is_empty() { Vec::new() } else { info.holds.labels.to_vec() };
            let default = self.column_type.default.as_ref().and_then(Value::as_text);
            let changed: Vec<String> = values
                .iter()
                .filter_map(|value| {
                    let found = crate::infer::labels::nearest(value, labels, default)?;
                    (labels[found.index] != *value).then(|| format!("{value} as {}", labels[found.index]))
                })
                .collect();
            if !changed.is_empty() {
                about.push_str(&format!(" ({})", changed.join(", ")));
            }
        } else if let Some(most) = self.column_type.max_length.filter(|_| !self.is_plain(info)) {
            about.push_str(&format!(" (maximum length {most})"));
        }
        about
    }

    /// Whether the domain's values fit as they are.
    fn is_plain(&self, info: ColumnInfo) -> bool {
        let column_type = &self.column_type;
        let labels_fit = match &column_type.labels {
            None => true,
            Some(labels) => {
                !info.holds.labels.is_empty()
                    && info.holds.labels.iter().all(|value| labels.iter().any(|label| label == value))
            }
        };
        let type_fits = match info.holds.kind {
            Kind::Bool => column_type.base == "bool",
            Kind::Int => matches!(column_type.base.as_str(), "int8" | "int4"),
            Kind::Decimal => {
                matches!(column_type.base.as_str(), "float4" | "float8" | "money")
                    || (column_type.base == "numeric"
                        && column_type
                            .digits
                            .is_none_or(|digits| digits.scale() >= 2 && digits.whole() >= is_room(info)))
            }
            Kind::Text => {
                column_type.scalar == ScalarType::Text
                    && column_type.max_length.is_none_or(|most| most >= 255 || column_type.labels.is_some())
            }
            Kind::Json => column_type.scalar == ScalarType::Json,
            Kind::Date => column_type.base == "date",
            Kind::Timestamp => column_type.scalar == ScalarType::Timestamp,
        };
        let lacks = column_type.not_null && !info.holds.not_null && !info.holds.needed;
        let is_whole = !column_type.is_host
            && column_type.host_room.is_none()
            && column_type.unit.is_none()
            && column_type.country.is_none();
        labels_fit && type_fits && is_whole && !column_type.is_list && !lacks
    }
}

/// Digits before the point that the domain's amounts need.
fn is_room(info: ColumnInfo) -> i32 {
    match info.holds.range {
        Some((_, most)) => (most / 100).max(1).ilog10() as i32 + 1,
        None => 8,
    }
}
