//! How many rows refer to each row of a table.

use crate::domain::dataset::Dataset;
use crate::domain::row_sampler::RowRef;
use crate::infer::model::{Counts, TableModel};
use crate::infer::rows::maker::{Maker, RowGenerator};
use crate::infer::rows::row::{NO_ORDINAL, Row};

/// Rows that are made in one go.
const AT_ONCE: u64 = 4096;

impl RowGenerator {
    /// How many rows refer to each row of a table, by references of these tables.
    pub fn counts(&mut self, to: usize, of: &[(usize, usize)], dataset: &Dataset) -> Counts {
        let mut counts = Counts { rows: vec![0; self.count(to) as usize], ..Counts::default() };
        for (from, at) in of {
            self.count_rows_of(*from, *at, &mut counts, dataset);
        }
        counts
    }

    fn count_rows_of(&mut self, from: usize, at: usize, counts: &mut Counts, dataset: &Dataset) {
        let model = std::sync::Arc::clone(&self.model);
        let planned = &model.members[from];
        let count = self.count(from);
        if is_simple(planned, at) {
            let mut maker = self.maker();
            for ordinal in 0..count {
                counts.add(maker.leads(from, at, ordinal));
            }
        } else {
            for start in (0..count).step_by(AT_ONCE as usize) {
                self.each(from, start..(start + AT_ONCE).min(count), |row| {
                    let is_dropped = planned.dropped.binary_search(&row.identity.row_ref.ordinal).is_ok();
                    counts.add(written(planned, at, row).filter(|_| !is_dropped));
                });
            }
        }
        if let Some(domain) = planned.domain {
            for row in self.explicit_rows(from, dataset, domain) {
                counts.add(written(planned, at, &row));
            }
        }
    }
}

/// Whether nothing but chance leaves a reference NULL.
fn is_simple(planned: &TableModel, at: usize) -> bool {
    let [(own, _)] = &planned.references[at].columns[..] else { return false };
    let Some(column) = planned.column(own) else { return false };
    planned.checks.is_empty()
        && planned.unsettled.is_empty()
        && planned.dropped.is_empty()
        && planned.columns[column].unique.is_none()
        && planned.references[at].agrees.is_empty()
        && planned.events.iter().all(|event| !event.columns.contains(&column))
}

/// Where a reference of a row leads, if it is written.
fn written(planned: &TableModel, at: usize, row: &Row) -> Option<RowRef> {
    let reference = &planned.references[at];
    let own = reference.alternative.as_ref().map(|alternative| &alternative.id);
    let own = own.or_else(|| reference.columns.last().map(|(own, _)| own))?;
    let column = planned.column(own)?;
    row.refs[at].filter(|_| !row.values[column].is_null())
}

impl Maker<'_> {
    /// The same of the row at `ordinal`, without the rest of it.
    fn leads(&mut self, member: usize, at: usize, ordinal: u64) -> Option<RowRef> {
        let planned = &self.model.members[member];
        let identity = self.identity(member, ordinal);
        let row_ref = self.refs_up_to(member, at, &identity).get(at).copied().flatten()?;
        let slot = self.table(member).references[at].stream.at(identity.key);
        let reference = &planned.references[at];
        let is_left = reference.null_percent > 0 && slot.child(99).chance(reference.null_percent);
        let column = planned.column(&reference.columns[0].0);
        let may_be_left = column.is_some_and(|column| !planned.columns[column].column_type.not_null);
        (!(is_left && may_be_left)).then_some(row_ref)
    }
}

impl Counts {
    fn add(&mut self, row_ref: Option<RowRef>) {
        let Some(row_ref) = row_ref else { return };
        if row_ref.ordinal == NO_ORDINAL {
            *self.explicit.entry(row_ref.number).or_default() += 1;
        } else if let Some(count) = self.rows.get_mut(row_ref.ordinal as usize) {
            *count += 1;
        }
    }

    /// Of the row at `row_ref`.
    pub(super) fn of(&self, row_ref: RowRef) -> u32 {
        match row_ref.ordinal {
            NO_ORDINAL => self.explicit.get(&row_ref.number).copied().unwrap_or(0),
            ordinal => self.rows.get(ordinal as usize).copied().unwrap_or(0),
        }
    }
}
