//! Links that no key keeps apart: nobody is twice on one task, whether a constraint says so or not.

use super::kept;
use super::references::by_references;
use crate::catalog::Table;
use crate::domain::dataset::Dataset;
use crate::infer::kinds::TableKind;
use crate::infer::model::{KeyOperator, KeyRule, TableModel};
use crate::infer::uniqueness::part::KeyPart;
use crate::infer::uniqueness::rule::reference_column;
use crate::sqlexpr::Expression;

/// Lets no two rows of a table of links link the same, where the table has no key of its references.
pub(super) fn keep_apart(
    members: &mut [TableModel],
    counts: &[(u64, u64)],
    member: usize,
    table: &Table,
    dataset: &Dataset,
) {
    let planned = &members[member];
    let is_link = planned.kind == TableKind::Links && planned.domain.is_none();
    let is_of_any = planned.references.iter().any(|reference| reference.alternative.is_some());
    if !is_link || is_of_any {
        return;
    }
    let required = |at: &usize| !planned.references[*at].is_nullable;
    let linked: Vec<(usize, String)> = (0..planned.references.len())
        .filter(required)
        .filter_map(|at| Some((at, reference_column(&planned.references[at])?.to_owned())))
        .collect();
    let columns: Vec<String> = linked.iter().map(|(_, column)| column.clone()).collect();
    let has_key = table
        .uniques
        .iter()
        .any(|unique| unique.columns.iter().flatten().any(|column| columns.contains(column)));
    if linked.len() < 2 || has_key {
        return;
    }
    let rule = KeyRule {
        name: format!("links of {}", table.name),
        parts: columns.iter().cloned().map(Expression::Column).collect(),
        operators: vec![KeyOperator::Equal; columns.len()],
        caseless: vec![false; columns.len()],
        predicate: None,
        nulls_same: false,
        columns,
        by_parent: false,
    };
    let parts: Vec<KeyPart> = linked.into_iter().map(|(at, _)| KeyPart::Reference(at)).collect();
    if !kept::is_kept(planned, &rule) {
        by_references(members, counts, member, (&rule, &parts), dataset);
    }
}
