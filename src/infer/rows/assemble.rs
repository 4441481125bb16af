//! How a row comes about.

use crate::calendar::DAY;
use crate::domain::columns_of;
use crate::domain::row_sampler::RowRef;
use crate::infer::kinds::TableKind;
use crate::infer::model::{Generator, GivenRow, ReferenceStrategy, Rows};
use crate::infer::repair;
use crate::infer::rows::maker::Maker;
use crate::infer::rows::program::adds_to;
use crate::infer::rows::row::{NO_ORDINAL, Row, RowKey};
use crate::infer::semantics::is_done;
use crate::random::Slot;
use crate::sqlexpr::value::Value;

/// Days within which a row is made after what it belongs to.
const SOON: i64 = 45;
/// Days before the present in which rows were made that belong to nothing.
const PAST: i64 = 400;
/// Days since the first users and lists.
const EARLY: i64 = 2400;
/// What the domain says of a person or a company, and a row that only adds to theirs says again.
const OF_ONE: [&str; 9] =
    ["first_name", "last_name", "name", "email", "phone", "city", "state", "postal_code", "website"];

/// What it says of a town.
const OF_PLACE: [&str; 3] = ["city", "state", "postal_code"];

impl Maker<'_> {
    pub(super) fn make(&mut self, member: usize, identity: RowKey) -> Row {
        let model = self.model;
        let planned = &model.members[member];
        let refs = self.refs(member, &identity);
        let floor = self.floor(member, &identity, &refs);
        let mut row = Row {
            refs,
            values: vec![Value::Null; planned.columns.len()],
            alternatives: match planned.checks.is_empty() && planned.unsettled.is_empty() {
                true => Vec::new(),
                false => vec![Value::Null; planned.columns.len()],
            },
            created: self.made(member, &identity, floor),
            entity_key: self.root(member, &identity),
            inherited: self.inherited(member, &identity),
            given: Vec::new(),
            identity,
        };
        if let Some(place) = self.place_of_employer(member, &row.refs) {
            row.inherited.extend(place);
        }
        let table = self.table(member);
        let given = self.given(member, row.identity.row_ref);
        if let Some(given) = given {
            row.given.clone_from(&given.fixed);
            self.put_given(member, given, &mut row);
        }
        for &at in &table.order {
            let is_given = row.given.contains(&at)
                && !matches!(planned.columns[at].generator, Generator::Record(_) | Generator::RecordType(_));
            let value = match is_given {
                true => row.values[at].clone(),
                false => self.value(member, at, &row),
            };
            let column = &planned.columns[at];
            if table.columns[at].is_created
                && let Value::Timestamp(second) = value
            {
                row.created = Some(second);
            }
            let is_left = column.null_percent > 0
                && !row.given.contains(&at)
                && column.unique.is_none()
                && !table.columns[at].is_fact
                && match &column.generator {
                    Generator::Semantics(meaning) if meaning.is_when_done() => {
                        !is_done(table.columns[at].hidden.at(row.entity_key))
                    }
                    _ => self.slot(member, at, &row.identity).child(98).chance(column.null_percent),
                };
            row.values[at] = value;
            if is_left {
                row.leave_out(at);
            }
        }
        self.leave_out(member, &mut row);
        self.agree_on_events(member, &mut row);
        self.relate(member, &mut row);
        if let Some(given) = given {
            self.put_given(member, given, &mut row);
        }
        repair::repair(planned, &mut row, self.program.now, &mut |at, offer, row| {
            self.other(member, at, offer, row)
        });
        if let Some(changes) = planned.settled.get(&row.identity.key) {
            for (at, value) in changes.iter().filter(|(at, _)| !row.given.contains(at)) {
                row.values[*at] = value.clone();
            }
        }
        row
    }

    /// Puts the values that a scenario gives into a row.
    fn put_given(&mut self, member: usize, given: &GivenRow, row: &mut Row) {
        for at in &given.fixed {
            if let Some(value) = self.given_value(member, given, *at) {
                row.values[*at] = value;
            }
        }
    }

    /// The texts of the row to which this one belongs, alone: each is made for one, and says the same.
    pub(super) fn inherited(&mut self, member: usize, identity: &RowKey) -> Vec<(String, Value)> {
        let model = self.model;
        let Rows::Children { of, spread, .. } = model.members[member].rows else { return Vec::new() };
        let Some(parent) = identity.parent else { return Vec::new() };
        if let Some(domain) = model.members[of].domain {
            let price = columns_of(domain).iter().position(|column| column.name == "list_price");
            let Some(row) = self.parent(of, parent) else { return Vec::new() };
            let price = price.filter(|_| model.members[member].kind == TableKind::Pricing);
            let price = price.and_then(|price| self.domain_value(of, &row, price));
            let price = price.map(|price| (crate::infer::rows::tiers::PRICE.to_owned(), price));
            if spread.max != 1 {
                return price.into_iter().collect();
            }
            let Some(row) = self.referred(of, parent) else { return Vec::new() };
            // A contract is not called like whoever it is with.
            let kind = model.members[member].kind;
            let has_own_name = kind.is_about_others() || kind.is_document();
            let columns = columns_of(domain)
                .iter()
                .enumerate()
                .filter(|(_, info)| OF_ONE.contains(&info.name) && !(has_own_name && info.name == "name"));
            let said = |position: usize| row.known.as_ref()?.get(position).filter(|value| !value.is_null());
            let same = columns.filter_map(|(at, info)| Some((info.name.to_owned(), said(at)?)));
            return same.chain(price).collect();
        }
        if spread.max != 1 {
            return Vec::new();
        }
        let row = self.deep(|maker| maker.row_of(of, parent)).flatten();
        let columns = model.members[self.with_explicit(of)].columns.iter();
        let said = columns.zip(row.iter().flat_map(|row| row.values.iter()));
        said.filter(|(column, value)| {
            matches!(column.generator, Generator::Semantics(_)) && value.as_text().is_some()
        })
        .map(|(column, value)| (column.column_type.name.clone(), value.clone()))
        .collect()
    }

    /// The town of the company where the row's person works.
    fn place_of_employer(&mut self, member: usize, refs: &[Option<RowRef>]) -> Option<Vec<(String, Value)>> {
        let at = self.table(member).employer?;
        let to = self.model.members[member].references[at].to;
        let known = self.referred(to, (*refs.get(at)?)?)?.known?;
        let columns = columns_of(self.model.members[to].domain?).iter().enumerate();
        let of_place = columns.filter(|(_, info)| OF_PLACE.contains(&info.name));
        Some(of_place.filter_map(|(at, info)| Some((info.name.to_owned(), known.get(at)?))).collect())
    }

    /// References that this row does without, by chance.
    pub(super) fn leave_out(&self, member: usize, row: &mut Row) {
        let planned = &self.model.members[member];
        for (at, reference) in planned.references.iter().enumerate() {
            let slot = self.table(member).references[at].stream.at(row.identity.key);
            let is_broken = reference.is_full && row.refs[at].is_none();
            if row
                .given
                .iter()
                .any(|column| reference.columns.iter().any(|(own, _)| planned.column(own) == Some(*column)))
            {
                continue;
            }
            if !is_broken && (reference.null_percent == 0 || !slot.child(99).chance(reference.null_percent)) {
                continue;
            }
            // What another reference decides stays, unless all of this one's columns must be NULL.
            let is_given =
                |own: &str| !reference.is_full && reference.agrees.iter().any(|agreed| agreed.own == own);
            for (own, _) in reference.columns.iter().filter(|(own, _)| !is_given(own)) {
                if let Some(column) =
                    planned.column(own).filter(|column| !planned.columns[*column].column_type.not_null)
                {
                    row.leave_out(column);
                }
            }
            let copies = self.table(member).references[at].copies.iter();
            for column in copies.filter(|column| !planned.columns[**column].column_type.not_null) {
                row.leave_out(*column);
            }
        }
    }

    /// Who a row is that others belong to, and of the domain's no more than its key where it is a base row.
    fn parent(&mut self, member: usize, row_ref: RowRef) -> Option<RowKey> {
        match row_ref.ordinal {
            NO_ORDINAL => self.referred(member, row_ref),
            ordinal => Some(self.identity(member, ordinal)),
        }
    }

    /// When a row was made, in seconds: after what it belongs to, and soon after.
    pub(super) fn made(&self, member: usize, identity: &RowKey, floor: Option<i64>) -> Option<i64> {
        let planned = &self.model.members[member];
        if planned.domain.is_some() {
            let position = self.state.readers[member].as_ref()?.created_at?;
            return match identity.known.as_ref()?.get(position)? {
                Value::Timestamp(second) => Some(second),
                _ => None,
            };
        }
        let slot = self.table(member).made.at(identity.key);
        let (from, days) = match floor {
            Some(floor) => (floor, SOON),
            // What others refer to was there before them.
            None if planned.kind.is_list_of_values() => (self.program.now - EARLY * DAY, EARLY / 4),
            None => (self.program.now - PAST * DAY, PAST),
        };
        let most = (self.program.now - from).clamp(0, days * DAY);
        Some(from.min(self.program.now) + slot.between(0, most))
    }

    /// What the person and the place of a row hang on.
    pub(super) fn root(&mut self, member: usize, identity: &RowKey) -> u64 {
        match (adds_to(&self.model.members, member), identity.parent) {
            (Some(of), Some(parent)) => {
                let Some(identity) = self.parent(of, parent) else { return identity.key };
                self.root(of, &identity)
            }
            _ => identity.key,
        }
    }

    /// Nothing is older than what it belongs to.
    pub(super) fn floor(&mut self, member: usize, identity: &RowKey, refs: &[Option<RowRef>]) -> Option<i64> {
        let model = self.model;
        let planned = &model.members[member];
        if planned.domain.is_some() {
            return None;
        }
        let mut floor = None;
        for (reference, row_ref) in planned.references.iter().zip(refs) {
            let Some(row_ref) = *row_ref else { continue };
            let is_parent = reference.strategy == ReferenceStrategy::Parent && identity.parent.is_some();
            if is_parent || model.members[reference.to].domain.is_some() {
                floor = floor.max(self.created(reference.to, row_ref));
            }
        }
        floor
    }

    pub(super) fn created(&mut self, member: usize, row_ref: RowRef) -> Option<i64> {
        let model = self.model;
        match model.members[member].domain {
            Some(_) => {
                let position = self.state.readers[member].as_ref()?.created_at?;
                let row = self.parent(member, row_ref)?;
                match self.domain_value(member, &row, position)? {
                    Value::Timestamp(second) => Some(second),
                    _ => None,
                }
            }
            None => self.deep(|maker| maker.row_of(member, row_ref)?.created).flatten(),
        }
    }

    pub(super) fn slot(&self, member: usize, column: usize, identity: &RowKey) -> Slot {
        self.table(member).columns[column].stream.at(identity.key)
    }

    /// Where the references of a row lead.
    pub(super) fn refs(&mut self, member: usize, identity: &RowKey) -> Vec<Option<RowRef>> {
        self.first_refs(member, self.model.members[member].references.len(), identity)
    }

    /// The same of those up to one: what stands behind it says nothing of it, but for what changes places with it.
    pub(super) fn refs_up_to(
        &mut self,
        member: usize,
        reference: usize,
        identity: &RowKey,
    ) -> Vec<Option<RowRef>> {
        match self.model.members[member].ordered.is_empty() {
            true => self.first_refs(member, reference + 1, identity),
            false => self.refs(member, identity),
        }
    }

    fn first_refs(&mut self, member: usize, count: usize, identity: &RowKey) -> Vec<Option<RowRef>> {
        let mut refs: Vec<Option<RowRef>> = Vec::with_capacity(count);
        for at in 0..count {
            let row_ref = self.decide(member, at, identity, &refs);
            refs.push(row_ref);
        }
        self.in_order(member, &mut refs);
        refs
    }
}
