//! What the user overrules: from the command line, and from `crm-seed.toml`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog;
use crate::infer::kinds::TableKind;
use crate::infer::unit::Unit;
use crate::note::{Note, NoteKind};
use crate::sqlexpr::value::Value;

/// Settings of `crm-seed.toml` and the command line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Tables to fill that are not recognised.
    pub include: Vec<String>,
    /// Tables that are not recognised and take part for rows of scenarios alone.
    pub added: Vec<String>,
    /// Tables that are not filled.
    pub exclude: Vec<String>,
    /// The only tables that are filled, with those that they cannot do without; empty for all.
    pub only: Vec<String>,
    /// The table or column that says whose the rows are; an empty name for none.
    pub tenant: Option<TenantOverride>,
    /// Table by table, by their names in the target.
    pub tables: BTreeMap<String, TableOverride>,
    /// Where the file names tables in lists, for messages: `crm-seed.toml:12`.
    pub locations: BTreeMap<String, String>,
    /// The target is on this machine: users who can log in may be made.
    pub is_local: bool,
    /// What `--clean` does in the database of this name, where rows of others would go.
    pub databases: BTreeMap<String, Clean>,
    /// What is left out because the server rejected trial rows.
    pub concessions: Vec<Concession>,
    /// Tables of the domain that are to have the number of rows that was asked for, and no fewer.
    pub told: Vec<ToldRows>,
}

/// A table of the domain that is to have exactly as many rows as was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldRows {
    /// Its name in the domain.
    pub domain: &'static str,
    /// Where it is said, for messages: `--rows people`.
    pub location: String,
}

/// Whose the rows are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TenantOverride {
    /// A table, with or without its schema, or a column.
    pub name: String,
    /// Location of the setting, for messages: `crm-seed.toml:12`.
    pub location: String,
}

/// An optional column or table that is left out, because the server rejects rows that have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concession {
    pub schema: String,
    pub table: String,
    /// The column that is left NULL, or at its default; `None` where the whole table is left out.
    pub column: Option<String>,
    /// What the server said.
    pub why: String,
}

impl Concession {
    /// What is left out, for people.
    pub fn about(&self) -> String {
        match &self.column {
            Some(column) => format!("column {}.{column} is left out", self.table),
            None => format!("table {} is left out", self.table),
        }
    }

    /// The table, where all of it is left out.
    pub fn whole_table(&self) -> Option<&str> {
        self.column.is_none().then_some(self.table.as_str())
    }

    /// The same with the reason, and how to say otherwise.
    pub fn note(&self) -> Note {
        let otherwise = match &self.column {
            Some(column) => {
                format!("to fill it: [tables.{}.columns] {column} = {{ value = ... }}", self.table)
            }
            None => format!("to keep it: include = [\"{}\"]", self.table),
        };
        let rejects = match &self.column {
            Some(_) => "the server rejects rows that have a value in it",
            None => "the server rejects its rows",
        };
        let text = format!("{}: {rejects} ({}); {otherwise}", self.about(), self.why);
        Note::new(NoteKind::GaveWay, text).about(&self.table)
    }
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
    /// What kind of table it is.
    pub kind: Option<TableKind>,
    /// How many rows it gets, where the domain does not count them.
    pub rows: Option<u64>,
    /// Where that number was asked for by name, for messages (`--rows notes`): it is exact then.
    pub asked: Option<String>,
    /// Settings by column name.
    pub columns: BTreeMap<String, ColumnOverride>,
    /// Location of the setting, for messages: `crm-seed.toml:12`.
    pub location: String,
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
    /// A copy of this column of the row to which its own refers: `contacts.email`.
    pub copy: Option<String>,
    /// What a column would be called that holds the same.
    pub means: Option<String>,
    /// A JSON document, in which `$name` stands for what a column of that name would hold.
    pub shape: Option<String>,
    /// In what its numbers are counted.
    pub unit: Option<&'static Unit>,
    /// The app's words for the labels that would be written.
    pub labels: Vec<LabelOverride>,
    /// The column whose key it is: `users.id`.
    pub refers_to: Option<String>,
    /// It is not written.
    pub skip: bool,
    /// It was asked for by name, on the command line or in a scenario.
    pub is_asked: bool,
    /// Of a key of a list what was asked of its rows, by their names.
    pub rows: Option<RowNames>,
    /// Location of the setting, for messages: `crm-seed.toml:12`.
    pub location: String,
}

