//! What a user says of a pattern: options by their names, of which each pattern takes some.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::migrate::new::template;
use crate::migrate::sql::identifier::{self, Identifier};
use crate::sql::quote_literal;

/// The options that were given, each with its values.
#[derive(Clone, Debug, Default)]
pub struct Options {
    given: BTreeMap<&'static str, Vec<String>>,
}

impl Options {
    /// Adds an option, such as `--table`, where it was given.
    #[must_use]
    pub fn with(mut self, option: &'static str, values: impl IntoIterator<Item = String>) -> Self {
        let values: Vec<String> = values.into_iter().collect();
        if !values.is_empty() {
            self.given.insert(option, values);
        }
        self
    }

    /// Refuses what a pattern does not take.
    ///
    /// # Errors
    /// An option is not among `taken`.
    pub fn check(&self, pattern: &str, taken: &[&str]) -> Result<()> {
        match self.given.keys().find(|option| !taken.contains(option)) {
            None => Ok(()),
            Some(option) => Err(Error::usage(format!("--pattern {pattern} does not take {option}"))
                .with_hint(format!("it takes {}", taken.join(", ")))),
        }
    }

    /// Refuses all of them, as there is no pattern.
    ///
    /// # Errors
    /// One was given.
    pub fn check_none(&self) -> Result<()> {
        match self.given.keys().next() {
            None => Ok(()),
            Some(option) => Err(Error::usage(format!("{option} needs a pattern"))
                .with_hint("choose one with --pattern; `crm-seed migrate new --help` lists them")),
        }
    }

    /// Whether any of these was given.
    pub fn has_any(&self, options: &[&str]) -> bool {
        options.iter().any(|option| self.given.contains_key(option))
    }

    /// The value of an option that has one.
    pub fn one(&self, option: &str) -> Option<&str> {
        self.given.get(option)?.first().map(String::as_str)
    }

    /// The values of an option, or else these.
    pub fn many(&self, option: &str, default: &[&str]) -> Vec<String> {
        let default = || default.iter().map(|value| (*value).to_owned()).collect();
        self.given.get(option).cloned().unwrap_or_else(default)
    }

    /// A name, perhaps with its schema.
    ///
    /// # Errors
    /// It is no name.
    pub fn identifier(&self, option: &str, default: &str) -> Result<Identifier> {
        Identifier::parse(self.one(option).unwrap_or(default), option)
    }

    /// The name of a column.
    ///
    /// # Errors
    /// It is no name.
    pub fn column(&self, option: &str, default: &str) -> Result<String> {
        let name = self.one(option).unwrap_or(default);
        identifier::check(name, option).map(|()| name.to_owned())
    }

    /// A type.
    ///
    /// # Errors
    /// It is not one type.
    pub fn data_type(&self, option: &str, default: &str) -> Result<String> {
        let name = self.one(option).unwrap_or(default);
        template::check_type(name, option).map(|()| name.to_owned())
    }

    /// A condition; none where it was given as an empty text.
    ///
    /// # Errors
    /// It is not one condition.
    pub fn condition(&self, option: &str, default: &str) -> Result<Option<String>> {
        match self.one(option).unwrap_or(default).trim() {
            "" => Ok(None),
            text => template::check_condition(text, option).map(|()| Some(text.to_owned())),
        }
    }

    /// Values that are to be different from each other.
    ///
    /// # Errors
    /// One is empty, or comes twice.
    pub fn values(&self, option: &str, default: &[&str]) -> Result<Vec<String>> {
        let values: Vec<String> =
            self.many(option, default).iter().map(|value| value.trim().to_owned()).collect();
        for (at, value) in values.iter().enumerate() {
            if value.is_empty() {
                return Err(Error::usage(format!("{option}: a value is empty")));
            }
            if values[..at].contains(value) {
                return Err(Error::usage(format!("{option}: {value} is there twice")));
            }
        }
        Ok(values)
    }
}

/// Values as a list of SQL literals.
pub fn literals(values: &[String]) -> String {
    values.iter().map(|value| quote_literal(value)).collect::<Vec<_>>().join(", ")
}
