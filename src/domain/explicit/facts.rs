//! What is known of rows, explicit or base, by the names of their columns.

use std::sync::LazyLock;

use crate::domain::dataset::{
    CHILD_IDS, Dataset, OrganizationType, contact_id, customer_id, distributor_id, opportunity_id,
    organization_type_and_index, principal_id, product_id,
};
use crate::domain::explicit::row::CompletedRow;
use crate::domain::explicit::row_kind::RowKind;
use crate::domain::explicit::value::{Nth, Value};
use crate::domain::fanout::Fanout;
use crate::domain::table::ColumnInfo;
use crate::domain::{TABLES, contacts, products};
use crate::random::Slot;
use crate::value::{Batch, Cell};

static COLUMNS: LazyLock<Vec<Vec<ColumnInfo>>> =
    LazyLock::new(|| TABLES.iter().map(|table| table.columns()).collect());

/// The columns of the table at this position of [`TABLES`].
pub fn columns(table: usize) -> &'static [ColumnInfo] {
    &COLUMNS[table]
}

/// Where a table stands in [`TABLES`].
///
/// # Panics
/// Where there is none of that name: callers name tables of ours.
pub fn table_called(name: &str) -> usize {
    TABLES.iter().position(|table| table.info().name == name).expect("a table of the domain")
}

/// Where a column stands in its table.
///
/// # Panics
/// As [`table_called`].
pub fn position(table: usize, column: &str) -> usize {
    columns(table).iter().position(|info| info.name == column).expect("a column of the domain")
}

/// The values of one row.
#[derive(Clone, Debug)]
pub struct Facts {
    table: usize,
    values: Vec<Value>,
}

impl Facts {
    /// A row of a table with all its values.
    pub const fn new(table: usize, values: Vec<Value>) -> Self {
        Self { table, values }
    }

    /// The value of `column`; NULL if it is not set.
    pub fn get(&self, column: &str) -> &Value {
        &self.values[position(self.table, column)]
    }

    /// A column's text, empty where it has none.
    pub fn text(&self, column: &str) -> &str {
        self.get(column).as_text().unwrap_or_default()
    }

    /// A column's number, where it has one.
    pub fn number(&self, column: &str) -> Option<i64> {
        self.get(column).as_number()
    }
}

/// The id of a base row.
pub const fn nth_id(nth: Nth) -> u64 {
    let index = nth.number - 1;
    match nth.kind {
        RowKind::Principal => principal_id(index),
        RowKind::Distributor => distributor_id(index),
        RowKind::Customer => customer_id(index),
        RowKind::Opportunity => opportunity_id(index),
        RowKind::Contact => contact_id(nth.of - 1, index),
        RowKind::Product => product_id(nth.of - 1, index),
    }
}

/// Whether there is such a base row, whatever the flags made of the counts.
pub fn is_there(dataset: &Dataset, nth: Nth) -> bool {
    let Nth { kind, number, of } = nth;
    let within = |number: u64, count: u64| (1..=count).contains(&number);
    match kind {
        RowKind::Principal => within(number, dataset.principals.count),
        RowKind::Distributor => within(number, dataset.distributors.count),
        RowKind::Customer => within(number, dataset.customers.count),
        RowKind::Opportunity => within(number, dataset.opportunities.count),
        RowKind::Contact => {
            within(of, dataset.customers.count) && within(number, contacts::fanout(dataset).count(of - 1))
        }
        RowKind::Product => {
            within(of, dataset.principals.count) && within(number, products::fanout(dataset).count(of - 1))
        }
    }
}

/// The id of any base row of a kind; `None` where there is none. A larger base changes it as rarely
/// as can be.
pub fn some_id(dataset: &Dataset, kind: RowKind, slot: Slot) -> Option<u64> {
    let pool = match kind {
        RowKind::Principal | RowKind::Product => dataset.principals,
        RowKind::Distributor => dataset.distributors,
        RowKind::Customer | RowKind::Contact => dataset.customers,
        RowKind::Opportunity => dataset.opportunities,
    };
    if pool.count == 0 {
        return None;
    }
    let index = pool.member(slot);
    let child = |most: u64| slot.child(0).below(most);
    Some(match kind {
        RowKind::Principal => principal_id(index),
        RowKind::Distributor => distributor_id(index),
        RowKind::Customer => customer_id(index),
        RowKind::Opportunity => opportunity_id(index),
        // Every parent has at least the fewest.
        RowKind::Contact => contact_id(index, child(dataset.contacts_per_customer.min)),
        RowKind::Product => product_id(index, child(dataset.products_per_principal.min)),
    })
}

/// A base row of organizations, contacts, products or opportunities, by its id.
pub fn base(dataset: &Dataset, table: usize, id: u64) -> Facts {
    let ordinal = match TABLES[table].info().name {
        "organizations" => {
            let (kind, index) = organization_type_and_index(id);
            let before = match kind {
                OrganizationType::Principal => 0,
                OrganizationType::Distributor => dataset.principals.count,
                OrganizationType::Customer => dataset.principals.count + dataset.distributors.count,
            };
            before + index
        }
        "contacts" => contacts::ordinal(dataset, (id - 1) / CHILD_IDS, (id - 1) % CHILD_IDS),
        "products" => products::ordinal(dataset, (id - 1) / CHILD_IDS, (id - 1) % CHILD_IDS),
        _ => id - 1,
    };
    let wanted: Vec<usize> = (0..columns(table).len()).collect();
    let mut batch = Batch::default();
    TABLES[table].source(dataset, &wanted).fill(ordinal..ordinal + 1, &mut batch);
    let row = batch.rows().next().expect("one row");
    Facts { table, values: row.iter().map(|cell| value(&batch, *cell)).collect() }
}

fn value(batch: &Batch, cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => Value::Bool(value),
        Cell::Int(value) => Value::Int(value),
        Cell::Cents(value) => Value::Cents(value),
        Cell::Date(value) => Value::Date(value),
        Cell::Timestamp(value) => Value::Timestamp(value),
        Cell::Word(word) => word.into(),
        Cell::Text { start, end } => batch.text(start, end).into(),
        Cell::Json { start, end } => Value::Json(batch.text(start, end).to_owned()),
    }
}

impl CompletedRow {
    /// Its key: each column of it, and what that holds.
    pub fn key(&self) -> impl Iterator<Item = (&'static str, i64)> + '_ {
        let info = TABLES[self.table].info();
        info.key.iter().map(|column| {
            let value = &self.values[position(self.table, column)];
            (*column, value.as_number().unwrap_or_default())
        })
    }
}
