//! The maker: its state, and how a row comes about.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::calendar::DAY;
use crate::domain::dataset::{Dataset, OrganizationType};
use crate::domain::fanout::{ChildCursor, UniformFanout};
use crate::domain::row_sampler::{RowRef, RowSampler};
use crate::domain::{all_columns_of, columns_of};
use crate::infer::column_type::text;
use crate::infer::labels::Index;
use crate::infer::model::{
    ColumnModel, Generator, Model, Partial, Reference, ReferenceStrategy, Rows, TableModel,
};
use crate::infer::repair;
use crate::infer::rows::amounts::{self, Amounts};
use crate::infer::rows::order::{is_created, order};
use crate::infer::rows::reader::DomainRows;
use crate::infer::rows::row::{NO_ORDINAL, Row, RowKey, lookup};
use crate::infer::semantics::{is_done, together};
use crate::random::{Keyed, Slot};
use crate::sqlexpr::value::Value;

/// Rows that were made lately are kept so long as there are fewer than this.
const KEPT: usize = 4096;
/// Rows that need one another are followed so far: keys never lead further.
pub const DEEPEST: usize = 24;
/// Rows that are made in one go.
const READ_AT_ONCE: usize = 1024;
/// Days within which a row is made after what it belongs to.
const SOON: i64 = 45;
/// Days before the present in which rows were made that belong to nothing.
const PAST: i64 = 400;
/// Days since the first users and lists.
const EARLY: i64 = 2400;
/// What the domain says of a person or a company, and a row that only adds to theirs says again.
const OF_ONE: [&str; 9] =
    ["first_name", "last_name", "name", "email", "phone", "city", "state", "postal_code", "website"];
/// Makes rows.
pub struct RowGenerator {
    pub(super) adapted: Arc<Model>,
    pub(super) seed: u64,
    pub(super) now: i64,
    pub(super) readers: Vec<Option<DomainRows>>,
    pub(super) pickers: Vec<Option<RowSampler>>,
    pub(super) walks: Vec<Option<ChildCursor<UniformFanout>>>,
    pub(super) counts: Vec<u64>,
    pub(super) streams: Vec<OnceCell<Streams>>,
    pub(super) lines: Vec<Option<usize>>,
    pub(super) latest_amounts: Option<((usize, u64, u64), Amounts)>,
    pub(super) kept: HashMap<(usize, u64), Arc<Row>>,
    /// What the domain said lately of single rows.
    pub(super) read: HashMap<(usize, u64), RowKey>,
    pub(super) depth: usize,
}

/// What the values of a table's rows are drawn from, and in which order: made where rows are, as planning asks
/// hundreds of tables for their numbers alone.
pub(super) struct Streams {
    pub(super) steps: Vec<Keyed>,
    pub(super) links: Vec<Keyed>,
    pub(super) hidden: Vec<Keyed>,
    pub(super) story: Keyed,
    pub(super) made: Keyed,
    pub(super) order: Vec<usize>,
    /// The first column that others know by a name: the domain's, or its own.
    pub(super) called: HashMap<String, usize>,
    /// What the rows are called, where they are listed or there already.
    pub(super) names: OnceCell<Index>,
}

impl Streams {
    fn of(seed: u64, members: &[TableModel], at: usize) -> Self {
        let member = &members[at];
        let keyed = |what: &str| Keyed::new(seed, &member.name, what);
        let root = &members[root(members, at)].name;
        let hidden = |step: &ColumnModel| {
            Keyed::new(seed, root, &format!("together {}", together(&step.shape.column)))
        };
        let link = |link: &Reference| {
            keyed(&format!("link {}", link.columns.last().map_or(&link.name, |(own, _)| own)))
        };
        Self {
            steps: member.steps.iter().map(|step| keyed(&step.shape.column)).collect(),
            links: member.links.iter().map(link).collect(),
            hidden: member.steps.iter().map(hidden).collect(),
            story: keyed("story"),
            made: keyed("made"),
            order: order(&member.steps),
            called: called(member),
            names: OnceCell::new(),
        }
    }
}

