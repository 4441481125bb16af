//! Deals in the pipeline.

use crate::calendar::Day;
use crate::domain::dataset::{
    DEAL_CATEGORIES, Dataset, Numbering, PRIORITIES, Pool, STAGE_NAMES, contact_id, customer_id,
    distributor_id, principal_id,
};
use crate::domain::deals::{Deal, Deals};
use crate::domain::phrase::{self, Names};
use crate::domain::table::{Column, DATE, DECIMAL, Entity, INT, RowKey, TEXT, TIMESTAMP, TableInfo};
use crate::domain::vocabulary::Vocabulary;
use crate::random::{Slot, Stream, Weighted};
use crate::value::Batch;

/// A deal with its names.
pub struct Opportunity {
    deal: Deal,
    names: Names,
    vocabulary: &'static Vocabulary,
    category: &'static str,
    priority: &'static str,
    probability: i64,
    amount: i64,
    on_hold: bool,
    as_of: Day,
}

pub struct Opportunities {
    pool: Pool,
    next: u64,
    deals: Deals,
    as_of: Day,
    vocabulary: &'static Vocabulary,
    categories: Weighted<&'static str>,
    priorities: Weighted<&'static str>,
    category: Stream,
    priority: Stream,
    probability: Stream,
    status: Stream,
}

impl Opportunity {
    const fn is_open(&self) -> bool {
        self.deal.closed.is_none()
    }

    /// The stage where the deal is over, its category where it goes on. What was renewed, or was
    /// not, had been bought before.
    fn story(&self) -> &'static str {
        match (self.deal.stage.name, self.category) {
            ("closed_won", "Renewal") => "closed_won_renewal",
            ("closed_lost", "Renewal") => "closed_lost_renewal",
            (stage, _) if !self.is_open() => stage,
            (_, category) => category,
        }
    }

    /// The day on which it is hoped to close, or was.
    fn estimated_close(&self, slot: Slot) -> i32 {
        match self.deal.closed {
            None => {
                let (soonest, latest) = self.deal.stage.closes_in;
                self.as_of.0 + slot.between(soonest, latest) as i32
            }
            // The guess was off by some days, but never lay before the deal.
            Some(closed) => (closed.day() + slot.between(-12, 12) as i32).max(self.deal.created.day()),
        }
    }
}

/// The forecast category of a deal that is open or not, by its probability in percent.
pub const fn forecast(is_open: bool, probability: i64) -> &'static str {
    match (is_open, probability) {
        (false, _) => "closed",
        (true, 80..) => "commit",
        (true, 50..) => "best_case",
        (true, _) => "pipeline",
    }
}

const COLUMNS: &[Column<Opportunity>] = &[
    Column::derived("id", INT, "sequential", |o, out| out.id(o.deal.id())),
    Column::drawn("name", TEXT.not_null(), "brand, category, motive and customer", |o, slot, out| {
        let motions = o.vocabulary.motions.of(o.category);
        out.compose(|s| {
            o.names.brand.write(s);
            s.push(' ');
            s.push_str(o.names.category);
            s.push(' ');
            let start = s.len();
            phrase::write(s, slot.pick(motions), &o.names);
            s[start..=start].make_ascii_lowercase();
            s.push_str(" - ");
            o.names.customer.write(s);
        });
    }),
    Column::drawn("description", TEXT, "a sentence as a sales rep would write it", |o, slot, out| {
        let notes = o.vocabulary.descriptions.of(o.story());
        out.compose(|s| phrase::write(s, slot.pick(notes), &o.names));
    }),
    Column::derived(
        "stage",
        TEXT.not_null().one_of(&STAGE_NAMES),
        "weighted, as in a sales funnel",
        |o, out| out.word(o.deal.stage.name),
    ),
    Column::derived(
        "status",
        TEXT.not_null().one_of(&["active", "on_hold", "closed"]),
        "active or on_hold while open, else closed",
        |o, out| {
            out.word(match (o.is_open(), o.on_hold) {
                (false, _) => "closed",
                (true, true) => "on_hold",
                (true, false) => "active",
            });
        },
    ),
    Column::derived("priority", TEXT.not_null().one_of(&PRIORITIES), "weighted", |o, out| {
        out.word(o.priority)
    }),
    Column::derived("amount", DECIMAL.within(0, 999_999_999_999), "sum of the line items", |o, out| {
        out.cents(o.amount)
    }),
    Column::derived("probability", INT.within(0, 100), "in the range of the stage", |o, out| {
        out.int(o.probability)
    }),
    Column::derived("category", TEXT.one_of(&DEAL_CATEGORIES), "weighted", |o, out| out.word(o.category)),
    Column::derived(
        "forecast_category",
        TEXT.one_of(&["pipeline", "best_case", "commit", "closed"]),
        "from the probability",
        |o, out| out.word(forecast(o.is_open(), o.probability)),
    ),
    Column::drawn("estimated_close_date", DATE, "after the as-of date while open", |o, slot, out| {
        out.date(o.estimated_close(slot));
    }),
    Column::derived("actual_close_date", DATE, "before the as-of date if closed, else NULL", |o, out| {
        out.option(o.deal.closed.map(|closed| closed.day()), Batch::date);
    }),
    Column::derived(
        "customer_organization_id",
        INT.refers_to("organizations"),
        "a customer; those of high priority have more opportunities",
        |o, out| {
            out.id(customer_id(o.deal.customer));
        },
    ),
    Column::derived(
        "principal_organization_id",
        INT.refers_to("organizations"),
        "any principal",
        |o, out| {
            out.id(principal_id(o.deal.principal));
        },
    ),
    Column::derived(
        "distributor_organization_id",
        INT.refers_to("organizations"),
        "mostly the customer's usual distributor",
        |o, out| {
            out.option(o.deal.distributor.map(distributor_id), Batch::id);
        },
    ),
    Column::drawn("next_action", TEXT, "fits the stage; NULL if closed", |o, slot, out| {
        if o.is_open() {
            let actions = o.vocabulary.next_actions.of(o.deal.stage.name);
            out.compose(|s| phrase::write(s, slot.pick(actions), &o.names));
        } else {
            out.null();
        }
    }),
    Column::drawn("next_action_date", DATE, "up to two weeks after the as-of date", |o, slot, out| {
        // The sooner of two: a little denser at first, without a heap on the as-of date.
        let days = slot.between(0, 14).min(slot.child(0).between(0, 40));
        let day = o.is_open().then(|| o.as_of.0 + days as i32);
        out.option(day, Batch::date);
    }),
    Column::drawn("competition", TEXT, "a competitor, in two of three rows", |o, slot, out| {
        let rival = slot.chance(66).then(|| slot.child(0).word(&o.vocabulary.competitors));
        out.option(rival, Batch::word);
    }),
    Column::drawn("decision_criteria", TEXT, "two or three criteria", |o, slot, out| {
        let criteria = &o.vocabulary.criteria;
        let size = criteria.len() as u64;
        let start = slot.below(size);
        // Steps of a third of the list at most: never the same one twice.
        let step = 1 + slot.child(0).below(size / 3 - 1);
        out.compose(|s| {
            for i in 0..2 + slot.child(1).below(2) {
                s.push_str(if i > 0 { ", " } else { "" });
                s.push_str(criteria[((start + i * step) % size) as usize]);
            }
        });
    }),
    Column::derived(
        "created_at",
        TIMESTAMP.not_null(),
        "after those of its organizations and products",
        |o, out| {
            out.timestamp(o.deal.created.second);
        },
    ),
    Column::drawn(
        "updated_at",
        TIMESTAMP.not_null(),
        "from created_at to the as-of date, or when it closed",
        |o, slot, out| {
            let touched = o.deal.created.touched(o.as_of.midnight(), slot);
            out.timestamp(o.deal.closed.unwrap_or(touched).second);
        },
    ),
    Column::derived("deleted_at", TIMESTAMP, "NULL", |_, out| out.null()),
];

