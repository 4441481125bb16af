//! The references that a column's name may begin with.

use super::copier::{Copier, place_of};
use crate::domain::TABLES;
use crate::domain::dataset::OrganizationType;
use crate::infer::events;
use crate::infer::kinds::TableKind;
use crate::infer::model::Reference;
use crate::infer::names::{self, NameWords};
use crate::infer::organization_type::organization_type_hint;
use crate::infer::references::main_column;
use crate::infer::scalar_type::ScalarType;

/// A way from a row to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    /// The row's reference.
    pub(super) reference: usize,
    /// The reference of that row which leads on.
    pub(super) then: Option<usize>,
    /// Where it ends.
    pub(super) to: usize,
    /// The name says which of the row's references it is.
    pub(super) is_named: bool,
    /// It is one of the tables that a pair of columns may mean.
    pub(super) is_alternative: bool,
}

/// Words of a key's column without those that only say that it is one.
fn stem(column: &str) -> Vec<String> {
    let is_key = |word: &String| NameWords::get().keys.contains(word.as_str());
    let mut words: Vec<String> = names::words(column).iter().map(|word| names::singular(word)).collect();
    while words.len() > 1 && words.last().is_some_and(is_key) {
        words.pop();
    }
    while words.len() > 1 && words.first().is_some_and(is_key) {
        words.remove(0);
    }
    if words.len() == 1 && is_key(&words[0]) { Vec::new() } else { words }
}

/// How a reference is called by its column.
fn called(reference: &Reference) -> Vec<String> {
    stem(&place_of(reference))
}

/// Whether a reference is called so: `assignee` is `assigned_to`.
fn is_called(reference: &Reference, path: &[String]) -> bool {
    let called = called(reference);
    let otherwise = NameWords::get().people_otherwise.get(path.join(" ").as_str());
    called == path || otherwise.is_some_and(|names| names.contains(&called.join(" ").as_str()))
}

/// How many words of a name say that a reference is meant.
pub(super) fn told(reference: &Reference, words: &[String]) -> usize {
    let called = called(reference);
    if words.starts_with(&called) { called.len() } else { 0 }
}

/// Whether words are what a row of a table is called.
pub(super) fn is_row_of(copier: &Copier<'_>, table: usize, words: &[String]) -> bool {
    let chosen = &copier.frame.chosen[table];
    let own: Vec<String> = names::words(&chosen.name).iter().map(|word| names::singular(word)).collect();
    let is_of_domain =
        |(domain, _): (usize, u8)| names::table_match(TABLES[domain].info().name, &words.join("_")).is_some();
    !words.is_empty() && (own == words || chosen.domain.is_some_and(is_of_domain))
}

/// The routes that lead to a name's attribute with the number of words that they take, the most telling first.
pub(super) fn routes(copier: &Copier<'_>, words: &[String]) -> Vec<(Route, usize)> {
    let own = &copier.references[copier.member];
    let mut routes: Vec<(Route, usize)> = alone(copier, words).into_iter().map(|route| (route, 0)).collect();
    for told in (1..=words.len()).rev() {
        let path = &words[..told];
        for (at, reference) in own.iter().enumerate().filter(|(_, reference)| is_called(reference, path)) {
            let is_alternative = reference.alternative.is_some() && reference.columns.is_empty();
            routes.push((
                Route { reference: at, then: None, to: reference.to, is_named: true, is_alternative },
                told,
            ));
        }
        // What a row says of its own kind is its own.
        if is_row_of(copier, copier.member, path) {
            continue;
        }
        if let Some(at) = only(copier, copier.member, &|to| is_row_of(copier, to, path)) {
            routes.push((route(copier, at, None), told));
        }
    }
    if routes.is_empty() {
        routes.extend(
            (1..=words.len()).rev().filter_map(|told| Some((two_columns(copier, &words[..told])?, told))),
        );
    }
    routes
}

fn route(copier: &Copier<'_>, reference: usize, then: Option<usize>) -> Route {
    let first = copier.references[copier.member][reference].to;
    let to = then.map_or(first, |then| copier.references[first][then].to);
    Route { reference, then, to, is_named: false, is_alternative: false }
}

/// Whether a reference says whose the row is; that to which it was converted, or merged, is another.
fn is_usual(reference: &Reference) -> bool {
    events::told(&main_column(&reference.columns), ScalarType::Integer).is_none()
}

/// The only reference of a table to one that is meant; of organizations to the customer.
fn only(copier: &Copier<'_>, member: usize, is_meant: &dyn Fn(usize) -> bool) -> Option<usize> {
    let references = copier.references[member].iter().enumerate();
    let all: Vec<(usize, &Reference)> = references
        .filter(|(_, reference)| {
            reference.to != member
                && !reference.columns.is_empty()
                && is_meant(reference.to)
                && is_usual(reference)
        })
        .collect();
    let is_customer = |reference: &Reference| {
        organization_type_hint(&main_column(&reference.columns)) == OrganizationType::Customer
    };
    match all[..] {
        [(at, _)] => Some(at),
        [] => None,
        _ => {
            let mut customers = all
                .iter()
                .filter(|(_, reference)| is_customer(reference) && copier.is_of_domain(reference.to));
            let first = customers.next()?;
            customers.next().is_none().then_some(first.0)
        }
    }
}

/// A row beyond that to which one of the row's references leads: the company of a ticket's contact.
fn two_columns(copier: &Copier<'_>, path: &[String]) -> Option<Route> {
    if is_row_of(copier, copier.member, path) {
        return None;
    }
    let own = copier.references[copier.member].iter().enumerate();
    own.filter(|(_, reference)| {
        let is_other = reference.to != copier.member && copier.is_of_domain(reference.to);
        is_other && !reference.columns.is_empty() && is_usual(reference)
    })
    .find_map(|(at, reference)| {
        let then = only(copier, reference.to, &|to| is_row_of(copier, to, path))?;
        (copier.references[reference.to][then].to != copier.member).then(|| route(copier, at, Some(then)))
    })
}

/// The reference of which a name tells that says nothing but the attribute: the `sku` of a line is its product's.
fn alone(copier: &Copier<'_>, words: &[String]) -> Option<Route> {
    let chosen = &copier.frame.chosen[copier.member];
    let domain = chosen.domain.map(|(domain, _)| TABLES[domain].info().name);
    let columns = &copier.frame.table(copier.member).columns;
    let has_quantity = columns.iter().any(|column| {
        names::words(&column.name).last().is_some_and(|word| matches!(word.as_str(), "quantity" | "qty"))
    });
    let is_of_product = chosen.kind == TableKind::OrderLines
        || has_quantity
        || matches!(domain, Some("opportunity_products" | "product_inventory"));
    let has_own = matches!(domain, Some("organizations" | "products"))
        || matches!(chosen.kind, TableKind::Leads | TableKind::Users | TableKind::Tenants);
    let known = NameWords::get();
    let name = words.join(" ");
    let of = |table: &str| only(copier, copier.member, &|to| copier.frame.of_domain(table) == Some(to));
    let at = match () {
        () if is_of_product && known.of_product.contains(name.as_str()) => of("products"),
        () if !has_own && known.of_company.contains(name.as_str()) => of("organizations"),
        () => None,
    }?;
    Some(route(copier, at, None))
}
