//! What keys are made of.

use crate::infer::model::{ReferenceStrategy, TableModel};

/// The role of a column in a unique key.
#[derive(Clone, Copy)]
pub(super) enum KeyPart {
    ColumnModel(usize),
    Reference(usize),
}

/// Values that are enough for any number of rows.
pub(super) const MANY: u64 = 1_000_000;

/// The row for which another is made is part of the key.
pub(super) fn has_parent(member: &TableModel, parts: &[KeyPart]) -> bool {
    let is_parent = |reference: usize| member.references[reference].strategy == ReferenceStrategy::Parent;
    parts.iter().any(|part| matches!(part, KeyPart::Reference(reference) if is_parent(*reference)))
}
