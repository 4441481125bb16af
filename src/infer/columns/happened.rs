//! Columns that tell of something that may have happened to a row.

use super::Decision;
use crate::catalog::Column;
use crate::infer::column_type::ColumnType;
use crate::infer::events::{self, EVENTS};
use crate::infer::names;
use crate::sqlexpr::Expression;

impl Decision<'_> {
    fn shape_of(&self, column: &Column) -> ColumnType {
        let about = self.checks.iter().filter(|check| check.columns.contains(&column.name));
        let expressions: Vec<&Expression> = about.map(|check| &check.expression).collect();
        ColumnType::new(column, &expressions, self.now)
    }

    /// The ends of which the table's columns tell, which a status of any text may say.
    pub(super) fn ends(&self) -> Vec<String> {
        if self.column_type.labels.is_some()
            || !events::is_status(&self.column_type.words, self.column_type.scalar)
        {
            return Vec::new();
        }
        let columns = self.table().columns.iter();
        events::ends(columns.map(|column| (column.name.as_str(), self.shape_of(column).scalar)))
    }

    /// Whether it tells of something that happens to some rows, by chance or as their status says.
    pub(super) fn may_have_happened(&self) -> bool {
        let Some((event, _)) = events::told(&self.column.name, self.column_type.scalar) else { return false };
        let event = &EVENTS[event];
        let kind = self.frame.chosen[self.member].kind;
        event.percent > 0 || (event.is_end && kind.is_document()) || {
            let mut columns = self.table().columns.iter();
            columns.any(|column| {
                let column_type = self.shape_of(column);
                events::is_status(&names::words(&column.name), column_type.scalar)
                    && column_type.labels.iter().flatten().any(|label| event.is_said_by(label))
            })
        }
    }
}
