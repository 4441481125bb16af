//! What base rows are called by those who refer to them.

/// Kinds of base rows that a selector may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    Principal,
    Distributor,
    Customer,
    Opportunity,
    /// A contact of a customer.
    Contact,
    /// A product of a principal.
    Product,
}

impl RowKind {
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