/// Why deals are lost.
pub const LOST: [&str; 6] = [
    "Price",
    "Chose a competitor",
    "No budget this year",
    "Bad timing",
    "Products did not fit",
    "Delivery terms",
];

const VIRTUAL_COLUMNS: &[Column<Opportunity>] = &[
    Column::derived("contact_id", INT.refers_to("contacts"), "the customer's primary contact", |o, out| {
        out.id(contact_id(o.deal.customer, 0));
    }),
    Column::drawn("lost_reason", TEXT, "the reason, if lost", |o, slot, out| {
        let reason = (o.deal.stage.name == "closed_lost").then(|| *slot.pick(&LOST));
        out.option(reason, Batch::word);
    }),
];

impl Entity for Opportunities {
    type Row = Opportunity;
    const TABLE: TableInfo = TableInfo {
        name: "opportunities",
        about: "deals in the pipeline",
        needs: &["organizations"],
        key: &["id"],
        numbering: Numbering::Opportunities,
        populations: &["opportunities"],
    };
    const COLUMNS: &'static [Column<Opportunity>] = COLUMNS;
    const VIRTUAL_COLUMNS: &'static [Column<Opportunity>] = VIRTUAL_COLUMNS;

    fn new(dataset: &Dataset) -> Self {
        let of = |column| Stream::new(dataset.seed, "opportunities", column);
        Self {
            pool: dataset.opportunities,
            next: 0,
            deals: Deals::new(dataset),
            as_of: dataset.as_of,
            vocabulary: dataset.vocabulary,
            categories: dataset.categories.clone(),
            priorities: dataset.priorities.clone(),
            category: of("category"),
            priority: of("priority"),
            probability: of("probability"),
            status: of("status"),
        }
    }

    fn rows(&mut self) -> u64 {
        self.pool.count
    }

    fn seek(&mut self, ordinal: u64) {
        self.next = self.pool.first + ordinal;
    }

    fn next_row(&mut self) -> (RowKey, Opportunity) {
        let index = self.next;
        self.next += 1;
        let deal = self.deals.deal(index);
        let items = self.deals.items(&deal);
        let first = items.get(0).expect("a deal has at least one product").food;
        let names = Names {
            contact: self.deals.people.first_name(deal.customer, 0).text,
            customer: self.deals.customers.name(deal.customer),
            brand: self.deals.catalog.principals.brand(deal.principal),
            food: &first.item.lower,
            category: first.category.label,
            distributor: deal.distributor.map(|index| self.deals.distributor_names.name(index)),
        };
        let opportunity = Opportunity {
            deal,
            names,
            vocabulary: self.vocabulary,
            category: self.categories.pick(self.category.at(index)),
            priority: self.priorities.pick(self.priority.at(index)),
            probability: Deals::probability(deal.stage, self.probability.at(index)),
            amount: items.iter().map(|item| item.total()).sum(),
            on_hold: self.status.at(index).chance(9),
            as_of: self.as_of,
        };
        (RowKey::of(index), opportunity)
    }
}
