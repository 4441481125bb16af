//! The organizations of each deal, by role.

use crate::domain::dataset::{DEAL_IDS, Dataset, Numbering, customer_id, distributor_id, principal_id};
use crate::domain::deals::{Deal, Deals};
use crate::domain::fanout::{ChildCursor, Fanout, OnePer};
use crate::domain::table::{BOOL, Column, Entity, INT, RowKey, TEXT, TIMESTAMP, TableInfo};

/// A deal has its customer, its principal and its distributor; one deal of six has a second
/// distributor in reserve.
pub struct Participating {
    distributors: u64,
    second: OnePer<6>,
}

impl Fanout for Participating {
    const BLOCK: u64 = 6;

    fn block_rows(&self) -> u64 {
        match self.distributors {
            0 => 6 * 2,
            1 => 6 * 3,
            _ => 6 * 3 + 1,
        }
    }

    fn count(&mut self, deal: u64) -> u64 {
        2 + self.distributors.min(1) + u64::from(self.distributors > 1 && self.second.has(deal))
    }
}

/// An organization's part in a deal.
pub struct Participant {
    id: u64,
    deal: Deal,
    organization: u64,
    role: &'static str,
    is_primary: bool,
}

pub struct OpportunityParticipants {
    walk: ChildCursor<Participating>,
    deals: Deals,
    deal: Option<Deal>,
}

const COLUMNS: &[Column<Participant>] = &[
    Column::derived("id", INT, "numbered by opportunity", |p, out| out.id(p.id)),
    Column::derived(
        "opportunity_id",
        INT.needed().refers_to("opportunities"),
        "the opportunity",
        |p, out| out.id(p.deal.id()),
    ),
    Column::derived(
        "organization_id",
        INT.not_null().refers_to("organizations"),
        "an organization of the opportunity",
        |p, out| out.id(p.organization),
    ),
    Column::derived(
        "role",
        TEXT.not_null().one_of(&["customer", "principal", "distributor", "partner"]),
        "from the organization's type",
        |p, out| out.word(p.role),
    ),
    Column::derived("is_primary", BOOL.not_null(), "true for one participant per role", |p, out| {
        out.bool(p.is_primary)
    }),
    Column::derived("created_at", TIMESTAMP.not_null(), "the opportunity's created_at", |p, out| {
        out.timestamp(p.deal.created.second)
    }),
    Column::derived("updated_at", TIMESTAMP.not_null(), "the opportunity's created_at", |p, out| {
        out.timestamp(p.deal.created.second)
    }),
];

impl Entity for OpportunityParticipants {
    type Row = Participant;
    const TABLE: TableInfo = TableInfo {
        name: "opportunity_participants",
        about: "organizations of an opportunity, by role",
        needs: &["opportunities", "organizations"],
        key: &["id"],
        numbering: Numbering::OfOpportunities,
        populations: &["opportunity_participants"],
    };
    const COLUMNS: &'static [Column<Participant>] = COLUMNS;

    fn new(dataset: &Dataset) -> Self {
        let fanout = Participating {
            distributors: dataset.distributors.count,
            second: OnePer::new(dataset.seed, "opportunity_participants"),
        };
        Self {
            walk: ChildCursor::new(fanout, dataset.opportunities.first, dataset.opportunities.count),
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

    fn next_row(&mut self) -> (RowKey, Participant) {
        let (index, child) = self.walk.next_child();
        let deal = match self.deal {
            Some(deal) if deal.index == index => deal,
            _ => *self.deal.insert(self.deals.deal(index)),
        };
        let (organization, role) = match child {
            0 => (customer_id(deal.customer), "customer"),
            1 => (principal_id(deal.principal), "principal"),
            2 => (distributor_id(deal.distributor.expect("counted")), "distributor"),
            _ => (distributor_id(self.deals.other_distributor(&deal).expect("counted")), "distributor"),
        };
        let id = index * DEAL_IDS + child + 1;
        let participant = Participant { id, deal, organization, role, is_primary: child < 3 };
        (RowKey::child_of(index, child), participant)
    }
}
