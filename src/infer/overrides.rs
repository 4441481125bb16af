//! What the user overrules: from the command line, and from `crm-seed.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::sqlexpr::value::Value;

/// Settings of `crm-seed.toml` and the command line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Tables to fill that are not recognised.
    pub include: Vec<String>,
    /// Tables that are not filled.
    pub exclude: Vec<String>,
    /// The only tables that are filled, with those that they cannot do without; empty for all.
    pub only: Vec<String>,
    /// Table by table, by their names in the target.
    pub tables: BTreeMap<String, TableOverride>,
    /// The target is on this machine: users who can log in may be made.
    pub is_local: bool,
    /// What `--clean` does in the database of this name, where rows of others would go.
    pub databases: BTreeMap<String, Clean>,
}

/// What `--clean` does where rows would go that crm-seed did not make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clean {
    /// It asks, whatever was answered before.
    Ask,
    /// `clean = "always"`: rows of others are deleted without a question.
    Always,
}

/// Settings of one table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableOverride {
    /// The CRM table that it is; an empty name for none.
    pub is: Option<String>,
    /// How many rows it gets, where the domain does not count them.
    pub rows: Option<u64>,
    /// Settings by column name.
    pub columns: BTreeMap<String, ColumnOverride>,
    /// Place of the setting, for messages: `crm-seed.toml:12`.
    pub place: String,
}

/// Setting of one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnOverride {
    /// The column of the CRM table that it is; an empty name for none.
    pub is: Option<String>,
    /// A constant value.
    pub value: Option<Value>,
    /// Values with their relative frequencies.
    pub weights: Option<BTreeMap<String, u64>>,
    /// A text of this regular expression.
    pub pattern: Option<String>,
    /// It is not written.
    pub skip: bool,
    /// Place of the setting, for messages: `crm-seed.toml:12`.
    pub place: String,
}

impl Overrides {
    /// What is wished of a table, by its name alone or with its schema.
    pub fn table(&self, schema: &str, name: &str) -> Option<&TableOverride> {
        self.tables.get(&format!("{schema}.{name}")).or_else(|| self.tables.get(name))
    }

    /// What decides the rows: nothing of where they go, or of what is asked first.
    #[must_use]
    pub fn about_rows(&self) -> Self {
        Self { is_local: false, databases: BTreeMap::new(), ..self.clone() }
    }

    /// Whether a list names a table, by its name alone or with its schema.
    pub fn names(list: &[String], schema: &str, name: &str) -> bool {
        list.iter().any(|setting| setting == name || *setting == format!("{schema}.{name}"))
    }

    /// The setting of a column, if there is one.
    pub fn column(&self, schema: &str, table: &str, column: &str) -> Option<&ColumnOverride> {
        self.table(schema, table)?.columns.get(column)
    }
}
