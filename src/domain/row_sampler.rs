//! Rows of the domain as others refer to them: which row bears a number, and which row a slot picks, so
//! that growth moves as few references as can be.

use crate::domain::dataset::{
    CHILD_IDS, Dataset, OrganizationType, Pool, contact_id, customer_id, distributor_id, opportunity_id,
    organization_type_and_index, principal_id, product_id,
};
use crate::domain::fanout::{ChildCursor, UniformFanout};
use crate::domain::{TABLES, contacts, products};
use crate::random::Slot;

/// A row that is referred to: its place among the rows of its table, and the number in its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowRef {
    /// Which row of the table it is.
    pub ordinal: u64,
    /// The number in its key; of a table without a number its ordinal.
    pub number: u64,
}

/// What a table of the domain is to those that refer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Organizations,
    Contacts,
    Products,
    Opportunities,
    Other,
}

/// Finds and picks rows of one table.
pub struct RowSampler {
    kind: Kind,
    rows: u64,
    pools: [Pool; 3],
    children: ChildCursor<UniformFanout>,
    opportunities: Pool,
}

impl RowSampler {
    /// For the table at this position of [`TABLES`].
    pub fn new(dataset: &Dataset, table: usize) -> Self {
        let kind = match TABLES[table].info().name {
            "organizations" => Kind::Organizations,
            "contacts" => Kind::Contacts,
            "products" => Kind::Products,
            "opportunities" => Kind::Opportunities,
            _ => Kind::Other,
        };
        let children = match kind {
            Kind::Products => ChildCursor::new(
                products::fanout(dataset),
                dataset.principals.first,
                dataset.principals.count,
            ),
            _ => {
                ChildCursor::new(contacts::fanout(dataset), dataset.customers.first, dataset.customers.count)
            }
        };
        Self {
            kind,
            rows: TABLES[table].rows(dataset),
            pools: [dataset.principals, dataset.distributors, dataset.customers],
            children,
            opportunities: dataset.opportunities,
        }
    }

    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// A row; of organizations one of this type. `None` where there is none.
    pub fn pick(&mut self, slot: Slot, organization_type: OrganizationType) -> Option<RowRef> {
        if self.rows == 0 {
            return None;
        }
        match self.kind {
            Kind::Organizations => {
                let pool = self.pool(organization_type);
                let organization_type = if pool.count == 0 { self.any()? } else { organization_type };
                Some(self.organization(organization_type, self.pool(organization_type).member(slot)))
            }
            Kind::Contacts | Kind::Products => {
                let parents = if self.kind == Kind::Contacts { self.pools[2] } else { self.pools[0] };
                let parent = parents.member(slot);
                let child = slot.child(0).below(self.children.count(parent));
                Some(self.child(parent, child))
            }
            Kind::Opportunities => Some(self.opportunity(self.opportunities.member(slot))),
            Kind::Other => {
                let ordinal = slot.member(self.rows);
                Some(RowRef { ordinal, number: ordinal })
            }
        }
    }

    /// The row whose key bears `number`.
    pub fn find(&mut self, number: u64) -> Option<RowRef> {
        match self.kind {
            Kind::Organizations if number > 0 => {
                let (organization_type, index) = organization_type_and_index(number);
                let pool = self.pool(organization_type);
                (pool.first..pool.first + pool.count)
                    .contains(&index)
                    .then(|| self.organization(organization_type, index))
            }
            Kind::Contacts | Kind::Products if number > 0 => {
                let (parent, child) = ((number - 1) / CHILD_IDS, (number - 1) % CHILD_IDS);
                let parents = if self.kind == Kind::Contacts { self.pools[2] } else { self.pools[0] };
                let is_there = (parents.first..parents.first + parents.count).contains(&parent)
                    && child < self.children.count(parent);
                is_there.then(|| self.child(parent, child))
            }
            Kind::Opportunities if number > self.opportunities.first => {
                let ordinal = number - 1 - self.opportunities.first;
                (ordinal < self.rows).then_some(RowRef { ordinal, number })
            }
            Kind::Other => (number < self.rows).then_some(RowRef { ordinal: number, number }),
            _ => None,
        }
    }

