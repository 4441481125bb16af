//! In what numbers are counted, and what the configuration says that a column means.

use super::Decision;
use crate::error::{Error, Result};
use crate::infer::names;
use crate::infer::overrides::ColumnOverride;
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics;
use crate::infer::unit::{Dimension, Unit};
use crate::suggestion::{quoted, suggestion};

impl Decision<'_> {
    /// Takes the unit of the configuration.
    ///
    /// # Errors
    /// It cannot be that of the column; the error has its line.
    pub(super) fn count(&mut self, setting: &ColumnOverride) -> Result<()> {
        let Some(unit) = setting.unit else { return Ok(()) };
        let name = format!("{}.{}", self.table().name, self.column.name);
        if !matches!(self.column_type.scalar, ScalarType::Integer | ScalarType::Decimal)
            || self.column_type.is_list
        {
            let (location, is_of) = (&setting.location, &self.column_type.type_name);
            let unit = quoted(unit.name);
            return Err(Error::usage(format!(
                "{location}: {name} has type {is_of}; unit {unit} needs a number"
            )));
        }
        let known = self.frame.known(self.member, &self.column.name);
        let info = known.map(|position| self.frame.infos(self.member)[position]);
        let measured = info.and_then(|info| names::dimension(info.name));
        if let Some(measured) = measured.filter(|measured| *measured != unit.dimension) {
            let (location, is) = (&setting.location, info.map_or("", |info| info.name));
            return Err(Error::usage(format!(
                "{location}: {name} is {is}, which is not counted in {}",
                unit.name
            ))
            .with_hint(format!("use one of {}", Unit::names(Some(measured)).join(", "))));
        }
        self.column_type.unit = Some(unit);
        if measured.is_none() && unit.dimension != Dimension::Money {
            // As if its name ended so: lengths of time and shares are known by their units.
            let words: Vec<String> = unit.name.split(' ').map(names::singular).collect();
            let own: Vec<String> = self.column_type.words.iter().map(|word| names::singular(word)).collect();
            if !own.ends_with(&words) {
                self.column_type.words.extend(words);
            }
            self.column_type.unit = None;
        }
        Ok(())
    }

    /// The setting that says what the column means.
    pub(super) fn meant_by_the_user(&self) -> Option<&ColumnOverride> {
        let table = self.table();
        let setting = self.frame.overrides.column(&table.schema, &table.name, &self.column.name)?;
        setting.means.is_some().then_some(setting)
    }

    /// It says nothing.
    pub(super) fn means_nothing(&self, setting: &ColumnOverride) -> Error {
        let means = setting.means.as_deref().unwrap_or_default();
        let mut known = semantics::names_of(self.column_type.scalar);
        known.extend(self.frame.infos(self.member).iter().map(|info| info.name.to_owned()));
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let (location, table, column) = (&setting.location, &self.table().name, &self.column.name);
        let what = format!("{location}: {table}.{column}: unknown meaning {}", quoted(means));
        Error::usage(format!("{what}; {}", suggestion(means, &known)))
            .with_hint("`means` takes what such a column is called: phone, city, job_title, unit_price")
    }
}
