//! People at customers.

use crate::domain::dataset::{Dataset, Moment, Numbering, contact_id, customer_id};
use crate::domain::fanout::{ChildCursor, UniformFanout};
use crate::domain::name::{Name, PHONES, write_phone_of};
use crate::domain::parties::Customers;
use crate::domain::phrase::write_json_string;
use crate::domain::table::{BOOL, Column, Entity, INT, JSON, RowKey, TEXT, TIMESTAMP, TableInfo};
use crate::domain::vocabulary::{CustomerKind, Title, Vocabulary, Word};
use crate::random::Stream;
use crate::value::Batch;

/// A prime: no list of first names is a multiple of it, so that steps of it visit every name.
const NAME_STEP: u64 = 1_000_003;

/// Names, addresses and titles of contacts by their index, without generating whole rows.
pub struct People {
    vocabulary: &'static Vocabulary,
    first_name: Stream,
    title: Stream,
    age: Stream,
    as_of: crate::calendar::Day,
}

impl People {
    /// The contacts of `dataset`.
    pub fn new(dataset: &Dataset) -> Self {
        let of = |column| Stream::new(dataset.seed, "contacts", column);
        Self {
            vocabulary: dataset.vocabulary,
            first_name: of("first_name"),
            title: of("title"),
            age: of("created_at"),
            as_of: dataset.as_of,
        }
    }

    /// First name: no two contacts of a customer share one, so that mailboxes differ.
    pub fn first_name(&mut self, customer: u64, child: u64) -> Word {
        let names = &self.vocabulary.first_names;
        let size = names.len() as u64;
        let start = self.first_name.at(customer).below(size);
        names[((start + child * NAME_STEP) % size) as usize]
    }

    /// Title: the primary contact is one who decides or buys.
    pub fn title(&mut self, kind: &CustomerKind, customer: u64, child: u64) -> &'static Title {
        let titles = if child == 0 { &kind.buyers } else { &kind.titles };
        titles.pick(self.title.at(customer).child(child))
    }

    /// When the contact of a customer that is `customer_age` days old came, and at what age.
    pub fn created(&mut self, customer_age: i64, customer: u64, child: u64) -> (i64, Moment) {
        let slot = self.age.at(customer).child(child);
        // The first contact came with the customer.
        let most = customer_age - 1;
        let age = if child == 0 { most } else { slot.skewed(2, most) };
        (age, Moment::days_ago(self.as_of, age, slot.child(0)))
    }
}

pub struct Contact {
    id: u64,
    /// Index of its customer.
    customer: u64,
    is_primary: bool,
    first: Word,
    last: Word,
    organization: Name,
    area_code: &'static str,
    title: &'static Title,
    created: Moment,
    now: i64,
}

impl Contact {
    fn write_email(&self, out: &mut String) {
        out.push_str(self.first.slug);
        out.push('.');
        out.push_str(self.last.slug);
        out.push('@');
        self.organization.write_domain(out);
    }
}

pub struct Contacts {
    walk: ChildCursor<UniformFanout>,
    people: People,
    customers: Customers,
    last_name: Stream,
    customer: Option<Employer>,
    now: i64,
}

/// What the contacts of one customer share.
#[derive(Clone, Copy)]
struct Employer {
    index: u64,
    kind: &'static CustomerKind,
    name: Name,
    area_code: &'static str,
    age: i64,
}

/// Which row of the table the `child`th of a customer is.
pub fn ordinal(dataset: &Dataset, customer: u64, child: u64) -> u64 {
    ChildCursor::new(fanout(dataset), dataset.customers.first, dataset.customers.count)
        .ordinal(customer, child)
}

/// How many contacts each parent has.
pub fn fanout(dataset: &Dataset) -> UniformFanout {
    UniformFanout::new(dataset.seed, "contacts", dataset.contacts_per_customer)
        .sharing(dataset.contacts, dataset.customers)
}