    /// The `child`th contact of the customer, or product of the principal, whose key bears `parent`.
    pub fn nth_child(&mut self, parent: u64, child: u64) -> Option<RowRef> {
        let first = self.child_of(parent, None)?;
        self.find(first.number + child)
    }

    /// A contact of the customer, or a product of the principal, whose key bears `parent`: any, or the
    /// first.
    pub fn child_of(&mut self, parent: u64, slot: Option<Slot>) -> Option<RowRef> {
        if parent == 0 || self.rows == 0 {
            return None;
        }
        let wanted = match self.kind {
            Kind::Contacts => OrganizationType::Customer,
            Kind::Products => OrganizationType::Principal,
            _ => return None,
        };
        let (organization_type, index) = organization_type_and_index(parent);
        let pool = self.pool(organization_type);
        if organization_type != wanted || !(pool.first..pool.first + pool.count).contains(&index) {
            return None;
        }
        let child = slot.map_or(0, |slot| slot.below(self.children.count(index)));
        Some(self.child(index, child))
    }

    /// The rows that others are made for, in the order in which growth appends: all, but of organizations
    /// those of one type.
    pub fn hosts(&self, organization_type: OrganizationType) -> u64 {
        match self.kind {
            Kind::Organizations => self.pool(organization_type).count,
            _ => self.rows,
        }
    }

    /// The `index`th of these.
    pub fn host(&mut self, index: u64, organization_type: OrganizationType) -> RowRef {
        match self.kind {
            Kind::Organizations => {
                self.organization(organization_type, self.pool(organization_type).first + index)
            }
            Kind::Contacts | Kind::Products => {
                self.children.seek(index);
                let (parent, child) = self.children.next_child();
                self.numbered(index, parent, child)
            }
            Kind::Opportunities => self.opportunity(self.opportunities.first + index),
            Kind::Other => RowRef { ordinal: index, number: index },
        }
    }

    /// Which of these a row is; `None` where it is of another type.
    pub fn index(&self, place: RowRef, organization_type: OrganizationType) -> Option<u64> {
        if self.kind != Kind::Organizations {
            return Some(place.ordinal);
        }
        let (found, index) = organization_type_and_index(place.number.max(1));
        (found == organization_type).then(|| index - self.pool(organization_type).first)
    }

    /// A row of the same kind that comes before this one: of contacts one of the same customer, of products one
    /// of the same principal. `None` for a first one.
    pub fn earlier(&mut self, place: RowRef, slot: Slot) -> Option<RowRef> {
        match self.kind {
            Kind::Organizations => {
                let (organization_type, index) = organization_type_and_index(place.number.max(1));
                let before = index - self.pool(organization_type).first;
                (before > 0).then(|| self.host(slot.below(before), organization_type))
            }
            Kind::Contacts | Kind::Products => {
                let (parent, child) = ((place.number - 1) / CHILD_IDS, (place.number - 1) % CHILD_IDS);
                (child > 0).then(|| self.child(parent, slot.below(child)))
            }
            _ => {
                (place.ordinal > 0).then(|| self.host(slot.below(place.ordinal), OrganizationType::Customer))
            }
        }
    }

    /// The highest number in a key.
    pub fn highest(&mut self) -> u64 {
        match (self.kind, self.rows) {
            (_, 0) => 0,
            (Kind::Organizations, _) => [
                (self.pools[0], principal_id as fn(u64) -> u64),
                (self.pools[1], distributor_id),
                (self.pools[2], customer_id),
            ]
            .iter()
            .filter(|(pool, _)| pool.count > 0)
            .map(|(pool, id)| id(pool.first + pool.count - 1))
            .max()
            .unwrap_or(0),
            (_, rows) => self.host(rows - 1, OrganizationType::Customer).number,
        }
    }

