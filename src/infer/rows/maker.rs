//! The maker of rows: its state, and which rows there are.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::domain::dataset::{Dataset, OrganizationType, Pool};
use crate::domain::explicit::{ExistingRow, ids};
use crate::domain::fanout::{ChildCursor, UniformFanout};
use crate::domain::row_sampler::{RowRef, RowSampler};
use crate::infer::model::{Model, Rows};
use crate::infer::rows::amounts::Amounts;
use crate::infer::rows::domain_values::DomainValues;
use crate::infer::rows::lately::Lately;
use crate::infer::rows::program::{Program, TableProgram};
use crate::infer::rows::reader::{DomainRows, NarrowRow};
use crate::infer::rows::row::{NO_ORDINAL, Row, RowKey};
use crate::infer::rows::spelled_out::{SpelledOut, spelled_out};
use crate::random::Slot;
use crate::sqlexpr::value::Value;

/// Rows that need one another are followed so far: keys never lead further.
pub const DEEPEST: usize = 24;
/// Rows of the domain that are read where all of one is asked for: its random numbers are drawn in one go, too.
const AT_ONCE: u64 = 16;

/// Makes rows.
pub struct RowGenerator {
    pub(super) model: Arc<Model>,
    program: Program,
    pub(super) state: State,
}

/// What was made lately, and where rows are read.
pub(super) struct State {
    pub(super) readers: Vec<Option<DomainRows>>,
    pub(super) pickers: Vec<Option<RowSampler>>,
    pub(super) walks: Vec<Option<ChildCursor<UniformFanout>>>,
    pub(super) counts: Vec<u64>,
    pub(super) latest_amounts: Option<((usize, u64, u64), Amounts)>,
    pub(super) kept: Lately<Arc<Row>>,
    /// Those that were made without copies in circles.
    pub(super) kept_plain: Lately<Arc<Row>>,
    /// Rows are made so.
    pub(super) is_plain: bool,
    /// What was spelled out of the explicit rows of each table, by their numbers.
    pub(super) explicit: Vec<SpelledOut>,
    /// Rows that are there and were looked up, by their numbers.
    pub(super) existing: BTreeMap<u64, ExistingRow>,
    /// Cache of CRM rows that were read lately with all their columns, in blocks of neighbours.
    read_whole: Lately<RowKey>,
    /// Cache of single CRM rows.
    pub(super) read: Lately<Arc<NarrowRow>>,
    pub(super) depth: usize,
    /// Explicit rows that are being made: table and number.
    pub(super) making: Vec<(usize, u64)>,
}

impl State {
    fn new(model: &Model, dataset: &Dataset) -> Self {
        let domains = || model.members.iter().map(|member| member.domain);
        let readers: Vec<_> = domains().map(|domain| Some(DomainRows::new(dataset, domain?))).collect();
        Self {
            explicit: spelled_out(model, &readers, dataset),
            existing: (ids::FIRST_EXISTING..).zip(dataset.existing.iter().cloned()).collect(),
            readers,
            pickers: domains().map(|domain| Some(RowSampler::new(dataset, domain?))).collect(),
            walks: domains().map(|_| None).collect(),
            counts: domains().map(|_| 0).collect(),
            latest_amounts: None,
            kept: Lately::new(),
            kept_plain: Lately::new(),
            is_plain: false,
            read: Lately::new(),
            read_whole: Lately::new(),
            depth: 0,
            making: Vec::new(),
        }
    }
}

impl RowGenerator {
    /// For the tables of `model` in `dataset`.
    pub fn new(model: &Arc<Model>, dataset: &Dataset) -> Self {
        let mut made = Self {
            model: Arc::clone(model),
            program: Program::new(&model.members, dataset.seed, dataset.now()),
            state: State::new(model, dataset),
        };
        for member in 0..model.members.len() {
            made.maker().count_rows(member);
        }
        made
    }

