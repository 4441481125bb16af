//! Exclusion constraints over spans of time: of the days of what belongs to one row a year each; else spans that are
//! short enough to lie beside one another.

use crate::infer::model::{Edge, Generator, KeyOperator, KeyRule, TableModel, UniqueBy};
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::Expression;

/// Makes spans of two columns that are made up short: no meeting takes months.
pub(super) fn shorten(member: &mut TableModel, rule: &KeyRule) {
    for (part, operator) in rule.parts.iter().zip(&rule.operators) {
        let Expression::Call(_, bounds) = part else { continue };
        let [Expression::Column(start), Expression::Column(end), ..] = &bounds[..] else { continue };
        let (Some(start), Some(end)) = (member.column(start), member.column(end)) else { continue };
        let is_made_up = |at: usize| {
            let column = &member.columns[at];
            matches!(column.column_type.scalar, ScalarType::Date | ScalarType::Timestamp)
                && matches!(column.generator, Generator::Semantics(_) | Generator::Lifecycle(_))
                && column.unique.is_none()
        };
        // An appointment's own times agree.
        let is_told =
            [start, end].iter().all(|at| matches!(member.columns[*at].generator, Generator::Lifecycle(_)));
        if *operator == KeyOperator::Overlaps && is_made_up(start) && is_made_up(end) && !is_told {
            member.columns[end].unique = Some(UniqueBy::EndOf(start));
            member.columns[end].null_percent = 0;
            member.columns[end].about.push_str("; soon after it begins");
        }
    }
}

/// Whether the rows of one parent each get a year of their own: where a constraint compares the parent and a span of
/// days, and nothing else.
pub(super) fn keep(member: &mut TableModel, rule: &KeyRule) -> bool {
    let overlaps =
        || rule.parts.iter().zip(&rule.operators).filter(|(_, operator)| **operator == KeyOperator::Overlaps);
    let others = rule.operators.iter().filter(|operator| **operator != KeyOperator::Equal);
    if !rule.by_parent || others.count() != 1 {
        return false;
    }
    let Some((part, _)) = overlaps().next() else { return false };
    let columns = part.columns();
    let columns: Vec<usize> = columns.iter().filter_map(|column| member.column(column)).collect();
    let is_free = |at: usize| {
        let column = &member.columns[at];
        column.unique.is_none() && !matches!(column.generator, Generator::Constant(_))
    };
    let edges: Vec<(usize, UniqueBy)> = match (part, &columns[..]) {
        (Expression::Column(_), [whole])
            if member.columns[*whole].column_type.base == "daterange" && is_free(*whole) =>
        {
            vec![(*whole, UniqueBy::Season(Edge::Whole))]
        }
        (Expression::Call(..), [start, end])
            if [*start, *end]
                .iter()
                .all(|at| member.columns[*at].column_type.scalar == ScalarType::Date && is_free(*at)) =>
        {
            vec![(*start, UniqueBy::Season(Edge::Start)), (*end, UniqueBy::Season(Edge::End))]
        }
        _ => return false,
    };
    for (at, unique) in edges {
        member.columns[at].about = "a different year for each row of a parent".into();
        member.columns[at].unique = Some(unique);
    }
    true
}
