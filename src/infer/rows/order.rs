//! The order in which the columns of a row are made.

use crate::infer::model::{ColumnModel, Generator, UniqueBy};

pub(super) fn is_created(step: &ColumnModel) -> bool {
    matches!(step.shape.words.first().map(String::as_str), Some("created" | "inserted"))
}

/// The order in which columns are made: when the row came first, then those that others are compared with.
pub(super) fn order(steps: &[ColumnModel]) -> Vec<usize> {
    fn visit(at: usize, steps: &[ColumnModel], done: &mut Vec<usize>, path: &mut Vec<usize>) {
        if done.contains(&at) || path.contains(&at) {
            return;
        }
        path.push(at);
        let facts = &steps[at].shape.facts;
        let mut needs: Vec<String> =
            facts.above.iter().chain(&facts.below).map(|(column, _)| column.clone()).collect();
        if let Generator::Equals(expression) = &steps[at].make {
            needs.extend(expression.columns());
        }
        if let Generator::Document(document) = &steps[at].make {
            needs.extend(document.columns());
        }
        if let Some(UniqueBy::EndOf(start)) = steps[at].unique {
            needs.push(steps[start].shape.column.clone());
        }
        for need in needs {
            let other = steps.iter().position(|step| step.shape.column == need);
            // What ends a span follows from its beginning, whatever compares the two.
            let other = other.filter(|other| steps[*other].unique != Some(UniqueBy::EndOf(at)));
            if let Some(other) = other {
                visit(other, steps, done, path);
            }
        }
        path.pop();
        done.push(at);
    }
    let is_early = |step: &ColumnModel| {
        is_created(step)
            || !matches!(step.make, Generator::Semantics(_) | Generator::Equals(_) | Generator::Document(_))
    };
    let (mut done, mut path) = (Vec::new(), Vec::new());
    for at in (0..steps.len()).filter(|at| is_early(&steps[*at])) {
        visit(at, steps, &mut done, &mut path);
    }
    for at in 0..steps.len() {
        visit(at, steps, &mut done, &mut path);
    }
    done
}
