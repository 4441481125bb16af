//! Principals, distributors and customers: three populations in one table.

use std::fmt::Write;

use crate::calendar::Day;
use crate::crm::table::{Column, Entity, RowKey, TableInfo};
use crate::crm::vocabulary::{Category, CustomerKind, NameParts, Place, Vocabulary, Word};
use crate::crm::world::{Moment, Pool, World, customer_id, distributor_id, principal_id};
use crate::random::{Keyed, Permutation, Slot, Stream};
use crate::value::{Batch, Kind};

const PRINCIPALS: usize = 0;
const DISTRIBUTORS: usize = 1;
const CUSTOMERS: usize = 2;

/// The domain that IANA reserves for documentation (RFC 2606).
const TOP_LEVEL: &str = ".example";
/// The longest label of a domain name (RFC 1035).
const LONGEST_LABEL: usize = 63;

/// A name made of words of the vocabulary, and a number where those are used up.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    words: [Word; 5],
    number: u64,
}

const NO_WORD: Word = Word { text: "", slug: "" };

impl Name {
    fn new(words: &[Word], number: u64) -> Self {
        let mut name = Self { words: [NO_WORD; 5], number };
        name.words[..words.len()].copy_from_slice(words);
        name
    }

    /// Appends it as people write it.
    pub fn write(&self, out: &mut String) {
        let words = self.words.iter().filter(|word| !word.text.is_empty());
        for (i, word) in words.enumerate() {
            if i > 0 {
                out.push(' ');
            }
            out.push_str(word.text);
        }
        if self.number > 1 {
            let _ = write!(out, " No. {}", self.number);
        }
    }

    /// Appends the domain that it owns.
    pub fn write_domain(&self, out: &mut String) {
        let start = out.len();
        for word in &self.words {
            out.push_str(word.slug);
        }
        if self.number > 1 {
            let _ = write!(out, "{}", self.number);
        }
        out.truncate(out.len().min(start + LONGEST_LABEL));
        out.push_str(TOP_LEVEL);
    }

    /// The three letters by which its SKUs begin: `MCR` for Maple Creek.
    pub fn initials(&self) -> [u8; 3] {
        let letters = |word: &Word, n: usize| word.slug.as_bytes().get(n).copied().unwrap_or(b'x');
        [letters(&self.words[0], 0), letters(&self.words[1], 0), letters(&self.words[1], 1)]
            .map(|b| b.to_ascii_uppercase())
    }
}

/// The `index`th name of `parts`: no two indices share one.
fn unique_name(parts: &NameParts, order: &Permutation, index: u64) -> Name {
    let size = order.size();
    Name::new(&parts.combination(order.at(index % size, 0)), index / size + 1)
}

/// Where an organization is.
#[derive(Clone, Copy)]
pub struct Location {
    /// The town.
    pub place: &'static Place,
    /// One of its ZIP codes.
    pub postal_code: &'static str,
    /// One of its area codes.
    pub area_code: &'static str,
}

struct Locations {
    vocabulary: &'static Vocabulary,
    stream: Stream,
}

impl Locations {
    fn new(world: &World, population: &str) -> Self {
        Self { vocabulary: world.vocabulary, stream: Stream::new(world.seed, population, "city") }
    }

    fn at(&mut self, index: u64) -> Location {
        let slot = self.stream.at(index);
        let place = *self.vocabulary.places.pick(slot);
        Location {
            place,
            postal_code: slot.child(0).word(&place.postal_codes),
            area_code: slot.child(1).word(&place.area_codes),
        }
    }
}

/// When organizations of one population entered the CRM.
pub struct Ages {
    as_of: Day,
    stream: Stream,
    least: i64,
    most: i64,
}

impl Ages {
    fn new(world: &World, population: &str, least: i64, most: i64) -> Self {
        let stream = Stream::new(world.seed, population, "created_at");
        Self { as_of: world.as_of, stream, least, most }
    }

    /// Days before the as-of date.
    pub fn days(&mut self, index: u64) -> i64 {
        self.stream.at(index).skewed(self.least, self.most)
    }

    /// The moment.
    pub fn moment(&mut self, index: u64) -> Moment {
        let slot = self.stream.at(index).child(0);
        Moment::days_ago(self.as_of, self.days(index), slot)
    }
}

/// Reads principals.
pub struct Principals {
    vocabulary: &'static Vocabulary,
    category: Stream,
    suffix: Stream,
    order: Permutation,
    /// When they entered the CRM: before any of their products (see `products`).
    pub ages: Ages,
    locations: Locations,
}

/// The youngest principal is older than the oldest product of any.
pub const YOUNGEST_PRINCIPAL: i64 = 1000;