    pub(super) fn maker(&mut self) -> Maker<'_> {
        Maker { model: &self.model, program: &self.program, state: &mut self.state }
    }

    /// How many rows a table has.
    pub fn count(&self, member: usize) -> u64 {
        self.state.counts[member]
    }

    /// The highest number of a row.
    pub fn highest(&mut self, member: usize) -> u64 {
        self.maker().highest(member)
    }

    /// Makes rows of a table one after the other.
    pub fn each(&mut self, member: usize, ordinals: Range<u64>, put: impl FnMut(&Row)) {
        self.maker().each(member, ordinals, put);
    }

    /// Makes a row of which the domain's values were given.
    pub fn explicit_row(&mut self, member: usize, known: Vec<Value>) -> Option<Row> {
        let known = DomainValues::Explicit(known.into());
        let identity = self.state.readers[member].as_ref()?.identity(NO_ORDINAL, known);
        Some(self.maker().make(member, identity))
    }

    /// The rows of scenarios in a table that the domain does not have.
    pub fn rows_added(&mut self, member: usize) -> Vec<Row> {
        self.maker().rows_added(member)
    }

    /// Another value for a column of a row: the `offer`th.
    pub fn other(&mut self, member: usize, at: usize, offer: u64, row: &Row) -> Option<Value> {
        self.maker().other(member, at, offer, row)
    }

    /// What the values of a column of a row are drawn from.
    pub fn slot_of(&mut self, member: usize, column: usize, row: &Row) -> Slot {
        self.maker().slot(member, column, &row.identity)
    }
}

/// A [`RowGenerator`] at work: what was decided lives longer than the loan of what changes.
pub(super) struct Maker<'a> {
    pub(super) model: &'a Model,
    pub(super) program: &'a Program,
    pub(super) state: &'a mut State,
}

