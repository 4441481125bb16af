//! The people of each deal.

use crate::domain::dataset::{Dataset, Moment, Numbering, contact_id, opportunity_id};
use crate::domain::deals::{self, Deal, Deals};
use crate::domain::fanout::{ChildCursor, UniformFanout};
use crate::domain::table::{BOOL, Column, Entity, INT, RowKey, TEXT, TIMESTAMP, TableInfo};

/// A person's part in a deal.
pub struct DealContact {
    opportunity: u64,
    contact: u64,
    role: &'static str,
    is_primary: bool,
    created: Moment,
}

pub struct OpportunityContacts {
    walk: ChildCursor<UniformFanout>,
    deals: Deals,
    deal: Option<Deal>,
}

const COLUMNS: &[Column<DealContact>] = &[
    Column::derived(
        "opportunity_id",
        INT.needed().refers_to("opportunities"),
        "the opportunity",
        |c, out| out.id(c.opportunity),
    ),
    Column::derived(
        "contact_id",
        INT.not_null().refers_to("contacts"),
        "a contact of the opportunity's customer",
        |c, out| out.id(c.contact),
    ),
    Column::derived("role", TEXT, "the contact's role", |c, out| out.word(c.role)),
    Column::derived(
        "is_primary",
        BOOL.not_null(),
        "true for the first contact of each opportunity",
        |c, out| out.bool(c.is_primary),
    ),
    Column::derived(
        "created_at",
        TIMESTAMP.not_null(),
        "after those of opportunity and contact",
        |c, out| {
            out.timestamp(c.created.second);
        },
    ),
];

impl Entity for OpportunityContacts {
    type Row = DealContact;
    const TABLE: TableInfo = TableInfo {
        name: "opportunity_contacts",
        about: "contacts of an opportunity",
        needs: &["opportunities", "contacts"],
        key: &["opportunity_id", "contact_id"],
        numbering: Numbering::ByOthers,
        populations: &["opportunity_contacts"],
    };
    const COLUMNS: &'static [Column<DealContact>] = COLUMNS;

    fn new(dataset: &Dataset) -> Self {
        let pool = dataset.opportunities;
        Self {
            walk: ChildCursor::new(deals::contact_fanout(dataset), pool.first, pool.count),
            deals: Deals::new(dataset),
            deal: None,
        }
    }

    fn rows(&mut self) -> u64 {
        self.walk.rows()
    }

    fn seek(&mut self, ordinal: u64) {
        self.walk.seek(ordinal);
    }

    fn next_row(&mut self) -> (RowKey, DealContact) {
        let (index, child) = self.walk.next_child();
        let deal = match self.deal {
            Some(deal) if deal.index == index => deal,
            _ => *self.deal.insert(self.deals.deal(index)),
        };
        let contact = self.deals.contact(&deal, child);
        let kind = self.deals.customers.kind(deal.customer);
        let row = DealContact {
            opportunity: opportunity_id(index),
            contact: contact_id(deal.customer, contact),
            role: self.deals.people.title(kind, deal.customer, contact).role,
            is_primary: child == 0,
            created: deal.created.max(self.deals.contact_created(&deal, contact)),
        };
        (RowKey::child_of(index, child), row)
    }
}