impl Principals {
    /// The principals of `world`.
    pub fn new(world: &World) -> Self {
        let of = |column| Stream::new(world.seed, "principals", column);
        let names = world.vocabulary.brands.combinations();
        Self {
            vocabulary: world.vocabulary,
            category: of("category"),
            suffix: of("suffix"),
            order: Permutation::new(world.seed, "principals", "name", names),
            ages: Ages::new(world, "principals", YOUNGEST_PRINCIPAL, 2600),
            locations: Locations::new(world, "principals"),
        }
    }

    /// The categories that it makes: a main one, and a few that go with it.
    pub fn categories(&mut self, index: u64) -> (&'static Category, &'static [usize]) {
        let slot = self.category.at(index);
        let main = slot.pick(&self.vocabulary.categories);
        let related = slot.child(0).below(main.related.len() as u64 + 1) as usize;
        (main, &main.related[..related])
    }

    /// Its brand: `Maple Creek`. No two principals share one.
    pub fn brand(&mut self, index: u64) -> Name {
        let parts = &self.vocabulary.brands;
        let size = self.order.size();
        let [one, two, _] = parts.combination(self.order.at(index % size, 0));
        // Once all pairs are taken, a third word joins: `Maple Creek & Orchard`.
        let round = index / size;
        let thirds = parts.0[1].len() as u64;
        if round == 0 {
            return Name::new(&[one, two], 1);
        }
        let and = Word { text: "&", slug: "and" };
        let third = parts.0[1][((round - 1) % thirds) as usize];
        Name::new(&[one, two, and, third], (round - 1) / thirds + 1)
    }

    /// Its full name: `Maple Creek Creamery`.
    pub fn name(&mut self, index: u64) -> Name {
        let mut name = self.brand(index);
        let suffix = *self.suffix.at(index).pick(&self.categories(index).0.suffixes);
        let end = name.words.iter().position(|word| word.text.is_empty()).unwrap_or(4);
        name.words[end] = suffix;
        name
    }

    /// Where it is.
    pub fn location(&mut self, index: u64) -> Location {
        self.locations.at(index)
    }
}

/// Reads distributors.
pub struct Distributors {
    vocabulary: &'static Vocabulary,
    order: Permutation,
    /// When they entered the CRM.
    pub ages: Ages,
    locations: Locations,
}

impl Distributors {
    /// The distributors of `world`.
    pub fn new(world: &World) -> Self {
        let names = world.vocabulary.distributors.combinations();
        Self {
            vocabulary: world.vocabulary,
            order: Permutation::new(world.seed, "distributors", "name", names),
            ages: Ages::new(world, "distributors", 950, 2400),
            locations: Locations::new(world, "distributors"),
        }
    }

    /// Its name.
    pub fn name(&self, index: u64) -> Name {
        unique_name(&self.vocabulary.distributors, &self.order, index)
    }
}

/// Reads customers.
pub struct Customers {
    vocabulary: &'static Vocabulary,
    kind: Stream,
    orders: Vec<(&'static str, Permutation)>,
    /// When they entered the CRM.
    pub ages: Ages,
    locations: Locations,
    appeal: Keyed,
}

impl Customers {
    /// The customers of `world`.
    pub fn new(world: &World) -> Self {
        let orders = world.vocabulary.customers.shares().map(|(kind, _)| {
            let order = Permutation::new(world.seed, "customers", kind.kind, kind.names.combinations());
            (kind.kind, order)
        });
        Self {
            vocabulary: world.vocabulary,
            kind: Stream::new(world.seed, "customers", "industry"),
            orders: orders.collect(),
            ages: Ages::new(world, "customers", 30, 1500),
            locations: Locations::new(world, "customers"),
            appeal: Keyed::new(world.seed, "customers", "appeal"),
        }
    }

    /// What it is.
    pub fn kind(&mut self, index: u64) -> &'static CustomerKind {
        self.vocabulary.customers.pick(self.kind.at(index))
    }

    /// Its name. Kinds never share one, as what names end in differs.
    pub fn name(&mut self, index: u64) -> Name {
        let kind = self.kind(index);
        let order = self.orders.iter().find(|(name, _)| *name == kind.kind);
        unique_name(&kind.names, &order.expect("an order for each kind").1, index)
    }

    /// Where it is.
    pub fn location(&mut self, index: u64) -> Location {
        self.locations.at(index)
    }

    /// How sought-after it is, in percent: its priority and its share of the deals follow.
    #[inline]
    pub fn appeal(&self, index: u64) -> u64 {
        self.appeal.at(index).below(100)
    }

