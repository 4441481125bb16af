//! Explicit rows that others ask for.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::dataset::Dataset;
use crate::infer::model::{Generator, Model, TableModel};
use crate::infer::rows::reader::explicit_values;
use crate::infer::rows::row::whole;
use crate::sqlexpr::value::Value;

/// What was spelled out of a table's explicit rows, by their numbers.
pub(super) type SpelledOut = BTreeMap<u64, Arc<[Value]>>;

/// The same of each table that others copy from.
pub(super) fn spelled_out(model: &Model, dataset: &Dataset) -> Vec<SpelledOut> {
    let mut is_copied = vec![false; model.members.len()];
    for column in model.members.iter().flat_map(|member| &member.columns) {
        if let Generator::Copy(copied) = &column.generator {
            copied.sources.iter().for_each(|source| is_copied[source.to] = true);
        }
    }
    let of = |(member, is_copied): (&TableModel, bool)| {
        let domain = member.domain.filter(|_| is_copied);
        let rows = domain.into_iter().flat_map(|domain| {
            dataset.explicit_of(domain).iter().map(move |made| explicit_values(dataset, domain, made))
        });
        rows.filter_map(|known| Some((whole(known.first()?)?, known.into()))).collect()
    };
    model.members.iter().zip(is_copied).map(of).collect()
}
