//! Which row each reference leads to, and what stands in its columns.

use crate::domain::all_columns_of;
use crate::domain::dataset::OrganizationType;
use crate::domain::row_sampler::RowRef;
use crate::infer::column_type::text;
use crate::infer::geography::{CURRENCY, KnownList};
use crate::infer::labels::Index;
use crate::infer::model::{Generator, ReferenceStrategy, Rows};
use crate::infer::rows::maker::{DEEPEST, Maker};
use crate::infer::rows::row::{NO_ORDINAL, RowKey, whole};
use crate::random::Slot;
use crate::sqlexpr::value::Value;

/// Rows that are asked whether they lead back.
const BACK_TRIES: u64 = 96;

impl Maker<'_> {
    /// The row that a reference leads to.
    pub(super) fn decide(
        &mut self,
        member: usize,
        at: usize,
        identity: &RowKey,
        refs: &[Option<RowRef>],
    ) -> Option<RowRef> {
        let model = self.model;
        if let Some(given) = self.given(member, identity.row_ref).and_then(|given| given.reference(at)) {
            return given;
        }
        let reference = &model.members[member].references[at];
        // Among rows of its own table a row of a scenario stands alone, where nothing else is said.
        let is_of_own = |member: usize, other: usize| model.members[member].oid == model.members[other].oid;
        if identity.row_ref.ordinal == NO_ORDINAL && reference.is_nullable && is_of_own(member, reference.to)
        {
            return None;
        }
        let found = match reference.groups {
            Some(_) => self.agreeing(member, at, identity, refs),
            None => self.by_strategy(member, at, identity, refs),
        };
        let found = match (found, reference.apart_from) {
            (Some(row_ref), Some(other)) => {
                let kin = self.table(member).references[at].kin;
                self.apart(reference.to, row_ref, refs.get(other).copied().flatten(), kin)
            }
            (found, _) => found,
        };
        let is_open = matches!(
            reference.strategy,
            ReferenceStrategy::Via(..)
                | ReferenceStrategy::Same(_)
                | ReferenceStrategy::SiblingOf(..)
                | ReferenceStrategy::OwnChild
                | ReferenceStrategy::Named(_)
        );
        if found.is_some() || reference.is_nullable {
            return found;
        }
        if identity.row_ref.ordinal == NO_ORDINAL {
            return self.beside_explicit(member, at, identity);
        }
        if !is_open || reference.groups.is_some() {
            return found;
        }
        // What it should agree with leads nowhere, but it must lead somewhere.
        let program = &self.table(member).references[at];
        self.pick(reference.to, program.stream.at(identity.key), program.kin)
    }

    fn by_strategy(
        &mut self,
        member: usize,
        at: usize,
        identity: &RowKey,
        refs: &[Option<RowRef>],
    ) -> Option<RowRef> {
        let model = self.model;
        let reference = &model.members[member].references[at];
        let program = &self.table(member).references[at];
        let (slot, kin) = (program.stream.at(identity.key), program.kin);
        match reference.strategy {
            ReferenceStrategy::Inverse(ref path) => self.back(reference.to, path, identity, slot),
            ReferenceStrategy::FromDomain(position) => {
                let number = whole(&self.domain_value(member, identity, position)?)?;
                let found = self.state.pickers[reference.to].as_mut().and_then(|picker| picker.find(number));
                Some(found.unwrap_or(RowRef { ordinal: NO_ORDINAL, number }))
            }
            ReferenceStrategy::Parent => identity.parent,
            ReferenceStrategy::Same(via) => *refs.get(via)?,
            ReferenceStrategy::Via(via, through) => {
                let row_ref = (*refs.get(via)?)?;
                self.follow(model.members[member].references[via].to, row_ref, through)
            }
            ReferenceStrategy::SiblingOf(via, through) => {
                let (mut row_ref, mut of) = ((*refs.get(via)?)?, model.members[member].references[via].to);
                if let Some(through) = through {
                    row_ref = self.follow(of, row_ref, through)?;
                    of = model.members[of].references[through].to;
                }
                self.child_of(reference.to, (of, row_ref), Some(slot))
            }
            ReferenceStrategy::NthSibling(via, through) => {
                let (mut row_ref, mut of) = ((*refs.get(via)?)?, model.members[member].references[via].to);
                if let Some(through) = through {
                    row_ref = self.follow(of, row_ref, through)?;
                    of = model.members[of].references[through].to;
                }
                match row_ref.ordinal {
                    NO_ORDINAL => self.child_of(reference.to, (of, row_ref), None),
                    _ => self.state.pickers[reference.to].as_mut()?.nth_child(row_ref.number, identity.child),
                }
            }
            ReferenceStrategy::Preceding => self.earlier(member, identity, slot, reference.is_nullable),
            ReferenceStrategy::Any(kin) => self.pick(reference.to, slot, kin),
            ReferenceStrategy::Polymorphic { position, count, kin } => {
                let turn = slot.child(97).below(count as u64) as usize;
                let follows = reference.alternative.as_ref().map_or(&[][..], |pair| &pair.follows);
                match follows.is_empty() {
                    true => (turn == position).then(|| self.pick(reference.to, slot, kin)).flatten(),
                    false => {
                        let known =
                            |at: usize| follows.get(at).copied().flatten().and_then(|via| *refs.get(via)?);
                        let found = (turn..turn + count).map(|at| at % count).find(|at| known(*at).is_some());
                        match found {
                            None if !reference.is_nullable => {
                                (turn == position).then(|| self.pick(reference.to, slot, kin)).flatten()
                            }
                            found => (found == Some(position)).then(|| known(position)).flatten(),
                        }
                    }
                }
            }
            ReferenceStrategy::Distinct | ReferenceStrategy::Permuted => {
                let index = self.unshared((member, at), identity, self.hosts(reference.to, kin))?;
                Some(self.host(reference.to, index, kin))
            }
            ReferenceStrategy::Round => self.round(member, at, identity, kin),
            ReferenceStrategy::Pair(with) => {
                let first = (*refs.get(with)?)?;
                self.paired((member, at), first, identity, kin)
            }
            ReferenceStrategy::OwnChild => self.child_of(reference.to, (member, identity.row_ref), None),
            ReferenceStrategy::Named(position) => {
                let name = self.domain_value(member, identity, position)?;
                match self.table(reference.to).list {
                    Some(list)
                        if list == KnownList::Towns && !self.is_in_its_state(member, identity, &name) =>
                    {
                        None
                    }
                    Some(list) => self.in_list(list, reference.to, &text(&name)),
                    None => self.named(reference.to, &name),
                }
            }
            ReferenceStrategy::Weighted(ref rows) => {
                let all: u64 = rows.iter().map(|(_, weight)| weight).sum();
                let mut left = slot.child(98).below(all.max(1));
                let row = rows.iter().find(|(_, weight)| {
                    let is_it = left < *weight;
                    left = left.saturating_sub(*weight);
                    is_it
                });
                row.map(|(ordinal, _)| self.host(reference.to, *ordinal, OrganizationType::Customer))
            }
            ReferenceStrategy::Known => {
                let other = self.table(reference.to).list?;
                let wanted = match (&model.members[member].rows, self.table(member).list) {
                    (Rows::Listed(names), Some(list)) => {
                        list.within(names.get(identity.row_ref.ordinal as usize)?, other)?
                    }
                    _ => CURRENCY,
                };
                self.in_list(other, reference.to, wanted)
            }
            ReferenceStrategy::First => {
                (self.hosts(reference.to, kin) > 0).then(|| self.host(reference.to, 0, kin))
            }
        }
    }

    /// Where a row leads by one of its own references.
    pub(super) fn follow(&mut self, member: usize, row_ref: RowRef, reference: usize) -> Option<RowRef> {
        if self.state.existing.contains_key(&row_ref.number) && row_ref.ordinal == NO_ORDINAL {
            return self.follow_existing(member, row_ref, reference);
        }
        let identity = match row_ref.ordinal {
            NO_ORDINAL => self.referred(member, row_ref)?,
            ordinal => self.identity(member, ordinal),
        };
        self.deep(|maker| maker.reference(member, reference, &identity)).flatten()
    }

    /// Where one reference of a row leads, and of the others no more than it hangs on: they are decided before it.
    fn reference(&mut self, member: usize, reference: usize, identity: &RowKey) -> Option<RowRef> {
        if self.table(member).references[reference].hangs_on_others {
            return self.refs_up_to(member, reference, identity)[reference];
        }
        let followed = self.model.members[member].references[reference]
            .strategy
            .followed()
            .filter(|via| *via < reference);
        let mut refs = Vec::new();
        if let Some(via) = followed {
            refs.resize(via + 1, None);
            refs[via] = self.reference(member, via, identity);
        }
        self.decide(member, reference, identity, &refs)
    }

    /// A row of a table that leads back to this one.
    fn back(&mut self, to: usize, path: &[usize], identity: &RowKey, slot: Slot) -> Option<RowRef> {
        if identity.row_ref.ordinal == NO_ORDINAL {
            return self.explicit_that_leads(to, path, identity.row_ref);
        }
        (0..BACK_TRIES).find_map(|attempt| {
            let found = self.pick(to, slot.child(attempt), OrganizationType::Customer)?;
            let (mut member, mut row_ref) = (to, found);
            for reference in path {
                if row_ref.ordinal == NO_ORDINAL {
                    return None;
                }
                // References of a way back hang on no others of their row.
                let identity = self.identity(member, row_ref.ordinal);
                let next = self.decide(member, *reference, &identity, &[])?;
                member = self.model.members[member].references[*reference].to;
                row_ref = next;
            }
            (row_ref.ordinal == identity.row_ref.ordinal).then_some(found)
        })
    }

    /// A row behind this one.
    pub(super) fn next_row(&mut self, member: usize, identity: &RowKey, offer: u64) -> Option<RowRef> {
        let ordinal = identity.row_ref.ordinal;
        let next = ordinal.checked_add(offer + 1).filter(|next| *next < self.state.counts[member])?;
        Some(self.identity(member, next).row_ref)
    }

    pub(super) fn pick(&mut self, member: usize, slot: Slot, kin: OrganizationType) -> Option<RowRef> {
        match &mut self.state.pickers[member] {
            Some(picker) => picker.pick(slot, kin),
            None => {
                let count = self.state.counts[member];
                (count > 0).then(|| self.identity(member, slot.member(count)).row_ref)
            }
        }
    }

    /// A row of a table that belongs to a row of another.
    fn child_of(
        &mut self,
        member: usize,
        (of, parent): (usize, RowRef),
        slot: Option<Slot>,
    ) -> Option<RowRef> {
        if parent.ordinal == NO_ORDINAL {
            let leads =
                self.model.members[member].references.iter().position(|reference| reference.to == of)?;
            return self.explicit_that_leads(member, &[leads], parent);
        }
        if let Some(picker) = &mut self.state.pickers[member] {
            return picker.child_of(parent.number, slot);
        }
        let walk = self.state.walks[member].as_mut()?;
        let Rows::Children { of, kin, .. } = self.model.members[member].rows else { return None };
        let index = match (&self.model.members[member].hosts, &self.state.pickers[of]) {
            (Some(hosts), _) => hosts.binary_search(&parent.ordinal).ok()? as u64,
            (None, Some(picker)) => picker.index(parent, kin)?,
            (None, None) => parent.ordinal,
        };
        let count = walk.count(index);
        let child = slot.map_or(0, |slot| slot.below(count));
        let ordinal = walk.ordinal(index, child);
        (count > 0 && ordinal < self.state.counts[member]).then(|| self.identity(member, ordinal).row_ref)
    }

    /// A row of the same table that comes before, of the same kind.
    fn earlier(&mut self, member: usize, identity: &RowKey, slot: Slot, is_nullable: bool) -> Option<RowRef> {
        let ordinal = identity.row_ref.ordinal;
        if ordinal == NO_ORDINAL {
            return if is_nullable { None } else { Some(identity.row_ref) };
        }
        let found = match &mut self.state.pickers[member] {
            Some(picker) => picker.earlier(identity.row_ref, slot),
            None => (ordinal > 0).then(|| self.identity(member, slot.below(ordinal)).row_ref),
        };
        found.or_else(|| (!is_nullable).then_some(identity.row_ref))
    }

    /// The row of a list that is known which a name means, if one does.
    fn in_list(&mut self, list: KnownList, member: usize, wanted: &str) -> Option<RowRef> {
        let index = match &self.model.members[member].rows {
            Rows::Listed(names) => list.find(names, wanted),
            Rows::Existing { rows, .. } => spelled(rows, wanted),
            _ => None,
        }?;
        Some(self.host(member, index as u64, OrganizationType::Customer))
    }

    /// Whether the town of a row is the one of that name in its state.
    fn is_in_its_state(&mut self, member: usize, identity: &RowKey, town: &Value) -> bool {
        let domain = self.model.members[member].domain;
        let infos = domain.map_or(&[][..], all_columns_of);
        let Some(at) = infos.iter().position(|info| info.name == "state") else { return true };
        let state = self.domain_value(member, identity, at);
        state.is_none_or(|state| KnownList::is_in(&text(town), &text(&state)))
    }

    /// The row of a lookup table that bears a name.
    fn named(&mut self, member: usize, name: &Value) -> Option<RowRef> {
        if name.is_null() {
            return None;
        }
        let index = || match &self.model.members[member].rows {
            Rows::Listed(names) => Index::of(names),
            Rows::Existing { rows, .. } => Index::of(&rows.iter().map(|row| widest(row)).collect::<Vec<_>>()),
            _ => Index::default(),
        };
        let names = self.table(member).names.get_or_init(index);
        let wanted = text(name);
        let index = match &self.model.members[member].rows {
            Rows::Existing { rows, .. } => spelled(rows, &wanted),
            _ => None,
        };
        let nearest = || names.nearest(&wanted, None);
        let index = index.or_else(|| nearest().map(|found| found.among(&wanted, names.count())))? as u64;
        Some(self.host(member, index, OrganizationType::Customer))
    }

    /// The value of a column of the row at `row_ref`.
    pub(super) fn column(&mut self, member: usize, row_ref: RowRef, column: &str) -> Value {
        let model = self.model;
        if row_ref.ordinal == NO_ORDINAL {
            if let Some(value) = self.existing(row_ref, column) {
                return value;
            }
            let with_explicit = self.with_explicit(member);
            if with_explicit != member {
                return self.column(with_explicit, row_ref, column);
            }
        }
        let planned = &model.members[member];
        if let Some(given) = self.given(member, row_ref)
            && let Some(at) = planned.column(column)
            && let Some(value) = self.given_value(member, given, at)
        {
            return value;
        }
        if let Some((key, form)) = &planned.key
            && key == column
        {
            return form.value(self.key_number(member, row_ref));
        }
        if let Rows::Existing { columns, rows } = &planned.rows {
            let position = columns.iter().position(|other| other == column);
            let row = rows.get(row_ref.ordinal as usize);
            return position.and_then(|at| row?.get(at).cloned()).unwrap_or(Value::Null);
        }
        self.deep(|maker| maker.single(member, row_ref, column)).unwrap_or(Value::Null)
    }

    /// One column of a row, and no more of the row than it needs: references may lead in a circle, keys do not.
    fn single(&mut self, member: usize, row_ref: RowRef, column: &str) -> Value {
        let model = self.model;
        let planned = &model.members[member];
        let Some(column) = planned.column(column) else { return Value::Null };
        match &planned.columns[column].generator {
            Generator::Key(form) => {
                // Who refers to a row without a number of its own knows its place alone.
                let row_ref = match row_ref.ordinal {
                    NO_ORDINAL => row_ref,
                    ordinal => self.identity(member, ordinal).row_ref,
                };
                form.value(self.key_number(member, row_ref))
            }
            // The same in every row: nothing of the row is needed.
            Generator::Constant(value) | Generator::Tenant(value) => value.clone(),
            Generator::Reference(reference, theirs) if planned.columns[column].unique.is_none() => {
                self.follow(member, row_ref, *reference).map_or(Value::Null, |row_ref| {
                    self.column(planned.references[*reference].to, row_ref, theirs)
                })
            }
            _ => match row_ref.ordinal {
                NO_ORDINAL => self
                    .explicit(member, row_ref.number)
                    .map_or(Value::Null, |row| row.values[column].clone()),
                ordinal => self.row(member, ordinal).values[column].clone(),
            },
        }
    }

    /// Runs `ask`; `None` where it is nested more than [`DEEPEST`] calls deep, which ends circles.
    pub(super) fn deep<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.state.depth >= DEEPEST {
            return None;
        }
        self.state.depth += 1;
        let answer = ask(self);
        self.state.depth -= 1;
        Some(answer)
    }
}

/// The row that says a name in one of its columns; of a country also as others write it.
fn spelled(rows: &[Vec<Value>], name: &str) -> Option<usize> {
    let others: &[&str] = match name {
        "USA" => &["US", "United States", "United States of America"],
        _ => &[],
    };
    let says =
        |wanted: &str| rows.iter().position(|row| row.iter().any(|v| text(v).eq_ignore_ascii_case(wanted)));
    says(name).or_else(|| others.iter().find_map(|other| says(other)))
}

/// The longest text of a row: what it is called.
fn widest(row: &[Value]) -> String {
    row.iter()
        .map(text)
        .filter(|text| text.chars().any(char::is_alphabetic))
        .max_by_key(String::len)
        .unwrap_or_default()
}
