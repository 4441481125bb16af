//! The order in which the columns of a row are made.

use crate::infer::model::{ColumnModel, Generator, UniqueBy};

pub(super) fn is_created(column: &ColumnModel) -> bool {
    matches!(column.column_type.words.first().map(String::as_str), Some("created" | "inserted"))
}

/// The order in which columns are made: when the row came first, then those that others are compared with.
pub(super) fn order(columns: &[ColumnModel]) -> Vec<usize> {
    fn visit(at: usize, columns: &[ColumnModel], done: &mut Vec<usize>, path: &mut Vec<usize>) {
        if done.contains(&at) || path.contains(&at) {
            return;
        }
        path.push(at);
        let facts = &columns[at].column_type.facts;
        let mut needs: Vec<String> =
            facts.above.iter().chain(&facts.below).map(|(column, _)| column.clone()).collect();
        if let Generator::Equals(expression) = &columns[at].generator {
            needs.extend(expression.columns());
        }
        if let Generator::Document(document) = &columns[at].generator {
            needs.extend(document.columns());
        }
        if let Some(UniqueBy::EndOf(start)) = columns[at].unique {
            needs.push(columns[start].column_type.name.clone());
        }
        for need in needs {
            let other = columns.iter().position(|column| column.column_type.name == need);
            // What ends a span follows from its beginning, whatever compares the two.
            let other = other.filter(|other| columns[*other].unique != Some(UniqueBy::EndOf(at)));
            if let Some(other) = other {
                visit(other, columns, done, path);
            }
        }
        path.pop();
        done.push(at);
    }
    let is_early = |column: &ColumnModel| {
        is_created(column)
            || !matches!(
                column.generator,
                Generator::Semantics(_) | Generator::Equals(_) | Generator::Document(_)
            )
    };
    let (mut done, mut path) = (Vec::new(), Vec::new());
    for at in (0..columns.len()).filter(|at| is_early(&columns[*at])) {
        visit(at, columns, &mut done, &mut path);
    }
    for at in 0..columns.len() {
        visit(at, columns, &mut done, &mut path);
    }
    done
}
