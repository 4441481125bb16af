//! Which tables and columns of the target are the domain's: by name, by other well-known names, and by what
//! they look like.

use crate::catalog::{Column, Schema, Table};
use crate::domain::TABLES;
use crate::domain::table::ColumnInfo;
use crate::error::{Error, Result};
use crate::infer::column_type::family;
use crate::infer::names;
use crate::infer::overrides::Overrides;
use crate::infer::scalar_type::ScalarType;
use crate::value::Kind;

/// Score from which two names count as the same.
const SAME: u8 = 95;

/// A table or column that was recognized, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its position in the target.
    pub at: usize,
    /// How alike the names are, of 100.
    pub score: u8,
}

/// For each table of the domain the one of the target that is meant.
///
/// # Errors
/// Several schemas have them; a setting names a table that there is not.
pub fn tables(schema: &Schema, overrides: &Overrides) -> Result<Vec<Option<Found>>> {
    let home = home(schema)?;
    let mut candidates = Vec::new();
    for (domain, table) in TABLES.iter().enumerate() {
        let name = table.info().name;
        for (at, target) in schema.tables.iter().enumerate() {
            if !target.is_fillable() || target.schema == crate::catalog::LEDGER {
                continue;
            }
            let setting =
                overrides.table(&target.schema, &target.name).and_then(|setting| setting.is.as_deref());
            let score = match setting {
                Some(setting) if setting == name => Some(u8::MAX),
                Some(_) => None,
                None if home.as_deref() != Some(&target.schema) => None,
                None => names::table_match(name, &target.name),
            };
            let Some(score) = score else { continue };
            let alike = likeness(domain, target);
            if score < SAME && !is_alike(domain, target, alike) {
                continue;
            }
            candidates.push((score, alike, domain, at));
        }
    }
    // The surest first; what is equally sure in the order of the domain.
    candidates.sort_by_key(|(score, alike, domain, at)| {
        (std::cmp::Reverse((*score).max(1)), std::cmp::Reverse(*alike), *domain, *at)
    });
    let mut found: Vec<Option<Found>> = vec![None; TABLES.len()];
    for (score, _, domain, at) in candidates {
        let is_taken = found.iter().flatten().any(|found| found.at == at);
        if found[domain].is_none() && !is_taken {
            found[domain] = Some(Found { at, score });
        }
    }
    Ok(found)
}

/// The oids of the tables that are meant.
///
/// # Errors
/// As for [`tables`].
pub fn oids(schema: &Schema, overrides: &Overrides) -> Result<Vec<u32>> {
    let found = tables(schema, overrides)?;
    Ok(found.iter().flatten().map(|found| schema.tables[found.at].oid).collect())
}

/// The table of the domain that the target's table at a position is.
pub fn domain_at(found: &[Option<Found>], at: usize) -> Option<usize> {
    found.iter().position(|found| found.is_some_and(|found| found.at == at))
}

/// The schema that the tables are in: that of those with the domain's own names, else the one with most
/// tables that look like the domain's.
fn home(schema: &Schema) -> Result<Option<String>> {
    let domain: Vec<&str> = TABLES.iter().map(|table| table.info().name).collect();
    if let Some(home) = schema.home(&domain)? {
        return Ok(Some(home.to_owned()));
    }
    let mut schemas: Vec<&str> = schema.tables.iter().map(|table| table.schema.as_str()).collect();
    schemas.sort_unstable();
    schemas.dedup();
    let alike = |name: &str| {
        let tables = schema.tables.iter().filter(|table| table.schema == name && table.is_fillable());
        let all = tables.flat_map(|table| domain.iter().filter_map(|d| names::table_match(d, &table.name)));
        all.count()
    };
    let visible = |name: &str| schema.tables.iter().any(|table| table.schema == name && table.visible);
    let best = schemas.into_iter().filter(|name| *name != crate::catalog::LEDGER);
    let best = best
        .map(|name| (alike(name), visible(name), name))
        .max_by_key(|(alike, visible, name)| (*alike, *visible, std::cmp::Reverse(*name)));
    Ok(best.filter(|(alike, _, _)| *alike > 0).map(|(_, _, name)| name.to_owned()))
}

/// Number of columns that a table shares with a CRM table.
fn likeness(domain: usize, target: &Table) -> usize {
    let table = TABLES[domain];
    let columns = table.columns();
    let has = |info: &&ColumnInfo| {
        target
            .columns
            .iter()
            .any(|column| names::column_match(table.info().name, info.name, &column.name).is_some())
    };
    columns.iter().filter(has).count()
}

/// Whether a table with another name resembles a CRM table enough.
fn is_alike(domain: usize, target: &Table, alike: usize) -> bool {
    let info = TABLES[domain].info();
    let keys = info.key.iter().filter(|key| **key != "id").count();
    match keys {
        0 => alike >= 3 || is_link(domain, target),
        _ => alike >= 2 && target.columns.len() >= 2,
    }
}

