//! `crm-seed.toml`: what the user overrules for one target, in a file that is kept beside the code.

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::Decimal;
use serde::Deserialize;
use toml::Spanned;

use crate::error::{Error, Result};
use crate::infer::overrides::{Clean, ColumnOverride, Overrides, TableOverride};
use crate::infer::unit::Unit;
use crate::scenario::{guess, quoted};
use crate::sqlexpr::value::Value;
use crate::text_file;

/// The name that is looked for.
pub const NAME: &str = "crm-seed.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    only: Vec<String>,
    #[serde(default)]
    tables: BTreeMap<Spanned<String>, Table>,
    #[serde(default)]
    databases: BTreeMap<String, Database>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Database {
    clean: Clean,
}

/// What `--clean` does about rows that crm-seed did not make.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    is: Option<String>,
    rows: Option<u64>,
    #[serde(default)]
    include: bool,
    #[serde(default)]
    exclude: bool,
    #[serde(default)]
    columns: BTreeMap<Spanned<String>, Column>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    is: Option<String>,
    value: Option<toml::Value>,
    weights: Option<BTreeMap<String, u64>>,
    pattern: Option<String>,
    copy: Option<String>,
    means: Option<String>,
    shape: Option<String>,
    unit: Option<String>,
    #[serde(default)]
    skip: bool,
}

/// The most rows that a table gets which the domain does not count.
const MOST_ROWS: u64 = 100_000_000;

/// Reads a file.
///
/// # Errors
/// It cannot be read, or says something that means nothing: with the place.
pub fn read(path: &Path) -> Result<Overrides> {
    let text = text_file::text(path, text_file::MOST_BYTES)
        .map_err(|why| Error::usage(format!("cannot read {}", path.display())).with_source(why))?;
    parse(&text, &path.display().to_string())
}

/// Reads a text that is in the file of this name.
///
/// # Errors
/// It says something that means nothing: with the place.
pub fn parse(text: &str, name: &str) -> Result<Overrides> {
    let place = |at: usize| {
        let line = text.get(..at).map_or(0, |before| before.matches('\n').count()) + 1;
        format!("{name}:{line}")
    };
    let file: File = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or_else(|| name.to_owned(), |span| place(span.start));
        Error::usage(format!("{at}: {}", told(error.message())))
    })?;
    let mut overrides =
        Overrides { include: file.include, exclude: file.exclude, only: file.only, ..Overrides::default() };
    overrides.databases = file.databases.into_iter().map(|(name, database)| (name, database.clean)).collect();
    for (name, table) in file.tables {
        let table_place = place(name.span().start);
        let name = name.into_inner();
        let at = &table_place;
        if let Some(is) = table.is.as_deref().filter(|is| !is.is_empty()) {
            let known: Vec<&str> = crate::domain::TABLES.iter().map(|table| table.info().name).collect();
            if !known.contains(&is) {
                return Err(Error::usage(format!("{at}: [tables.{name}]: unknown CRM table is = \"{is}\""))
                    .with_hint(format!("use one of {}, or \"\" for none", known.join(", "))));
            }
        }
        if table.rows.is_some_and(|rows| rows > MOST_ROWS) {
            return Err(Error::usage(format!("{at}: [tables.{name}]: rows must be from 0 to {MOST_ROWS}")));
        }
        if table.include && table.exclude {
            return Err(Error::usage(format!(
                "{at}: [tables.{name}]: set either include or exclude, not both"
            )));
        }
        if table.include {
            overrides.include.push(name.clone());
        }
        if table.exclude {
            overrides.exclude.push(name.clone());
        }
        let mut columns = BTreeMap::new();
        for (column, setting) in table.columns {
            let place = place(column.span().start);
            let column = column.into_inner();
            let setting = column_override(setting)
                .map_err(|error| error.context(format!("{place}: [tables.{name}.columns] {column}")))?;
            columns.insert(column, ColumnOverride { place, ..setting });
        }
        overrides
            .tables
            .insert(name, TableOverride { is: table.is, rows: table.rows, columns, place: table_place });
    }
    Ok(overrides)
}

/// The message of the TOML parser, in plain words.
fn told(message: &str) -> String {
    message.replace("expected u64", "expected a whole number from 0").replace('\n', " ")
}

