//! Who deals with whom: what other tables need of principals, distributors and customers.

use crate::calendar::Day;
use crate::domain::dataset::{Dataset, Moment, Pool};
use crate::domain::name::{Name, unique_name};
use crate::domain::vocabulary::{Category, CustomerKind, NameParts, Place, Vocabulary, Word};
use crate::random::{Keyed, Permutation, Slot, Stream};
use crate::stream_labels;

/// Where an organization is.
#[derive(Clone, Copy)]
pub struct Location {
    pub place: &'static Place,
    /// One of its ZIP codes.
    pub postal_code: &'static str,
    pub area_code: &'static str,
}

struct Locations {
    vocabulary: &'static Vocabulary,
    stream: Stream,
}

impl Locations {
    fn new(dataset: &Dataset, population: &str) -> Self {
        Self { vocabulary: dataset.vocabulary, stream: Stream::new(dataset.seed, population, "city") }
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
    fn new(dataset: &Dataset, population: &str, least: i64, most: i64) -> Self {
        let stream = Stream::new(dataset.seed, population, "created_at");
        Self { as_of: dataset.as_of, stream, least, most }
    }

    /// Days before the as-of date.
    pub fn days(&mut self, index: u64) -> i64 {
        self.stream.at(index).skewed(self.least, self.most)
    }

    /// When the organization was created.
    pub fn moment(&mut self, index: u64) -> Moment {
        let slot = self.stream.at(index).child(0);
        Moment::days_ago(self.as_of, self.days(index), slot)
    }
}

/// Computes principals by index.
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
    /// The principals of `dataset`.
    pub fn new(dataset: &Dataset) -> Self {
        let of = |column| Stream::new(dataset.seed, "principals", column);
        let names = dataset.vocabulary.brands.combinations();
        Self {
            vocabulary: dataset.vocabulary,
            category: of("category"),
            suffix: of("suffix"),
            order: Permutation::new(dataset.seed, stream_labels::PRINCIPALS, stream_labels::NAME, names),
            ages: Ages::new(dataset, "principals", YOUNGEST_PRINCIPAL, 2600),
            locations: Locations::new(dataset, "principals"),
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
        brand(&self.vocabulary.brands, &self.order, index)
    }

    /// Its full name: `Maple Creek Creamery`.
    pub fn name(&mut self, index: u64) -> Name {
        let suffix = *self.suffix.at(index).pick(&self.categories(index).0.suffixes);
        self.brand(index).with(suffix)
    }

    /// City, state, postal code and area code of the organization at `index`.
    pub fn location(&mut self, index: u64) -> Location {
        self.locations.at(index)
    }
}

/// The `index`th brand of `parts`: no two indices share one.
pub fn brand(parts: &NameParts, order: &Permutation, index: u64) -> Name {
    let size = order.size();
    let [one, two, _] = parts.combination(order.at(index % size, 0));
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

/// Computes distributors by index.
pub struct Distributors {
    vocabulary: &'static Vocabulary,
    order: Permutation,
    /// When they entered the CRM.
    pub ages: Ages,
    locations: Locations,
}

impl Distributors {
    /// The distributors of `dataset`.
    pub fn new(dataset: &Dataset) -> Self {
        let names = dataset.vocabulary.distributors.combinations();
        Self {
            vocabulary: dataset.vocabulary,
            order: Permutation::new(dataset.seed, stream_labels::DISTRIBUTORS, stream_labels::NAME, names),
            ages: Ages::new(dataset, "distributors", 950, 2400),
            locations: Locations::new(dataset, "distributors"),
        }
    }

    pub fn name(&self, index: u64) -> Name {
        unique_name(&self.vocabulary.distributors, &self.order, index)
    }

    /// City, state, postal code and area code of the organization at `index`.
    pub fn location(&mut self, index: u64) -> Location {
        self.locations.at(index)
    }
}

/// Whole thousands of dollars, from how many thousands an employee brings in.
pub const fn revenue(employees: i64, thousands: (i64, i64), slot: Slot) -> i64 {
    employees.saturating_mul(slot.between(thousands.0, thousands.1) * 1000)
}

/// Computes customers by index.
pub struct Customers {
    vocabulary: &'static Vocabulary,
    kind: Stream,
    orders: Vec<(&'static str, Permutation)>,
    /// When they entered the CRM.
    pub ages: Ages,
    locations: Locations,
    employees: Stream,
    revenue: Stream,
    appeal: Keyed,
}

impl Customers {
    /// The customers of `dataset`.
    pub fn new(dataset: &Dataset) -> Self {
        let orders = dataset.vocabulary.customers.shares().map(|(kind, _)| {
            let order = Permutation::new(
                dataset.seed,
                stream_labels::CUSTOMERS,
                kind.kind,
                kind.names.combinations(),
            );
            (kind.kind, order)
        });
        Self {
            vocabulary: dataset.vocabulary,
            kind: Stream::new(dataset.seed, "customers", "industry"),
            orders: orders.collect(),
            ages: Ages::new(dataset, "customers", 30, 1500),
            locations: Locations::new(dataset, "customers"),
            employees: Stream::new(dataset.seed, "customers", "employee_count"),
            revenue: Stream::new(dataset.seed, "customers", "annual_revenue"),
            appeal: Keyed::new(dataset.seed, stream_labels::CUSTOMERS, stream_labels::APPEAL),
        }
    }

    /// The kind of customer at `index`.
    pub fn kind(&mut self, index: u64) -> &'static CustomerKind {
        self.vocabulary.customers.pick(self.kind.at(index))
    }

    /// Its name. Kinds never share one, as what names end in differs.
    pub fn name(&mut self, index: u64) -> Name {
        let kind = self.kind(index);
        let order = self.orders.iter().find(|(name, _)| *name == kind.kind);
        unique_name(&kind.names, &order.expect("an order for each kind").1, index)
    }

    /// City, state, postal code and area code of the organization at `index`.
    pub fn location(&mut self, index: u64) -> Location {
        self.locations.at(index)
    }

    /// How many work there.
    pub fn employees(&mut self, index: u64) -> i64 {
        // Most places are small: the square of a square.
        let (least, most) = self.kind(index).employees;
        let slot = self.employees.at(index);
        slot.skewed(least, least + slot.child(0).skewed(0, most - least))
    }

    /// What it takes in a year, in dollars.
    pub fn revenue(&mut self, index: u64) -> i64 {
        let (low, high) = self.kind(index).revenue_per_employee;
        revenue(self.employees(index), (low / 1000, high / 1000), self.revenue.at(index))
    }

    /// How sought-after it is, in percent: its priority and its share of the deals follow.
    #[inline]
    pub fn appeal(&self, index: u64) -> u64 {
        self.appeal.at(index).below(100)
    }

    /// The customer of a deal: the most sought-after of four candidates. So a fifth of the
    /// customers have about 60 % of the deals, and a new customer takes deals only for itself.
    pub fn for_deal(&self, pool: Pool, slot: Slot) -> u64 {
        (0..4)
            .map(|i| pool.first + slot.child(i).candidate(pool.count))
            .max_by_key(|&index| (self.appeal.at(index).below(u64::MAX), index))
            .expect("four candidates")
    }
}
