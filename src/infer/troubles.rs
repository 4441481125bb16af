//! What stands against filling a target. All of it is collected, so that it can be mended in one go.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::infer::model::TableModel;

/// Reasons why rows cannot be generated, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Troubles {
    /// Each with the position of its table in [`Model::members`].
    found: Vec<(usize, Error)>,
}

impl Troubles {
    /// Adds one of a member, unless it is known.
    pub fn add(&mut self, member: usize, trouble: Error) {
        let text = trouble.to_string();
        if !self.found.iter().any(|(_, known)| known.to_string() == text) {
            self.found.push((member, trouble));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The members whose rows cannot be made as planned: those in trouble, and those that refer to such.
    pub fn reach(&self, members: &[TableModel]) -> BTreeSet<usize> {
        let mut reached: BTreeSet<usize> = self.found.iter().map(|(member, _)| *member).collect();
        loop {
            let leads_there = |at: &usize| {
                !reached.contains(at)
                    && members[*at]
                        .references
                        .iter()
                        .any(|reference| !reference.columns.is_empty() && reached.contains(&reference.to))
            };
            let more: Vec<usize> = (0..members.len()).filter(leads_there).collect();
            if more.is_empty() {
                return reached;
            }
            reached.extend(more);
        }
    }

    /// What they are.
    pub fn into_errors(self) -> Vec<Error> {
        self.found.into_iter().map(|(_, trouble)| trouble).collect()
    }
}
