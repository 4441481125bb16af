//! Which columns of a table are those of the domain's: by what they refer to, by name, and by other well-known names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::catalog::{Column, Schema, Table};
use crate::domain::TABLES;
use crate::domain::table::ColumnInfo;
use crate::error::{Error, Result};
use crate::infer::column_type::scalar_type;
use crate::infer::names::{self, FieldName};
use crate::infer::organization_type::organization_type_hint;
use crate::infer::overrides::{ColumnOverride, Overrides};
use crate::infer::scalar_type::ScalarType;
use crate::infer::table_key::{called_like, who};
use crate::infer::told_references;
use crate::infer::word_lists::words;
use crate::suggestion::suggestion;
use crate::value::Kind;

/// How sure a reference is of which only the foreign key says what it is.
const BY_KEY: u8 = 60;

/// A table or column that was recognized, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its position in the target.
    pub at: usize,
    /// How alike the names are, of 100.
    pub score: u8,
}

/// For each column of a domain's table, and what it knows besides, the column of the target that is meant.
///
/// # Errors
/// The configuration names a CRM column that does not exist.
pub fn columns(
    domain: usize,
    target: &Table,
    overrides: &Overrides,
    leads: &Leads<'_>,
) -> Result<Vec<Option<Found>>> {
    let table = TABLES[domain];
    let own: Vec<ColumnInfo> = table.columns();
    let infos: Vec<ColumnInfo> = own.iter().copied().chain(table.virtual_columns()).collect();
    let setting = overrides.table(&target.schema, &target.name);
    let mut candidates = Vec::new();
    for (at, column) in target.columns.iter().enumerate() {
        let setting = setting.and_then(|setting| setting.columns.get(&column.name));
        if setting.is_some_and(ColumnOverride::is_decided) {
            continue;
        }
        let wanted = setting.and_then(|setting| setting.is.as_deref());
        let name = setting.and_then(|setting| setting.means.as_deref()).unwrap_or(&column.name);
        let name = FieldName::of_table(name, &target.name);
        if let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty())
            && infos.iter().all(|info| info.name != wanted)
        {
            let names: Vec<&str> = infos.iter().map(|info| info.name).collect();
            let location = setting.map_or("", |setting| setting.location.as_str());
            return Err(Error::usage(format!(
                "{location}: {}.{}: {} has no column {wanted}",
                target.name,
                column.name,
                table.info().name
            ))
            .with_hint(format!("{} (one of {})", suggestion(wanted, &names), names.join(", "))));
        }
        for (position, info) in infos.iter().enumerate() {
            let score = match wanted {
                Some(wanted) if wanted == info.name => Some(u8::MAX),
                Some(_) => None,
                None => name_match(table.info().name, info, column, &name),
            };
            let Some(score) = score else { continue };
            if score == u8::MAX || (is_compatible(info, column) && leads_right(info, column, leads)) {
                candidates.push((std::cmp::Reverse(score), position, at));
            }
        }
    }
    candidates.sort_unstable();
    // Keys before names: what is only called like a reference waits until those that are keys have their places.
    let is_key = |position: usize, at: usize| {
        infos[position].holds.refers_to.is_some() && leads.contains_key(target.columns[at].name.as_str())
    };
    let is_overridden = |score: u8| score == u8::MAX;
    let (keys, names): (Vec<_>, Vec<_>) = candidates
        .into_iter()
        .partition(|(score, position, at)| is_overridden(score.0) || is_key(*position, *at));
    let mut found: Vec<Option<Found>> = vec![None; infos.len()];
    let take = |found: &mut Vec<Option<Found>>, candidates: Vec<(std::cmp::Reverse<u8>, usize, usize)>| {
        for (score, position, at) in candidates {
            let is_taken = found.iter().flatten().any(|found: &Found| found.at == at);
            if found[position].is_none() && !is_taken {
                found[position] = Some(Found { at, score: score.0 });
            }
        }
    };
    take(&mut found, keys);
    let is_free = |column: &Column| {
        setting
            .and_then(|setting| setting.columns.get(&column.name))
            .is_none_or(|setting| setting.is.is_none() && !setting.is_decided())
    };
    by_keys(&infos, target, leads, &|column| is_free(column) && !is_aside(&column.name), &mut found);
    take(&mut found, names);
    by_keys(&infos, target, leads, &is_free, &mut found);
    Ok(found)
}

