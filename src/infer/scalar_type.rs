//! Types, as far as they matter to those who make values.

/// Kinds of types, as far as generating values is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarType {
    Bool,
    /// Whole numbers.
    Integer,
    /// Numbers with a fraction.
    Decimal,
    Text,
    /// Days.
    Date,
    /// Points in time.
    Timestamp,
    /// Times of day.
    Time,
    /// Lengths of time.
    Interval,
    /// JSON documents.
    Json,
    Uuid,
    Bytes,
    /// Addresses in a network.
    Address,
    Range,
    /// Anything else.
    Other,
}

impl ScalarType {
    /// All, each at its own position.
    pub const ALL: [Self; 14] = [
        Self::Bool,
        Self::Integer,
        Self::Decimal,
        Self::Text,
        Self::Date,
        Self::Timestamp,
        Self::Time,
        Self::Interval,
        Self::Json,
        Self::Uuid,
        Self::Bytes,
        Self::Address,
        Self::Range,
        Self::Other,
    ];
}
