//! References that the configuration tells: `refers_to = "users.id"`.

use crate::catalog::{Column, Schema, Table};
use crate::error::{Error, Result};
use crate::infer::overrides::{ColumnOverride, Overrides};
use crate::infer::table_key::{can_hold, main_key};
use crate::suggestion::suggestion;

/// A reference that is told.
pub struct Told<'a> {
    /// The column that refers.
    pub own: &'a str,
    /// Where it leads.
    pub to: &'a Table,
    pub theirs: &'a Column,
    /// Location of the setting, for messages: `crm-seed.toml:12`.
    pub location: &'a str,
}

/// The references of a table that are told and mean something.
pub fn of<'a>(schema: &'a Schema, table: &Table, overrides: &'a Overrides) -> impl Iterator<Item = Told<'a>> {
    let columns = overrides.table(&table.schema, &table.name).map(|setting| &setting.columns);
    columns.into_iter().flatten().filter_map(|(own, setting)| {
        let (to, theirs) = find(schema, setting.refers_to.as_deref()?)?;
        Some(Told { own, to, theirs, location: &setting.location })
    })
}

/// Checks all that are told.
///
/// # Errors
/// One means no column, or one whose values do not fit, or another than its foreign key; with its line.
pub fn check(schema: &Schema, overrides: &Overrides) -> Result<()> {
    for table in &schema.tables {
        let Some(setting) = overrides.table(&table.schema, &table.name) else { continue };
        for (name, setting) in &setting.columns {
            let own = table.columns.iter().find(|column| column.name == *name);
            if let (Some(own), Some(_)) = (own, &setting.refers_to) {
                check_one(schema, table, own, setting)?;
            }
        }
    }
    Ok(())
}

fn check_one(schema: &Schema, table: &Table, own: &Column, setting: &ColumnOverride) -> Result<()> {
    let told = setting.refers_to.as_deref().unwrap_or_default();
    let about = format!("{}: {}.{}", setting.location, table.name, own.name);
    let Some((to, theirs)) = find(schema, told) else {
        return Err(Error::usage(format!("{about} cannot refer to {told}: there is no such column"))
            .with_hint(hint(schema, told)));
    };
    if !can_hold(own, theirs) {
        return Err(Error::usage(format!(
            "{about} has type {} and cannot refer to {}.{}, which has type {}",
            own.type_name, to.name, theirs.name, theirs.type_name
        )));
    }
    let mut keys = schema.foreign_keys.iter().filter(|key| key.from == table.oid);
    match keys.find(|key| key.columns.contains(&own.name) && key.to != to.oid) {
        Some(key) => Err(Error::usage(format!(
            "{about} cannot refer to {told}: foreign key {} says otherwise",
            key.name
        ))),
        None => Ok(()),
    }
}

/// The table and the column that are meant: of a table alone its key.
fn find<'a>(schema: &'a Schema, told: &str) -> Option<(&'a Table, &'a Column)> {
    let is_table =
        |table: &Table, name: &str| name == table.name || name == format!("{}.{}", table.schema, table.name);
    let of_column = || {
        let (name, column) = told.rsplit_once('.')?;
        let mut tables = schema.tables.iter().filter(|table| is_table(table, name));
        tables.find_map(|table| Some((table, table.columns.iter().find(|its| its.name == column)?)))
    };
    let of_table = || {
        let table = schema.tables.iter().find(|table| is_table(table, told))?;
        Some((table, main_key(schema, table)?))
    };
    of_column().or_else(of_table)
}

/// The nearest that might have been meant.
fn hint(schema: &Schema, told: &str) -> String {
    let (name, column) = told.rsplit_once('.').unwrap_or((told, "id"));
    let bare = name.rsplit('.').next().unwrap_or(name);
    if let Some(table) = schema.tables.iter().find(|table| table.name == bare) {
        let columns: Vec<String> =
            table.columns.iter().map(|column| format!("{}.{}", table.name, column.name)).collect();
        return suggestion(
            &format!("{bare}.{column}"),
            &columns.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }
    let key = |table: &Table| Some(format!("{}.{}", table.name, main_key(schema, table)?.name));
    let keys: Vec<String> = schema.tables.iter().filter_map(key).collect();
    suggestion(told, &keys.iter().map(String::as_str).collect::<Vec<_>>())
}
