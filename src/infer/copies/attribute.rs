//! The columns of a table that say what the end of a name means.

use super::copier::Copier;
use super::path;
use crate::catalog::{Column, Table};
use crate::domain::TABLES;
use crate::infer::column_type::ColumnType;
use crate::infer::model::Reference;
use crate::infer::names::{self, NameWords};
use crate::infer::references::main_column;
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics;
use crate::infer::table_key::own_key;

/// Where a table says it.
pub(super) enum Found {
    /// In these columns, one after the other.
    Columns(Vec<String>),
    /// In these of the row to which a reference of its own leads.
    Behind(usize, Vec<String>),
}

fn singular(column: &str) -> Vec<String> {
    names::words(column).iter().map(|word| names::singular(word)).collect()
}

/// The columns of a table that words mean, of which the first few told how to get there.
pub(super) fn columns(copier: &Copier<'_>, to: usize, words: &[String], told: usize) -> Option<Found> {
    let known = NameWords::get();
    let table = copier.frame.table(to);
    let attribute = &words[told..];
    if attribute.last().is_some_and(|word| known.never_copied.contains(word.as_str())) {
        return None;
    }
    let is_plain = |column: &&Column| {
        let is_key = own_key(table).is_some_and(|key| key.name == column.name);
        let references = &copier.references[to];
        !is_key
            && !references
                .iter()
                .any(|reference| reference.columns.iter().any(|(own, _)| *own == column.name))
    };
    let named = |wanted: &[String]| {
        let mut columns = table.columns.iter().filter(is_plain);
        columns.find(|column| singular(&column.name) == wanted).map(|column| vec![column.name.clone()])
    };
    if attribute.is_empty() {
        return name(copier, to).map(Found::Columns);
    }
    if let Some(found) = named(attribute).or_else(|| named(words)) {
        return Some(Found::Columns(found));
    }
    let phrase = attribute.join(" ");
    if known.names.contains(&phrase.as_str()) {
        return name(copier, to).map(Found::Columns);
    }
    if let Some(found) = of_domain(copier, to, attribute) {
        return Some(Found::Columns(vec![found]));
    }
    // The category of a product may be a row of its own, and the company of a contact is.
    let is_called = |reference: &Reference| {
        let own = singular(&main_column(&reference.columns));
        own.split_last().is_some_and(|(_, stem)| stem == attribute)
    };
    let is_other = |reference: &&Reference| reference.to != copier.member && !reference.columns.is_empty();
    let find = |is_it: &dyn Fn(&Reference) -> bool| {
        copier.references[to].iter().position(|reference| is_other(&reference) && is_it(reference))
    };
    let behind =
        find(&is_called).or_else(|| find(&|reference| path::is_row_of(copier, reference.to, attribute)));
    if let Some(columns) = behind.and_then(|reference| name(copier, copier.references[to][reference].to)) {
        return behind.map(|reference| Found::Behind(reference, columns));
    }
    let alike =
        table.columns.iter().filter(is_plain).find(|column| is_alike(copier, to, column, attribute))?;
    Some(Found::Columns(vec![alike.name.clone()]))
}

/// The column of a table that has the whole name, or is what the domain calls so: a `sku` is none of the names of a product.
pub(super) fn of_same_name(copier: &Copier<'_>, to: usize, words: &[String]) -> Option<Found> {
    let mut columns = copier.frame.table(to).columns.iter();
    let named = columns.find(|column| singular(&column.name) == words).map(|column| column.name.clone());
    named.or_else(|| of_domain(copier, to, words)).map(|column| Found::Columns(vec![column]))
}

/// Whether a column of text means the same by another name: `mobile_number` is a `mobile`.
fn is_alike(copier: &Copier<'_>, to: usize, column: &Column, attribute: &[String]) -> bool {
    let kind = copier.frame.chosen[to].kind;
    let meant = |words: &[String]| semantics::meaning(kind, words, ScalarType::Text);
    let (theirs, wanted) = (meant(&names::words(&column.name)), meant(attribute));
    let is_text = ColumnType::new(column, &[], 0).scalar == ScalarType::Text;
    is_text && theirs.is_same(wanted) && !wanted.is_unknown() && wanted.is_individual()
}

/// The column that is what the domain calls so, in other words.
fn of_domain(copier: &Copier<'_>, to: usize, attribute: &[String]) -> Option<String> {
    let (domain, _) = copier.frame.chosen[to].domain?;
    let table = TABLES[domain].info().name;
    let infos = copier.frame.infos(to);
    let field = names::FieldName::of(&attribute.join("_"));
    let score = |position: usize| names::column_match(table, infos[position].name, &field);
    let is_there = |position: &usize| copier.frame.columns[to].get(*position).copied().flatten().is_some();
    let best = (0..infos.len())
        .filter(|position| infos[*position].holds.refers_to.is_none())
        .filter_map(|position| Some((score(position)?, std::cmp::Reverse(position))))
        .max()
        .map(|(_, position)| position.0)
        .filter(is_there)?;
    let at = copier.frame.columns[to][best]?.at;
    Some(copier.frame.table(to).columns[at].name.clone())
}

/// The columns that say what a row is called.
fn name(copier: &Copier<'_>, to: usize) -> Option<Vec<String>> {
    let table = copier.frame.table(to);
    let parts = || {
        let part = |wanted: &[&str]| column(table, wanted);
        Some(vec![
            part(&["first name", "given name", "firstname"])?,
            part(&["last name", "surname", "family name", "lastname"])?,
        ])
    };
    let own = singular(&copier.frame.chosen[to].name).join(" ");
    let of_own = [format!("{own} name")];
    let known = &NameWords::get().names;
    column(table, &known[..known.len().min(2)])
        .map(|one| vec![one])
        .or_else(parts)
        .or_else(|| column(table, &of_own.each_ref().map(String::as_str)).map(|one| vec![one]))
        .or_else(|| column(table, known).map(|one| vec![one]))
        .or_else(|| of_domain(copier, to, &["name".to_owned()]).map(|one| vec![one]))
}

/// The column of a table that has the first of these names.
fn column(table: &Table, wanted: &[&str]) -> Option<String> {
    let find = |name: &&str| table.columns.iter().find(|column| singular(&column.name).join(" ") == **name);
    wanted.iter().find_map(find).map(|column| column.name.clone())
}