/// Rows of a list, by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowNames {
    /// How often each is referred to.
    Weighted(BTreeMap<String, u64>),
    /// The domain decides which are; that they are there is all that is asked.
    Named(Vec<String>),
}

/// The app's word for a label.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelOverride {
    /// The label that would be written.
    pub from: String,
    /// What is written instead.
    pub to: Value,
    /// Location of the setting, for messages: `crm-seed.toml:12`.
    pub location: String,
}

impl ColumnOverride {
    /// Whether it says what is in the column.
    pub const fn is_decided(&self) -> bool {
        let is_made = self.value.is_some() || self.weights.is_some() || self.pattern.is_some();
        self.skip || is_made || self.copy.is_some() || self.shape.is_some()
    }
}

impl Overrides {
    /// Whether a table is left out by `--exclude` or `--only`.
    pub fn leaves_out(&self, table: &catalog::Table) -> bool {
        let is_only = self.only.is_empty() || Self::names(&self.only, &table.schema, &table.name);
        Self::names(&self.exclude, &table.schema, &table.name) || !is_only
    }

    /// The settings of a table, by its name alone or with its schema.
    pub fn table(&self, schema: &str, name: &str) -> Option<&TableOverride> {
        self.tables.get(&format!("{schema}.{name}")).or_else(|| self.tables.get(name))
    }

    /// Whether it says that a table takes part.
    pub fn names_tables(&self) -> bool {
        let is_meant = |table: &TableOverride| {
            table.kind.is_some() || table.is.as_deref().is_some_and(|is| !is.is_empty())
        };
        !self.include.is_empty() || !self.only.is_empty() || self.tables.values().any(is_meant)
    }

    /// What decides the rows: nothing of where they go, or of what is asked first.
    #[must_use]
    pub fn about_rows(&self) -> Self {
        let mut tables = self.tables.clone();
        tables.values_mut().for_each(|table| table.asked = None);
        Self {
            is_local: false,
            databases: BTreeMap::new(),
            locations: BTreeMap::new(),
            told: Vec::new(),
            tables,
            ..self.clone()
        }
    }

    /// The same without the numbers of rows that were asked for: a trial goes by none.
    #[must_use]
    pub fn without_asked_rows(&self) -> Self {
        let mut overrides = Self { told: Vec::new(), ..self.clone() };
        for table in overrides.tables.values_mut().filter(|table| table.asked.is_some()) {
            (table.rows, table.asked) = (None, None);
        }
        overrides
    }

    /// Whether a list names a table, by its name alone or with its schema.
    pub fn names(list: &[String], schema: &str, name: &str) -> bool {
        list.iter().any(|setting| setting == name || *setting == format!("{schema}.{name}"))
    }

    /// The same, with what gives way.
    #[must_use]
    pub fn conceding(&self, concessions: &[Concession]) -> Self {
        let mut overrides = Self { concessions: concessions.to_vec(), ..self.clone() };
        for Concession { schema, table, column, why } in concessions {
            let Some(column) = column else {
                overrides.exclude.push(format!("{schema}.{table}"));
                continue;
            };
            let mut said = overrides.table(schema, table).cloned().unwrap_or_default();
            let left_out = ColumnOverride { skip: true, location: why.clone(), ..ColumnOverride::default() };
            said.columns.insert(column.clone(), left_out);
            overrides.tables.insert(format!("{schema}.{table}"), said);
        }
        overrides
    }

    /// Why a table gives way, or a column of it.
    pub fn concession(&self, schema: &str, table: &str, column: Option<&str>) -> Option<&str> {
        let is_it = |concession: &&Concession| {
            concession.schema == schema && concession.table == table && concession.column.as_deref() == column
        };
        self.concessions.iter().find(is_it).map(|concession| concession.why.as_str())
    }

    /// The setting of a column, if there is one.
    pub fn column(&self, schema: &str, table: &str, column: &str) -> Option<&ColumnOverride> {
        self.table(schema, table)?.columns.get(column)
    }
}
