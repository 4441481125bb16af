//! The line items of each deal.

use crate::domain::dataset::{Dataset, Numbering, product_id};
use crate::domain::deals::{self, Deal, Deals, LineItem, LineItems};
use crate::domain::fanout::{ChildCursor, UniformFanout};
use crate::domain::table::{Column, DECIMAL, Entity, INT, RowKey, TEXT, TIMESTAMP, TableInfo};
use crate::domain::vocabulary::Vocabulary;
use crate::value::Batch;

/// A line item of a deal.
pub struct Line {
    deal: Deal,
    item: LineItem,
    vocabulary: &'static Vocabulary,
}

pub struct OpportunityProducts {
    walk: ChildCursor<UniformFanout>,
    deals: Deals,
    deal: Option<(Deal, LineItems)>,
    vocabulary: &'static Vocabulary,
}

const COLUMNS: &[Column<Line>] = &[
    Column::derived(
        "opportunity_id",
        INT.needed().refers_to("opportunities"),
        "the opportunity",
        |l, out| out.id(l.deal.id()),
    ),
    Column::derived(
        "product_id",
        INT.not_null().refers_to("products"),
        "a product of the opportunity's principal",
        |l, out| {
            out.id(product_id(l.deal.principal, l.item.product));
        },
    ),
    Column::derived(
        "quantity",
        INT.not_null().within(1, i32::MAX as i64),
        "its share of the opportunity's amount",
        |l, out| out.int(l.item.quantity),
    ),
    Column::derived(
        "unit_price",
        DECIMAL.not_null().within(0, 9_999_999_999),
        "92 to 100 % of the list price",
        |l, out| {
            out.cents(l.item.unit_price);
        },
    ),
    Column::derived("discount_percent", DECIMAL.not_null().within(0, 10_000), "0, 5 or 10", |l, out| {
        out.cents(l.item.discount * 100)
    }),
    Column::drawn("notes", TEXT, "a note, in one of four rows", |l, slot, out| {
        let note = slot.chance(25).then(|| slot.child(0).word(&l.vocabulary.line_notes));
        out.option(note, Batch::word);
    }),
    Column::derived("created_at", TIMESTAMP.not_null(), "the opportunity's created_at", |l, out| {
        out.timestamp(l.deal.created.second)
    }),
];

impl Entity for OpportunityProducts {
    type Row = Line;
    const TABLE: TableInfo = TableInfo {
        name: "opportunity_products",
        about: "line items of an opportunity",
        needs: &["opportunities", "products"],
        key: &["opportunity_id", "product_id"],
        numbering: Numbering::ByOthers,
        populations: &["opportunity_products"],
    };
    const COLUMNS: &'static [Column<Line>] = COLUMNS;

    fn new(dataset: &Dataset) -> Self {
        let pool = dataset.opportunities;
        Self {
            walk: ChildCursor::new(deals::item_fanout(dataset), pool.first, pool.count),
            deals: Deals::new(dataset),
            deal: None,
            vocabulary: dataset.vocabulary,
        }
    }

    fn rows(&mut self) -> u64 {
        self.walk.rows()
    }

    fn seek(&mut self, ordinal: u64) {
        self.walk.seek(ordinal);
    }

    fn next_row(&mut self) -> (RowKey, Line) {
        let (index, child) = self.walk.next_child();
        if self.deal.as_ref().is_none_or(|(deal, _)| deal.index != index) {
            let deal = self.deals.deal(index);
            let items = self.deals.items(&deal);
            self.deal = Some((deal, items));
        }
        let (deal, items) = self.deal.as_ref().expect("just made");
        let item = items.get(child as usize).expect("as many as counted");
        let line = Line { deal: *deal, item, vocabulary: self.vocabulary };
        (RowKey::child_of(index, child), line)
    }
}
