//! How many rows the tables get that the domain does not count, and for which other rows they are made.

use crate::catalog::Table;
use crate::domain::TABLES;
use crate::domain::counts::{CountRange, MOST_CHILDREN};
use crate::domain::dataset::Dataset;
use crate::infer::kinds::{self, TableKind};
use crate::infer::model::{Reference, ReferenceStrategy, Rows};
use crate::infer::names;
use crate::infer::organization_type::organization_type_hint;
use crate::infer::references::{TargetView, main_column};
use crate::infer::semantics;
use crate::infer::table_selection::{ExistingTable, SelectedTable, is_auth_users};
use crate::sqlexpr::value::Value;

/// Maximum number of users that are generated.
const MOST_USERS: u64 = 200;
/// Opportunities per user, roughly.
const DEALS_OF_USER: u64 = 250;

/// The rows of a table that is not the domain's; the reference that became its parent's is marked so.
pub fn rows(frame: &TargetView<'_>, member: usize, references: &mut [Reference], dataset: &Dataset) -> Rows {
    let table = frame.table(member);
    let kind = frame.chosen[member].kind;
    let setting = frame.overrides.table(&table.schema, &table.name);
    if let Some(rows) = setting.and_then(|setting| setting.rows) {
        let is_asked = setting.is_some_and(|setting| setting.asked.is_some());
        return if is_asked { asked(frame, member, references, rows) } else { Rows::Standing(rows) };
    }
    let owner = owner(frame, member, references);
    if let Some(reference) =
        owner.map(|(reference, _)| reference).or_else(|| parent(frame, member, references, kind))
    {
        let spread = match owner {
            Some((_, spread)) if !is_one_to_one(table, &references[reference]) => spread,
            _ => spread(table, &references[reference], kind),
        };
        references[reference].strategy = ReferenceStrategy::Parent;
        references[reference].null_percent = 0;
        let kin = organization_type_hint(&main_column(&references[reference].columns));
        return Rows::Children {
            of: references[reference].to,
            kin,
            spread,
            total: None,
            stride: Some(stride(spread)),
        };
    }
    if let Some(mut names) = names_of(frame, member) {
        if kind == TableKind::Tenants {
            names.truncate(1);
        }
        return Rows::Listed(names);
    }
    Rows::Standing(match kind {
        TableKind::Users => {
            (dataset.opportunities.count / DEALS_OF_USER).clamp(kind.standalone_rows(), MOST_USERS)
        }
        // As many as if it referred to the deals alone.
        _ if references
            .iter()
            .any(|reference| matches!(reference.strategy, ReferenceStrategy::Polymorphic { .. })) =>
        {
            let (least, most) = kind.rows_per_parent();
            (dataset.opportunities.count * (least + most) / 2).max(kind.standalone_rows())
        }
        _ => kind.standalone_rows().max(1),
    })
}

/// So many rows, as somebody asked for: each is of any row of the table that such rows are made for, so that more of
/// these change none of those that were there. What only makes sense row by row is shared out: lines of a document, prices,
/// what adds to another row. A list keeps its names.
fn asked(frame: &TargetView<'_>, member: usize, references: &mut [Reference], rows: u64) -> Rows {
    let table = frame.table(member);
    let kind = frame.chosen[member].kind;
    if rows == 0 {
        return Rows::Standing(0);
    }
    let owner = owner(frame, member, references).map(|(reference, _)| reference);
    let Some(of) = owner.or_else(|| parent(frame, member, references, kind)) else {
        let names = if kind == TableKind::Tenants { None } else { names_of(frame, member) };
        return names.map_or(Rows::Standing(rows), Rows::Listed);
    };
    let is_alone = is_one_to_one(table, &references[of]);
    if !is_alone && !matches!(kind, TableKind::OrderLines | TableKind::Pricing) {
        references[of].is_spread = true;
        return Rows::Standing(rows);
    }
    references[of].strategy = ReferenceStrategy::Parent;
    references[of].null_percent = 0;
    let kin = organization_type_hint(&main_column(&references[of].columns));
    let spread = CountRange { min: 1, max: if is_alone { 1 } else { MOST_CHILDREN } };
    Rows::Children { of: references[of].to, kin, spread, total: Some(rows), stride: Some(stride(spread)) }
}

/// Rows that were read.
pub fn there(rows: &ExistingTable) -> Rows {
    let value = |text: &Option<String>| text.as_ref().map_or(Value::Null, |text| Value::Text(text.clone()));
    Rows::Existing {
        columns: rows.columns.clone(),
        rows: rows.rows.iter().map(|row| row.iter().map(value).collect()).collect(),
    }
}

