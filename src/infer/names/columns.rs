//! Other names of the domain's columns, by table.

mod alias;
mod people;
mod trade;

pub use alias::Column;

/// Columns that look like other names of their tables' others, but are themselves.
pub const OWN: &[(&str, &str)] = &[("organizations", "customer_segment")];

/// Columns that may be said of one address of several.
pub const ADDRESS: &[&str] = &["city", "state", "postal_code", "country"];

/// What such an address is, and how surely it is the one meant.
pub const ADDRESS_PREFIXES: &[(&str, u8)] = &[
    ("address", 80),
    ("billing", 80),
    ("mailing", 80),
    ("main", 80),
    ("primary", 80),
    ("hq", 80),
    ("headquarters", 80),
    ("business", 80),
    ("office", 80),
    ("addr", 80),
    ("location", 80),
    ("street", 80),
    ("physical", 80),
    ("postal", 70),
    ("legal", 70),
    ("registered", 70),
    ("shipping", 70),
    ("delivery", 70),
];

/// The other names, separated by blanks.
pub const COLUMNS: &[&[Column]] = &[people::COLUMNS, trade::COLUMNS];