impl<'a> Maker<'a> {
    /// What was decided of a table.
    pub(super) fn table(&self, member: usize) -> &'a TableProgram {
        let program = self.program;
        program.tables[member].get_or_init(|| TableProgram::of(program.seed, &self.model.members, member))
    }

    pub(super) fn count_rows(&mut self, member: usize) -> u64 {
        let model = self.model;
        let count = match &model.members[member].rows {
            Rows::Domain => self.state.pickers[member].as_ref().map_or(0, RowSampler::rows),
            Rows::Standing(count) => *count,
            Rows::Listed(names) => names.len() as u64,
            Rows::Existing { rows, .. } => rows.len() as u64,
            Rows::Children { of, kin, spread, total, .. } => {
                if self.state.walks[member].is_none() {
                    self.count_rows(*of);
                    let scalar = UniformFanout::new(self.program.seed, &model.members[member].name, *spread);
                    let hosts = model.members[member].hosts.as_ref();
                    let hosts = hosts.map_or_else(|| self.hosts(*of, *kin), |hosts| hosts.len() as u64);
                    let total = total.map(|total| total.min(spread.max.saturating_mul(hosts)));
                    let scalar = scalar.sharing(total, Pool { first: 0, count: hosts });
                    self.state.walks[member] = Some(ChildCursor::new(scalar, 0, hosts));
                }
                self.state.walks[member].as_mut().map_or(0, ChildCursor::rows)
            }
        };
        let limit = model.members[member].limit.filter(|_| model.members[member].domain.is_none());
        let count = limit.map_or(count, |limit| count.min(limit));
        self.state.counts[member] = count;
        count
    }

    /// How many rows of a table others are made for.
    pub(super) fn hosts(&self, member: usize, kin: OrganizationType) -> u64 {
        self.state.pickers[member].as_ref().map_or(self.state.counts[member], |picker| picker.hosts(kin))
    }

    /// The `index`th of these.
    pub(super) fn host(&mut self, member: usize, index: u64, kin: OrganizationType) -> RowRef {
        match &mut self.state.pickers[member] {
            Some(picker) => picker.host(index, kin),
            None => self.identity(member, index).row_ref,
        }
    }

    /// The highest number of a row.
    pub(super) fn highest(&mut self, member: usize) -> u64 {
        match (&mut self.state.pickers[member], self.state.counts[member]) {
            (_, 0) => 0,
            (Some(picker), _) => picker.highest(),
            (None, count) => self.identity(member, count - 1).row_ref.number,
        }
    }

    /// What others ask of a row of the domain.
    fn narrow(&mut self, member: usize, ordinal: u64) -> Option<Arc<NarrowRow>> {
        let reader = self.state.readers[member].as_mut()?;
        // Many rows ask for that of the row that they belong to.
        if let Some(read) = self.state.read.get(member, ordinal) {
            return Some(read);
        }
        let read = reader.read_narrow(ordinal);
        self.state.read.keep(member, ordinal, Arc::clone(&read));
        Some(read)
    }

    /// What the domain says of a row in the column at a position.
    pub(super) fn domain_value(&mut self, member: usize, row: &RowKey, position: usize) -> Option<Value> {
        if let Some(known) = &row.known {
            return known.get(position);
        }
        let ordinal = row.row_ref.ordinal;
        match self.state.readers[member].as_ref()?.narrow_at(position) {
            Some(at) => self.narrow(member, ordinal)?.get(at),
            None => self.whole_identity(member, ordinal).known?.get(position),
        }
    }

    /// Who the row at `ordinal` is, and of the domain's what it says of it.
    pub(super) fn whole_identity(&mut self, member: usize, ordinal: u64) -> RowKey {
        if let Some(read) = self.state.read_whole.get(member, ordinal) {
            return read;
        }
        let start = ordinal - ordinal % AT_ONCE;
        let end = (start + AT_ONCE).min(self.state.counts[member]).max(ordinal + 1);
        let Some(reader) = self.state.readers[member].as_mut() else { return self.identity(member, ordinal) };
        let read = reader.read(start..end);
        let found = read.get((ordinal - start) as usize).cloned();
        for (row, ordinal) in read.into_iter().zip(start..) {
            self.state.read_whole.keep(member, ordinal, row);
        }
        found.unwrap_or_else(|| self.identity(member, ordinal))
    }

    /// Who the row at `ordinal` is.
    pub(super) fn identity(&mut self, member: usize, ordinal: u64) -> RowKey {
        if let Some(row) = self.narrow(member, ordinal) {
            return row.key.clone();
        }
        let planned = &self.model.members[member];
        let of = match &planned.rows {
            Rows::Children { of, kin, stride, .. } => Some((*of, *kin, *stride)),
            _ => None,
        };
        let (mut number, mut child, mut parent) = (ordinal + 1, 0, None);
        if let (Some((of, kin, stride)), Some(walk)) = (of, &mut self.state.walks[member]) {
            walk.seek(ordinal);
            let (index, at) = walk.next_child();
            let row_ref = match &planned.hosts {
                Some(hosts) => self.identity(of, hosts[index as usize]).row_ref,
                None => self.host(of, index, kin),
            };
            if let Some(stride) = stride {
                number = row_ref.number * stride + at + 1;
            }
            (child, parent) = (at, Some(row_ref));
        } else if matches!(planned.rows, Rows::Existing { .. }) {
            number = ordinal;
        }
        RowKey { row_ref: RowRef { ordinal, number }, key: number, child, parent, known: None }
    }

    /// The number that stands in the key of a row.
    pub(super) fn key_number(&self, member: usize, row_ref: RowRef) -> u64 {
        let planned = &self.model.members[member];
        if row_ref.ordinal == NO_ORDINAL
            && let Some(key) = planned.added_keys.get(&row_ref.number)
        {
            return *key;
        }
        match &planned.counted {
            None => row_ref.number,
            Some(explicit) if row_ref.ordinal == NO_ORDINAL => {
                explicit.get(&row_ref.number).copied().unwrap_or(row_ref.number)
            }
            Some(_) => row_ref.ordinal + 1,
        }
    }

    /// Makes rows of a table one after the other.
    pub(super) fn each(&mut self, member: usize, ordinals: Range<u64>, mut put: impl FnMut(&Row)) {
        // The rows of the domain are read in one go.
        let Some(read) = self.state.readers[member].as_mut().map(|reader| reader.read(ordinals.clone()))
        else {
            for ordinal in ordinals {
                let identity = self.identity(member, ordinal);
                put(&self.make(member, identity));
            }
            return;
        };
        let mut last = None;
        for identity in read {
            let row = self.make(member, identity);
            put(&row);
            last = Some(row.identity);
        }
        if let (Some(reader), Some(last)) = (&mut self.state.readers[member], last) {
            reader.recycle(last);
        }
    }

    /// The row at `ordinal`.
    pub(super) fn row(&mut self, member: usize, ordinal: u64) -> Arc<Row> {
        let is_plain = self.state.is_plain;
        let kept = if is_plain { &self.state.kept_plain } else { &self.state.kept };
        if let Some(row) = kept.get(member, ordinal) {
            return row;
        }
        let identity = self.whole_identity(member, ordinal);
        let row = Arc::new(self.make(member, identity));
        let kept = if is_plain { &mut self.state.kept_plain } else { &mut self.state.kept };
        kept.keep(member, ordinal, Arc::clone(&row));
        row
    }
}