/// The next power of ten above the most children.
const fn stride(spread: CountRange) -> u64 {
    let mut stride = 10;
    while stride <= spread.max {
        stride *= 10;
    }
    stride
}

/// Of a table that only links others, the one for whose rows its rows are made, and how many for each; `None` where
/// the usual weights say it.
fn owner(frame: &TargetView<'_>, member: usize, references: &[Reference]) -> Option<(usize, CountRange)> {
    frame.chosen[member].links.as_ref()?;
    let table = frame.table(member);
    let place = |reference: &Reference| {
        let own = main_column(&reference.columns);
        let is_who = names::words(&own).iter().any(|word| word == "by");
        table.columns.iter().position(|column| column.name == own).filter(|_| !is_who)
    };
    let mut ends: Vec<(usize, usize)> = references
        .iter()
        .enumerate()
        .filter(|(_, reference)| {
            reference.to != member && !reference.columns.is_empty() && !is_list(table, reference)
        })
        .filter_map(|(at, reference)| Some((place(reference)?, at)))
        .collect();
    ends.sort_unstable();
    let to = |at: usize| &frame.chosen[references[at].to];
    let is_domain = |at: usize, name: &str| frame.of_domain(name) == Some(references[at].to);
    let find = |is_it: &dyn Fn(usize) -> bool| ends.iter().map(|(_, at)| *at).find(|at| is_it(*at));
    let one = CountRange { min: 1, max: 1 };
    // A note, a task, a meeting is about something, each: its references are made for it.
    if let Some(at) = find(&|at| to(at).kind.is_about_others()) {
        let is_choice = ends.iter().all(|(_, other)| *other == at || references[*other].is_nullable);
        return Some((
            at,
            if is_choice { one } else { spread(table, &references[at], frame.chosen[member].kind) },
        ));
    }
    // Without a role a contact has one organization, and a deal one customer.
    let is_tenant = |at: usize| to(at).kind == TableKind::Tenants;
    let others = ends.iter().filter(|(_, at)| !is_tenant(*at)).count();
    if find(&|at| is_domain(at, "organizations")).is_some() && others == 2 {
        let of_one = find(&|at| is_domain(at, "contacts") || is_domain(at, "opportunities"));
        return of_one.map(|at| (at, one));
    }
    let is_list = |at: usize| to(at).domain.is_none() && to(at).kind.is_list_of_values();
    if ends.len() < 2 || ends.iter().any(|(_, at)| !is_list(*at)) {
        return None;
    }
    find(&|at| to(at).kind == TableKind::Users).map(|at| (at, one))
}

/// The reference to the parent table.
fn parent(frame: &TargetView<'_>, member: usize, references: &[Reference], kind: TableKind) -> Option<usize> {
    let table = frame.table(member);
    let may_be = |reference: &&(usize, &Reference)| {
        reference.1.to != member && !reference.1.columns.is_empty() && !is_list(table, reference.1)
    };
    let all: Vec<(usize, &Reference)> = references.iter().enumerate().collect();
    let single = all
        .iter()
        .filter(may_be)
        .find(|(_, reference)| is_one_to_one(table, reference) && !reference.is_nullable);
    if let Some((at, _)) = single {
        return Some(*at);
    }
    if kind == TableKind::Tenants {
        return None;
    }
    // A junction is made for the rows of its first side.
    let is_in_key = |reference: &Reference| {
        let primary = table.uniques.iter().find(|unique| unique.primary && !reference.columns.is_empty());
        primary.is_some_and(|key| {
            reference.columns.iter().all(|(own, _)| key.columns.contains(&Some(own.clone())))
        })
    };
    let weight = |reference: &Reference| {
        let to = &frame.chosen[reference.to];
        let domain = to.domain.map(|(domain, _)| TABLES[domain].info().name);
        let place = match domain {
            Some(name) => kind.parents().iter().position(|parent| *parent == name),
            None => kind.made_for(to.kind).then_some(0),
        };
        let is_circle = !reference.is_nullable && refers_back(frame, reference.to, member);
        let is_aside = to.domain.is_none() && to.kind.is_list_of_values() && !is_circle;
        // What a kind of table hangs on most naturally it hangs on, even where it might do without.
        let is_loose = reference.is_nullable && place != Some(0);
        // From a deal more follows than from any other row.
        let follows = ["opportunities", "contacts", "products", "organizations"];
        let rank = domain.and_then(|name| follows.iter().position(|known| *known == name));
        (is_aside, is_loose, place.unwrap_or(usize::MAX), rank.unwrap_or(usize::MAX), !is_in_key(reference))
    };
    let best = all.iter().filter(may_be).min_by_key(|(at, reference)| (weight(reference), *at))?;
    // What only says who made it is no parent; nor is what it may do without, of another kind of table.
    let (is_aside, is_loose, place, _, _) = weight(best.1);
    // A tenant is part of every key, and makes no table its child.
    let is_tenant = |reference: &Reference| frame.chosen[reference.to].kind == TableKind::Tenants;
    let has_key = !is_tenant(best.1) && all.iter().any(|(_, reference)| is_in_key(reference));
    let is_parent = has_key || is_auth_identities(table) || !(is_aside || (is_loose && place == usize::MAX));
    is_parent.then_some(best.0)
}

