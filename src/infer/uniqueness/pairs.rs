//! Two references to one table that say something of each other: the lesser first, never the same row twice.

use crate::infer::model::{KeyRule, Reference, ReferenceStrategy, Rows, TableModel};
use crate::infer::organization_type::organization_type_hint;
use crate::infer::uniqueness::rule::reference_column;
use crate::sqlexpr::Expression;
use crate::sqlexpr::operator::Comparison;

/// Notes what the CHECK constraints of a member say of two of its references: that they lead to different rows, and of
/// which the key comes first.
pub fn pair_up(member: &mut TableModel) {
    let mut found: Vec<(usize, usize, bool)> = Vec::new();
    for check in &member.checks {
        for part in check.expression.conjuncts() {
            let (comparison, left, right) = match part {
                Expression::Compare(comparison, left, right) => (*comparison, left, right),
                Expression::Not(inner) => match inner.as_ref() {
                    Expression::Compare(comparison, left, right) => (comparison.negated(), left, right),
                    _ => continue,
                },
                Expression::Distinct(left, right) => (Comparison::Differs, left, right),
                _ => continue,
            };
            let (Some(left), Some(right)) = (reference_of(member, left), reference_of(member, right)) else {
                continue;
            };
            if !are_alike(&member.references[left], &member.references[right]) {
                continue;
            }
            match comparison {
                Comparison::Less | Comparison::LessOrEqual => found.push((left, right, true)),
                Comparison::Greater | Comparison::GreaterOrEqual => found.push((right, left, true)),
                Comparison::Differs => found.push((left, right, false)),
                Comparison::Equal => {}
            }
        }
    }
    for (lesser, greater, is_ordered) in found {
        member.references[lesser.max(greater)].apart_from = Some(lesser.min(greater));
        if is_ordered {
            member.ordered.push((lesser, greater));
        }
    }
}

/// The reference whose column an expression is.
fn reference_of(member: &TableModel, mut expression: &Expression) -> Option<usize> {
    while let Expression::Cast(inner, _) = expression {
        expression = inner;
    }
    let Expression::Column(name) = expression else { return None };
    member.references.iter().position(|reference| reference_column(reference) == Some(name))
}

/// Whether two references lead to the same rows.
fn are_alike(one: &Reference, other: &Reference) -> bool {
    let kin = |reference: &Reference| organization_type_hint(reference_column(reference).unwrap_or_default());
    one.to == other.to && kin(one) == kin(other)
}

/// Whether a key compares the lesser and the greater of two columns, so that the order of the two does not matter.
fn is_unordered(rule: &KeyRule) -> bool {
    let has = |wanted: &str| {
        rule.parts.iter().any(|part| matches!(part, Expression::Call(function, _) if function.name == wanted))
    };
    has("least") && has("greatest")
}

/// Makes rows of two references to one table pairs of which none repeats, whichever way round; `false` where that is
/// not what the key asks for. `hosts` says how many rows a reference may lead to.
pub(super) fn keep(
    members: &mut [TableModel],
    member: usize,
    rule: &KeyRule,
    references: &[usize],
    hosts: &dyn Fn(&[TableModel], &Reference) -> u64,
) -> bool {
    let planned = &members[member];
    let pairs =
        references.iter().flat_map(|a| references.iter().map(move |b| (*a, *b))).filter(|(a, b)| a < b);
    let is_pair = |(a, b): &(usize, usize)| {
        let (a, b) = (*a, *b);
        are_alike(&planned.references[a], &planned.references[b])
            && (planned.references[b].apart_from == Some(a) || is_unordered(rule))
    };
    let Some((a, b)) = pairs.into_iter().find(is_pair) else { return false };
    let is_parent = |at: usize| planned.references[at].strategy == ReferenceStrategy::Parent;
    let is_free = |at: usize| {
        planned.references[at].agrees.is_empty()
            && !matches!(
                planned.references[at].strategy,
                ReferenceStrategy::FromDomain(_) | ReferenceStrategy::Parent
            )
    };
    let (with, free) = match (is_parent(a), is_parent(b)) {
        (true, _) => (a, b),
        (_, true) => (b, a),
        _ => (a, b),
    };
    // The reference from which the other differs is decided before it.
    if with > free || !is_free(free) {
        return false;
    }
    let count = hosts(members, &members[member].references[free]);
    let half = count.saturating_sub(1) / 2;
    let has_parent = is_parent(with);
    let planned = &mut members[member];
    if half == 0 {
        // Of two rows only one has another to go with.
        planned.unsettled.push(rule.clone());
    }
    if !has_parent {
        planned.references[with].strategy = ReferenceStrategy::Round;
        planned.references[with].null_percent = 0;
    }
    planned.references[free].strategy = ReferenceStrategy::Pair(with);
    planned.references[free].null_percent = 0;
    planned.references[free].apart_from = None;
    match &mut planned.rows {
        Rows::Children { spread, .. } if has_parent => {
            spread.max = spread.max.min(half.max(1));
            spread.min = spread.min.min(spread.max);
        }
        _ => {
            let most = count.saturating_mul(half).max(u64::from(count > 1));
            planned.limit = Some(planned.limit.unwrap_or(most).min(most));
        }
    }
    true
}
