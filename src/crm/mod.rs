//! The domain: a food broker's CRM. One file a table; every column is one line of data.

pub mod family;
pub mod table;
pub mod vocabulary;
pub mod world;

mod contact_organizations;
mod contacts;
mod deals;
mod opportunities;
mod opportunity_contacts;
mod opportunity_participants;
mod opportunity_products;
mod organizations;
mod phrase;
mod product_inventory;
mod products;
mod tasks;

use table::{Of, Table};

/// Rises on purpose whenever a byte of the data of an unchanged command changes.
pub const GENERATOR_VERSION: u32 = 1;

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
