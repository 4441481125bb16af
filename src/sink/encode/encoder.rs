//! What a format can do.

use crate::plan::header::TableHeader;
use crate::value::Batch;

/// Writes the rows of one table in one format.
pub trait Encoder: Send + Sync {
    /// What stands before the first row.
    fn begin(&self, header: &TableHeader, out: &mut Vec<u8>);
    /// Appends all rows of `batch` to `out`.
    fn rows(&self, header: &TableHeader, batch: &Batch, out: &mut Vec<u8>);
    /// What stands after the last row.
    fn end(&self, header: &TableHeader, out: &mut Vec<u8>);
    /// Whether its rows are the form that digests are taken of: COPY text.
    fn is_canonical(&self) -> bool {
        false
    }
}