/// A foreign key says what a column is, whatever it is called: what the domain's references lack in name they find in
/// what the target's lead to.
fn by_keys(
    infos: &[ColumnInfo],
    target: &Table,
    leads: &Leads<'_>,
    is_free: &dyn Fn(&Column) -> bool,
    found: &mut [Option<Found>],
) {
    for position in 0..infos.len() {
        let info = infos[position];
        let meant = info.holds.refers_to.and_then(position_of);
        if found[position].is_some() || meant.is_none() {
            continue;
        }
        let is_one_of_many =
            infos.iter().filter(|other| other.holds.refers_to == info.holds.refers_to).count() > 1;
        let may_be = |at: &usize| {
            let column = &target.columns[*at];
            let is_taken = found.iter().flatten().any(|found| found.at == *at);
            let is_kin = || organization_type_hint(&column.name) == organization_type_hint(info.name);
            leads.get(column.name.as_str()) == Some(&meant)
                && !is_taken
                && is_free(column)
                && is_compatible(&info, column)
                && (!is_one_of_many || is_kin())
        };
        let candidates = (0..target.columns.len()).filter(may_be);
        let at = candidates.min_by_key(|at| {
            let column = &target.columns[*at];
            (is_aside(&column.name), !column.not_null, *at)
        });
        found[position] = at.map(|at| Found { at, score: BY_KEY });
    }
}

/// Where the columns of a table lead that are foreign keys: to a table of the domain, or to another.
pub type Leads<'a> = BTreeMap<&'a str, Option<usize>>;

/// The same of a table; `domain_of` says which of the domain's a table is.
pub fn leads<'a>(
    schema: &'a Schema,
    table: &Table,
    domain_of: &dyn Fn(u32) -> Option<usize>,
    overrides: &'a Overrides,
) -> Leads<'a> {
    let mut leads = Leads::new();
    for key in schema.foreign_keys.iter().filter(|key| key.from == table.oid) {
        let Some(column) = who(schema, key) else { continue };
        let to = domain_of(key.to);
        let known = leads.entry(column).or_insert(to);
        *known = known.or(to);
    }
    for told in told_references::of(schema, table, overrides) {
        leads.insert(told.own, domain_of(told.to.oid));
    }
    leads
}

static ASIDE: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    words("@side_references").unwrap_or_else(|error| panic!("fixtures/word_lists.tsv: {error}"))
});

/// Whether a reference is to another than the one that a row is first of all about.
fn is_aside(column: &str) -> bool {
    names::words(column).iter().any(|word| ASIDE.contains(&word.as_str()))
}

fn position_of(name: &str) -> Option<usize> {
    TABLES.iter().position(|table| table.info().name == name)
}

/// How surely a column is called like one of the domain's.
fn name_match(table: &str, info: &ColumnInfo, column: &Column, name: &FieldName) -> Option<u8> {
    // A UUID that is called like a table is a key of it.
    if info.holds.refers_to.is_some()
        && column.base == "uuid"
        && let Some(base) = called_like(column, &names::words(&column.name))
    {
        return names::column_match(table, info.name, &FieldName::of(&format!("{}_id", base.join("_"))));
    }
    // The size of a company in a number is how many work there.
    let is_number = scalar_type(&column.base, column.category, false) == ScalarType::Integer;
    if is_number && name.words.last().is_some_and(|last| last == "size") {
        match info.name {
            "employee_count" => return names::column_match(table, "customer_segment", name),
            "customer_segment" => return None,
            _ => {}
        }
    }
    let is_day = |kind| matches!(kind, ScalarType::Date | ScalarType::Timestamp);
    match info.holds.kind {
        Kind::Date | Kind::Timestamp if is_day(scalar_type(&column.base, column.category, false)) => {
            names::moment_match(table, info.name, name)
        }
        _ => names::column_match(table, info.name, name),
    }
}

/// A reference leads to the table that the domain means, and nothing else is one.
fn leads_right(info: &ColumnInfo, column: &Column, leads: &Leads<'_>) -> bool {
    let meant = info.holds.refers_to.and_then(position_of);
    leads.get(column.name.as_str()).is_none_or(|to| meant.is_some() && *to == meant)
}

/// Whether values of a kind can be fitted to the column's type.
fn is_compatible(info: &ColumnInfo, column: &Column) -> bool {
    let is_list = column.category == 'A';
    let base = column.element.as_deref().filter(|_| is_list).unwrap_or(&column.base);
    let is_text = matches!(base, "text" | "varchar" | "bpchar" | "citext" | "name");
    let scalar = scalar_type(base, if is_list { ' ' } else { column.category }, column.labels.is_some());
    let is_key = info.name == "id" || info.holds.refers_to.is_some();
    match (info.holds.kind, scalar) {
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