/// The first column of a table that others know by each name.
fn called(member: &TableModel) -> HashMap<String, usize> {
    let mut called = HashMap::new();
    for (at, step) in member.steps.iter().enumerate() {
        let domain = match &step.make {
            Generator::Passthrough(position) | Generator::Converted(position) => {
                member.domain.map(|d| (d, *position))
            }
            _ => None,
        };
        if let Some((domain, position)) = domain {
            if let Some(info) = all_columns_of(domain).get(position) {
                called.entry(info.name.to_owned()).or_insert(at);
            }
            continue;
        }
        called.entry(step.shape.column.clone()).or_insert(at);
        called.entry(step.shape.words.join("_")).or_insert(at);
    }
    called
}

/// The table, not the domain's, to each of whose rows a member has one that only adds to it.
fn adds_to(members: &[TableModel], member: usize) -> Option<usize> {
    match members[member].rows {
        Rows::Children { of, spread, .. } if spread.max == 1 => {
            (members[of].domain.is_none() && members[of].is_written()).then_some(of)
        }
        _ => None,
    }
}

/// The last table that is reached so.
fn root(members: &[TableModel], mut member: usize) -> usize {
    for _ in 0..members.len() {
        let Some(of) = adds_to(members, member) else { break };
        member = of;
    }
    member
}

impl RowGenerator {
    /// For the tables of `adapted` in `dataset`.
    pub fn new(adapted: &Arc<Model>, dataset: &Dataset) -> Self {
        let members = &adapted.members;
        let domain = |m: usize| members[m].domain;
        let mut maker = Self {
            adapted: Arc::clone(adapted),
            seed: dataset.seed,
            now: dataset.now(),
            readers: (0..members.len())
                .map(|m| domain(m).map(|domain| DomainRows::new(dataset, domain)))
                .collect(),
            pickers: (0..members.len())
                .map(|m| domain(m).map(|domain| RowSampler::new(dataset, domain)))
                .collect(),
            walks: members.iter().map(|_| None).collect(),
            counts: vec![0; members.len()],
            streams: members.iter().map(|_| OnceCell::new()).collect(),
            lines: amounts::lines(members),
            latest_amounts: None,
            kept: HashMap::new(),
            read: HashMap::new(),
            depth: 0,
        };
        for member in 0..members.len() {
            maker.count_rows(member);
        }
        maker
    }

    pub(super) fn streams(&self, member: usize) -> &Streams {
        self.streams[member].get_or_init(|| Streams::of(self.seed, &self.adapted.members, member))
    }

    pub(super) fn count_rows(&mut self, member: usize) -> u64 {
        let adapted = Arc::clone(&self.adapted);
        let count = match &adapted.members[member].rows {
            Rows::Domain => self.pickers[member].as_ref().map_or(0, RowSampler::rows),
            Rows::Standing(count) => *count,
            Rows::Listed(names) => names.len() as u64,
            Rows::Existing { rows, .. } => rows.len() as u64,
            Rows::Children { of, kin, spread, .. } => {
                if self.walks[member].is_none() {
                    self.count_rows(*of);
                    let family = UniformFanout::new(self.seed, &adapted.members[member].name, *spread);
                    self.walks[member] = Some(ChildCursor::new(family, 0, self.hosts(*of, *kin)));
                }
                self.walks[member].as_mut().map_or(0, ChildCursor::rows)
            }
        };
        self.counts[member] = count;
        count
    }

    /// How many rows a table has.
    pub fn count(&self, member: usize) -> u64 {
        self.counts[member]
    }

    /// How many rows of a table others are made for.
    pub(super) fn hosts(&self, member: usize, kin: OrganizationType) -> u64 {
        self.pickers[member].as_ref().map_or(self.counts[member], |picker| picker.hosts(kin))
    }

