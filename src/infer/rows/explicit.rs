//! Explicit rows that others ask for: they are among no base rows, and are known by their numbers.

use std::sync::Arc;

use crate::domain::explicit::ids;
use crate::domain::row_sampler::RowRef;
use crate::infer::rows::domain_values::DomainValues;
use crate::infer::rows::maker::Maker;
use crate::infer::rows::row::{NO_ORDINAL, Row, RowKey, whole};

impl Maker<'_> {
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
        let known = Arc::clone(self.state.explicit[member].get(&number)?);
        if self.model.members[member].domain.is_none() {
            let row_ref = RowRef { ordinal: NO_ORDINAL, number };
            return Some(RowKey { row_ref, key: number, child: 0, parent: Some(row_ref), known: None });
        }
        Some(self.state.readers[member].as_ref()?.identity(NO_ORDINAL, DomainValues::Explicit(known)))
    }

    /// The explicit row of this number.
    pub(super) fn explicit(&mut self, member: usize, number: u64) -> Option<Row> {
        let identity = self.explicit_key(member, number)?;
        Some(self.make(member, identity))
    }

    /// A row to which an explicit one may refer where nothing says to which and it must: of its scenario where that has
    /// any, else any.
    pub(super) fn beside_explicit(&mut self, member: usize, at: usize, identity: &RowKey) -> Option<RowRef> {
        let to = self.model.members[member].references[at].to;
        let program = &self.table(member).references[at];
        let (slot, kin) = (program.stream.at(identity.key), program.kin);
        let known = identity.known.iter().flat_map(|known| (0..).map_while(|position| known.get(position)));
        let numbers: Vec<u64> = known.filter_map(|value| whole(&value)).collect();
        let of_scenario =
            |number: &&u64| numbers.iter().any(|own| own / ids::PLACES == *number / ids::PLACES);
        match self.state.explicit[to].keys().find(of_scenario) {
            Some(number) => Some(RowRef { ordinal: NO_ORDINAL, number: *number }),
            None => self.pick(to, slot, kin),
        }
    }

    /// The rows of a table that stand beside explicit ones.
    pub(super) fn rows_beside_explicit(&mut self, member: usize) -> Vec<Row> {
        let numbers = self.model.members[member].beside_explicit.clone();
        numbers.into_iter().filter_map(|number| self.explicit(member, number)).collect()
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
