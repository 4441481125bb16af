//! What the configuration says of a column, taken as it is said or refused with its line.

use super::{Decided, Decision};
use crate::error::{Error, Result};
use crate::infer::column_type::text;
use crate::infer::model::{Generator, Reference};
use crate::infer::overrides::ColumnOverride;
use crate::infer::scalar_type::ScalarType;
use crate::infer::table_key::own_key;
use crate::sqlexpr::Pattern;
use crate::sqlexpr::value::Value;
use crate::suggestion::suggestion;

impl Decision<'_> {
    /// What the config file sets for the column.
    ///
    /// # Errors
    /// The setting cannot be used; the error has its line.
    pub(super) fn overridden(&self, setting: &ColumnOverride) -> Result<Option<Decided>> {
        let name = format!("{}.{}", self.table().name, self.column.name);
        let error = |why: String| Error::usage(format!("{}: {why}", setting.location));
        let says = setting.is_decided() && !setting.skip;
        if says && own_key(self.table()).is_some_and(|key| key.name == self.column.name) {
            return Err(error(format!("{name} is the primary key and cannot be set")));
        }
        if setting.skip {
            if self.column_type.not_null && !self.column_type.has_default {
                return Err(error(format!("{name} cannot be skipped: it is NOT NULL and has no default")));
            }
            let table = self.table();
            let refused =
                self.frame.overrides.concession(&table.schema, &table.name, Some(self.column.name.as_str()));
            return Ok(Some(Decided::LeftOut(match refused {
                Some(why) => format!("the server rejects rows that have it: {why}"),
                None => "skipped by the config file".into(),
            })));
        }
        if let Some(value) = &setting.value {
            let about = "constant, set in the config file";
            let value = self.taken(value).map_err(error)?;
            return Ok(Some(Decided::Generated(Generator::Constant(value), 0, about.into())));
        }
        let of_column =
            |reference: &&Reference| matches!(&reference.columns[..], [(own, _)] if *own == self.column.name);
        let asked = setting.rows.as_ref().and_then(|_| self.references.iter().find(of_column));
        if let Some(why) = asked.and_then(|reference| reference.unnamed.as_ref()) {
            return Err(error(format!("{name}: {why}")));
        }
        if let Some(weights) = &setting.weights {
            let labels =
                weights.iter().map(|(label, weight)| Ok((self.taken(&label.as_str().into())?, *weight)));
            let labels: Vec<(Value, u64)> =
                labels.collect::<std::result::Result<_, String>>().map_err(error)?;
            if labels.iter().all(|(_, weight)| *weight == 0) {
                return Err(error(format!("all weights of {name} are 0")));
            }
            let about = if setting.is_asked {
                "weighted values, as asked for"
            } else {
                "weighted values, set in the config file"
            };
            return Ok(Some(Decided::Generated(Generator::Labels(labels), 0, about.into())));
        }
        if let Some(shape) = &setting.shape {
            return self.shaped(setting, shape).map(Some);
        }
        if let Some(source) = &setting.pattern {
            if self.column_type.scalar != ScalarType::Text {
                return Err(error(format!(
                    "{name} has type {}; a pattern needs a text column",
                    self.column_type.type_name
                )));
            }
            let pattern = Pattern::regex(source, false)
                .map_err(|why| error(format!("the pattern of {name} is not supported: {why}")))?;
            return Ok(Some(Decided::Generated(
                Generator::Pattern(pattern),
                0,
                format!("text matching {source}"),
            )));
        }
        if let Some(wanted) = &setting.copy {
            let copy = self.asked_copy(wanted).map_err(|why| error(format!("{name}: {why}")))?;
            return Ok(Some(copy));
        }
        Ok(None)
    }

    /// A value of the configuration, as the column takes it and no other than it was meant.
    pub(super) fn taken(&self, value: &Value) -> std::result::Result<Value, String> {
        let column_type = &self.column_type;
        let name = format!("{}.{}", self.table().name, self.column.name);
        let fitted = column_type.fit(value.clone());
        let wrong = || {
            format!("the value of {name} does not fit its type {}: {}", column_type.type_name, text(value))
        };
        match (&column_type.labels, value) {
            (_, Value::Null) => return Err(wrong()),
            (Some(labels), Value::Text(text)) if !column_type.is_list && !labels.contains(text) => {
                let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
                return Err(format!("{name} cannot be {text}; {}", suggestion(text, &labels)));
            }
            _ => {}
        }
        let is_same = match (&fitted, value) {
            (Value::Null, _) => false,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::Text(a), Value::Text(b)) if column_type.scalar == ScalarType::Text => a == b,
            _ => true,
        };
        if is_same { Ok(fitted) } else { Err(wrong()) }
    }
}
