//! Keys that hold for some rows only, by a column that says yes or no.

use crate::infer::model::{Generator, ReferenceStrategy, TableModel, UniqueBy};
use crate::infer::names;
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::{self, Expression};

/// A key that holds for some rows only: only the first child of a parent is such a row, or none is.
pub(super) fn tell_apart(member: &mut TableModel, expression: &Expression, columns: &[String]) -> bool {
    let read = expression.columns();
    let flags: Vec<usize> = read.iter().filter_map(|column| member.column(column)).collect();
    let of_parent = member.references.iter().any(|reference| {
        reference.strategy == ReferenceStrategy::Parent
            && reference.columns.iter().any(|(own, _)| columns.contains(own))
    });
    for at in flags {
        let column = &mut member.columns[at];
        if column.unique.is_some()
            || !matches!(
                column.generator,
                Generator::Semantics(_)
                    | Generator::Lifecycle(_)
                    | Generator::Constant(_)
                    | Generator::Labels(_)
            )
        {
            continue;
        }
        let holds_when = |value: crate::sqlexpr::value::Value| {
            expression.verdict(
                &|name| {
                    if name == column.column_type.name {
                        value.clone()
                    } else {
                        crate::sqlexpr::value::Value::Null
                    }
                },
                0,
            ) != sqlexpr::Verdict::Fails
        };
        if column.column_type.scalar != ScalarType::Bool
            || holds_when(false.into())
            || column.column_type.is_list
        {
            continue;
        }
        let stands_out = names::words(&column.column_type.name)
            .iter()
            .any(|word| matches!(word.as_str(), "default" | "primary" | "main" | "current" | "preferred"));
        let (unique, about) = match (of_parent, stands_out) {
            (true, _) => (UniqueBy::First, "true for the first of each parent"),
            (false, true) => (UniqueBy::FirstOfAll, "true for the first row"),
            (false, false) => (UniqueBy::Never, "always false, as only few rows may be true"),
        };
        column.unique = Some(unique);
        column.about = about.into();
        return true;
    }
    false
}
