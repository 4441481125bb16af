//! What happened to a row, and the columns that tell of it: all or none.

use crate::domain::columns_of;
use crate::infer::lifecycle::{self, LifecycleField};
use crate::infer::model::{Occurs, TableModel};
use crate::infer::rows::maker::Maker;
use crate::infer::rows::row::Row;
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;

/// Whether a column says that something happened.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => !number.is_zero(),
        _ => true,
    }
}

impl Maker<'_> {
    /// Makes the columns that tell of what happened to a row agree.
    pub(super) fn agree_on_events(&mut self, member: usize, row: &mut Row) {
        let planned = &self.model.members[member];
        let mut happened = Vec::with_capacity(planned.events.len());
        for (at, event) in planned.events.iter().enumerate() {
            let is_alone = !event.excludes.iter().any(|other| happened[*other]);
            let has_happened = self.has_happened(member, at, row);
            let is_so = has_happened && is_alone;
            happened.push(is_so);
            if has_happened
                && !is_alone
                && let Occurs::Set(at) = event.occurs
            {
                match row.values[at] {
                    Value::Bool(_) => row.values[at] = false.into(),
                    Value::Number(_) => row.values[at] = 0.into(),
                    _ => leave_out(planned, at, row),
                }
            }
            for at in &event.flags {
                let is_bool = planned.columns[*at].column_type.scalar == ScalarType::Bool;
                row.values[*at] = if is_bool { is_so.into() } else { i64::from(is_so).into() };
            }
            for at in event.columns.iter().filter(|_| !is_so) {
                leave_out(planned, *at, row);
            }
        }
    }

    fn has_happened(&mut self, member: usize, at: usize, row: &Row) -> bool {
        let planned = &self.model.members[member];
        match &planned.events[at].occurs {
            Occurs::Stage(stages) => {
                let domain = planned.domain.map_or(&[][..], |domain| columns_of(domain));
                let stage = domain.iter().position(|column| column.name == "stage");
                let stage = stage.and_then(|stage| row.identity.known.as_ref()?.get(stage));
                stage.is_some_and(|stage| stage.as_text().is_some_and(|stage| stages.contains(&stage)))
            }
            Occurs::Status(at, values) => values.contains(&row.values[*at]),
            Occurs::Set(at) => is_set(&row.values[*at]),
            Occurs::Story(field) => self.has_come(member, field, row),
            Occurs::Chance(percent) => {
                self.table(member).events[at].at(row.entity_key).child(9).chance(*percent)
            }
            Occurs::Never => false,
        }
    }

    /// Whether a step of the row's story was taken.
    fn has_come(&self, member: usize, field: &LifecycleField, row: &Row) -> bool {
        let slot = self.table(member).story.at(row.identity.key());
        let (made, now) = (row.created.unwrap_or(self.program.now), self.program.now);
        match field {
            LifecycleField::Whether(column) => {
                let kind = self.model.members[member].kind;
                *column <= lifecycle::Timeline::new(slot, kind, made, now).reached()
            }
            _ => lifecycle::Appointment::new(slot, made, now).is_done(),
        }
    }
}

/// Leaves a column NULL, where it may be.
fn leave_out(planned: &TableModel, at: usize, row: &mut Row) {
    if !planned.columns[at].column_type.not_null {
        row.leave_out(at);
    }
}
