//! References that hang on one another: several columns that are one key, two references to different rows of one
//! table, the lesser first.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::domain::dataset::OrganizationType;
use crate::domain::row_sampler::RowRef;
use crate::infer::column_type::text;
use crate::infer::key::KeyForm;
use crate::infer::model::{Agreement, DecidedBy, ReferenceStrategy};
use crate::infer::rows::maker::{Maker, RowGenerator};
use crate::infer::rows::row::{NO_ORDINAL, RowKey, turn};
use crate::random::Permutation;
use crate::sqlexpr::value::Value;

/// What values are looked up by; `None` where one of them is NULL.
fn hash(values: &[Value]) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    for value in values {
        if value.is_null() {
            return None;
        }
        text(value).hash(&mut hasher);
    }
    Some(hasher.finish())
}

impl RowGenerator {
    /// The rows of a table by what they have in columns.
    pub fn groups(&mut self, member: usize, columns: &[String]) -> HashMap<u64, Vec<u64>> {
        let mut groups: HashMap<u64, Vec<u64>> = HashMap::new();
        let mut maker = self.maker();
        for ordinal in 0..maker.state.counts[member] {
            let row_ref = maker.identity(member, ordinal).row_ref;
            let values: Vec<Value> =
                columns.iter().map(|column| maker.column(member, row_ref, column)).collect();
            if let Some(hash) = hash(&values) {
                groups.entry(hash).or_default().push(ordinal);
            }
        }
        groups
    }

    /// The rows of a group that are looked up by constants: none where other things decide, too.
    pub fn group_of(groups: &HashMap<u64, Vec<u64>>, agrees: &[Agreement]) -> Option<Vec<u64>> {
        let values: Option<Vec<Value>> = agrees
            .iter()
            .map(|agreement| match &agreement.by {
                DecidedBy::Value(value) => Some(value.clone()),
                _ => None,
            })
            .collect();
        Some(groups.get(&hash(&values?)?).cloned().unwrap_or_default())
    }
}

