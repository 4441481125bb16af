//! Rows of a member as the generator takes them.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::dataset::Dataset;
use crate::domain::table::Source;
use crate::infer::model::Model;
use crate::infer::rows::{RowGenerator, put};
use crate::sqlexpr::value::Value;
use crate::value::Batch;

/// Generates rows of one table of the model, with some of its columns.
pub struct ModelSource {
    maker: RowGenerator,
    member: usize,
    /// The steps that are put, in this order; `None` for a NULL.
    columns: Vec<Option<usize>>,
}

impl ModelSource {
    /// For these steps of a member.
    pub fn new(model: &Arc<Model>, dataset: &Dataset, member: usize, columns: Vec<Option<usize>>) -> Self {
        Self { maker: RowGenerator::new(model, dataset), member, columns }
    }

    /// The rows of scenarios in a table that the domain does not have.
    pub fn put_added(&mut self, rows: Range<u64>, batch: &mut Batch) {
        let all = self.maker.rows_added(self.member);
        for row in &all[rows.start as usize..rows.end as usize] {
            for column in &self.columns {
                match column {
                    Some(column) => put(&row.values[*column], batch),
                    None => batch.null(),
                }
            }
        }
    }

    /// The row of which the domain's values were given.
    pub fn put_explicit(&mut self, known: Vec<Value>, batch: &mut Batch) {
        if let Some(row) = self.maker.explicit_row(self.member, known) {
            for column in &self.columns {
                match column {
                    Some(column) => put(&row.values[*column], batch),
                    None => batch.null(),
                }
            }
        }
    }
}

impl Source for ModelSource {
    fn fill(&mut self, ordinals: Range<u64>, batch: &mut Batch) {
        batch.reset(self.columns.len());
        let Self { maker, member, columns } = self;
        maker.each_kept(*member, ordinals, |row| {
            for column in columns.iter() {
                match column {
                    Some(column) => put(&row.values[*column], batch),
                    None => batch.null(),
                }
            }
        });
    }
}
