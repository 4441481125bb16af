//! What is known of a row of which something may be copied.

use crate::infer::model::Reference;
use crate::infer::references::{TargetView, main_column};

/// A row of which something may be copied.
#[derive(Clone, Copy)]
pub struct Copier<'a> {
    pub frame: &'a TargetView<'a>,
    pub member: usize,
    /// The references of all tables.
    pub references: &'a [Vec<Reference>],
}

impl Copier<'_> {
    /// Whether rows of a table hang on rows of the one that copies.
    pub fn leads_back(&self, from: usize) -> bool {
        let mut reached = vec![false; self.references.len()];
        let mut waiting = vec![from];
        while let Some(at) = waiting.pop() {
            if at == self.member {
                return true;
            }
            if !std::mem::replace(&mut reached[at], true) {
                waiting.extend(self.references[at].iter().map(|reference| reference.to));
            }
        }
        false
    }

    /// Whether a table is one of the domain's.
    pub(super) fn is_of_domain(&self, member: usize) -> bool {
        self.frame.chosen[member].domain.is_some()
    }
}

/// The column by which a reference is known; none where only the domain knows of it.
pub fn place_of(reference: &Reference) -> String {
    reference
        .alternative
        .as_ref()
        .map_or_else(|| main_column(&reference.columns), |alternative| alternative.id.clone())
}