    /// The customer of a deal: the most sought-after of four candidates. So a fifth of the
    /// customers have about 60 % of the deals, and a new customer takes deals only for itself.
    pub fn for_deal(&self, pool: Pool, slot: Slot) -> u64 {
        let slots = [slot.child(0), slot.child(1), slot.child(2), slot.child(3)];
        Slot::members(slots, pool.count)
            .into_iter()
            .map(|member| pool.first + member)
            .max_by_key(|&index| (self.appeal.at(index).below(u64::MAX), index))
            .expect("four candidates")
    }
}

/// A, B, C or D, of 100 customers the best 12, 24, 36 and the rest.
fn priority(appeal: u64) -> &'static str {
    match appeal {
        88.. => "A",
        64.. => "B",
        28.. => "C",
        _ => "D",
    }
}

/// What an organization of any population has.
pub struct Organization {
    id: u64,
    population: usize,
    name: Name,
    location: Location,
    priority: Option<&'static str>,
    industry: &'static str,
    employees: i64,
    revenue: i64,
    created: Moment,
    now: i64,
}

/// The table.
pub struct Organizations {
    pools: [Pool; 3],
    now: i64,
    principals: Principals,
    distributors: Distributors,
    customers: Customers,
    employees: [Stream; 3],
    revenue: [Stream; 3],
    at: (usize, u64),
}

/// Limits of the company sizes: more employees than this make an enterprise, a mid-market
/// company, a small business; fewer a start-up.
const SIZES: [(i64, &str, &str); 3] = [
    (1000, "Enterprise", "enterprise"),
    (100, "Mid-Market", "mid-market"),
    (10, "Small Business", "small-business"),
];

fn size(employees: i64) -> (&'static str, &'static str) {
    let size = SIZES.iter().find(|(limit, _, _)| employees > *limit);
    size.map_or(("Small Business", "startup"), |(_, segment, customer)| (segment, customer))
}

const COLUMNS: &[Column<Organization>] = &[
    Column::derived("id", Kind::Int, "rounds of 5 principals, 3 distributors, 20 customers", |o, out| {
        out.id(o.id)
    }),
    Column::derived("name", Kind::Text, "unique words of its kind", |o, out| {
        out.compose(|s| o.name.write(s))
    }),
    Column::derived("organization_type", Kind::Text, "principal, distributor or customer", |o, out| {
        out.word(["principal", "distributor", "customer"][o.population]);
    }),
    Column::derived("is_principal", Kind::Bool, "agrees with the type", |o, out| {
        out.bool(o.population == PRINCIPALS)
    }),
    Column::derived("is_distributor", Kind::Bool, "agrees with the type", |o, out| {
        out.bool(o.population == DISTRIBUTORS);
    }),
    Column::derived("segment", Kind::Text, "by employees", |o, out| out.word(size(o.employees).0)),
    Column::derived("priority", Kind::Text, "A to D, by how sought-after a customer is", |o, out| {
        out.option(o.priority, Batch::word);
    }),
    Column::derived("industry", Kind::Text, "by kind", |o, out| out.word(o.industry)),
    Column::derived("website", Kind::Text, "its domain, under .example", |o, out| {
        out.compose(|s| {
            s.push_str("https://www.");
            o.name.write_domain(s);
        });
    }),
    Column::drawn("phone", Kind::Text, "area code of its city, 555-0100 to 555-0199", |o, slot, out| {
        out.compose(|s| write_phone(s, o.location.area_code, slot));
    }),
    Column::drawn("email", Kind::Text, "an office at its domain", |o, slot, out| {
        let offices: &[&'static str] = match o.population {
            PRINCIPALS => &["sales", "broker", "orders", "info"],
            DISTRIBUTORS => &["orders", "customerservice", "info"],
            _ => &["purchasing", "info", "office", "kitchen"],
        };
        out.compose(|s| {
            s.push_str(slot.word(offices));
            s.push('@');
            o.name.write_domain(s);
        });
    }),
    Column::derived("city", Kind::Text, "a town, the larger the likelier", |o, out| {
        out.word(o.location.place.city)
    }),
    Column::derived("state", Kind::Text, "state of the city", |o, out| out.word(o.location.place.state)),
    Column::derived("postal_code", Kind::Text, "ZIP code of the city", |o, out| {
        out.word(o.location.postal_code)
    }),
    Column::derived("country", Kind::Text, "USA", |_, out| out.word("USA")),
    Column::derived(
        "annual_revenue",
        Kind::Decimal,
        "employees times what its kind earns a head",
        |o, out| {
            out.cents(o.revenue * 100);
        },
    ),
    Column::derived("employee_count", Kind::Int, "range of its kind, most are small", |o, out| {
        out.int(o.employees)
    }),
    Column::derived("customer_segment", Kind::Text, "by employees: over 1000, 100, 10", |o, out| {
        out.word(size(o.employees).1);
    }),
    Column::derived("created_at", Kind::Timestamp, "recent ones are denser", |o, out| {
        out.timestamp(o.created.second)
    }),
    Column::drawn("updated_at", Kind::Timestamp, "from created_at to the as-of date", |o, slot, out| {
        out.timestamp(o.created.touched(o.now, slot).second);
    }),
    Column::derived("deleted_at", Kind::Timestamp, "not deleted", |_, out| out.null()),
];

