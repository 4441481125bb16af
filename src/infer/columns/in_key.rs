//! What keys say of a column.

use super::Decision;
use crate::infer::uniqueness;
use crate::sqlexpr;

impl Decision<'_> {
    /// It is part of a key that must not repeat.
    pub(super) fn is_in_key(&self) -> bool {
        self.is_in_primary_key()
            || self.table().uniques.iter().any(|unique| {
                unique.is_exclusion() && uniqueness::columns(unique, self.table()).contains(&self.column.name)
            })
    }

    pub(super) fn is_in_primary_key(&self) -> bool {
        let name = Some(self.column.name.clone());
        self.table().uniques.iter().any(|unique| unique.primary && unique.columns.contains(&name))
    }

    /// A key has something to say of its being NULL: that all NULLs are the same, or that it holds for rows only where
    /// the column is NULL, or is not.
    pub(super) fn is_in_key_with_null(&self) -> bool {
        let reads = |text: &String| {
            sqlexpr::read(text).is_ok_and(|expression| expression.mentions(&self.column.name))
        };
        self.table().uniques.iter().any(|unique| {
            let columns = || uniqueness::columns(unique, self.table());
            unique.predicate.as_ref().is_some_and(reads)
                || (unique.nulls_not_distinct && columns().contains(&self.column.name))
        })
    }
}
