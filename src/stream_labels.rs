//! The labels that key the streams of random numbers: `Keyed::new(seed, TABLE, LABEL)`.
//!
//! Every generated value depends on the label of its stream. To rename one changes the data of every user: it takes a
//! new `GENERATOR_VERSION`. Beside these, a column's stream has the name of the column, and that of a scenario's row its
//! handle and column.

/// Streams of the CRM's own tables that belong to no single column.
pub const PRINCIPALS: &str = "principals";
pub const DISTRIBUTORS: &str = "distributors";
pub const CUSTOMERS: &str = "customers";
pub const PRODUCTS: &str = "products";
/// How many children a row has.
pub const COUNT: &str = "count";
/// The order of names, without repetition.
pub const NAME: &str = "name";
/// The order of UPCs, without repetition.
pub const UPC: &str = "upc";
/// How sought-after a customer is.
pub const APPEAL: &str = "appeal";
/// The distributor that a customer usually buys from.
pub const USUAL_DISTRIBUTOR: &str = "distributor";

/// The phase of a row's lifecycle, on which its status, dates and amounts depend.
pub const LIFECYCLE: &str = "story";
/// When a row without a column for it was created, and how many children it has.
pub const CREATED: &str = "made";
/// The order of the combinations that make a key of several columns unique.
pub const DIGITS: &str = "digits";

/// The person or place that several columns of a row describe.
pub fn together(group: &str) -> String {
    format!("together {group}")
}

/// The row that a reference leads to.
pub fn reference(column: &str) -> String {
    format!("link {column}")
}

/// Another row, where a constraint rejects the first one.
pub fn another(column: &str) -> String {
    format!("another {column}")
}

/// The rows of a scenario, in place of a table.
pub fn scenario(name: &str) -> String {
    format!("scenario {name}")
}