impl Maker<'_> {
    /// What is decided of the columns of a reference.
    fn decided_values(
        &mut self,
        member: usize,
        agrees: &[Agreement],
        identity: &RowKey,
        refs: &[Option<RowRef>],
    ) -> Option<Vec<Value>> {
        let model = self.model;
        let planned = &model.members[member];
        agrees
            .iter()
            .map(|agreement| match &agreement.by {
                DecidedBy::Value(value) => Some(value.clone()),
                DecidedBy::Key => {
                    let form = planned.key.as_ref().filter(|(key, _)| *key == agreement.own);
                    Some(
                        form.map_or(&KeyForm::Number, |(_, form)| form)
                            .value(self.key_number(member, identity.row_ref)),
                    )
                }
                DecidedBy::Reference(at, theirs) => {
                    let row_ref = (*refs.get(*at)?)?;
                    Some(self.column(planned.references[*at].to, row_ref, theirs))
                }
            })
            .collect()
    }

    /// The row to which a reference leads of which something else decides some columns.
    pub(super) fn agreeing(
        &mut self,
        member: usize,
        at: usize,
        identity: &RowKey,
        refs: &[Option<RowRef>],
    ) -> Option<RowRef> {
        let model = self.model;
        let planned = &model.members[member];
        let reference = &planned.references[at];
        if reference.strategy == ReferenceStrategy::Parent {
            return identity.parent;
        }
        let decided = self.decided_values(member, &reference.agrees, identity, refs)?;
        let rows = reference.groups.as_ref()?.get(&hash(&decided)?)?;
        let slot = self.table(member).references[at].stream.at(identity.key);
        let size = rows.len() as u64;
        let row_ref = match reference.strategy {
            ReferenceStrategy::Preceding => {
                let before = rows.partition_point(|row| *row < identity.row_ref.ordinal) as u64;
                (before > 0).then(|| slot.below(before))
            }
            ReferenceStrategy::Distinct | ReferenceStrategy::NthSibling(..) | ReferenceStrategy::Permuted => {
                self.unshared((member, at), identity, size)
            }
            ReferenceStrategy::OwnChild | ReferenceStrategy::First => Some(0),
            _ => Some(slot.member(size)),
        };
        let ordinal = *rows.get(row_ref? as usize)?;
        Some(self.identity(reference.to, ordinal).row_ref)
    }

    /// Which of so many rows a reference leads to that no two rows, or no two children of a parent, share.
    pub(super) fn unshared(&self, (member, at): (usize, usize), identity: &RowKey, size: u64) -> Option<u64> {
        let planned = &self.model.members[member];
        let reference = &planned.references[at];
        let (index, tweak) = match reference.strategy {
            ReferenceStrategy::Permuted => {
                let is_full = self.state.counts[member] >= size;
                let is_explicit = identity.row_ref.ordinal == NO_ORDINAL;
                (if is_explicit && is_full { size } else { self.place(member, identity.row_ref, size) }, 0)
            }
            _ => (identity.child, identity.parent.map_or(0, |parent| parent.number)),
        };
        if index >= size {
            return None;
        }
        let (seed, table) = (self.program.seed, &planned.name);
        match reference.groups {
            // Groups are of different sizes.
            Some(_) => Some(Permutation::new(seed, table, &reference.name, size).at(index, tweak)),
            None => {
                let program = &self.table(member).references[at];
                Some(program.permutation(seed, table, &reference.name, size).at(index, tweak))
            }
        }
    }

    /// Another row of a table than `row_ref`, where it is the one that a reference must not lead to.
    pub(super) fn apart(
        &mut self,
        to: usize,
        row_ref: RowRef,
        other: Option<RowRef>,
        kin: OrganizationType,
    ) -> Option<RowRef> {
        if other.is_none_or(|other| other.ordinal != row_ref.ordinal) {
            return Some(row_ref);
        }
        let hosts = self.hosts(to, kin);
        let index = self.index(to, row_ref, kin)?;
        (hosts > 1).then(|| self.host(to, (index + 1) % hosts, kin))
    }

    /// Which of the rows that others refer to a row is.
    fn index(&self, member: usize, row_ref: RowRef, kin: OrganizationType) -> Option<u64> {
        match &self.state.pickers[member] {
            Some(picker) => picker.index(row_ref, kin),
            None => Some(row_ref.ordinal),
        }
    }

    /// The row of the turn, for rows that take them one after the other.
    pub(super) fn round(
        &mut self,
        member: usize,
        at: usize,
        identity: &RowKey,
        kin: OrganizationType,
    ) -> Option<RowRef> {
        let model = self.model;
        let (name, reference) = (&model.members[member].name, &model.members[member].references[at]);
        let size = self.hosts(reference.to, kin);
        if size == 0 {
            return None;
        }
        let program = &self.table(member).references[at];
        let permutation = program.permutation(self.program.seed, name, &reference.name, size);
        Some(self.host(reference.to, permutation.at(turn(identity.row_ref) % size, 0), kin))
    }

    /// The other row of a pair: of the rows that lie behind the first one, as in a circle, each only up to half way
    /// round, so that no pair comes from both its rows.
    pub(super) fn paired(
        &mut self,
        (member, at): (usize, usize),
        first: RowRef,
        identity: &RowKey,
        kin: OrganizationType,
    ) -> Option<RowRef> {
        let model = self.model;
        let (name, reference) = (&model.members[member].name, &model.members[member].references[at]);
        let size = self.hosts(reference.to, kin);
        let index = self.index(reference.to, first, kin)?;
        let has_opposite = size.is_multiple_of(2) && index < size / 2;
        let partners = size.saturating_sub(1) / 2 + u64::from(has_opposite);
        let (turn, tweak) = match identity.parent {
            Some(parent) => (identity.child, parent.number),
            None => (identity.row_ref.ordinal / size.max(1), 0),
        };
        if turn >= partners {
            return None;
        }
        // Where the opposite row is a partner of half of the rows only, it is the last one.
        let even = size.saturating_sub(1) / 2;
        let step = match turn < even {
            true => {
                let program = &self.table(member).references[at];
                program.permutation(self.program.seed, name, &reference.name, even).at(turn, tweak) + 1
            }
            false => size / 2,
        };
        Some(self.host(reference.to, (index + step) % size, kin))
    }

    /// Puts the lesser key first where a CHECK constraint wants it.
    pub(super) fn in_order(&mut self, member: usize, refs: &mut [Option<RowRef>]) {
        let model = self.model;
        let planned = &model.members[member];
        for (lesser, greater) in &planned.ordered {
            let (Some(first), Some(second)) = (refs[*lesser], refs[*greater]) else { continue };
            let reference = &planned.references[*lesser];
            let theirs = reference.columns.last().map_or("", |(_, theirs)| theirs);
            if self.is_behind(reference.to, theirs, first, second) {
                refs.swap(*lesser, *greater);
            }
        }
    }

    /// Whether the key of a row is above that of another.
    fn is_behind(&mut self, member: usize, column: &str, first: RowRef, second: RowRef) -> bool {
        let planned = &self.model.members[member];
        let is_of_number = matches!(&planned.key, Some((key, form)) if key == column && !matches!(form, KeyForm::Pattern { .. }));
        if is_of_number {
            return self.key_number(member, first) > self.key_number(member, second);
        }
        let (first, second) = (self.column(member, first, column), self.column(member, second, column));
        match (&first, &second) {
            (Value::Number(a), Value::Number(b)) => a > b,
            _ => match (text(&first).parse::<i128>(), text(&second).parse::<i128>()) {
                (Ok(a), Ok(b)) => a > b,
                _ => text(&first) > text(&second),
            },
        }
    }
}
