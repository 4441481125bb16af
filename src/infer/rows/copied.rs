//! What a row repeats of one to which it refers: as it is written there, whatever made it so.

use crate::domain::row_sampler::RowRef;
use crate::infer::column_type::{ColumnType, text};
use crate::infer::model::{Copied, CopySource};
use crate::infer::rows::maker::Maker;
use crate::infer::rows::row::{NO_ORDINAL, Row};
use crate::sqlexpr::value::Value;

impl Maker<'_> {
    /// The value of a column that is a copy.
    pub(super) fn copied(
        &mut self,
        member: usize,
        column_type: &ColumnType,
        copied: &Copied,
        row: &Row,
    ) -> Value {
        let found =
            copied.sources.iter().find_map(|source| Some((source, (*row.refs.get(source.reference)?)?)));
        let Some((source, row_ref)) = found else { return Value::Null };
        // A row that is made for a copy in a circle does without what it would copy in turn.
        if source.is_in_circle && self.state.is_plain {
            return Value::Null;
        }
        let row_ref = match source.then {
            Some(then) => {
                self.follow(self.model.members[member].references[source.reference].to, row_ref, then)
            }
            None => Some(row_ref),
        };
        let Some(row_ref) = row_ref else { return Value::Null };
        let value = match &source.columns[..] {
            [column] => self.original(source, row_ref, column),
            columns => {
                let parts = columns.iter().map(|column| text(&self.original(source, row_ref, column)));
                let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
                if parts.is_empty() { Value::Null } else { parts.join(" ").into() }
            }
        };
        let value = column_type.fit_copy(value);
        if column_type.meets_patterns(&value) { value } else { Value::Null }
    }

    /// What is written in a column of a row.
    fn original(&mut self, source: &CopySource, row_ref: RowRef, name: &str) -> Value {
        let model = self.model;
        let planned = &model.members[source.to];
        let Some(column) = planned.column(name) else { return self.column(source.to, row_ref, name) };
        let was_plain = std::mem::replace(&mut self.state.is_plain, source.is_in_circle);
        let value = match row_ref.ordinal {
            NO_ORDINAL => self
                .explicit(self.with_explicit(source.to), row_ref.number)
                .map(|row| row.values[column].clone()),
            ordinal => Some(self.row(source.to, ordinal).values[column].clone()),
        };
        self.state.is_plain = was_plain;
        value.unwrap_or_else(|| self.column(source.to, row_ref, name))
    }
}