    fn pool(&self, organization_type: OrganizationType) -> Pool {
        self.pools[match organization_type {
            OrganizationType::Principal => 0,
            OrganizationType::Distributor => 1,
            OrganizationType::Customer => 2,
        }]
    }

    fn any(&self) -> Option<OrganizationType> {
        [OrganizationType::Customer, OrganizationType::Principal, OrganizationType::Distributor]
            .into_iter()
            .find(|organization_type| self.pool(*organization_type).count > 0)
    }

    fn organization(&self, organization_type: OrganizationType, index: u64) -> RowRef {
        let [principals, distributors, customers] = self.pools;
        match organization_type {
            OrganizationType::Principal => {
                RowRef { ordinal: index - principals.first, number: principal_id(index) }
            }
            OrganizationType::Distributor => RowRef {
                ordinal: principals.count + index - distributors.first,
                number: distributor_id(index),
            },
            OrganizationType::Customer => RowRef {
                ordinal: principals.count + distributors.count + index - customers.first,
                number: customer_id(index),
            },
        }
    }

    fn child(&mut self, parent: u64, child: u64) -> RowRef {
        let ordinal = self.children.ordinal(parent, child);
        self.numbered(ordinal, parent, child)
    }

    const fn numbered(&self, ordinal: u64, parent: u64, child: u64) -> RowRef {
        let number = match self.kind {
            Kind::Products => product_id(parent, child),
            _ => contact_id(parent, child),
        };
        RowRef { ordinal, number }
    }

    const fn opportunity(&self, index: u64) -> RowRef {
        RowRef { ordinal: index - self.opportunities.first, number: opportunity_id(index) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Day;
    use crate::domain::counts::{CountRange, Counts, Weights};
    use crate::domain::dataset::Origin;
    use crate::random::Keyed;
    use crate::value::{Batch, Cell};

    fn dataset() -> Dataset {
        let counts = Counts {
            principals: 7,
            distributors: 4,
            customers: 23,
            opportunities: 31,
            contacts_per_customer: CountRange { min: 2, max: 5 },
            products_per_principal: CountRange { min: 3, max: 6 },
            ..Counts::NONE
        };
        Dataset::new(42, Day::DEFAULT_AS_OF, &counts, &Weights::new(), Origin::default()).expect("a world")
    }

    #[test]
    fn places_bear_the_numbers_of_the_rows_that_are_made() {
        let dataset = dataset();
        for (table, domain) in TABLES.iter().enumerate().filter(|(_, t)| t.info().key == ["id"]) {
            let mut picker = RowSampler::new(&dataset, table);
            let position = domain.columns().iter().position(|c| c.name == "id").expect("an id");
            let mut batch = Batch::default();
            domain.source(&dataset, &[position]).fill(0..domain.rows(&dataset), &mut batch);
            let ids: Vec<u64> = batch
                .rows()
                .map(|row| match row[0] {
                    Cell::Int(id) => id as u64,
                    _ => 0,
                })
                .collect();
            assert_eq!(picker.rows(), ids.len() as u64);
            if picker.kind == Kind::Other {
                continue;
            }
            assert_eq!(Some(&picker.highest()), ids.iter().max());
            for (ordinal, id) in ids.iter().enumerate() {
                let place = picker.find(*id).expect("there");
                assert_eq!(place, RowRef { ordinal: ordinal as u64, number: *id });
            }
            let keyed = Keyed::new(1, "t", "c");
            for i in 0..200 {
                let place = picker.pick(keyed.at(i), OrganizationType::Customer).expect("a row");
                assert_eq!(ids[place.ordinal as usize], place.number);
            }
            for index in 0..picker.hosts(OrganizationType::Customer) {
                let place = picker.host(index, OrganizationType::Customer);
                assert_eq!(picker.index(place, OrganizationType::Customer), Some(index));
                assert_eq!(ids[place.ordinal as usize], place.number);
            }
        }
    }
}
