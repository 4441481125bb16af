//! Rows that somebody spelled out, and what they need to be coherent.
//!
//! A [`Situation`] gives some columns of some rows. [`with_rows`] adds the rows that those cannot do
//! without (`imply`) and makes every value that was left out, so that it fits what was given.
//! Base rows are read and never changed; ids are in a range of their own ([`ids`]).

mod access;
mod beyond;
mod cast;
mod complete;
mod contacts;
mod deals;
mod facts;
pub mod ids;
mod imply;
mod items;
mod kin;
mod organizations;
mod products;
mod row;
mod small;
#[cfg(test)]
mod tests;
mod text;
mod times;
mod value;

pub use beyond::beyond;
pub use complete::with_rows;
pub use facts::table_called;
pub use kin::Kin;
pub use row::{Fault, Made, Row, Situation, WITHOUT};
pub use value::{Given, Nth, Reference, Value, When};
