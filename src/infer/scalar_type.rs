//! Types, as far as they matter to those who make values.

/// What types are alike to those who make values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarType {
    /// true or false.
    Bool,
    /// Whole numbers.
    Integer,
    /// Numbers with a fraction.
    Decimal,
    /// Text.
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
    /// UUIDs.
    Uuid,
    /// Bytes.
    Bytes,
    /// Addresses in a network.
    Address,
    /// Ranges.
    Range,
    /// Anything else.
    Other,
}
