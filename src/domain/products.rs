//! What principals make.

use std::fmt::Write;

use crate::calendar::Day;
use crate::domain::dataset::{CHILD_IDS, Dataset, Moment, Numbering, principal_id, product_id};
use crate::domain::fanout::{ChildCursor, Fanout, UniformFanout};
use crate::domain::name::Name;
use crate::domain::parties::{Principals, YOUNGEST_PRINCIPAL};
use crate::domain::phrase;
use crate::domain::table::{BOOL, Column, DECIMAL, Entity, INT, JSON, RowKey, TEXT, TIMESTAMP, TableInfo};
use crate::domain::vocabulary::{Category, Item, Piece, Template, Vocabulary};
use crate::random::{Permutation, Stream};
use crate::stream_labels;
use crate::value::Batch;

/// Every product is older than this many days, so that no deal is older than what it sells.
pub const YOUNGEST_PRODUCT: i64 = 930;

/// UPC-A numbers that begin with 4 are set aside for use inside a store (GS1 General
/// Specifications, "Restricted Circulation Numbers"): no real product bears one.
pub const UPC_PREFIX: u64 = 4;
/// Numbers under that prefix.
pub const UPC_NUMBERS: u64 = 10_000_000_000;

/// Lines of a product range, for principals with more products than foods, varieties and packs;
/// after the first `RANGE` those that stand in for another, lest a word stand there twice.
pub const LINES: [&str; RANGE + 2] = [
    "",
    "Organic",
    "Classic",
    "Select",
    "Kitchen",
    "Heritage",
    "Signature",
    "Pantry",
    BESIDE_BRAND,
    BESIDE_FOOD,
];
const RANGE: usize = 8;
/// For `Ginger Kettle Kettle Popcorn`. Not the other one, or two products could share a name.
const BESIDE_BRAND: &str = "Everyday";
/// For `Classic Classic Ketchup`.
const BESIDE_FOOD: &str = "Market";

/// List prices are whole multiples of this many cents.
pub const PRICE_STEP: i64 = 5;

/// Reads what other tables need of products.
pub struct Catalog {
    /// The principals that make them.
    pub principals: Principals,
    vocabulary: &'static Vocabulary,
    fanout: UniformFanout,
    category: Stream,
    cost: Stream,
    margin: Stream,
    age: Stream,
    orders: Vec<Permutation>,
    as_of: Day,
}

/// A food of a principal, under one of its lines.
#[derive(Clone, Copy)]
pub struct Food {
    pub category: &'static Category,
    /// Variety, food and pack.
    pub item: &'static Item,
    line: &'static str,
}

/// Which row of the table the `child`th of a principal is.
pub fn ordinal(dataset: &Dataset, principal: u64, child: u64) -> u64 {
    ChildCursor::new(fanout(dataset), dataset.principals.first, dataset.principals.count)
        .ordinal(principal, child)
}

/// How many products each parent has.
pub fn fanout(dataset: &Dataset) -> UniformFanout {
    UniformFanout::new(dataset.seed, "products", dataset.products_per_principal)
        .sharing(dataset.products, dataset.principals)
}

impl Catalog {
    /// The products of `dataset`.
    pub fn new(dataset: &Dataset) -> Self {
        let of = |column| Stream::new(dataset.seed, "products", column);
        let orders = dataset.vocabulary.categories.iter().map(|category| {
            Permutation::new(
                dataset.seed,
                stream_labels::PRODUCTS,
                category.name,
                category.items.len() as u64,
            )
        });
        Self {
            principals: Principals::new(dataset),
            vocabulary: dataset.vocabulary,
            fanout: fanout(dataset),
            category: of("category"),
            cost: of("cost_per_unit"),
            margin: of("list_price"),
            age: of("created_at"),
            orders: orders.collect(),
            as_of: dataset.as_of,
        }
    }

    /// How many products a principal has.
    pub fn count(&mut self, principal: u64) -> u64 {
        self.fanout.count(principal)
    }

    /// The food that a product is: no two of a principal are the same.
    pub fn food(&mut self, principal: u64, child: u64) -> Food {
        let (main, related) = self.principals.categories(principal);
        let slot = self.category.at(principal).child(child);
        let category = if related.is_empty() || slot.chance(65) {
            main
        } else {
            &self.vocabulary.categories[*slot.child(0).pick(related)]
        };
        let position = self.vocabulary.categories.iter().position(|c| c.code == category.code);
        let order = &self.orders[position.expect("a category of the vocabulary")];
        let item = &category.items[order.at(child % order.size(), principal) as usize];
        let line = LINES[(child / order.size()) as usize % RANGE];
        Food { category, item, line }
    }

