//! `--pattern enum-type`: a type and a column of it, or another value for a type that is there.

use crate::error::{Error, Result};
use crate::infer::table_key::singular_of;
use crate::migrate::new::draft::Draft;
use crate::migrate::new::name::made_by;
use crate::migrate::new::options::{Options, literals};
use crate::migrate::new::template::render;
use crate::migrate::sql::identifier::{Identifier, fitted, fitted_with};
use crate::sql::{quote_identifier, quote_literal};

pub const OPTIONS: &[&str] =
    &["--table", "--column", "--type", "--values", "--default", "--add-value", "--before", "--after"];

const TYPE: &str = "task_priority";
const VALUES: &[&str] = &["urgent", "high", "medium", "low"];

/// The migration.
///
/// # Errors
/// What is no name or value; options of the one together with the other.
pub fn drafts(name: &str, options: &Options) -> Result<Vec<Draft>> {
    if options.one("--add-value").is_some() { add_value(name, options) } else { new_type(name, options) }
}

fn new_type(name: &str, options: &Options) -> Result<Vec<Draft>> {
    if options.has_any(&["--before", "--after"]) {
        return Err(Error::usage("--before and --after need --add-value"));
    }
    let table = options.identifier("--table", "tasks")?;
    let column = options.column("--column", made_by(name))?;
    let data_type = match options.one("--type") {
        Some(name) => Identifier::parse(name, "--type")?,
        None => table.sibling(fitted(&format!("{}_{column}", singular_of(&table.name)))),
    };
    let values = options.values("--values", VALUES)?;
    values.iter().try_for_each(|value| check_value(value, "--values"))?;
    let usual =
        if options.has_any(&["--values"]) { values.first().map(String::as_str) } else { Some("medium") };
    let default = options.one("--default").or(usual).unwrap_or_default();
    if !values.iter().any(|value| value == default) {
        return Err(Error::usage(format!(
            "--default {default}: is not among the values {}",
            values.join(", ")
        )));
    }
    let pairs = [
        ("table", table.sql()),
        ("column", quote_identifier(&column)),
        ("type", data_type.sql()),
        ("values", literals(&values)),
        ("default", quote_literal(default)),
    ];
    let pairs = pairs.each_ref().map(|(key, value)| (*key, value.as_str()));
    let what = format!("{column} of {}", table.name);
    Ok(vec![
        Draft::new(
            name,
            format!("Add {column} to {}, as an enum", table.name),
            render(include_str!("enum_type/up.sql"), &pairs),
        )
        .undone_by(format!("Drop {what}, then its type"), render(include_str!("enum_type/down.sql"), &pairs)),
    ])
}

fn add_value(name: &str, options: &Options) -> Result<Vec<Draft>> {
    options.check("enum-type with --add-value", &["--type", "--add-value", "--before", "--after"])?;
    let data_type = options.identifier("--type", TYPE)?;
    let value = options.one("--add-value").unwrap_or_default();
    check_value(value, "--add-value")?;
    let position = match (options.one("--before"), options.one("--after")) {
        (Some(_), Some(_)) => return Err(Error::usage("give --before or --after, not both")),
        (Some(other), None) => format!(" BEFORE {}", quote_literal(other)),
        (None, Some(other)) => format!(" AFTER {}", quote_literal(other)),
        (None, None) => String::new(),
    };
    let new_type = data_type.sibling(fitted_with(&data_type.name, "_new"));
    let in_format = |name: &Identifier| name.sql().replace('%', "%%").replace('\'', "''");
    let pairs = [
        ("type", data_type.sql()),
        ("bare_type", quote_identifier(&data_type.name)),
        ("new_type", new_type.sql()),
        ("type_in_format", in_format(&data_type)),
        ("new_type_in_format", in_format(&new_type)),
        ("regtype", quote_literal(&data_type.sql())),
        ("value", quote_literal(value)),
        (
            "ignore",
            if position.is_empty() { include_str!("enum_type/at_the_end.sql") } else { "" }.to_owned(),
        ),
        ("position", position),
        ("none", "{}".to_owned()),
    ];
    let pairs = pairs.each_ref().map(|(key, value)| (*key, value.as_str()));
    Ok(vec![
        Draft::new(
            name,
            format!("Add the value {value} to {}", data_type.name),
            render(include_str!("enum_type/add_value.sql"), &pairs),
        )
        .undone_by(
            format!("Make {} again without the value {value}", data_type.name),
            render(include_str!("enum_type/remove_value.sql"), &pairs),
        ),
    ])
}

/// Checks a value of an enum, which is a name to the server.
fn check_value(value: &str, option: &str) -> Result<()> {
    crate::migrate::sql::identifier::check(value, option)
}
