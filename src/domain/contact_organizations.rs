//! Whom each contact works for, and whom some advise.

use crate::domain::contacts::{self, People};
use crate::domain::dataset::{CHILD_IDS, Dataset, Moment, Numbering, Pool, contact_id, customer_id};
use crate::domain::fanout::{self, ChildCursor, Fanout, OnePer, UniformFanout};
use crate::domain::parties::Customers;
use crate::domain::table::{BOOL, Column, Entity, INT, RowKey, TEXT, TIMESTAMP, TableInfo};
use crate::random::Stream;

/// Roles at an organization that is not a contact's own.
pub const OUTSIDE_ROLES: [&str; 3] = ["advisor", "consultant", "board_member"];

/// Every contact of a customer, and for one customer of three its primary contact's second
/// organization.
pub struct Links {
    contacts: UniformFanout,
    customers: u64,
    second: OnePer<3>,
}

impl Fanout for Links {
    const BLOCK: u64 = 6;

    fn block_rows(&self) -> u64 {
        3 * self.contacts.block_rows() + if self.customers > 1 { 2 } else { 0 }
    }

    fn before(&mut self, customer: u64) -> u64 {
        if !self.contacts.is_shared() {
            return fanout::before_by_blocks(self, customer);
        }
        let seconds = if self.customers > 1 {
            customer / 3 + (customer / 3 * 3..customer).filter(|c| self.second.has(*c)).count() as u64
        } else {
            0
        };
        self.contacts.before(customer) + seconds
    }

    fn locate(&mut self, ordinal: u64) -> (u64, u64) {
        match self.contacts.is_shared() {
            true => fanout::locate_by_search(self, ordinal),
            false => fanout::locate_by_blocks(self, ordinal),
        }
    }

    fn count(&mut self, customer: u64) -> u64 {
        self.contacts.count(customer) + u64::from(self.customers > 1 && self.second.has(customer))
    }
}

/// A contact's place at an organization.
pub struct Link {
    id: u64,
    contact: u64,
    organization: u64,
    role: &'static str,
    is_primary: bool,
    created: Moment,
}

pub struct ContactOrganizations {
    walk: ChildCursor<Links>,
    contacts: UniformFanout,
    people: People,
    customers: Customers,
    pool: Pool,
    other: Stream,
    as_of: crate::calendar::Day,
}

const COLUMNS: &[Column<Link>] = &[
    Column::derived("id", INT, "numbered by customer", |l, out| out.id(l.id)),
    Column::derived("contact_id", INT.needed().refers_to("contacts"), "the contact", |l, out| {
        out.id(l.contact)
    }),
    Column::derived(
        "organization_id",
        INT.not_null().refers_to("organizations"),
        "the contact's customer, or another one it advises",
        |l, out| {
            out.id(l.organization);
        },
    ),
    Column::derived("role", TEXT, "the contact's role, or its role at the other organization", |l, out| {
        out.word(l.role)
    }),
    Column::derived("is_primary", BOOL.not_null(), "true for the contact's customer", |l, out| {
        out.bool(l.is_primary)
    }),
    Column::derived(
        "created_at",
        TIMESTAMP.not_null(),
        "after those of contact and organization",
        |l, out| out.timestamp(l.created.second),
    ),
    Column::derived("updated_at", TIMESTAMP.not_null(), "the same as created_at", |l, out| {
        out.timestamp(l.created.second)
    }),
];

impl Entity for ContactOrganizations {
    type Row = Link;
    const TABLE: TableInfo = TableInfo {
        name: "contact_organizations",
        about: "organizations of a contact",
        needs: &["contacts", "organizations"],
        key: &["id"],
        numbering: Numbering::OfCustomers,
        populations: &["contact_organizations"],
    };
    const COLUMNS: &'static [Column<Link>] = COLUMNS;

    fn new(dataset: &Dataset) -> Self {
        let links = Links {
            contacts: contacts::fanout(dataset),
            customers: dataset.customers.count,
            second: OnePer::new(dataset.seed, "contact_organizations"),
        };
        Self {
            walk: ChildCursor::new(links, dataset.customers.first, dataset.customers.count),
            contacts: contacts::fanout(dataset),
            people: People::new(dataset),
            customers: Customers::new(dataset),
            pool: dataset.customers,
            other: Stream::new(dataset.seed, "contact_organizations", "organization_id"),
            as_of: dataset.as_of,
        }
    }

    fn rows(&mut self) -> u64 {
        self.walk.rows()
    }

    fn seek(&mut self, ordinal: u64) {
        self.walk.seek(ordinal);
    }

    fn next_row(&mut self) -> (RowKey, Link) {
        let (customer, child) = self.walk.next_child();
        let age = self.customers.ages.days(customer);
        let link = if child < self.contacts.count(customer) {
            let kind = self.customers.kind(customer);
            Link {
                id: contact_id(customer, child),
                contact: contact_id(customer, child),
                organization: customer_id(customer),
                role: self.people.title(kind, customer, child).role,
                is_primary: true,
                created: self.people.created(age, customer, child).1,
            }
        } else {
            self.second(customer, age)
        };
        (RowKey::child_of(customer, child), link)
    }
}

impl ContactOrganizations {
    fn second(&mut self, customer: u64, age: i64) -> Link {
        let slot = self.other.at(customer);
        let mut other = self.pool.member(slot);
        if other == customer {
            other = self.pool.after(customer);
        }
        // Younger than the contact and than both organizations.
        let most = self.people.created(age, customer, 0).0.min(self.customers.ages.days(other)) - 1;
        Link {
            // The last of the ids that the customer's children have.
            id: customer * CHILD_IDS + CHILD_IDS,
            contact: contact_id(customer, 0),
            organization: customer_id(other),
            role: slot.child(0).word(&OUTSIDE_ROLES),
            is_primary: false,
            created: Moment::days_ago(self.as_of, slot.child(1).skewed(1, most), slot.child(2)),
        }
    }
}
