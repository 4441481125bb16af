//! The two columns of a pair that refers to a row of any table.

use super::Decision;
use crate::catalog::{Column, Table};
use crate::infer::model::{Generator, PolymorphicTarget};
use crate::infer::record_pairs::{PairOf, partner};

impl Decision<'_> {
    /// The references of the pair of columns, of which this is one, that refers to a row of any table.
    fn records(&self) -> impl Iterator<Item = (usize, &PolymorphicTarget)> {
        let references = self.references.iter().enumerate();
        references.filter_map(|(at, reference)| Some((at, reference.alternative.as_ref()?))).filter(
            |(_, alternative)| alternative.id == self.column.name || alternative.of_type == self.column.name,
        )
    }

    pub(super) fn record(&self) -> Option<Generator> {
        let (_, first) = self.records().next()?;
        Some(match first.of_type == self.column.name {
            true => Generator::RecordType(
                self.records().map(|(at, found)| (at, self.column_type.fit(found.value.clone()))).collect(),
            ),
            false => Generator::Record(self.records().map(|(at, found)| (at, found.key.clone())).collect()),
        })
    }

    /// The table that stays empty to which the key leads of the pair that this column is the type of.
    pub(super) fn type_of_nothing(&self) -> Option<String> {
        let (table, words) = (self.table(), &self.column_type.words);
        let (last, stem) = words.split_last()?;
        if self.column_type.not_null || last != "type" || stem.is_empty() {
            return None;
        }
        let is_key = |id: &&Column| {
            let (of_type, of) = partner(table, id).unzip();
            of == Some(PairOf::Unknown) && of_type.is_some_and(|of_type| of_type.name == self.column.name)
        };
        let id = table.columns.iter().find(is_key)?;
        self.frame.leads_nowhere(self.member, id).map(Table::qualified)
    }

    pub(super) fn about_records(&self) -> String {
        let labels: Vec<&str> = self.records().map(|(_, found)| found.label.as_str()).collect();
        match self.records().next() {
            Some((_, found)) if found.id == self.column.name => {
                format!("the key of a row of the type in {}: {}", found.of_type, labels.join(", "))
            }
            _ => format!("the type of the referenced row: {}", labels.join(", ")),
        }
    }
}