/// Appends a telephone number that is reserved for fiction.
pub fn write_phone(out: &mut String, area_code: &str, slot: Slot) {
    let _ = write!(out, "({area_code}) 555-01{:02}", slot.below(100));
}

impl Entity for Organizations {
    type Row = Organization;
    const TABLE: TableInfo = TableInfo {
        name: "organizations",
        about: "principals, distributors and customers",
        needs: &[],
        key: &["id"],
        populations: &["principals", "distributors", "customers"],
    };
    const COLUMNS: &'static [Column<Organization>] = COLUMNS;

    fn new(world: &World) -> Self {
        let streams =
            |column| Self::TABLE.populations.iter().map(move |p| Stream::new(world.seed, p, column));
        let three = |column| {
            let mut streams = streams(column);
            std::array::from_fn(|_| streams.next().expect("three populations"))
        };
        Self {
            pools: [world.principals, world.distributors, world.customers],
            now: world.now(),
            principals: Principals::new(world),
            distributors: Distributors::new(world),
            customers: Customers::new(world),
            employees: three("employee_count"),
            revenue: three("annual_revenue"),
            at: (0, 0),
        }
    }

    fn rows(&mut self) -> u64 {
        self.pools.iter().map(|pool| pool.count).sum()
    }

    fn seek(&mut self, mut ordinal: u64) {
        let mut population = 0;
        while population < CUSTOMERS && ordinal >= self.pools[population].count {
            ordinal -= self.pools[population].count;
            population += 1;
        }
        self.at = (population, ordinal);
    }

    fn next_row(&mut self) -> (RowKey, Organization) {
        while self.at.0 < CUSTOMERS && self.at.1 >= self.pools[self.at.0].count {
            self.at = (self.at.0 + 1, 0);
        }
        let (population, position) = self.at;
        self.at.1 += 1;
        let index = self.pools[population].first + position;
        let row = match population {
            PRINCIPALS => self.principal(index),
            DISTRIBUTORS => self.distributor(index),
            _ => self.customer(index),
        };
        (RowKey { population, index, child: None }, row)
    }
}

impl Organizations {
    fn principal(&mut self, index: u64) -> Organization {
        // At least a mid-market company; most are no enterprise.
        let employees = self.employees[PRINCIPALS].at(index).skewed(101, 1800);
        Organization {
            id: principal_id(index),
            population: PRINCIPALS,
            name: self.principals.name(index),
            location: self.principals.location(index),
            priority: None,
            industry: "Food & Beverage",
            employees,
            revenue: self.revenue(PRINCIPALS, index, employees, (140, 390)),
            created: self.principals.ages.moment(index),
            now: self.now,
        }
    }

    fn distributor(&mut self, index: u64) -> Organization {
        let employees = self.employees[DISTRIBUTORS].at(index).skewed(101, 1000);
        Organization {
            id: distributor_id(index),
            population: DISTRIBUTORS,
            name: self.distributors.name(index),
            location: self.distributors.locations.at(index),
            priority: None,
            industry: "Distribution",
            employees,
            revenue: self.revenue(DISTRIBUTORS, index, employees, (400, 900)),
            created: self.distributors.ages.moment(index),
            now: self.now,
        }
    }

    fn customer(&mut self, index: u64) -> Organization {
        let kind = self.customers.kind(index);
        // Most places are small: the square of a square.
        let (least, most) = kind.employees;
        let slot = self.employees[CUSTOMERS].at(index);
        let employees = slot.skewed(least, least + slot.child(0).skewed(0, most - least));
        let (low, high) = kind.revenue_per_employee;
        Organization {
            id: customer_id(index),
            population: CUSTOMERS,
            name: self.customers.name(index),
            location: self.customers.location(index),
            priority: Some(priority(self.customers.appeal(index))),
            industry: kind.industry,
            employees,
            revenue: self.revenue(CUSTOMERS, index, employees, (low / 1000, high / 1000)),
            created: self.customers.ages.moment(index),
            now: self.now,
        }
    }

    /// Whole thousands of dollars, from what an employee brings in.
    fn revenue(&mut self, population: usize, index: u64, employees: i64, thousands: (i64, i64)) -> i64 {
        let slot = self.revenue[population].at(index);
        employees * slot.between(thousands.0, thousands.1) * 1000
    }
}
