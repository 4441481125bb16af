//! Rows that somebody spelled out, and what they need to be coherent.
//!
//! A [`Situation`] gives some columns of some rows. [`complete`] adds the rows that those cannot do
//! without (`imply`) and makes every value that was left out, so that it fits what was given.
//! Base rows are read and never changed; ids are in a range of their own ([`ids`]).

mod access;
mod beyond;
mod cast;
mod contacts;
mod deals;
mod facts;
pub mod ids;
mod imply;
mod items;
mod organizations;
mod products;
mod small;
#[cfg(test)]
mod tests;
mod text;
mod times;
mod value;

pub use beyond::beyond;
pub use cast::complete;
pub use facts::table_called;
pub use value::{Given, Nth, Reference, Value, When};

/// Kinds of base rows that a selector may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kin {
    /// A manufacturer.
    Principal,
    /// A distributor.
    Distributor,
    /// A customer.
    Customer,
    /// A deal.
    Opportunity,
    /// A contact of a customer.
    Contact,
    /// A product of a principal.
    Product,
}

impl Kin {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Principal, Self::Distributor, Self::Customer, Self::Opportunity, Self::Contact, Self::Product];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Distributor => "distributor",
            Self::Customer => "customer",
            Self::Opportunity => "opportunity",
            Self::Contact => "contact",
            Self::Product => "product",
        }
    }

    /// The table that holds its rows.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Principal | Self::Distributor | Self::Customer => "organizations",
            Self::Opportunity => "opportunities",
            Self::Contact => "contacts",
            Self::Product => "products",
        }
    }
}

/// The explicit rows of one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Situation {
    /// The scenario's name: ids and all draws hang on it.
    pub scenario: String,
    /// Its rows, in the order of the file.
    pub rows: Vec<Row>,
}

/// A row as it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Name of its table.
    pub table: &'static str,
    /// Its name in the scenario.
    pub handle: String,
    /// The columns that were given, by name.
    pub cells: Vec<(&'static str, Given)>,
    /// Of a contact: the organization that it works for.
    pub organization: Option<Reference>,
    /// What is not to be made beside it: names of [`WITHOUT`].
    pub without: Vec<String>,
}

/// What may be left out beside a row of a table.
pub const WITHOUT: &[(&str, &[&str])] = &[
    ("organizations", &["contacts"]),
    ("contacts", &["organization"]),
    ("opportunities", &["participants", "contacts", "products"]),
];

/// A row with all its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// Position of its table in [`crate::domain::TABLES`].
    pub table: usize,
    /// Position of its situation.
    pub situation: usize,
    /// Its name in the scenario.
    pub handle: String,
    /// It was not in the file.
    pub is_implied: bool,
    /// All columns of the domain, in their order.
    pub values: Vec<Value>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Position of its situation.
    pub situation: usize,
    /// Its handle.
    pub handle: String,
    /// The column, where it is one's.
    pub column: Option<&'static str>,
    /// What was wrong, and what would be right.
    pub message: String,
}

impl Made {
    /// Its key: each column of it, and what that holds.
    pub fn key(&self) -> impl Iterator<Item = (&'static str, i64)> + '_ {
        let info = crate::domain::TABLES[self.table].info();
        info.key.iter().map(|column| {
            let value = &self.values[facts::position(self.table, column)];
            (*column, value.as_number().unwrap_or_default())
        })
    }
}