const COLUMNS: &[Column<Contact>] = &[
    Column::derived("id", INT, "numbered by customer", |c, out| out.id(c.id)),
    Column::derived("name", TEXT.not_null(), "first and last name", |c, out| {
        out.compose(|s| {
            s.push_str(c.first.text);
            s.push(' ');
            s.push_str(c.last.text);
        });
    }),
    Column::derived("first_name", TEXT, "unique within the customer", |c, out| out.word(c.first.text)),
    Column::derived("last_name", TEXT, "a surname, from many origins", |c, out| out.word(c.last.text)),
    Column::derived(
        "email",
        JSON.not_null(),
        "first and last name at the organization's domain",
        |c, out| {
            out.json(|s| {
                s.push_str(r#"[{"type":"work","value":"#);
                write_json_string(s, |s| c.write_email(s));
                s.push_str(r#","primary":true}]"#);
            });
        },
    ),
    Column::drawn(
        "phone",
        JSON.not_null(),
        "area code of the organization, 555-0100 to 555-0199",
        |c, slot, out| {
            let types = if slot.chance(60) { ["office", "mobile"] } else { ["mobile", "office"] };
            let numbers = if slot.child(0).chance(30) { 2 } else { 1 };
            // The second is drawn from those that the first is not.
            let first = slot.child(1).below(PHONES);
            let second = (first + 1 + slot.child(2).below(PHONES - 1)) % PHONES;
            out.json(|s| {
                s.push('[');
                for (i, kind) in types.iter().take(numbers).enumerate() {
                    s.push_str(if i > 0 { r#",{"type":""# } else { r#"{"type":""# });
                    s.push_str(kind);
                    s.push_str(r#"","value":""#);
                    write_phone_of(s, c.area_code, [first, second][i]);
                    s.push_str(if i > 0 { r#"","primary":false}"# } else { r#"","primary":true}"# });
                }
                s.push(']');
            });
        },
    ),
    Column::derived("title", TEXT, "a job that fits the industry", |c, out| out.word(c.title.title)),
    Column::derived("department", TEXT, "from the title", |c, out| out.word(c.title.department)),
    Column::derived(
        "role",
        TEXT.one_of(&["decision_maker", "influencer", "buyer", "end_user"]),
        "from the title",
        |c, out| out.word(c.title.role),
    ),
    Column::derived(
        "is_primary_contact",
        BOOL.not_null(),
        "true for the first contact of each customer",
        |c, out| out.bool(c.is_primary),
    ),
    Column::derived(
        "purchase_influence",
        TEXT.one_of(&["High", "Medium", "Low"]),
        "from the title",
        |c, out| out.word(c.title.purchase_influence),
    ),
    Column::derived(
        "decision_authority",
        TEXT.one_of(&["Decision Maker", "Influencer", "None"]),
        "from the title",
        |c, out| out.word(c.title.decision_authority),
    ),
    Column::derived("created_at", TIMESTAMP.not_null(), "after that of the customer", |c, out| {
        out.timestamp(c.created.second)
    }),
    Column::drawn("updated_at", TIMESTAMP.not_null(), "from created_at to the as-of date", |c, slot, out| {
        out.timestamp(c.created.touched(c.now, slot).second);
    }),
    Column::derived("deleted_at", TIMESTAMP, "NULL", |_, out: &mut Batch| out.null()),
];

const VIRTUAL_COLUMNS: &[Column<Contact>] =
    &[Column::derived("organization_id", INT.refers_to("organizations"), "the customer", |c, out| {
        out.id(customer_id(c.customer));
    })];

impl Entity for Contacts {
    type Row = Contact;
    const TABLE: TableInfo = TableInfo {
        name: "contacts",
        about: "people at customers",
        needs: &["organizations"],
        key: &["id"],
        numbering: Numbering::OfCustomers,
        populations: &["contacts"],
    };
    const COLUMNS: &'static [Column<Contact>] = COLUMNS;
    const VIRTUAL_COLUMNS: &'static [Column<Contact>] = VIRTUAL_COLUMNS;

    fn new(dataset: &Dataset) -> Self {
        Self {
            walk: ChildCursor::new(fanout(dataset), dataset.customers.first, dataset.customers.count),
            people: People::new(dataset),
            customers: Customers::new(dataset),
            last_name: Stream::new(dataset.seed, "contacts", "last_name"),
            customer: None,
            now: dataset.now(),
        }
    }

    fn rows(&mut self) -> u64 {
        self.walk.rows()
    }

    fn seek(&mut self, ordinal: u64) {
        self.walk.seek(ordinal);
    }

    fn next_row(&mut self) -> (RowKey, Contact) {
        let (customer, child) = self.walk.next_child();
        let employer = self.employer(customer);
        let names = &self.people.vocabulary.last_names;
        let contact = Contact {
            id: contact_id(customer, child),
            customer,
            is_primary: child == 0,
            first: self.people.first_name(customer, child),
            last: *self.last_name.at(customer).child(child).pick(names),
            organization: employer.name,
            area_code: employer.area_code,
            title: self.people.title(employer.kind, customer, child),
            created: self.people.created(employer.age, customer, child).1,
            now: self.now,
        };
        (RowKey::child_of(customer, child), contact)
    }
}

impl Contacts {
    fn employer(&mut self, index: u64) -> Employer {
        match self.customer {
            Some(employer) if employer.index == index => employer,
            _ => *self.customer.insert(Employer {
                index,
                kind: self.customers.kind(index),
                name: self.customers.name(index),
                area_code: self.customers.location(index).area_code,
                age: self.customers.ages.days(index),
            }),
        }
    }
}