    /// Cost and list price of a unit, in cents.
    pub fn prices(&mut self, food: Food, principal: u64, child: u64) -> (i64, i64) {
        let (low, high) = food.item.cost;
        let cost = self.cost.at(principal).child(child).between(low, high);
        let (low, high) = food.category.margin;
        let percent = self.margin.at(principal).child(child).between(low, high);
        let list = cost + (cost * percent + 99) / 100;
        (cost, (list + PRICE_STEP - 1) / PRICE_STEP * PRICE_STEP)
    }

    /// When it was listed: after its principal, and before any deal.
    pub fn created(&mut self, principal: u64, child: u64) -> Moment {
        let slot = self.age.at(principal).child(child);
        let most = self.principals.ages.days(principal).max(YOUNGEST_PRINCIPAL) - 1;
        Moment::days_ago(self.as_of, slot.skewed(YOUNGEST_PRODUCT, most), slot.child(0))
    }
}

/// The fewest units that a principal ships.
pub fn min_order_quantity(slot: crate::random::Slot) -> i64 {
    slot.skewed(1, 10)
}

/// Appends the UPC-A of these eleven digits.
pub fn upc(out: &mut String, digits: u64) {
    // Check digit: three times the odd places plus the even ones end in 0 (GS1).
    let mut sum = 0;
    let mut rest = digits;
    for place in 0..11 {
        sum += rest % 10 * if place % 2 == 0 { 3 } else { 1 };
        rest /= 10;
    }
    let _ = write!(out, "{digits:011}{}", (10 - sum % 10) % 10);
}

pub struct Product {
    principal: u64,
    child: u64,
    brand: Name,
    food: Food,
    cost: i64,
    list_price: i64,
    upc: u64,
    created: Moment,
    now: i64,
}

impl Product {
    /// The line between brand and food, such that no word stands there twice.
    fn line(&self) -> &'static str {
        let food = self.food.item.name.split(' ').next();
        match (self.food.line, self.brand.last_word()) {
            ("", brand) if brand == food => BESIDE_BRAND,
            (line, Some(brand)) if line == brand => BESIDE_BRAND,
            (line, _) if Some(line) == food => BESIDE_FOOD,
            (line, _) => line,
        }
    }

    fn write_sku(&self, out: &mut String) {
        out.extend(self.brand.initials().map(char::from));
        let _ = write!(out, "-{}-{:03}", self.food.category.code, self.child + 1);
    }

    fn write_name(&self, out: &mut String) {
        self.brand.write(out);
        if !self.line().is_empty() {
            out.push(' ');
            out.push_str(self.line());
        }
        out.push(' ');
        out.push_str(&self.food.item.name);
        out.push_str(", ");
        out.push_str(self.food.item.pack);
    }

    fn write_description(&self, out: &mut String, template: &Template) {
        let start = out.len();
        for piece in &template.0 {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Brand => self.brand.write(out),
                Piece::Category => out.push_str(self.food.category.label),
                _ => out.push_str(&self.food.item.lower),
            }
        }
        phrase::capitalize(out, start);
    }
}

pub struct Products {
    walk: ChildCursor<UniformFanout>,
    catalog: Catalog,
    upcs: Permutation,
    now: i64,
}

