//! What is in stock, at the warehouse of its principal.

use std::fmt::Write;

use crate::domain::dataset::{Dataset, Moment, Numbering, product_id};
use crate::domain::fanout::{ChildCursor, UniformFanout};
use crate::domain::parties::Location;
use crate::domain::products::{self, Catalog};
use crate::domain::table::{Column, Entity, INT, RowKey, TEXT, TIMESTAMP, TableInfo};
use crate::random::Stream;

/// The stock of a product.
pub struct Stock {
    product: u64,
    storage: &'static str,
    location: Location,
    quantity: i64,
    reorder_point: i64,
    created: Moment,
    now: i64,
}

/// Appends the name of a warehouse for what is stored `frozen`, `refrigerated` or otherwise.
pub fn warehouse(out: &mut String, city: &str, state: &str, storage: &str) {
    let kind = match storage {
        "frozen" => "freezer warehouse",
        "refrigerated" => "cold storage",
        _ => "dry warehouse",
    };
    let _ = write!(out, "{city}, {state} {kind}");
}

pub struct ProductInventory {
    walk: ChildCursor<UniformFanout>,
    catalog: Catalog,
    quantity: Stream,
    reorder_point: Stream,
    now: i64,
}

const COLUMNS: &[Column<Stock>] = &[
    Column::derived("id", INT, "the id of the product", |s, out| out.id(s.product)),
    Column::derived("product_id", INT.needed().refers_to("products"), "the product", |s, out| {
        out.id(s.product)
    }),
    Column::derived("warehouse", TEXT.not_null(), "a warehouse in the principal's city", |s, out| {
        let place = s.location.place;
        out.compose(|text| warehouse(text, place.city, place.state, s.storage));
    }),
    Column::derived(
        "quantity_on_hand",
        INT.not_null().within(0, i32::MAX as i64),
        "0 in about one of twelve rows",
        |s, out| out.int(s.quantity),
    ),
    Column::derived(
        "reorder_point",
        INT.not_null().within(i32::MIN as i64, i32::MAX as i64),
        "a multiple of ten",
        |s, out| out.int(s.reorder_point),
    ),
    Column::derived("created_at", TIMESTAMP.not_null(), "the product's created_at", |s, out| {
        out.timestamp(s.created.second)
    }),
    Column::drawn("updated_at", TIMESTAMP.not_null(), "from created_at to the as-of date", |s, slot, out| {
        out.timestamp(s.created.touched(s.now, slot).second);
    }),
];

impl Entity for ProductInventory {
    type Row = Stock;
    const TABLE: TableInfo = TableInfo {
        name: "product_inventory",
        about: "stock of a product",
        needs: &["products"],
        key: &["id"],
        numbering: Numbering::OfPrincipals,
        populations: &["product_inventory"],
    };
    const COLUMNS: &'static [Column<Stock>] = COLUMNS;

    fn new(dataset: &Dataset) -> Self {
        let of = |column| Stream::new(dataset.seed, "product_inventory", column);
        Self {
            walk: ChildCursor::new(
                products::fanout(dataset),
                dataset.principals.first,
                dataset.principals.count,
            ),
            catalog: Catalog::new(dataset),
            quantity: of("quantity_on_hand"),
            reorder_point: of("reorder_point"),
            now: dataset.now(),
        }
    }

    fn rows(&mut self) -> u64 {
        self.walk.rows()
    }

    fn seek(&mut self, ordinal: u64) {
        self.walk.seek(ordinal);
    }

    fn next_row(&mut self) -> (RowKey, Stock) {
        let (principal, child) = self.walk.next_child();
        let slot = self.quantity.at(principal).child(child);
        let stock = Stock {
            product: product_id(principal, child),
            storage: self.catalog.food(principal, child).category.storage,
            location: self.catalog.principals.location(principal),
            quantity: if slot.chance(8) { 0 } else { slot.child(0).skewed(12, 2400) },
            reorder_point: self.reorder_point.at(principal).child(child).between(2, 30) * 10,
            created: self.catalog.created(principal, child),
            now: self.now,
        };
        (RowKey::child_of(principal, child), stock)
    }
}
