//! `crm-seed.toml`: what the user overrules for one target, in a file that is kept beside the code.

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::Decimal;
use serde::Deserialize;
use toml::Spanned;

use crate::error::{Error, Result};
use crate::infer::kinds::TableKind;
use crate::infer::overrides::{
    Clean, ColumnOverride, LabelOverride, Overrides, TableOverride, TenantOverride,
};
use crate::infer::unit::Unit;
use crate::scenario::wishes::MOST_ROWS;
use crate::sqlexpr::value::Value;
use crate::suggestion::{quoted, suggestion};
use crate::text_file;

/// The name that is looked for.
pub const NAME: &str = "crm-seed.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    include: Vec<Spanned<String>>,
    #[serde(default)]
    exclude: Vec<Spanned<String>>,
    #[serde(default)]
    only: Vec<Spanned<String>>,
    tenant: Option<Spanned<String>>,
    #[serde(default)]
    tables: BTreeMap<Spanned<String>, Table>,
    #[serde(default)]
    databases: BTreeMap<String, Database>,
    /// Read by the module of migrations.
    #[serde(default, rename = "migrations")]
    _migrations: serde::de::IgnoredAny,
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
    kind: Option<Spanned<String>>,
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
    labels: Option<BTreeMap<Spanned<String>, toml::Value>>,
    refers_to: Option<String>,
    #[serde(default)]
    skip: bool,
}

/// Reads a file.
///
/// # Errors
/// It cannot be read, or says something that means nothing: with its location.
pub fn read(path: &Path) -> Result<Overrides> {
    parse(&text(path)?, &path.display().to_string())
}

/// The text of a file.
///
/// # Errors
/// It cannot be read.
pub fn text(path: &Path) -> Result<String> {
    text_file::text(path, text_file::MOST_BYTES)
        .map_err(|why| Error::usage(format!("cannot read {}", path.display())).with_source(why))
}

/// Where the byte `at` stands of the `text` of the file `name`: `name:line`.
pub fn location(text: &str, name: &str, at: usize) -> String {
    let line = text.get(..at).map_or(0, |before| before.matches('\n').count()) + 1;
    format!("{name}:{line}")
}

/// The error of the TOML parser about the `text` of the file `name`.
pub fn syntax_error(error: &toml::de::Error, text: &str, name: &str) -> Error {
    let at = error.span().map_or_else(|| name.to_owned(), |span| location(text, name, span.start));
    Error::usage(format!("{at}: {}", told(error.message())))
}