/// Whether a table has both ends of the domain's link table, which has a key of its own besides.
fn is_link(domain: usize, target: &Table) -> bool {
    let table = TABLES[domain];
    let ends: Vec<ColumnInfo> = table
        .columns()
        .into_iter()
        .filter(|info| info.holds.refers_to.is_some() && info.holds.not_null)
        .collect();
    let has = |info: &ColumnInfo| {
        target
            .columns
            .iter()
            .any(|column| names::column_match(table.info().name, info.name, &column.name).is_some())
    };
    ends.len() == 2 && ends.iter().all(has)
}

/// For each column of a domain's table, and what it knows besides, the column of the target that is meant.
///
/// # Errors
/// A setting names a column of the domain that there is not.
pub fn columns(
    domain: usize,
    target: &Table,
    overrides: &Overrides,
    is_foreign: &dyn Fn(&str) -> Option<Option<usize>>,
) -> Result<Vec<Option<Found>>> {
    let table = TABLES[domain];
    let own: Vec<ColumnInfo> = table.columns();
    let infos: Vec<ColumnInfo> = own.iter().copied().chain(table.beyond()).collect();
    let setting = overrides.table(&target.schema, &target.name);
    let mut candidates = Vec::new();
    for (at, column) in target.columns.iter().enumerate() {
        let setting = setting.and_then(|setting| setting.columns.get(&column.name));
        if setting.is_some_and(|setting| {
            setting.value.is_some() || setting.weights.is_some() || setting.pattern.is_some() || setting.skip
        }) {
            continue;
        }
        let wanted = setting.and_then(|setting| setting.is.as_deref());
        if let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty())
            && infos.iter().all(|info| info.name != wanted)
        {
            let names: Vec<&str> = infos.iter().map(|info| info.name).collect();
            return Err(Error::usage(format!(
                "column {}.{} cannot be mapped: {} has no such column",
                target.name,
                column.name,
                table.info().name
            ))
            .with_hint(format!("instead of `{wanted}`, use one of {}", names.join(", "))));
        }
        for (position, info) in infos.iter().enumerate() {
            let score = match wanted {
                Some(wanted) if wanted == info.name => Some(u8::MAX),
                Some(_) => None,
                None => names::column_match(table.info().name, info.name, &called(info, column)),
            };
            let Some(score) = score else { continue };
            if score == u8::MAX || (is_compatible(info, column) && leads_right(info, column, is_foreign)) {
                candidates.push((std::cmp::Reverse(score), position, at));
            }
        }
    }
    candidates.sort_unstable();
    let mut found: Vec<Option<Found>> = vec![None; infos.len()];
    for (score, position, at) in candidates {
        let is_taken = found.iter().flatten().any(|found: &Found| found.at == at);
        if found[position].is_none() && !is_taken {
            found[position] = Some(Found { at, score: score.0 });
        }
    }
    Ok(found)
}

/// Whether a column keeps amounts in cents, as whole numbers.
pub fn is_in_cents(column: &str, base: &str) -> bool {
    matches!(base, "int4" | "int8")
        && names::words(column).last().is_some_and(|word| matches!(word.as_str(), "cents" | "cent"))
}

/// What a column is called, in dollars.
fn called(info: &ColumnInfo, column: &Column) -> String {
    if info.holds.kind != Kind::Decimal || !is_in_cents(&column.name, &column.base) {
        return column.name.clone();
    }
    let words = names::words(&column.name);
    words[..words.len() - 1].join("_")
}

/// A reference leads to the table that the domain means, and nothing else is one.
fn leads_right(
    info: &ColumnInfo,
    column: &Column,
    is_foreign: &dyn Fn(&str) -> Option<Option<usize>>,
) -> bool {
    let meant =
        info.holds.refers_to.and_then(|name| TABLES.iter().position(|table| table.info().name == name));
    match is_foreign(&column.name) {
        Some(to) => meant.is_some() && to == meant,
        None => true,
    }
}

/// Whether values of a kind can be fitted to the column's type.
fn is_compatible(info: &ColumnInfo, column: &Column) -> bool {
    let is_list = column.category == 'A';
    let base = column.element.as_deref().filter(|_| is_list).unwrap_or(&column.base);
    let is_text = matches!(base, "text" | "varchar" | "bpchar" | "citext" | "name");
    let family = family(base, if is_list { ' ' } else { column.category }, column.labels.is_some());
    let is_key = info.name == "id" || info.holds.refers_to.is_some();
    match (info.holds.kind, family) {
        _ if is_list && is_key => false,
        (_, ScalarType::Text) if is_text && !is_list => true,
        (Kind::Int, ScalarType::Integer | ScalarType::Decimal) => true,
        (Kind::Int, ScalarType::Uuid) => is_key,
        (Kind::Bool, ScalarType::Bool | ScalarType::Integer) => true,
        (Kind::Decimal, ScalarType::Decimal | ScalarType::Integer) => true,
        (Kind::Text, ScalarType::Text | ScalarType::Json) => true,
        // A framework's enum: the place of the value among all.
        (Kind::Text, ScalarType::Integer) => !is_list && info.holds.labels.len() > 1,
        (Kind::Json, ScalarType::Json | ScalarType::Text) => true,
        (Kind::Date | Kind::Timestamp, ScalarType::Date | ScalarType::Timestamp) => !is_list,
        // `archived`, `closed`: a moment tells that it happened.
        _ => false,
    }
}
