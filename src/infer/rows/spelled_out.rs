//! What was spelled out of explicit rows, for others to ask for.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::dataset::Dataset;
use crate::infer::model::{Model, TableModel};
use crate::infer::rows::domain_values::DomainValues;
use crate::infer::rows::reader::{DomainRows, existing_values, explicit_values};
use crate::infer::rows::row::NO_ORDINAL;
use crate::sqlexpr::value::Value;

/// What was spelled out of a table's explicit rows, by their numbers.
pub(super) type SpelledOut = BTreeMap<u64, Arc<[Value]>>;

/// The same of each table.
pub(super) fn spelled_out(
    model: &Model,
    readers: &[Option<DomainRows>],
    dataset: &Dataset,
) -> Vec<SpelledOut> {
    let of = |(member, reader): (&TableModel, &Option<DomainRows>)| {
        let (Some(domain), Some(reader)) = (member.domain, reader) else {
            return member.added.iter().map(|row| (row.number, Arc::default())).collect();
        };
        let of_row = |known: Arc<[Value]>| {
            let row = reader.identity(NO_ORDINAL, DomainValues::Explicit(Arc::clone(&known)));
            (row.row_ref.number, known)
        };
        let explicit = dataset.explicit_of(domain).iter().map(|made| explicit_values(dataset, domain, made));
        let existing = dataset.existing.iter().filter_map(|row| existing_values(row, domain));
        explicit.chain(existing).map(|known| of_row(known.into())).collect()
    };
    model.members.iter().zip(readers).map(of).collect()
}
