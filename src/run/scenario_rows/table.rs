//! A table that explicit rows are in.

use crate::catalog;

/// A table that holds rows of scenarios.
pub struct ScenarioTable<'a> {
    /// Its name in the domain, or of a table of the app that in the target: by it keys are recorded.
    pub(super) name: String,
    pub(super) target: &'a catalog::Table,
    /// The columns of its key.
    pub(super) key: Vec<String>,
}

impl ScenarioTable<'_> {
    /// Whether its key is made of the numbers that the domain's rows have, so that a range of them is the scenario's.
    pub(super) fn is_numbered(&self) -> bool {
        let is_whole = |name: &String| {
            let column = self.target.columns.iter().find(|column| column.name == *name);
            column.is_some_and(|column| matches!(column.base.as_str(), "int4" | "int8" | "numeric"))
        };
        self.key.iter().all(is_whole)
    }
}
