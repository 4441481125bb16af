//! Names that the configuration gives a column, and numbers as it counts them.

use super::ColumnType;
use crate::domain::table::ColumnInfo;
use crate::infer::abbreviate::takes_host;
use crate::infer::names::{self, FieldName};
use crate::infer::scalar_type::ScalarType;
use crate::infer::unit::{Dimension, Unit};
use crate::sqlexpr::value::Value;

impl ColumnType {
    /// The same, as if it was called so.
    pub fn rename(&mut self, name: &str) {
        let name = FieldName::of(name);
        self.is_host = takes_host(&name.words);
        (self.words, self.unit) = (name.words, name.unit);
    }

    /// In what it counts a number of the domain's column `info`, where that is not as the domain does: as its name, or
    /// `said`, says, or as a share of one where nothing more fits.
    pub fn counts(&self, info: &ColumnInfo, said: Option<&'static Unit>) -> Option<&'static Unit> {
        let measured = names::dimension(info.name)?;
        if !matches!(self.scalar, ScalarType::Integer | ScalarType::Decimal) || self.is_list {
            return None;
        }
        let named = said.or(self.unit).or_else(|| Unit::ending(&self.words).map(|(unit, _)| unit));
        let unit = named.filter(|unit| unit.dimension == measured);
        let is_at_most_one = self.facts.high.as_ref().is_some_and(|high| high.value == Value::from(1))
            || self.digits.is_some_and(|digits| digits.whole() < 2 && digits.scale() > 1);
        let is_percent = measured == Dimension::Share && said.is_none() && unit.is_none_or(Unit::is_own);
        match is_percent && is_at_most_one && self.scalar == ScalarType::Decimal {
            true => Unit::named("fraction"),
            false => unit.filter(|unit| !unit.is_own()),
        }
    }

    /// `value` as the column takes it, a number as it counts.
    pub fn fit_counted(&self, value: Value) -> Value {
        self.fit(match (value, self.unit) {
            (Value::Number(number), Some(unit)) => Value::Number(unit.counted(number)),
            (value, _) => value,
        })
    }

    /// What stands elsewhere as the column takes it: its beginning, where there is no room for all of it.
    pub fn fit_copy(&self, value: Value) -> Value {
        match (value, self.max_length) {
            (Value::Text(text), Some(most)) => self.fit(Value::Text(text.chars().take(most).collect())),
            (value, _) => self.fit(value),
        }
    }
}
