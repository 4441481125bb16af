//! Whose address it is: `ship_name` beside `ship_city` is the name of the account that the row is of.

use super::{Decided, Decision};
use crate::domain::TABLES;
use crate::infer::model::{Copied, CopySource};
use crate::infer::names::FieldName;
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics::{Addresses, whose};

impl Decision<'_> {
    /// The name of whom the row is about, in a column that is called like one of its addresses.
    pub(super) fn addressee(&self) -> Option<Decided> {
        let words = &self.column_type.words;
        let is_text = self.column_type.scalar == ScalarType::Text && !self.column_type.is_list;
        let is_name =
            words.last().is_some_and(|last| matches!(last.as_str(), "name" | "recipient" | "attention"));
        let is_part =
            words.iter().any(|word| matches!(word.as_str(), "first" | "last" | "middle" | "street"));
        if !is_text || !is_name || is_part || whose(words).is_empty() || self.is_in_key() {
            return None;
        }
        let columns: Vec<Vec<String>> =
            self.table().columns.iter().map(|column| FieldName::of(&column.name).words).collect();
        if !Addresses::of(columns.iter().map(Vec::as_slice)).is_named(words) {
            return None;
        }
        self.name_of("organizations").or_else(|| self.name_of("contacts"))
    }

    /// The name of the row of a table of the domain to which this one leads.
    fn name_of(&self, table: &str) -> Option<Decided> {
        let is_of = |to: usize| {
            self.frame.chosen[to].domain.is_some_and(|(domain, _)| TABLES[domain].info().name == table)
        };
        let at = self
            .references
            .iter()
            .position(|reference| is_of(reference.to) && reference.alternative.is_none())?;
        let to = self.references[at].to;
        let position = self.frame.infos(to).iter().position(|info| info.name == "name")?;
        let found = self.frame.columns[to].get(position).copied().flatten()?;
        let name = self.frame.table(to).columns[found.at].name.clone();
        let source = CopySource {
            reference: at,
            then: None,
            to,
            columns: vec![name],
            is_in_circle: self.copier().leads_back(to),
        };
        Some(self.copy(Copied { sources: vec![source] }))
    }
}
