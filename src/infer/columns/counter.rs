//! Columns that count the rows which refer to the row.

use super::{Decided, Decision};
use crate::infer::counters::{self, Counter};
use crate::infer::model::{Counted, Generator};
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;

impl Decision<'_> {
    /// What it counts; where that is not known, or a trigger counts, none yet.
    pub(super) fn counter(&self) -> Option<Decided> {
        let is_number = matches!(self.column_type.scalar, ScalarType::Integer | ScalarType::Decimal);
        if !is_number || self.column_type.is_list || self.is_in_key() {
            return None;
        }
        let counter = counters::of(self.frame, self.all_references, self.member, &self.column.name)?;
        let none = || {
            let none = self.column_type.default.clone().unwrap_or_else(|| Value::from(0));
            Decided::Generated(
                Generator::Constant(self.column_type.fit(none)),
                0,
                "a counter at its start".into(),
            )
        };
        Some(match counter {
            Counter::Of(of) if !self.is_kept_by_trigger() => {
                let tables: Vec<String> =
                    of.iter().map(|(from, _)| self.frame.table(*from).qualified()).collect();
                let about = format!("the number of rows of {} that refer to it", tables.join(", "));
                Decided::Generated(Generator::Count(Counted::new(of)), 0, about)
            }
            _ => none(),
        })
    }

    /// A trigger that fires on INSERT names the column.
    fn is_kept_by_trigger(&self) -> bool {
        let mut triggers = self.frame.schema.tables.iter().flat_map(|table| &table.triggers);
        triggers.any(|trigger| trigger.is_on_insert() && trigger.source.contains(&self.column.name))
    }
}
