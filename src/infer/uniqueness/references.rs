//! Keys of references.

use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::domain::row_sampler::RowSampler;
use crate::infer::model::{KeyRule, Reference, ReferenceStrategy, Rows, TableModel};
use crate::infer::organization_type::organization_type_hint;
use crate::infer::references::main_column;
use crate::infer::uniqueness::pairs;
use crate::infer::uniqueness::part::KeyPart;

/// Keys of references: each row refers to another one.
pub(super) fn by_references(
    members: &mut [TableModel],
    counts: &[(u64, u64)],
    member: usize,
    (rule, parts): (&KeyRule, &[KeyPart]),
    dataset: &Dataset,
) -> bool {
    let mut references: Vec<usize> = Vec::new();
    for part in parts {
        if let KeyPart::Reference(reference) = part
            && !references.contains(reference)
        {
            references.push(*reference);
        }
    }
    let hosts = |members: &[TableModel], reference: &Reference| hosts(members, counts, reference, dataset);
    if pairs::keep(members, member, rule, &references, &hosts) {
        return true;
    }
    let is_parent = |at: &usize| members[member].references[*at].strategy == ReferenceStrategy::Parent;
    let has_parent = references.iter().any(is_parent);
    let free = |at: &usize| {
        let reference = &members[member].references[*at];
        !is_parent(at)
            && !matches!(
                reference.strategy,
                ReferenceStrategy::FromDomain(_)
                    | ReferenceStrategy::First
                    | ReferenceStrategy::Preceding
                    | ReferenceStrategy::OwnChild
                    | ReferenceStrategy::Round
                    | ReferenceStrategy::Pair(_)
            )
    };
    // One that nothing decides before one that follows from others.
    let is_open = |at: &usize| matches!(members[member].references[*at].strategy, ReferenceStrategy::Any(_));
    let free: Vec<usize> = references.iter().copied().filter(free).collect();
    let free = free.iter().copied().find(is_open).or_else(|| free.first().copied());
    let Some(free) = free else { return false };
    let reference = &members[member].references[free];
    let is_left_out = reference.is_nullable && !rule.nulls_same;
    if members[member].domain.is_some() && !is_left_out && counts[member].0 > hosts(members, reference) {
        return false;
    }
    let strategy = match (reference.among, has_parent) {
        (Some((via, through)), true) if members[reference.to].domain.is_some() => {
            ReferenceStrategy::NthSibling(via, through)
        }
        (_, true) => ReferenceStrategy::Distinct,
        (_, false) => ReferenceStrategy::Permuted,
    };
    let is_nth = matches!(strategy, ReferenceStrategy::NthSibling(..));
    let reference = &mut members[member].references[free];
    // What one row of many may refer to once: the others refer to none.
    reference.strategy = strategy;
    reference.null_percent = 0;
    if reference.name.is_empty() {
        reference.name = reference.columns.first().map(|(own, _)| own.clone()).unwrap_or_default();
    }
    let domain = members[reference.to].domain;
    if is_nth {
        // Every customer has two contacts, every principal more products, unless fewer were asked for.
        if let Rows::Children { spread, .. } = &mut members[member].rows {
            spread.max = spread.max.min(fewest(domain, dataset));
            spread.min = spread.min.min(spread.max);
        }
        return true;
    }
    if is_left_out {
        return true;
    }
    // No more rows than there are others to refer to.
    let most = hosts(members, &members[member].references[free]).max(1);
    let planned = &mut members[member];
    match &mut planned.rows {
        Rows::Children { spread, .. } if has_parent => {
            spread.max = spread.max.min(most);
            spread.min = spread.min.min(spread.max);
        }
        _ if has_parent => {}
        Rows::Standing(count) => *count = (*count).min(most),
        _ => planned.limit = Some(planned.limit.unwrap_or(most).min(most)),
    }
    true
}

/// How many rows a reference may lead to.
fn hosts(members: &[TableModel], counts: &[(u64, u64)], reference: &Reference, dataset: &Dataset) -> u64 {
    match members[reference.to].domain {
        Some(domain) => {
            let kin = organization_type_hint(&main_column(&reference.columns));
            RowSampler::new(dataset, domain).hosts(kin)
        }
        None => counts[reference.to].0,
    }
}

/// How many children of the domain's table every parent has at least.
fn fewest(domain: Option<usize>, dataset: &Dataset) -> u64 {
    match domain.map(|domain| TABLES[domain].info().name) {
        Some("products") => dataset.products_per_principal.min,
        _ => dataset.contacts_per_customer.min,
    }
}
