//! What the opportunities and all their children agree on: who, which stage, when, and for what.

use crate::calendar::Day;
use crate::domain::contacts::{self, People};
use crate::domain::counts::CountRange;
use crate::domain::dataset::{Dataset, Moment, Pool, Stage, opportunity_id};
use crate::domain::fanout::{Fanout, UniformFanout};
use crate::domain::parties::{Customers, Distributors};
use crate::domain::products::{Catalog, Food, PRICE_STEP, YOUNGEST_PRODUCT};
use crate::random::{Keyed, Slot, Stream, Weighted};
use crate::stream_labels;

/// The most products on one deal.
pub const MOST_ITEMS: usize = 5;
/// The most contacts on one deal.
const MOST_CONTACTS: u64 = 3;
/// Open deals are at most this many days old; closed ones reach back further.
const OLDEST_OPEN: i64 = 270;
const OLDEST_CLOSED: i64 = YOUNGEST_PRODUCT - 30;

/// Amounts aimed at, in cents: from 11 thousand dollars to 480 thousand.
pub const AMOUNT: (i64, i64) = (1_100_000, 48_000_000);
/// No deal is aimed above this much of what its customer takes in a year, in percent.
const MOST_OF_REVENUE: i64 = 10;

/// Units come in multiples of this, so that with prices in multiples of five cents every
/// discount of whole twentieths gives whole cents and the sum of the line items is exact.
const QUANTITY_STEP: i64 = 4;

/// One opportunity, without its texts.
#[derive(Clone, Copy)]
pub struct Deal {
    /// Its index among the opportunities, from 0.
    pub index: u64,
    /// Index of the customer.
    pub customer: u64,
    /// Index of the principal.
    pub principal: u64,
    /// Index of the distributor, where there is any.
    pub distributor: Option<u64>,
    pub stage: &'static Stage,
    /// When it was opened.
    pub created: Moment,
    /// When it was won or lost.
    pub closed: Option<Moment>,
}

impl Deal {
    pub const fn id(&self) -> u64 {
        opportunity_id(self.index)
    }
}

/// A product on a deal.
#[derive(Clone, Copy)]
pub struct LineItem {
    /// Number of the product at its principal.
    pub product: u64,
    pub food: Food,
    /// Number of units sold.
    pub quantity: i64,
    /// Price of a unit, in cents.
    pub unit_price: i64,
    /// Discount in whole percent: 0, 5 or 10.
    pub discount: i64,
}

impl LineItem {
    /// What it comes to, in cents: exact.
    pub const fn total(&self) -> i64 {
        self.quantity * self.unit_price / 100 * (100 - self.discount)
            + self.quantity * self.unit_price % 100 * (100 - self.discount) / 100
    }
}

/// The line items of one deal.
pub struct LineItems {
    items: [Option<LineItem>; MOST_ITEMS],
}

impl LineItems {
    pub fn iter(&self) -> impl Iterator<Item = &LineItem> {
        self.items.iter().flatten()
    }

    pub const fn get(&self, number: usize) -> Option<LineItem> {
        self.items[number]
    }
}

/// Computes opportunities by index.
pub struct Deals {
    as_of: Day,
    principals: Pool,
    distributors: Pool,
    customer_pool: Pool,
    stages: Weighted<&'static Stage>,
    pub customers: Customers,
    /// What they are about, and its makers.
    pub catalog: Catalog,
    pub distributor_names: Distributors,
    pub people: People,
    contact_counts: UniformFanout,
    item_counts: UniformFanout,
    customer: Stream,
    principal: Stream,
    stage: Stream,
    age: Stream,
    cycle: Stream,
    usual_distributor: Keyed,
    distributor: Stream,
    amount: Stream,
    product: Stream,
    contact: Stream,
}

/// How many line items each deal has.
pub fn item_fanout(dataset: &Dataset) -> UniformFanout {
    let most = dataset.products_per_principal.min.min(MOST_ITEMS as u64);
    UniformFanout::new(dataset.seed, "opportunity_products", CountRange { min: 1, max: most })
}

/// How many contacts each deal has: never more than the smallest customer.
pub fn contact_fanout(dataset: &Dataset) -> UniformFanout {
    let most = dataset.contacts_per_customer.min.min(MOST_CONTACTS);
    UniformFanout::new(dataset.seed, "opportunity_contacts", CountRange { min: 1, max: most })
}

impl Deals {
    /// The deals of `dataset`.
    pub fn new(dataset: &Dataset) -> Self {
        let of = |column| Stream::new(dataset.seed, "opportunities", column);
        Self {
            as_of: dataset.as_of,
            principals: dataset.principals,
            distributors: dataset.distributors,
            customer_pool: dataset.customers,
            stages: dataset.stages.clone(),
            customers: Customers::new(dataset),
            catalog: Catalog::new(dataset),
            distributor_names: Distributors::new(dataset),
            people: People::new(dataset),
            contact_counts: contacts::fanout(dataset),
            item_counts: item_fanout(dataset),
            customer: of("customer_organization_id"),
            principal: of("principal_organization_id"),
            stage: of("stage"),
            age: of("created_at"),
            cycle: of("actual_close_date"),
            usual_distributor: Keyed::new(
                dataset.seed,
                stream_labels::CUSTOMERS,
                stream_labels::USUAL_DISTRIBUTOR,
            ),
            distributor: of("distributor_organization_id"),
            amount: of("amount"),
            product: Stream::new(dataset.seed, "opportunity_products", "product_id"),
            contact: Stream::new(dataset.seed, "opportunity_contacts", "contact_id"),
        }
    }

