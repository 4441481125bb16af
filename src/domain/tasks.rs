//! What reps have to do about their deals, and have done.

use crate::calendar::{DAY, Day};
use crate::domain::counts::CountRange;
use crate::domain::dataset::{DEAL_IDS, Dataset, Moment, Numbering, contact_id, customer_id, opportunity_id};
use crate::domain::deals::{Deal, Deals};
use crate::domain::fanout::{ChildCursor, UniformFanout};
use crate::domain::phrase::{self, Names};
use crate::domain::table::{BOOL, Column, DATE, Entity, INT, RowKey, TEXT, TIMESTAMP, TableInfo};
use crate::domain::vocabulary::{Template, Vocabulary};
use crate::random::{Slot, Stream};
use crate::value::Batch;

/// Tasks of each deal.
const PER_DEAL: CountRange = CountRange { min: 0, max: 3 };

pub struct Task {
    id: u64,
    /// Which task of its deal it is.
    number: u64,
    /// What the titles of the deal's tasks are drawn by.
    titles: Slot,
    opportunity: u64,
    /// Index of the deal's customer.
    customer: u64,
    contact: u64,
    names: Names,
    vocabulary: &'static Vocabulary,
    created: Moment,
    completed: Option<Moment>,
    /// It belongs to the last days of a deal that is over.
    is_closing: bool,
    as_of: Day,
}

/// Tasks of the last days of a deal are about its decision.
const CLOSING: i64 = 14 * DAY;

pub struct Tasks {
    walk: ChildCursor<UniformFanout>,
    deals: Deals,
    deal: Option<DealNames>,
    vocabulary: &'static Vocabulary,
    title: Stream,
    created: Stream,
    completed: Stream,
    as_of: Day,
}

/// What the tasks of one deal share.
#[derive(Clone, Copy)]
struct DealNames {
    deal: Deal,
    contact: u64,
    names: Names,
    /// Both the deal and the contact are there.
    start: Moment,
}

impl Task {
    const fn story(&self) -> &'static str {
        match (self.completed, self.is_closing) {
            (None, _) => "open",
            (Some(_), false) => "done",
            (Some(_), true) => "closed",
        }
    }

    /// Its title: no two tasks of a deal share one.
    fn title(&self) -> &'static Template {
        let titles = self.vocabulary.tasks.of(self.story());
        let size = titles.len() as u64;
        // Steps that do not come round within the tasks of a deal.
        let step = 1 + self.titles.child(0).below(size / PER_DEAL.max - 1);
        &titles[((self.titles.below(size) + self.number * step) % size) as usize]
    }
}

const COLUMNS: &[Column<Task>] = &[
    Column::derived("id", INT, "numbered by opportunity", |t, out| out.id(t.id)),
    Column::derived("title", TEXT.not_null(), "what a sales rep has to do or has done", |t, out| {
        out.compose(|s| phrase::write(s, t.title(), &t.names));
    }),
    Column::drawn("notes", TEXT, "a note, in one of three rows", |t, slot, out| {
        if slot.chance(33) {
            let notes = t.vocabulary.task_notes.of("any");
            out.compose(|s| phrase::write(s, slot.child(0).pick(notes), &t.names));
        } else {
            out.null();
        }
    }),
    Column::drawn(
        "due_date",
        DATE,
        "near completed_at; if open, from overdue to upcoming",
        |t, slot, out| {
            let day = match t.completed {
                Some(completed) => completed.day() + slot.between(-3, 4) as i32,
                None => t.as_of.0 + slot.between(-6, 21) as i32,
            };
            out.date(day.max(t.created.day()));
        },
    ),
    Column::derived(
        "completed_at",
        TIMESTAMP,
        "set for closed opportunities, and for some open ones",
        |t, out| {
            out.option(t.completed.map(|c| c.second), Batch::timestamp);
        },
    ),
    Column::drawn(
        "priority",
        TEXT.not_null().one_of(&["urgent", "high", "medium", "low"]),
        "mostly medium",
        |_, slot, out| {
            out.word(
                slot.word(&["urgent", "high", "high", "medium", "medium", "medium", "medium", "low", "low"]),
            );
        },
    ),
    Column::derived("opportunity_id", INT.refers_to("opportunities"), "the opportunity", |t, out| {
        out.id(t.opportunity)
    }),
    Column::derived("contact_id", INT.refers_to("contacts"), "a contact of the opportunity", |t, out| {
        out.id(t.contact)
    }),
    Column::derived(
        "created_at",
        TIMESTAMP.not_null(),
        "after those of opportunity and contact",
        |t, out| {
            out.timestamp(t.created.second);
        },
    ),
    Column::derived(
        "updated_at",
        TIMESTAMP.not_null(),
        "the same as completed_at, else as created_at",
        |t, out| {
            out.timestamp(t.completed.unwrap_or(t.created).second);
        },
    ),
    Column::derived("deleted_at", TIMESTAMP, "NULL", |_, out| out.null()),
];