    /// The `index`th of these.
    pub(super) fn host(&mut self, member: usize, index: u64, kin: OrganizationType) -> RowRef {
        match &mut self.pickers[member] {
            Some(picker) => picker.host(index, kin),
            None => self.identity(member, index).place,
        }
    }

    /// The highest number of a row.
    pub fn highest(&mut self, member: usize) -> u64 {
        match (&mut self.pickers[member], self.counts[member]) {
            (_, 0) => 0,
            (Some(picker), _) => picker.highest(),
            (None, count) => self.identity(member, count - 1).place.number,
        }
    }

    /// Who the row at `ordinal` is.
    pub(super) fn identity(&mut self, member: usize, ordinal: u64) -> RowKey {
        if let Some(reader) = &mut self.readers[member] {
            // Many rows ask for that of the row that they belong to.
            if let Some(read) = self.read.get(&(member, ordinal)) {
                return read.clone();
            }
            reader.source.fill(ordinal..ordinal + 1, &mut reader.batch);
            let known = reader.batch.rows().next().map(|row| reader.values(row)).unwrap_or_default();
            let read = reader.identity(ordinal, known);
            if self.read.len() >= KEPT {
                self.read.clear();
            }
            self.read.insert((member, ordinal), read.clone());
            return read;
        }
        let of = match &self.adapted.members[member].rows {
            Rows::Children { of, kin, stride, .. } => Some((*of, *kin, *stride)),
            _ => None,
        };
        let (mut number, mut child, mut parent) = (ordinal + 1, 0, None);
        if let (Some((of, kin, stride)), Some(walk)) = (of, &mut self.walks[member]) {
            walk.seek(ordinal);
            let (index, at) = walk.next_child();
            let place = self.host(of, index, kin);
            if let Some(stride) = stride {
                number = place.number * stride + at + 1;
            }
            (child, parent) = (at, Some(place));
        } else if !self.adapted.members[member].is_written() {
            number = ordinal;
        }
        RowKey { place: RowRef { ordinal, number }, key: number, child, parent, known: None }
    }

    /// Makes rows of a table one after the other.
    pub fn each(&mut self, member: usize, ordinals: std::ops::Range<u64>, mut put: impl FnMut(&Row)) {
        let Some(mut reader) = self.readers[member].take() else {
            for ordinal in ordinals {
                let identity = self.identity(member, ordinal);
                put(&self.make(member, identity));
            }
            return;
        };
        // The rows of the domain are read in one go; the reader is lent back for what refers to the same table.
        reader.source.fill(ordinals.clone(), &mut reader.batch);
        let read: Vec<RowKey> = reader
            .batch
            .rows()
            .zip(ordinals)
            .map(|(row, ordinal)| reader.identity(ordinal, reader.values(row)))
            .collect();
        self.readers[member] = Some(reader);
        for identity in read {
            put(&self.make(member, identity));
        }
    }

    /// Makes a row of which the domain's values were given.
    pub fn given(&mut self, member: usize, known: Vec<Value>) -> Option<Row> {
        let identity = self.readers[member].as_ref()?.identity(NO_ORDINAL, known);
        Some(self.make(member, identity))
    }

    /// The row at `ordinal`.
    pub fn row(&mut self, member: usize, ordinal: u64) -> Arc<Row> {
        if let Some(row) = self.kept.get(&(member, ordinal)) {
            return Arc::clone(row);
        }
        let identity = self.identity(member, ordinal);
        let row = Arc::new(self.make(member, identity));
        if self.kept.len() >= KEPT {
            self.kept.clear();
        }
        self.kept.insert((member, ordinal), Arc::clone(&row));
        row
    }

