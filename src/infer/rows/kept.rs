//! The rows of a table that are written: all but those that are left out.

use std::sync::Arc;

use crate::domain::dataset::Dataset;
use crate::infer::rows::maker::RowGenerator;
use crate::infer::rows::reader::explicit_values;
use crate::infer::rows::row::Row;

impl RowGenerator {
    /// How many rows of a table are written.
    pub fn kept_count(&self, member: usize) -> u64 {
        self.state.counts[member].saturating_sub(self.model.members[member].dropped.len() as u64)
    }

    /// Makes rows of a table one after the other, of those that are written.
    pub fn each_kept(&mut self, member: usize, positions: std::ops::Range<u64>, mut put: impl FnMut(&Row)) {
        let model = Arc::clone(&self.model);
        let dropped = &model.members[member].dropped;
        if dropped.is_empty() || positions.is_empty() {
            self.each(member, positions, put);
            return;
        }
        // So many are left out before the one at this position.
        let ordinal = |position: u64| {
            let (mut low, mut high) = (0, dropped.len());
            while low < high {
                let middle = low.midpoint(high);
                if dropped[middle] - middle as u64 <= position { low = middle + 1 } else { high = middle }
            }
            position + low as u64
        };
        self.each(member, ordinal(positions.start)..ordinal(positions.end - 1) + 1, |row| {
            if dropped.binary_search(&row.identity.row_ref.ordinal).is_err() {
                put(row);
            }
        });
    }

    /// Rows of a table.
    pub fn rows(&mut self, member: usize, ordinals: std::ops::Range<u64>) -> Vec<Row> {
        let mut maker = self.maker();
        let read = match maker.state.readers[member].as_mut() {
            Some(reader) => reader.read(ordinals),
            None => ordinals.map(|ordinal| maker.identity(member, ordinal)).collect(),
        };
        read.into_iter().map(|identity| maker.make(member, identity)).collect()
    }

    /// The explicit rows of a table of the domain.
    pub fn explicit_rows(&mut self, member: usize, dataset: &Dataset, domain: usize) -> Vec<Row> {
        let rows = dataset.explicit_of(domain).iter();
        rows.filter_map(|made| self.explicit_row(member, explicit_values(dataset, domain, made))).collect()
    }
}