/// Reads a text that is in the file of this name.
///
/// # Errors
/// It says something that means nothing: with its location.
pub fn parse(text: &str, name: &str) -> Result<Overrides> {
    let location = |at: usize| location(text, name, at);
    let file: File = toml::from_str(text).map_err(|error| syntax_error(&error, text, name))?;
    let mut overrides = Overrides::default();
    let lists = [
        (file.include, &mut overrides.include),
        (file.exclude, &mut overrides.exclude),
        (file.only, &mut overrides.only),
    ];
    for (names, list) in lists {
        for name in names {
            overrides.locations.entry(name.get_ref().clone()).or_insert_with(|| location(name.span().start));
            list.push(name.into_inner());
        }
    }
    overrides.tenant = file
        .tenant
        .map(|name| TenantOverride { location: location(name.span().start), name: name.into_inner() });
    overrides.databases = file.databases.into_iter().map(|(name, database)| (name, database.clean)).collect();
    for (name, table) in file.tables {
        let table_location = location(name.span().start);
        let name = name.into_inner();
        let at = &table_location;
        if let Some(is) = table.is.as_deref().filter(|is| !is.is_empty()) {
            let known: Vec<&str> = crate::domain::TABLES.iter().map(|table| table.info().name).collect();
            if !known.contains(&is) {
                return Err(Error::usage(format!("{at}: [tables.{name}]: unknown CRM table is = \"{is}\""))
                    .with_hint(format!(
                        "{} (one of {}, or \"\" for none)",
                        suggestion(is, &known),
                        known.join(", ")
                    )));
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
        let kind = table.kind.map(|kind| kind_of(&kind, &location(kind.span().start), &name)).transpose()?;
        if kind.is_some() && table.is.as_deref().is_some_and(|is| !is.is_empty()) {
            return Err(Error::usage(format!("{at}: [tables.{name}]: set either is or kind, not both")));
        }
        let mut columns = BTreeMap::new();
        for (column, setting) in table.columns {
            let column_location = location(column.span().start);
            let column = column.into_inner();
            let setting = column_override(setting, &location).map_err(|error| {
                error.context(format!("{column_location}: [tables.{name}.columns] {column}"))
            })?;
            columns.insert(column, ColumnOverride { location: column_location, ..setting });
        }
        let setting = TableOverride {
            is: table.is,
            kind,
            rows: table.rows,
            asked: None,
            columns,
            location: table_location,
        };
        overrides.tables.insert(name, setting);
    }
    Ok(overrides)
}

/// The message of the TOML parser, in plain words.
fn told(message: &str) -> String {
    let plain = message.replace("expected u64", "expected a whole number from 0").replace('\n', " ");
    // What is not known, and what is.
    let named: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match named.split_first() {
        Some((name, known)) if message.starts_with("unknown") && !known.is_empty() => {
            format!("{plain}; {}", suggestion(name, known))
        }
        _ => plain,
    }
}

/// The kind of table that is called so.
fn kind_of(kind: &Spanned<String>, location: &str, table: &str) -> Result<TableKind> {
    let name = kind.get_ref();
    let known: Vec<String> = TableKind::all().map(TableKind::setting).collect();
    let found = TableKind::all().zip(&known).find(|(_, known)| *known == name).map(|(kind, _)| kind);
    found.ok_or_else(|| {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        Error::usage(format!("{location}: [tables.{table}]: unknown kind of table \"{name}\""))
            .with_hint(suggestion(name, &known))
    })
}

/// Whether the settings of a column go together: what is in it is said once. Beside what it is (`is`, `means`) its unit can
/// stand, and beside `is` the labels.
fn is_one_thing(column: &Column) -> bool {
    let Column { is, value, weights, pattern, copy, means, shape, unit, labels, refers_to, skip } = column;
    let said = [
        value.is_some(),
        weights.is_some(),
        pattern.is_some(),
        copy.is_some(),
        shape.is_some(),
        labels.is_some(),
        refers_to.is_some(),
        *skip,
    ];
    let count = |said: &[bool]| said.iter().filter(|said| **said).count();
    match (count(&said), count(&[is.is_some(), means.is_some()])) {
        (0, 0) => unit.is_some(),
        (1, 0) => unit.is_none(),
        (0, 1) => true,
        (1, 1) => is.is_some() && labels.is_some() && unit.is_none(),
        _ => false,
    }
}

fn column_override(column: Column, location: &dyn Fn(usize) -> String) -> Result<ColumnOverride> {
    if !is_one_thing(&column) {
        return Err(Error::usage(
            "set exactly one of is, means, value, weights, pattern, copy, shape, labels, refers_to and skip, or unit (unit can \
             stand beside is and means, labels beside is)",
        ));
    }
    let Column { is, value, weights, pattern, copy, means, shape, unit, labels, refers_to, skip } = column;
    if labels.as_ref().is_some_and(BTreeMap::is_empty) {
        return Err(Error::usage("labels must map at least one label"));
    }
    let unit = unit.map(|name| unit_of(&name)).transpose()?;
    let value = value.map(value_of).transpose()?;
    let label = |(from, to): (Spanned<String>, toml::Value)| {
        if !matches!(to, toml::Value::String(_) | toml::Value::Integer(_) | toml::Value::Boolean(_)) {
            let why = format!("the label for {} must be a text or a whole number", from.get_ref());
            return Err(Error::usage(why));
        }
        Ok(LabelOverride {
            location: location(from.span().start),
            from: from.into_inner(),
            to: value_of(to)?,
        })
    };
    let labels = labels.unwrap_or_default().into_iter().map(label).collect::<Result<_>>()?;
    let location = String::new();
    Ok(ColumnOverride {
        is,
        value,
        weights,
        pattern,
        copy,
        means,
        shape,
        unit,
        labels,
        refers_to,
        skip,
        is_asked: false,
        rows: None,
        location,
    })
}

fn unit_of(name: &str) -> Result<&'static Unit> {
    Unit::named(name).ok_or_else(|| {
        let known = Unit::names(None);
        Error::usage(format!("unknown unit {}; {}", quoted(name), suggestion(name, &known)))
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
        assert_eq!(companies.location, "crm-seed.toml:3");
        assert_eq!(companies.columns["seats"].location, "crm-seed.toml:9");
        assert_eq!(companies.columns["worth"].unit, Unit::named("micros"));
        assert_eq!(companies.columns["dial"].means.as_deref(), Some("phone"));
        assert!(companies.columns["mails"].is_decided());
        assert_eq!(overrides.table("public", "notes").and_then(|notes| notes.rows), Some(100));
    }

    #[test]
    fn labels_references_kinds_and_tenants_have_their_places() {
        let overrides = parse(
            r#"
            tenant = "workspaces"
            [tables.jottings]
            kind = "order_lines"
            [tables.deals.columns]
            closer = { refers_to = "users.id" }
            [tables.deals.columns.stage]
            is = "stage"
            [tables.deals.columns.stage.labels]
            closed_won = "won"
            closed_lost = 9
            "#,
            "crm-seed.toml",
        )
        .expect("a configuration");
        let tenant = overrides.tenant.as_ref().map(|tenant| (tenant.name.as_str(), tenant.location.as_str()));
        assert_eq!(tenant, Some(("workspaces", "crm-seed.toml:2")));
        let jottings = overrides.table("public", "jottings").expect("jottings");
        assert_eq!(jottings.kind, Some(TableKind::OrderLines));
        let deals = &overrides.table("public", "deals").expect("deals").columns;
        assert_eq!(deals["closer"].refers_to.as_deref(), Some("users.id"));
        let labels: Vec<_> =
            deals["stage"].labels.iter().map(|label| (label.from.as_str(), label.to.clone())).collect();
        assert_eq!(labels, [("closed_lost", Value::from(9)), ("closed_won", "won".into())]);
        assert_eq!(deals["stage"].labels[0].location, "crm-seed.toml:11");
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
            ("tenants = \"a\"", "did you mean `tenant`?"),
            ("[tables.a]\nkind = \"note\"", "unknown kind of table \"note\""),
            ("[tables.a]\nkind = \"notes\"\nis = \"contacts\"", "either is or kind"),
            ("[tables.a.columns]\nb = { labels = {} }", "at least one label"),
            ("[tables.a.columns]\nb = { labels = { won = [1] } }", "must be a text or a whole number"),
            ("[tables.a.columns]\nb = { labels = { won = \"x\" }, skip = true }", "set exactly one of"),
            ("[tables.a.columns]\nb = { is = \"stage\", refers_to = \"c.id\" }", "set exactly one of"),
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