    pub(super) fn make(&mut self, member: usize, identity: RowKey) -> Row {
        let adapted = Arc::clone(&self.adapted);
        let planned = &adapted.members[member];
        let refs = self.refs(member, &identity);
        let floor = self.floor(member, &identity, &refs);
        let identity_of_parent = identity.clone();
        let mut row = Row {
            identity,
            refs,
            values: vec![Value::Null; planned.steps.len()],
            alternatives: vec![Value::Null; planned.steps.len()],
            created: self.made(member, &identity_of_parent, floor),
            entity_key: self.root(member, &identity_of_parent),
            inherited: self.inherited(member, &identity_of_parent),
        };
        for at in self.streams(member).order.clone() {
            let value = self.value(member, at, &row);
            let step = &planned.steps[at];
            if is_created(step)
                && let Value::Timestamp(second) = value
            {
                row.created = Some(second);
            }
            row.alternatives[at] = value.clone();
            let is_left = step.null_percent > 0
                && step.unique.is_none()
                && match &step.make {
                    Generator::Semantics(meaning) if meaning.is_when_done() => {
                        !is_done(self.streams(member).hidden[at].at(row.entity_key))
                    }
                    _ => self.slot(member, at, &row.identity).child(98).chance(step.null_percent),
                };
            row.values[at] = if is_left { Value::Null } else { value };
        }
        self.leave_out(member, &mut row);
        repair::repair(planned, &mut row, self.now, &mut |at, offer, row| self.other(member, at, offer, row));
        for partial in &planned.partials {
            if partial.later.contains(&row.identity.place.ordinal) {
                let now = self.now;
                let mut other = |at: usize, offer: u64, row: &Row| self.other(member, at, offer, row);
                repair::satisfy(planned, &mut row, now, &partial.outside, &mut other);
            }
        }
        row
    }

    /// The rows of a member that would share a key with an earlier one of those for which it holds.
    pub fn later(&mut self, member: usize, partial: &Partial) -> BTreeSet<u64> {
        let adapted = Arc::clone(&self.adapted);
        let steps = &adapted.members[member].steps;
        let (now, mut seen, mut later) = (self.now, BTreeSet::new(), BTreeSet::new());
        let count = self.count(member);
        for start in (0..count).step_by(READ_AT_ONCE) {
            let end = (start + READ_AT_ONCE as u64).min(count);
            let mut ordinal = start;
            self.each(member, start..end, |row| {
                let value_of = |name: &str| lookup(steps, row, name);
                let key: Vec<Value> = partial.key.iter().map(|column| value_of(column)).collect();
                let holds = partial.inside.value(&value_of, now) == Value::Bool(true);
                let text: Vec<String> = key.iter().map(text).collect();
                if holds && !key.iter().any(Value::is_null) && !seen.insert(text.join("\u{1f}")) {
                    later.insert(ordinal);
                }
                ordinal += 1;
            });
        }
        later
    }

    /// The texts of the row to which this one belongs, alone: each is made for one, and says the same.
    pub(super) fn inherited(&mut self, member: usize, identity: &RowKey) -> Vec<(String, Value)> {
        let adapted = Arc::clone(&self.adapted);
        let Rows::Children { of, spread, .. } = adapted.members[member].rows else { return Vec::new() };
        let Some(parent) = identity.parent else { return Vec::new() };
        if let Some(domain) = adapted.members[of].domain {
            let price = columns_of(domain).iter().position(|column| column.name == "list_price");
            let Some(known) = self.identity(of, parent.ordinal).known else { return Vec::new() };
            let price = price.and_then(|price| known.get(price).cloned());
            let price = price.map(|price| (crate::infer::rows::tiers::PRICE.to_owned(), price));
            let columns = columns_of(domain);
            let same = columns
                .iter()
                .zip(known.iter())
                .filter(|(info, value)| spread.max == 1 && OF_ONE.contains(&info.name) && !value.is_null());
            return same.map(|(info, value)| (info.name.to_owned(), value.clone())).chain(price).collect();
        }
        if spread.max != 1 {
            return Vec::new();
        }
        if !adapted.members[of].is_written() {
            return Vec::new();
        }
        let row = self.deep(|maker| maker.row(of, parent.ordinal));
        let steps = adapted.members[of].steps.iter();
        let said = steps.zip(row.iter().flat_map(|row| row.values.iter()));
        said.filter(|(step, value)| matches!(step.make, Generator::Semantics(_)) && value.as_text().is_some())
            .map(|(step, value)| (step.shape.column.clone(), value.clone()))
            .collect()
    }

