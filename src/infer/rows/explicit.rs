//! Explicit rows that others ask for: they are among no base rows, and are known by their numbers.

use std::sync::Arc;

use crate::domain::columns_of;
use crate::domain::dataset::OrganizationType;
use crate::domain::explicit::{ExistingRow, ids};
use crate::domain::row_sampler::RowRef;
use crate::infer::model::{GivenRow, Rows, with_written_rows};
use crate::infer::rows::domain_values::DomainValues;
use crate::infer::rows::maker::Maker;
use crate::infer::rows::row::{NO_ORDINAL, Row, RowKey, whole};
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;

impl<'a> Maker<'a> {
    /// Who a row is that others refer to, with all that the domain says of it; `None` of an explicit row that is not
    /// there.
    pub(super) fn referred(&mut self, member: usize, row_ref: RowRef) -> Option<RowKey> {
        match row_ref.ordinal {
            NO_ORDINAL => self.explicit_key(member, row_ref.number),
            ordinal => Some(self.whole_identity(member, ordinal)),
        }
    }

    /// The same, of the explicit row of this number.
    fn explicit_key(&self, member: usize, number: u64) -> Option<RowKey> {
        let planned = &self.model.members[member];
        if planned.domain.is_none() {
            let added = planned.added.iter().find(|row| row.number == number)?;
            let row_ref = RowRef { ordinal: NO_ORDINAL, number };
            return Some(RowKey {
                row_ref,
                key: number,
                child: added.child,
                parent: added.parent,
                known: None,
            });
        }
        let known = Arc::clone(self.state.explicit[member].get(&number)?);
        Some(self.state.readers[member].as_ref()?.identity(NO_ORDINAL, DomainValues::Explicit(known)))
    }

    /// The explicit row of this number.
    pub(super) fn explicit(&mut self, member: usize, number: u64) -> Option<Row> {
        let identity = self.explicit_key(member, number)?;
        // Rows that name each other are made without one another.
        if self.state.making.contains(&(member, number)) {
            return None;
        }
        self.state.making.push((member, number));
        let row = self.make(member, identity);
        self.state.making.pop();
        Some(row)
    }

    /// What a scenario gives for the column at a position of a row, if it does: the row is not made for it.
    pub(super) fn given_value(&mut self, member: usize, given: &GivenRow, at: usize) -> Option<Value> {
        if let Some((_, value)) = given.values.iter().find(|(column, _)| *column == at) {
            return Some(value.clone());
        }
        let model = self.model;
        let planned = &model.members[member];
        let led = || {
            let leads = given.references.iter().filter_map(|(reference, row)| Some((*reference, (*row)?)));
            leads.into_iter().find_map(|(reference, row)| {
                let columns = &planned.references[reference].columns;
                let (_, theirs) = columns.iter().find(|(own, _)| planned.column(own) == Some(at))?;
                Some((planned.references[reference].to, row, theirs))
            })
        };
        let key = given.keys.iter().find(|key| key.column == at).map(|key| (key.to, key.row, &key.key));
        let (to, row, theirs) = key.or_else(|| led().filter(|_| given.fixed.contains(&at)))?;
        let value = self.deep(|maker| maker.column(to, row, theirs)).unwrap_or(Value::Null);
        let column_type = &planned.columns[at].column_type;
        // A key that is kept as a text.
        let is_text = column_type.scalar == ScalarType::Text && matches!(value, Value::Number(_));
        Some(if is_text { column_type.fit(value) } else { value })
    }