/// A foreign key leads from one table to the other.
fn refers_back(frame: &TargetView<'_>, from: usize, to: usize) -> bool {
    let (from, to) = (frame.table(from).oid, frame.table(to).oid);
    frame.schema.foreign_keys.iter().any(|key| key.from == from && key.to == to)
}

fn is_list(table: &Table, reference: &Reference) -> bool {
    reference.columns.iter().any(|(own, _)| table.columns.iter().any(|c| c.name == *own && c.category == 'A'))
}

/// No two rows may refer to the same one.
fn is_one_to_one(table: &Table, reference: &Reference) -> bool {
    table.uniques.iter().any(|unique| {
        unique.predicate.is_none()
            && !unique.is_exclusion()
            && unique.columns.iter().flatten().count() == unique.columns.len()
            && unique
                .columns
                .iter()
                .flatten()
                .all(|column| reference.columns.iter().any(|(own, _)| own == column))
    })
}

fn spread(table: &Table, reference: &Reference, kind: TableKind) -> CountRange {
    if is_one_to_one(table, reference) || is_auth_identities(table) {
        return CountRange { min: 1, max: 1 };
    }
    let (min, max) = kind.rows_per_parent();
    CountRange { min: min.max(1), max: max.max(1) }
}

fn is_auth_identities(table: &Table) -> bool {
    table.schema == "auth" && table.name == "identities"
}

/// The names of the rows of a lookup table: the values of the domain's column that it took the place of, else
/// what such tables usually hold.
fn names_of(frame: &TargetView<'_>, member: usize) -> Option<Vec<String>> {
    let table = frame.table(member);
    if is_auth_users(table) || frame.chosen[member].kind == TableKind::Users {
        return None;
    }
    let is_tenant = frame.chosen[member].kind == TableKind::Tenants;
    if let Some(values) = values_for(frame, member).filter(|_| !is_tenant) {
        return Some(values);
    }
    let SelectedTable { kind, name, .. } = &frame.chosen[member];
    if let Some(names) = kinds::lookup_rows(*kind, name) {
        return Some(names.iter().map(|name| (*name).to_owned()).collect());
    }
    let is_list = matches!(kind, TableKind::Lookup | TableKind::Segments | TableKind::Teams);
    is_list.then(|| semantics::listed(name))
}

/// The values that a domain's column has which has become a reference to this table.
fn values_for(frame: &TargetView<'_>, member: usize) -> Option<Vec<String>> {
    let oid = frame.table(member).oid;
    for key in frame.schema.foreign_keys.iter().filter(|key| key.to == oid) {
        let (Some(from), [own]) = (frame.member(key.from), &key.columns[..]) else { continue };
        if let Some(position) = named_column(frame, from, own) {
            let info = frame.infos(from)[position];
            let (domain, _) = frame.chosen[from].domain?;
            let values = crate::domain::values(TABLES[domain].info().name, info.name);
            if !values.is_empty() {
                return Some(values);
            }
        }
    }
    None
}

/// The domain's text column whose place a reference has taken, or beside which it stands: `segment` for `segment_id`.
pub fn named_column(frame: &TargetView<'_>, member: usize, own: &str) -> Option<usize> {
    let words = names::words(own);
    let base = match words.split_last() {
        Some((last, base)) if matches!(last.as_str(), "id" | "code" | "key" | "uuid") && !base.is_empty() => {
            base.join("_")
        }
        _ => words.join("_"),
    };
    let (domain, _) = frame.chosen[member].domain?;
    let table = TABLES[domain].info().name;
    let infos = frame.infos(member);
    let base = names::FieldName::of(&base);
    let score = |info: &crate::domain::table::ColumnInfo| names::column_match(table, info.name, &base);
    let is_text = |info: &crate::domain::table::ColumnInfo| info.holds.kind == crate::value::Kind::Text;
    let columns = &frame.table(member).columns;
    let is_beside =
        |position: &usize| frame.columns[member][*position].is_none_or(|found| columns[found.at].name != own);
    (0..infos.len())
        .filter(|position| is_text(&infos[*position]) && is_beside(position))
        .filter_map(|position| Some((score(&infos[position])?, std::cmp::Reverse(position))))
        .max()
        .map(|(_, position)| position.0)
}