    /// References that this row does without, by chance.
    pub(super) fn leave_out(&self, member: usize, row: &mut Row) {
        let planned = &self.adapted.members[member];
        for (at, link) in planned.links.iter().enumerate() {
            let slot = self.streams(member).links[at].at(row.identity.key);
            if link.null_percent == 0 || !slot.child(99).chance(link.null_percent) {
                continue;
            }
            for (own, _) in &link.columns {
                if let Some(step) = planned.step(own).filter(|step| !planned.steps[*step].shape.not_null) {
                    row.values[step] = Value::Null;
                }
            }
        }
    }

    /// When a row was made, in seconds: after what it belongs to, and soon after.
    pub(super) fn made(&self, member: usize, identity: &RowKey, floor: Option<i64>) -> Option<i64> {
        let planned = &self.adapted.members[member];
        if let Some(domain) = planned.domain {
            let position = columns_of(domain).iter().position(|column| column.name == "created_at")?;
            return match identity.known.as_ref()?.get(position)? {
                Value::Timestamp(second) => Some(*second),
                _ => None,
            };
        }
        let slot = self.streams(member).made.at(identity.key);
        let (from, days) = match floor {
            Some(floor) => (floor, SOON),
            // What others refer to was there before them.
            None if planned.kind.is_list_of_values() => (self.now - EARLY * DAY, EARLY / 4),
            None => (self.now - PAST * DAY, PAST),
        };
        let most = (self.now - from).clamp(0, days * DAY);
        Some(from.min(self.now) + slot.between(0, most))
    }

    /// What the person and the place of a row hang on.
    pub(super) fn root(&mut self, member: usize, identity: &RowKey) -> u64 {
        match (adds_to(&self.adapted.members, member), identity.parent) {
            (Some(of), Some(parent)) => {
                let identity = self.identity(of, parent.ordinal);
                self.root(of, &identity)
            }
            _ => identity.key,
        }
    }

    /// Nothing is older than what it belongs to.
    pub(super) fn floor(&mut self, member: usize, identity: &RowKey, refs: &[Option<RowRef>]) -> Option<i64> {
        let adapted = Arc::clone(&self.adapted);
        let planned = &adapted.members[member];
        if planned.domain.is_some() {
            return None;
        }
        let mut floor = None;
        for (link, place) in planned.links.iter().zip(refs) {
            let Some(place) = place.filter(|place| place.ordinal != NO_ORDINAL) else { continue };
            let is_parent = link.mode == ReferenceStrategy::Parent && identity.parent.is_some();
            if is_parent || adapted.members[link.to].domain.is_some() {
                floor = floor.max(self.created(link.to, place));
            }
        }
        floor
    }

    pub(super) fn created(&mut self, member: usize, place: RowRef) -> Option<i64> {
        let adapted = Arc::clone(&self.adapted);
        match adapted.members[member].domain {
            Some(domain) => {
                let position = columns_of(domain).iter().position(|column| column.name == "created_at")?;
                match self.identity(member, place.ordinal).known?.get(position)? {
                    Value::Timestamp(second) => Some(*second),
                    _ => None,
                }
            }
            None => self.deep(|maker| maker.row(member, place.ordinal).created).flatten(),
        }
    }

    pub(super) fn slot(&self, member: usize, step: usize, identity: &RowKey) -> Slot {
        self.streams(member).steps[step].at(identity.key)
    }

    pub(super) fn refs(&mut self, member: usize, identity: &RowKey) -> Vec<Option<RowRef>> {
        let count = self.adapted.members[member].links.len();
        let mut refs: Vec<Option<RowRef>> = Vec::with_capacity(count);
        for at in 0..count {
            let place = self.decide(member, at, identity, &refs);
            refs.push(place);
        }
        refs
    }
}