    /// What a scenario gives for columns of a row.
    pub(super) fn given(&self, member: usize, row_ref: RowRef) -> Option<&'a GivenRow> {
        let planned = &self.model.members[member];
        if row_ref.ordinal == NO_ORDINAL { planned.given.get(&row_ref.number) } else { None }
    }

    /// The table that explicit rows are in where those that others refer to are there already.
    pub(super) fn with_explicit(&self, member: usize) -> usize {
        with_written_rows(&self.model.members, member)
    }

    /// A row that others refer to, with all its values; `None` of one that is there.
    pub(super) fn row_of(&mut self, member: usize, row_ref: RowRef) -> Option<Arc<Row>> {
        match row_ref.ordinal {
            NO_ORDINAL => self.explicit(self.with_explicit(member), row_ref.number).map(Arc::new),
            _ if !self.model.members[member].is_written() => None,
            ordinal => Some(self.row(member, ordinal)),
        }
    }

    /// What a column of a row says that is there and was looked up.
    pub(super) fn existing(&self, row_ref: RowRef, column: &str) -> Option<Value> {
        let row = self.state.existing.get(&row_ref.number).filter(|_| row_ref.ordinal == NO_ORDINAL)?;
        let (_, text) = row.columns.iter().find(|(name, _)| name == column)?;
        Some(text.as_ref().map_or(Value::Null, |text| text.as_str().into()))
    }

    /// Where a row leads that is there and was looked up: to another such, or to one that was read.
    pub(super) fn follow_existing(&self, member: usize, row_ref: RowRef, reference: usize) -> Option<RowRef> {
        let reference = &self.model.members[member].references[reference];
        let (own, theirs) = reference.columns.last()?;
        let key = self.existing(row_ref, own).filter(|key| !key.is_null())?;
        let to = &self.model.members[reference.to];
        if let Rows::Existing { columns, rows } = &to.rows {
            let at = columns.iter().position(|column| column == theirs)?;
            let ordinal = rows.iter().position(|row| row[at] == key)? as u64;
            return Some(RowRef { ordinal, number: ordinal });
        }
        let is_it = |(_, row): &(&u64, &ExistingRow)| {
            let says =
                |(name, text): &(String, Option<String>)| name == theirs && text.as_deref() == key.as_text();
            row.table == to.oid && row.columns.iter().any(says)
        };
        let (number, _) = self.state.existing.iter().find(is_it)?;
        Some(RowRef { ordinal: NO_ORDINAL, number: *number })
    }

    /// A row to which an explicit one may refer where nothing says to which and it must: of its scenario where that has
    /// any, else any.
    pub(super) fn beside_explicit(&mut self, member: usize, at: usize, identity: &RowKey) -> Option<RowRef> {
        let to = self.with_explicit(self.model.members[member].references[at].to);
        let program = &self.table(member).references[at];
        let (slot, kin) = (program.stream.at(identity.key), program.kin);
        let known = identity.known.iter().flat_map(|known| (0..).map_while(|position| known.get(position)));
        let known = known.filter_map(|value| whole(&value));
        let numbers: Vec<u64> = known.chain([identity.row_ref.number]).collect();
        let of_scenario =
            |number: &&u64| numbers.iter().any(|own| own / ids::PLACES == *number / ids::PLACES);
        let own: Vec<u64> = self.state.explicit[to].keys().filter(of_scenario).copied().collect();
        let of_kin = own.iter().find(|number| self.is_of_kin(to, **number, kin));
        match of_kin.or_else(|| own.first()) {
            Some(number) => Some(RowRef { ordinal: NO_ORDINAL, number: *number }),
            None => self.pick(to, slot, kin),
        }
    }

    /// Whether an explicit organization is of a type; any row of another table is.
    fn is_of_kin(&self, member: usize, number: u64, kin: OrganizationType) -> bool {
        let Some(domain) = self.model.members[member].domain else { return true };
        let at = columns_of(domain).iter().position(|info| info.name == "organization_type");
        let known = self.state.explicit[member].get(&number);
        let of_type = at.and_then(|at| known?.get(at)?.as_text());
        of_type.is_none_or(|of_type| of_type == kin.label())
    }

    /// The rows of scenarios in a table that the domain does not have.
    pub(super) fn rows_added(&mut self, member: usize) -> Vec<Row> {
        let added = self.model.members[member].added.iter();
        added.filter_map(|row| self.explicit(member, row.number)).collect()
    }

    /// The first explicit row of a table that leads to another by these references, one after the other.
    pub(super) fn explicit_that_leads(
        &mut self,
        member: usize,
        path: &[usize],
        wanted: RowRef,
    ) -> Option<RowRef> {
        let numbers: Vec<u64> = self.state.explicit[member].keys().copied().collect();
        numbers.into_iter().find_map(|number| {
            let found = RowRef { ordinal: NO_ORDINAL, number };
            let (mut member, mut row_ref) = (member, found);
            for reference in path {
                let next = self.follow(member, row_ref, *reference)?;
                member = self.model.members[member].references[*reference].to;
                row_ref = next;
            }
            (row_ref == wanted).then_some(found)
        })
    }
}