const VIRTUAL_COLUMNS: &[Column<Task>] = &[
    Column::derived(
        "organization_id",
        INT.refers_to("organizations"),
        "the opportunity's customer",
        |t, out| {
            out.id(customer_id(t.customer));
        },
    ),
    Column::derived(
        "status",
        TEXT.one_of(&["open", "completed"]),
        "completed if completed_at is set",
        |t, out| {
            out.word(if t.completed.is_some() { "completed" } else { "open" });
        },
    ),
    Column::derived("is_completed", BOOL, "true if completed_at is set", |t, out| {
        out.bool(t.completed.is_some())
    }),
];

impl Entity for Tasks {
    type Row = Task;
    const TABLE: TableInfo = TableInfo {
        name: "tasks",
        about: "tasks of sales reps",
        needs: &["opportunities", "contacts"],
        key: &["id"],
        numbering: Numbering::OfOpportunities,
        populations: &["tasks"],
    };
    const COLUMNS: &'static [Column<Task>] = COLUMNS;
    const VIRTUAL_COLUMNS: &'static [Column<Task>] = VIRTUAL_COLUMNS;

    fn new(dataset: &Dataset) -> Self {
        let of = |column| Stream::new(dataset.seed, "tasks", column);
        let fanout = UniformFanout::new(dataset.seed, "tasks", PER_DEAL);
        Self {
            walk: ChildCursor::new(fanout, dataset.opportunities.first, dataset.opportunities.count),
            deals: Deals::new(dataset),
            deal: None,
            vocabulary: dataset.vocabulary,
            title: of("title"),
            created: of("created_at"),
            completed: of("completed_at"),
            as_of: dataset.as_of,
        }
    }

    fn rows(&mut self) -> u64 {
        self.walk.rows()
    }

    fn seek(&mut self, ordinal: u64) {
        self.walk.seek(ordinal);
    }

    fn next_row(&mut self) -> (RowKey, Task) {
        let (index, child) = self.walk.next_child();
        let shared = match self.deal {
            Some(shared) if shared.deal.index == index => shared,
            _ => {
                let shared = self.names(index);
                *self.deal.insert(shared)
            }
        };
        let end = shared.deal.closed.map_or(self.as_of.midnight(), |closed| closed.second);
        // It may be that a contact came after its deal was closed: the task came with it then.
        let created = shared.start.until(end, self.created.at(index).child(child));
        let done = self.completed.at(index).child(child);
        let is_done = shared.deal.closed.is_some() || done.chance(40);
        let task = Task {
            id: index * DEAL_IDS + child + 1,
            number: child,
            titles: self.title.at(index),
            opportunity: opportunity_id(index),
            customer: shared.deal.customer,
            contact: contact_id(shared.deal.customer, shared.contact),
            names: shared.names,
            vocabulary: self.vocabulary,
            created,
            is_closing: shared.deal.closed.is_some() && created.second >= end - CLOSING,
            completed: is_done.then(|| created.until((created.second + 9 * DAY).min(end), done.child(0))),
            as_of: self.as_of,
        };
        (RowKey::child_of(index, child), task)
    }
}

impl Tasks {
    fn names(&mut self, index: u64) -> DealNames {
        let deals = &mut self.deals;
        let deal = deals.deal(index);
        let first = deals.first_food(&deal);
        let contact = deals.contact(&deal, 0);
        DealNames {
            deal,
            contact,
            names: Names {
                contact: deals.people.first_name(deal.customer, contact).text,
                customer: deals.customers.name(deal.customer),
                brand: deals.catalog.principals.brand(deal.principal),
                food: &first.item.lower,
                category: first.category.label,
                distributor: deal.distributor.map(|d| deals.distributor_names.name(d)),
            },
            start: deal.created.max(deals.contact_created(&deal, contact)),
        }
    }
}
