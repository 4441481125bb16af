//! What is known of the rows of a [`Completer`] so far, and how more becomes known.

use crate::domain::explicit::completer::{Completer, EMPLOYER, RowDraft};
use crate::domain::explicit::facts::{self, Facts, position, table_called};
use crate::domain::explicit::{RowKind, Value};
use crate::random::{Keyed, Slot};
use crate::stream_labels;

impl Completer<'_> {
    /// The row of this handle.
    pub fn find(&self, scenario_index: usize, handle: &str) -> Option<usize> {
        self.by_handle.get(&(scenario_index, handle.to_owned())).copied()
    }

    /// The explicit row of a table with this id.
    pub fn of_id(&self, table: usize, id: u64) -> Option<usize> {
        self.by_id.get(&(table, id)).copied()
    }

    /// Positions of the rows of a table, in their order.
    pub fn of_table(&self, name: &str) -> Vec<usize> {
        self.by_table[table_called(name)].clone()
    }

    /// Positions of the rows of a table whose `column` refers to `id`, in their order.
    pub fn referring(&self, table: &str, column: &str, id: u64) -> Vec<usize> {
        let table = table_called(table);
        let rows = self.by_reference.get(&(table, position(table, column), id));
        rows.into_iter().flatten().copied().collect()
    }

    /// Positions of the explicit contacts who work for an organization, in their order.
    pub fn employees(&self, organization: u64) -> Vec<usize> {
        self.by_employer.get(&organization).into_iter().flatten().copied().collect()
    }

    /// Puts a value into a column.
    pub(super) fn set(&mut self, draft: usize, position: usize, value: Value) {
        let table = self.drafts[draft].table;
        if facts::columns(table)[position].holds.refers_to.is_some()
            && let Some(id) = value.as_number()
        {
            self.by_reference.entry((table, position, id as u64)).or_default().insert(draft);
        }
        self.drafts[draft].values[position] = Some(value);
    }

    /// Notes for whom a contact works.
    pub fn employ(&mut self, contact: usize, organization: u64) {
        self.by_employer.entry(organization).or_default().insert(contact);
        self.drafts[contact].employer = Some(organization);
    }

    /// Whether something may be made beside a row.
    pub fn wants(&self, draft: usize, what: &str) -> bool {
        self.drafts[draft].without.iter().all(|without| without != what)
    }

    /// Whether a column is known to be true.
    pub fn is_true(&self, draft: usize, column: &str) -> bool {
        self.value(draft, column).is_some_and(Value::is_true)
    }

    /// A column's value as far as it is known.
    pub fn value(&self, draft: usize, column: &str) -> Option<&Value> {
        let draft = &self.drafts[draft];
        draft.values[position(draft.table, column)].as_ref()
    }

    /// A column's text, where it is known.
    pub fn text(&self, draft: usize, column: &str) -> Option<&str> {
        self.value(draft, column)?.as_text()
    }

    /// A column's number, where it is known.
    pub fn number(&self, draft: usize, column: &str) -> Option<i64> {
        self.value(draft, column)?.as_number()
    }

    /// The id that a column refers to, where that is known.
    pub fn reference(&self, draft: usize, column: &str) -> Option<u64> {
        match self.value(draft, column)? {
            Value::Int(id) => u64::try_from(*id).ok(),
            _ => None,
        }
    }

    /// What a column of the row with this id refers to, whether the row is explicit or base.
    pub fn reference_of(&self, table: &str, id: u64, column: &str) -> Option<u64> {
        match self.of_id(table_called(table), id) {
            Some(draft) => self.reference(draft, column),
            None => self.facts(table, id).number(column).map(|id| id as u64),
        }
    }

    /// Whether a column was given, though its reference may still wait for its row.
    pub fn is_given(&self, draft: usize, column: &str) -> bool {
        let position = position(self.drafts[draft].table, column);
        self.drafts[draft].values[position].is_some()
            || self.pending.iter().any(|pending| pending.draft == draft && pending.column == position)
    }

    /// Whether a contact's organization was given, though its row may still be waited for.
    pub fn has_employer(&self, draft: usize) -> bool {
        self.drafts[draft].employer.is_some()
            || self.pending.iter().any(|pending| pending.draft == draft && pending.column == EMPLOYER)
    }

    /// Puts a value where none was given. What follows from extreme values may be more than its column
    /// holds: it is the most then.
    pub fn fill(&mut self, draft: usize, column: &str, value: impl FnOnce(&mut Self) -> Value) {
        if self.value(draft, column).is_some() {
            return;
        }
        let table = self.drafts[draft].table;
        let position = position(table, column);
        let value = match (value(self), facts::columns(table)[position].holds.range) {
            (Value::Int(number), Some((low, high))) => Value::Int(number.clamp(low, high)),
            (Value::Cents(number), Some((low, high))) => Value::Cents(number.clamp(low, high)),
            (value, _) => value,
        };
        self.set(draft, position, value);
    }

    /// The random numbers of a column of a row: they hang on the seed, the scenario, the handle and
    /// the column, so that neither another row nor another column moves them.
    pub fn slot(&self, draft: usize, column: &str) -> Slot {
        let RowDraft { scenario_index, handle, .. } = &self.drafts[draft];
        self.slot_of(*scenario_index, handle, column)
    }

    /// The same for what several rows of a scenario share.
    pub fn slot_of(&self, scenario_index: usize, handle: &str, what: &str) -> Slot {
        let scenario = &self.scenario_rows[scenario_index].scenario;
        Keyed::new(self.dataset.seed, &stream_labels::scenario(scenario), &format!("{handle}.{what}")).at(0)
    }

    /// All that is known of a row, explicit or base. Of an explicit row its table must be finished.
    pub fn facts(&self, table: &str, id: u64) -> Facts {
        let table = table_called(table);
        match self.of_id(table, id) {
            Some(draft) => self.facts_of(draft),
            None => facts::base(self.dataset, table, id),
        }
    }

    /// All that is known of an explicit row.
    pub fn facts_of(&self, draft: usize) -> Facts {
        let draft = &self.drafts[draft];
        let values = draft.values.iter().map(|value| value.clone().unwrap_or(Value::Null));
        Facts::new(draft.table, values.collect())
    }

    /// The facts of the row that a column refers to.
    pub fn referred(&self, draft: usize, column: &str) -> Option<Facts> {
        let table = facts::columns(self.drafts[draft].table)[position(self.drafts[draft].table, column)];
        Some(self.facts(table.holds.refers_to?, self.reference(draft, column)?))
    }

    /// An id of a base row of a kind for a column, where there is any.
    pub fn some(&self, draft: usize, kind: RowKind, column: &str) -> Option<u64> {
        facts::some_id(self.dataset, kind, self.slot(draft, column))
    }
}