const COLUMNS: &[Column<Product>] = &[
    Column::derived("id", INT, "numbered by principal", |p, out| {
        out.id(product_id(p.principal, p.child));
    }),
    Column::derived(
        "principal_id",
        INT.not_null().refers_to("organizations"),
        "the principal that makes it",
        |p, out| out.id(principal_id(p.principal)),
    ),
    Column::derived("name", TEXT.not_null(), "brand, variety, food and pack", |p, out| {
        out.compose(|s| p.write_name(s))
    }),
    Column::drawn("description", TEXT, "a sentence about the food", |p, slot, out| {
        out.compose(|s| p.write_description(s, slot.pick(&p.food.category.descriptions)));
    }),
    Column::derived("sku", TEXT.not_null(), "brand, category and number", |p, out| {
        out.compose(|s| p.write_sku(s))
    }),
    Column::derived("upc", TEXT, "UPC-A with its check digit, unique", |p, out| {
        out.compose(|s| upc(s, p.upc))
    }),
    Column::derived(
        "category",
        TEXT.one_of(&[
            "beverages",
            "dairy",
            "frozen",
            "fresh_produce",
            "meat_poultry",
            "snacks",
            "condiments",
        ]),
        "one of the principal's categories",
        |p, out| out.word(p.food.category.name),
    ),
    Column::derived("brand", TEXT, "the principal's brand", |p, out| out.compose(|s| p.brand.write(s))),
    Column::derived(
        "unit_of_measure",
        TEXT.one_of(&["case", "each", "pound"]),
        "as usual for the food",
        |p, out| out.word(p.food.item.unit_of_measure),
    ),
    Column::derived("units_per_case", INT.within(0, i32::MAX as i64), "as stated in the name", |p, out| {
        out.int(p.food.item.units_per_case)
    }),
    Column::derived(
        "cost_per_unit",
        DECIMAL.within(0, 9_999_999_999),
        "in the usual range of the food",
        |p, out| out.cents(p.cost),
    ),
    Column::derived(
        "list_price",
        DECIMAL.within(0, 9_999_999_999),
        "cost plus the usual margin of the category",
        |p, out| out.cents(p.list_price),
    ),
    Column::drawn(
        "min_order_quantity",
        INT.within(0, i32::MAX as i64),
        "1 to 10, mostly small",
        |_, slot, out| {
            out.int(min_order_quantity(slot));
        },
    ),
    Column::drawn(
        "lead_time_days",
        INT.within(0, i32::MAX as i64),
        "in the usual range of the food",
        |p, slot, out| {
            out.int(slot.between(p.food.item.lead_time.0, p.food.item.lead_time.1));
        },
    ),
    Column::derived("status", TEXT.not_null(), "active", |_, out| out.word("active")),
    Column::derived("is_seasonal", BOOL.not_null(), "as usual for the food", |p, out| {
        out.bool(p.food.item.seasonal)
    }),
    Column::drawn(
        "shelf_life_days",
        INT.within(0, i32::MAX as i64),
        "in the usual range of the food",
        |p, slot, out| {
            out.int(slot.between(p.food.item.shelf_life.0, p.food.item.shelf_life.1));
        },
    ),
    Column::drawn(
        "custom_attributes",
        JSON.not_null(),
        "storage and properties such as organic or kosher",
        |p, slot, out| {
            let flag = |percent, n| slot.child(n).chance(percent);
            out.json(|s| {
                let _ = write!(
                    s,
                    r#"{{"storage":"{}","organic":{},"kosher":{},"gluten_free":{}}}"#,
                    p.food.category.storage,
                    p.line() == "Organic" || p.food.item.organic,
                    p.food.item.kosher.holds(flag(35, 0)),
                    p.food.item.gluten_free.holds(flag(40, 1)),
                );
            });
        },
    ),
    Column::derived("created_at", TIMESTAMP.not_null(), "after that of the principal", |p, out| {
        out.timestamp(p.created.second)
    }),
    Column::drawn("updated_at", TIMESTAMP.not_null(), "from created_at to the as-of date", |p, slot, out| {
        out.timestamp(p.created.touched(p.now, slot).second);
    }),
    Column::derived("deleted_at", TIMESTAMP, "NULL", |_, out: &mut Batch| out.null()),
];

/// How a product of a category is kept.
pub fn storage(category: &str) -> &'static str {
    match category {
        "frozen" => "frozen",
        "dairy" | "fresh_produce" | "meat_poultry" => "refrigerated",
        _ => "ambient",
    }
}

const VIRTUAL_COLUMNS: &[Column<Product>] = &[Column::derived(
    "storage",
    TEXT.one_of(&["frozen", "refrigerated", "ambient"]),
    "as usual for the category",
    |p, out| {
        out.word(storage(p.food.category.name));
    },
)];

impl Entity for Products {
    type Row = Product;
    const TABLE: TableInfo = TableInfo {
        name: "products",
        about: "products of the principals",
        needs: &["organizations"],
        key: &["id"],
        numbering: Numbering::OfPrincipals,
        populations: &["products"],
    };
    const COLUMNS: &'static [Column<Product>] = COLUMNS;
    const VIRTUAL_COLUMNS: &'static [Column<Product>] = VIRTUAL_COLUMNS;

    fn new(dataset: &Dataset) -> Self {
        Self {
            walk: ChildCursor::new(fanout(dataset), dataset.principals.first, dataset.principals.count),
            catalog: Catalog::new(dataset),
            upcs: Permutation::new(dataset.seed, stream_labels::PRODUCTS, stream_labels::UPC, UPC_NUMBERS),
            now: dataset.now(),
        }
    }

    fn rows(&mut self) -> u64 {
        self.walk.rows()
    }

    fn seek(&mut self, ordinal: u64) {
        self.walk.seek(ordinal);
    }

    fn next_row(&mut self) -> (RowKey, Product) {
        let (principal, child) = self.walk.next_child();
        let food = self.catalog.food(principal, child);
        let (cost, list_price) = self.catalog.prices(food, principal, child);
        let product = Product {
            principal,
            child,
            brand: self.catalog.principals.brand(principal),
            food,
            cost,
            list_price,
            upc: UPC_PREFIX * UPC_NUMBERS + self.upcs.at((principal * CHILD_IDS + child) % UPC_NUMBERS, 0),
            created: self.catalog.created(principal, child),
            now: self.now,
        };
        (RowKey::child_of(principal, child), product)
    }
}
