//! The domain: a food broker's CRM. One file a table; every column is one line of data.

pub mod counts;
pub mod dataset;
pub mod explicit;
pub mod fanout;
pub mod row_sampler;
pub mod table;
pub mod vocabulary;

mod contact_organizations;
mod contacts;
mod deals;
mod name;
mod opportunities;
mod opportunity_contacts;
mod opportunity_participants;
mod opportunity_products;
mod organizations;
mod parties;
mod phrase;
mod product_inventory;
mod products;
mod tasks;

use std::sync::LazyLock;

pub use organizations::{DISTRIBUTOR_SIZE, PRINCIPAL_SIZE, SellerSize};
pub use products::LINES;
use table::{Of, Table};

/// What is known of the columns of the table at this position of [`TABLES`]: those of the bundled schema.
pub fn columns_of(table: usize) -> &'static [table::ColumnInfo] {
    let (columns, own) = &all_columns()[table];
    &columns[..*own]
}

/// The same with the virtual ones, which stand behind them.
pub fn all_columns_of(table: usize) -> &'static [table::ColumnInfo] {
    &all_columns()[table].0
}

/// All columns of each table, and how many of them are not virtual: collected once, and asked for with every row.
fn all_columns() -> &'static [(Vec<table::ColumnInfo>, usize)] {
    static COLUMNS: LazyLock<Vec<(Vec<table::ColumnInfo>, usize)>> = LazyLock::new(|| {
        let of = |table: &&'static dyn Table| {
            let own = table.columns();
            let width = own.len();
            (own.into_iter().chain(table.virtual_columns()).collect(), width)
        };
        TABLES.iter().map(of).collect()
    });
    &COLUMNS
}

/// Rises on purpose whenever a byte of the data of an unchanged command changes.
pub const GENERATOR_VERSION: u32 = 2;

/// The tables of the domain, parents before children.
pub static TABLES: &[&dyn Table] = &[
    &Of::<organizations::Organizations>::new(),
    &Of::<contacts::Contacts>::new(),
    &Of::<products::Products>::new(),
    &Of::<opportunities::Opportunities>::new(),
    &Of::<contact_organizations::ContactOrganizations>::new(),
    &Of::<opportunity_participants::OpportunityParticipants>::new(),
    &Of::<opportunity_contacts::OpportunityContacts>::new(),
    &Of::<opportunity_products::OpportunityProducts>::new(),
    &Of::<product_inventory::ProductInventory>::new(),
    &Of::<tasks::Tasks>::new(),
];

/// All values that a column with few of them may have, in an order that never changes; none of others. What
/// a lookup table is filled with that has taken the column's place.
pub fn values(table: &str, column: &str) -> Vec<String> {
    let info = TABLES.iter().find(|known| known.info().name == table);
    let column_info = info.and_then(|known| known.columns().into_iter().find(|known| known.name == column));
    let labels = column_info.map_or(&[][..], |known| known.holds.labels);
    let vocabulary = vocabulary::Vocabulary::get();
    let kinds = || vocabulary.customers.shares().map(|(kind, _)| *kind);
    let found: Vec<&str> = match (table, column) {
        _ if !labels.is_empty() => labels.to_vec(),
        ("organizations", "segment") => vec!["Enterprise", "Mid-Market", "Small Business"],
        ("organizations", "industry") => [PRINCIPAL_SIZE.industry, DISTRIBUTOR_SIZE.industry]
            .into_iter()
            .chain(kinds().map(|kind| kind.industry))
            .collect(),
        ("contacts", "department") => kinds()
            .flat_map(|kind| kind.buyers.shares().chain(kind.titles.shares()))
            .map(|(title, _)| title.department)
            .collect(),
        ("products" | "product_inventory", "status") => vec!["active"],
        _ => Vec::new(),
    };
    let mut values: Vec<String> = Vec::new();
    for value in found {
        if values.iter().all(|known| known != value) {
            values.push(value.to_owned());
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tables_and_their_columns_are_named_once_and_stand_after_what_they_need() {
        let mut before = HashSet::new();
        for table in TABLES {
            assert!(table.info().needs.iter().all(|need| before.contains(need)), "{}", table.info().name);
            assert!(before.insert(table.info().name), "{}", table.info().name);
            let columns = table.columns();
            let names: HashSet<&str> = columns.iter().map(|column| column.name).collect();
            assert_eq!(names.len(), columns.len(), "{}", table.info().name);
            assert!(table.info().key.iter().all(|key| names.contains(key)));
        }
    }
}