    /// The opportunity at `index`, from 0.
    pub fn deal(&mut self, index: u64) -> Deal {
        let customer = self.customers.for_deal(self.customer_pool, self.customer.at(index));
        let stage = *self.stages.pick(self.stage.at(index));
        let slot = self.age.at(index);
        // A deal is at least two days younger than its customer: the first contact lies between.
        let most = self.customers.ages.days(customer) - 2;
        let age = if stage.is_closed() {
            slot.skewed(14, most.min(OLDEST_CLOSED))
        } else {
            slot.skewed(3, most.min(OLDEST_OPEN))
        };
        let cycle = self.cycle.at(index);
        let closed = stage.is_closed().then(|| {
            let days = cycle.between(5, (age - 1).min(150));
            Moment::days_ago(self.as_of, age - days, cycle.child(0))
        });
        Deal {
            index,
            customer,
            principal: self.principals.member(self.principal.at(index)),
            distributor: self.distributor(index, customer),
            stage,
            created: Moment::days_ago(self.as_of, age, slot.child(0)),
            closed,
        }
    }

    /// Most customers buy through one distributor; one deal of six goes another way.
    fn distributor(&mut self, index: u64, customer: u64) -> Option<u64> {
        let slot = self.distributor.at(index);
        let usual = self.usual_distributor.at(customer);
        let chosen = if slot.chance(17) { slot.child(0) } else { usual };
        (self.distributors.count > 0).then(|| self.distributors.member(chosen))
    }

    /// A second distributor for the deal, where there is another.
    pub fn other_distributor(&self, deal: &Deal) -> Option<u64> {
        let other = self.distributors.after(deal.distributor?);
        (self.distributors.count > 1).then_some(other)
    }

    /// What the deal is about: one to five products of its principal, of the amount aimed at.
    pub fn items(&mut self, deal: &Deal) -> LineItems {
        let count = self.item_counts.count(deal.index) as usize;
        let slot = self.product.at(deal.index);
        let aim = self.amount.at(deal.index);
        let amount = self.aim(deal.customer, aim);
        let weight = |i: usize| aim.child(1 + i as u64).between(1, 4);
        let weights: i64 = (0..count).map(weight).sum();
        let products = self.catalog.count(deal.principal);
        let mut items = LineItems { items: [None; MOST_ITEMS] };
        for i in 0..count {
            let taken = |product| items.iter().any(|item| item.product == product);
            let product = distinct(slot.child(i as u64), products, taken);
            let share = amount / weights * weight(i);
            items.items[i] = Some(self.item(deal.principal, product, share, slot.child(8 + i as u64)));
        }
        items
    }

    /// The amount aimed at, in cents: within what the customer can pay, and mostly far below.
    fn aim(&mut self, customer: u64, slot: Slot) -> i64 {
        // Of a revenue in dollars, a percent is as many cents.
        let affordable = self.customers.revenue(customer) * MOST_OF_REVENUE;
        let most = affordable.clamp(AMOUNT.0, AMOUNT.1);
        let most = slot.child(0).skewed(most.min(AMOUNT.0 * 2), most);
        slot.skewed(AMOUNT.0, most)
    }

    /// What the first line item of the deal is, without making the others.
    pub fn first_food(&mut self, deal: &Deal) -> Food {
        let slot = self.product.at(deal.index);
        let product = slot.child(0).member(self.catalog.count(deal.principal));
        self.catalog.food(deal.principal, product)
    }

    fn item(&mut self, principal: u64, product: u64, share: i64, slot: Slot) -> LineItem {
        let food = self.catalog.food(principal, product);
        let (_, list) = self.catalog.prices(food, principal, product);
        // Deals are made a little below list price.
        let agreed = list * slot.child(0).between(92, 100) / 100;
        let unit_price = (agreed / PRICE_STEP * PRICE_STEP).max(PRICE_STEP);
        let discount = *slot.child(1).pick(&[0, 0, 0, 0, 5, 5, 10]);
        let units = share * 100 / (unit_price * (100 - discount));
        // Up, so that an amount never falls below its aim; and above any minimum order.
        let quantity = (units.max(10) + QUANTITY_STEP - 1) / QUANTITY_STEP * QUANTITY_STEP;
        LineItem { product, food, quantity, unit_price, discount }
    }

    /// The `number`th contact of the deal: one of its customer's, none of them twice.
    pub fn contact(&mut self, deal: &Deal, number: u64) -> u64 {
        let slot = self.contact.at(deal.index);
        let pool = self.contact_counts.count(deal.customer);
        let mut chosen = [u64::MAX; MOST_CONTACTS as usize];
        for i in 0..=number {
            let contact = distinct(slot.child(i), pool, |c| chosen.contains(&c));
            chosen[i as usize] = contact;
        }
        chosen[number as usize]
    }

    /// When a contact of the deal's customer came.
    pub fn contact_created(&mut self, deal: &Deal, contact: u64) -> Moment {
        let age = self.customers.ages.days(deal.customer);
        self.people.created(age, deal.customer, contact).1
    }

    /// The probability of winning: of the stage, in steps of five percent.
    pub fn probability(stage: &Stage, slot: Slot) -> i64 {
        let (low, high) = stage.probability;
        slot.between(low / 5, high / 5) * 5
    }
}

/// A member of a pool of `size` that is not `taken`: the one drawn, or the first free after it.
fn distinct(slot: Slot, size: u64, taken: impl Fn(u64) -> bool) -> u64 {
    let mut member = slot.member(size);
    while taken(member) {
        member = (member + 1) % size;
    }
    member
}