fn column_override(column: Column) -> Result<ColumnOverride> {
    let Column { is, value, weights, pattern, copy, means, shape, unit, skip } = column;
    let said = [value.is_some(), weights.is_some(), pattern.is_some(), copy.is_some(), shape.is_some(), skip];
    let named = [is.is_some(), means.is_some()];
    let count = |said: &[bool]| said.iter().filter(|said| **said).count();
    let is_one = match (count(&said), count(&named)) {
        (0, 0) => unit.is_some(),
        (1, 0) => unit.is_none(),
        (0, 1) => true,
        _ => false,
    };
    if !is_one {
        return Err(Error::usage(
            "set exactly one of is, means, value, weights, pattern, copy, shape and skip, or unit, alone or beside is or means",
        ));
    }
    let unit = unit.map(|name| unit_of(&name)).transpose()?;
    let value = value.map(value_of).transpose()?;
    Ok(ColumnOverride { is, value, weights, pattern, copy, means, shape, unit, skip, place: String::new() })
}

fn unit_of(name: &str) -> Result<&'static Unit> {
    Unit::named(name).ok_or_else(|| {
        let known = Unit::names(None);
        Error::usage(format!("unknown unit {}{}", quoted(name), guess(name, &known)))
            .with_hint(format!("units are {}", known.join(", ")))
    })
}

fn value_of(value: toml::Value) -> Result<Value> {
    let number = |text: String| {
        text.parse::<Decimal>().map_err(|_| Error::usage(format!("the number {text} is out of range")))
    };
    Ok(match value {
        toml::Value::String(text) if text.contains('\0') => {
            return Err(Error::usage("text contains a NUL character, which PostgreSQL cannot store"));
        }
        toml::Value::String(text) => Value::Text(text),
        toml::Value::Integer(whole) => Value::from(whole),
        toml::Value::Float(float) => Value::Number(number(float.to_string())?),
        toml::Value::Boolean(value) => Value::Bool(value),
        toml::Value::Datetime(moment) => Value::Text(moment.to_string()),
        toml::Value::Array(items) => Value::List(items.into_iter().map(value_of).collect::<Result<_>>()?),
        toml::Value::Table(table) => Value::Json(serde_json::to_string(&table).unwrap_or_default()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_is_overruled() {
        let overrides = parse(
            r#"
            exclude = ["audit_log"]
            [tables.companies]
            is = "organizations"
            [tables.companies.columns]
            sector = { is = "industry" }
            tier = { weights = { gold = 1, silver = 3 } }
            plan = { value = "pro" }
            seats = { value = 5 }
            worth = { is = "annual_revenue", unit = "micros" }
            dial = { means = "phone" }
            mails = { shape = '[{"email": $email}]' }
            [tables.notes]
            rows = 100
            [tables.logs]
            include = true
            [databases.crm_dev]
            clean = "always"
            [databases.crm]
            clean = "ask"
            "#,
            "crm-seed.toml",
        )
        .expect("a configuration");
        assert_eq!(overrides.exclude, ["audit_log"]);
        assert_eq!(overrides.include, ["logs"]);
        assert_eq!(overrides.databases["crm_dev"], Clean::Always);
        assert_eq!(overrides.databases["crm"], Clean::Ask);
        let companies = overrides.table("public", "companies").expect("companies");
        assert_eq!(companies.is.as_deref(), Some("organizations"));
        assert_eq!(companies.columns["seats"].value, Some(Value::from(5)));
        assert_eq!(companies.place, "crm-seed.toml:3");
        assert_eq!(companies.columns["seats"].place, "crm-seed.toml:9");
        assert_eq!(companies.columns["worth"].unit, Unit::named("micros"));
        assert_eq!(companies.columns["dial"].means.as_deref(), Some("phone"));
        assert!(companies.columns["mails"].is_decided());
        assert_eq!(overrides.table("public", "notes").and_then(|notes| notes.rows), Some(100));
    }

    #[test]
    fn what_means_nothing_is_told() {
        for (text, why) in [
            ("tabels = 1", "unknown field"),
            ("[tables.a]\nis = \"orgs\"", "unknown CRM table"),
            ("[tables.a.columns]\nb = { value = 1, skip = true }", "set exactly one of"),
            ("[tables.a.columns]\nb = {}", "set exactly one of"),
            ("[tables.a.columns]\nb = { value = 1, unit = \"cents\" }", "set exactly one of"),
            (
                "[tables.a.columns]\nb = { unit = \"mikros\" }",
                "unknown unit `mikros`; did you mean `micros`?",
            ),
            ("[databases.crm]\nclean = \"never\"", "unknown variant"),
            ("[tables.a]\nrows = -1", "a whole number from 0"),
            ("[tables.a", "unclosed"),
        ] {
            let error = format!("{:#}", parse(text, "crm-seed.toml").expect_err(text));
            assert!(error.contains(why), "{text}: {error}");
            assert!(error.starts_with("crm-seed.toml:"), "{text}: {error}");
        }
    }
}
