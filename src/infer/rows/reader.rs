//! Rows of the domain, read as values.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::dataset::Dataset;
use crate::domain::explicit::{self, CompletedRow, ExistingRow};
use crate::domain::row_sampler::RowRef;
use crate::domain::table::Source;
use crate::domain::{TABLES, all_columns_of, columns_of};
use crate::infer::rows::domain_values::{DomainValues, value_of};
use crate::infer::rows::row::{NO_ORDINAL, RowKey, whole};
use crate::sqlexpr::value::Value;
use crate::value::Batch;

/// Numbers of explicit rows of tables without a number of their own: they fit an integer.
const EXPLICIT: u64 = 2_000_000_000;
const EXPLICIT_NUMBERS: u64 = 100_000_000;

/// What refers to a row asks for besides where that leads: when it was made, and what it comes to.
const ASKED_FOR: [&str; 3] = ["created_at", "list_price", "amount"];

/// What the domain knows of an explicit row of a table.
pub fn explicit_values(dataset: &Dataset, domain: usize, made: &CompletedRow) -> Vec<Value> {
    let beyond = TABLES[domain].virtual_columns();
    let beyond: Vec<explicit::Value> =
        beyond.iter().map(|info| explicit::virtual_value(dataset, made, info.name)).collect();
    let mut own = Batch::default();
    own.reset(made.values.len() + beyond.len());
    made.values.iter().chain(&beyond).for_each(|value| value.put(&mut own));
    own.row(0).unwrap_or_default().iter().map(|cell| value_of(&own, *cell)).collect()
}

/// What the domain knows of a row of a table that is there.
pub(super) fn existing_values(row: &ExistingRow, domain: usize) -> Option<Vec<Value>> {
    let (_, values) = row.domain.as_ref().filter(|(of, _)| *of == domain)?;
    let mut own = Batch::default();
    own.reset(values.len());
    values.iter().for_each(|value| value.as_ref().unwrap_or(&explicit::Value::Null).put(&mut own));
    let known = own.row(0).unwrap_or_default().iter().map(|cell| value_of(&own, *cell));
    let beyond = TABLES[domain].virtual_columns().into_iter().map(|_| Value::Null);
    Some(known.chain(beyond).collect())
}

/// The number by which an explicit row of a table is known.
pub fn explicit_number(dataset: &Dataset, domain: usize, made: &CompletedRow) -> u64 {
    let known = DomainValues::Explicit(explicit_values(dataset, domain, made).into());
    DomainRows::new(dataset, domain).identity(NO_ORDINAL, known).row_ref.number
}

/// Reads rows of the domain.
pub(super) struct DomainRows {
    /// All of their columns.
    whole: Box<dyn Source>,
    /// Those that other rows ask for.
    narrow: Box<dyn Source>,
    /// Where each column stands among those.
    narrow_at: Vec<Option<usize>>,
    batch: Batch,
    /// Positions of the key.
    key: Vec<usize>,
    has_id: bool,
    /// Position of the column that says when a row was made.
    pub(super) created_at: Option<usize>,
}

impl DomainRows {
    pub(super) fn new(dataset: &Dataset, domain: usize) -> Self {
        let (table, columns) = (TABLES[domain], all_columns_of(domain));
        let position = |name: &&'static str| columns.iter().position(|column| column.name == *name);
        let key: Vec<usize> = table.info().key.iter().filter_map(position).collect();
        let is_asked_for = |at: usize| {
            key.contains(&at)
                || columns[at].holds.refers_to.is_some()
                || ASKED_FOR.contains(&columns[at].name)
        };
        let narrow: Vec<usize> = (0..columns.len()).filter(|at| is_asked_for(*at)).collect();
        Self {
            whole: table.source(dataset, &(0..columns.len()).collect::<Vec<_>>()),
            narrow: table.source(dataset, &narrow),
            narrow_at: (0..columns.len()).map(|at| narrow.iter().position(|narrow| *narrow == at)).collect(),
            batch: Batch::default(),
            key,
            has_id: table.info().key == ["id"],
            created_at: columns_of(domain).iter().position(|column| column.name == "created_at"),
        }
    }

    /// Rows with all that the domain says of them.
    pub(super) fn read(&mut self, ordinals: Range<u64>) -> Vec<RowKey> {
        let mut batch = std::mem::take(&mut self.batch);
        self.whole.fill(ordinals.clone(), &mut batch);
        let batch = Arc::new(batch);
        let known = |row| DomainValues::Read { batch: Arc::clone(&batch), row };
        ordinals.enumerate().map(|(row, ordinal)| self.identity(ordinal, known(row))).collect()
    }

    /// Takes the room for rows back from one that is used no more.
    pub(super) fn recycle(&mut self, row: RowKey) {
        if let Some(DomainValues::Read { batch, .. }) = row.known {
            self.batch = Arc::into_inner(batch).unwrap_or_default();
        }
    }

    /// What others ask of a row; see [`DomainRows::narrow_at`].
    pub(super) fn read_narrow(&mut self, ordinal: u64) -> Arc<NarrowRow> {
        self.narrow.fill(ordinal..ordinal + 1, &mut self.batch);
        let batch = self.batch.clone();
        let value = |position: &usize| {
            let cell = *batch.row(0)?.get(self.narrow_at[*position]?)?;
            Some(value_of(&batch, cell))
        };
        let key = self.numbered(ordinal, self.key.iter().map(value));
        Arc::new(NarrowRow { key, batch })
    }

    /// Where a column stands in a narrow row.
    pub(super) fn narrow_at(&self, position: usize) -> Option<usize> {
        *self.narrow_at.get(position)?
    }

    /// The row of which this is known.
    pub(super) fn identity(&self, ordinal: u64, known: DomainValues) -> RowKey {
        let key = self.numbered(ordinal, self.key.iter().map(|position| known.get(*position)));
        RowKey { known: Some(known), ..key }
    }

    /// The row of this key.
    fn numbered(&self, ordinal: u64, key: impl Iterator<Item = Option<Value>>) -> RowKey {
        let (mut first, mut hash) = (None, 0_u64);
        for part in key {
            let part = part.as_ref().and_then(whole).unwrap_or(0);
            first = first.or(Some(part));
            hash = hash.rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ part;
        }
        let number = if self.has_id { first.unwrap_or(ordinal) } else { ordinal.wrapping_add(1) };
        // Explicit rows without a number have one behind those of the base, made of their key.
        let number = if number == 0 && !self.has_id { EXPLICIT + hash % EXPLICIT_NUMBERS } else { number };
        RowKey { row_ref: RowRef { ordinal, number }, key: hash, child: 0, parent: None, known: None }
    }
}

/// What other rows ask of a row of the domain.
#[derive(Debug)]
pub(super) struct NarrowRow {
    /// Who it is, without what the domain says of it.
    pub(super) key: RowKey,
    batch: Batch,
}

impl NarrowRow {
    /// The value at a position among the narrow columns.
    pub(super) fn get(&self, at: usize) -> Option<Value> {
        Some(value_of(&self.batch, *self.batch.row(0)?.get(at)?))
    }
}
