//! Pairs of columns that refer to a row of any table: `record_type` names the table, `record_id` the row.

use crate::catalog::Column;
use crate::infer::column_type::ColumnType;
use crate::infer::model::{PolymorphicTarget, Reference, ReferenceStrategy};
use crate::infer::names;
use crate::infer::organization_type::organization_type_hint;
use crate::infer::references::{TargetView, partner};
use crate::infer::scalar_type::ScalarType;
use crate::infer::table_key::{is_same_type, main_key};

/// Maximum number of tables that a polymorphic reference can refer to.
const CHOICES: usize = 3;
/// What such a pair refers to where the kind of its table says nothing.
const USUAL: &[&str] = &["organizations", "contacts", "opportunities"];

/// The links of such pairs: one for each table that is meant, of which a row follows one.
///
/// Where the key is part of a unique one there is one table only, so that what keeps references apart keeps
/// these apart too.
pub fn links(frame: &TargetView<'_>, member: usize, links: &mut Vec<Reference>, now: i64) {
    let table = frame.table(member);
    for id in &table.columns {
        let is_taken = |name: &str| links.iter().any(|link| link.columns.iter().any(|(own, _)| own == name));
        let Some(of_type) = partner(table, id) else { continue };
        let is_free = |name: &str| {
            !is_taken(name) && frame.known(member, name).is_none() && !frame.is_overruled(table, name)
        };
        if !is_free(&id.name) || !is_free(&of_type.name) || id.generated || of_type.generated {
            continue;
        }
        let mut found = candidates(frame, member, id, of_type, now);
        let is_unique =
            table.uniques.iter().any(|unique| unique.columns.iter().flatten().any(|c| *c == id.name));
        found.truncate(if is_unique { 1 } else { CHOICES });
        let count = found.len();
        for (place, (to, key, label)) in found.into_iter().enumerate() {
            let kin = organization_type_hint(&label);
            let alternative = PolymorphicTarget {
                id: id.name.clone(),
                key: key.clone(),
                of_type: of_type.name.clone(),
                label,
            };
            let (columns, mode) = match is_unique {
                true => (vec![(id.name.clone(), key)], ReferenceStrategy::Any(kin)),
                false => (Vec::new(), ReferenceStrategy::Polymorphic { place, count, kin }),
            };
            links.push(Reference {
                name: id.name.clone(),
                alternative: Some(alternative),
                ..Reference::new(to, columns, mode, !id.not_null)
            });
        }
    }
}

/// The tables that are meant, with their keys and what the type column says.
fn candidates(
    frame: &TargetView<'_>,
    member: usize,
    id: &Column,
    of_type: &Column,
    now: i64,
) -> Vec<(usize, String, String)> {
    let table = frame.table(member);
    let checks: Vec<_> =
        table.checks.iter().filter_map(|check| crate::sqlexpr::read(&check.definition).ok()).collect();
    let shape = ColumnType::new(of_type, &checks.iter().collect::<Vec<_>>(), now);
    let natural = frame.chosen[member].kind.parents();
    let rest = USUAL.iter().filter(|name| !natural.contains(name));
    let wanted = natural.iter().chain(rest);
    let found = wanted.filter_map(|name| {
        let to = frame.of_domain(name).filter(|to| *to != member)?;
        let target = frame.table(to);
        let key = main_key(frame.schema, target)?;
        let fits = is_same_type(id, key) || ColumnType::new(id, &[], 0).family == ScalarType::Text;
        let label = match &shape.labels {
            Some(labels) => labels.iter().find(|label| names_table(label, name, &target.name))?.clone(),
            None => spelled(frame, of_type, &target.name),
        };
        fits.then(|| (to, key.name.clone(), label))
    });
    found.collect()
}

/// Whether a label means a table.
fn names_table(label: &str, domain: &str, table: &str) -> bool {
    let singular =
        |name: &str| -> Vec<String> { names::words(name).iter().map(|word| names::singular(word)).collect() };
    singular(label) == singular(table) || names::table_match(domain, label).is_some()
}

/// What a type column says of a table: the name of its class where frameworks write that, else the word for one
/// of its rows.
fn spelled(frame: &TargetView<'_>, of_type: &Column, table: &str) -> String {
    let singular: Vec<String> = names::words(table).iter().map(|word| names::singular(word)).collect();
    let words = names::words(&of_type.name);
    if words.last().is_some_and(|last| last == "table") {
        return table.to_owned();
    }
    let is_framework = || {
        let tables = frame.schema.tables.iter();
        let mut names = tables.flat_map(|table| {
            [table.name.as_str()].into_iter().chain(table.columns.iter().map(|column| column.name.as_str()))
        });
        names.any(|name| name.ends_with("able_type") || name == "ar_internal_metadata")
    };
    let is_class = words.last().is_some_and(|word| word == "class") || is_framework();
    match is_class {
        true => singular.iter().map(|word| names::capitalized(word)).collect(),
        false => singular.join("_"),
    }
}
