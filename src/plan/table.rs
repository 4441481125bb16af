//! The plan of one table.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::dataset::Dataset;
use crate::domain::table::{Source, Table};
use crate::infer::model::Model;
use crate::infer::rows::explicit_values;
use crate::infer::source::ModelSource;
use crate::note::Note;
use crate::plan::header::TableHeader;
use crate::report::TableReport;
use crate::value::{Batch, Cell};

/// A table that is not filled.
#[derive(Debug)]
pub struct Skipped {
    /// Its name, in the domain or in the target.
    pub table: String,
    pub why: String,
}

impl Skipped {
    /// The note that a report has about it.
    pub fn note(&self) -> Note {
        Note::skipped(&self.table, &self.why)
    }
}

pub struct TablePlan {
    /// The table of the domain, and its position there.
    pub(super) domain: Option<(&'static dyn Table, usize)>,
    /// How its rows are made where the domain does not make them alone.
    pub(super) member: Option<(Arc<Model>, usize)>,
    pub(super) name: String,
    /// Why it is filled.
    pub why: String,
    /// Its name in the target, and the columns that are written.
    pub header: TableHeader,
    /// Where each written column comes from.
    pub columns: Vec<ColumnPlan>,
    /// Columns that are not written, and why.
    pub left_out: Vec<LeftOut>,
    /// How many base rows.
    pub rows: u64,
    /// How many explicit rows; of a table of the app those of scenarios.
    pub explicit: u64,
    /// Its rows are those of scenarios alone, beside rows of the app, which stay.
    pub is_added_to: bool,
    /// The table in the target; `None` where files are written.
    pub target: Option<TargetTable>,
    /// The columns of its key, in the target.
    pub(super) key: Vec<String>,
}

/// Facts about a table in the target that the loader needs.
#[derive(Clone, Debug)]
pub struct TargetTable {
    pub oid: u32,
    /// Its name, without its schema.
    pub name: String,
    /// Row-level security applies to us.
    pub rls_applies: bool,
    /// Written columns that draw from a sequence when nothing is given.
    pub sequences: Vec<Sequence>,
}

/// A sequence that must stand behind the highest key.
#[derive(Clone, Debug)]
pub struct Sequence {
    pub column: String,
    /// The sequence, qualified and quoted.
    pub name: String,
    /// It may be restarted, which takes part in the transaction; else only set.
    pub owned: bool,
    /// The name of the column's type.
    pub base: String,
}

/// A column that is written.
#[derive(Debug)]
pub struct ColumnPlan {
    pub name: String,
    /// Its type in the target, or what it holds.
    pub type_name: String,
    /// Where its values come from.
    pub source: ValueSource,
}

/// Where the values of a column come from.
#[derive(Clone, Debug)]
pub enum ValueSource {
    /// The domain's column at this position, which makes it so.
    Domain {
        /// Position among the table's columns.
        position: usize,
        /// How, in a line.
        about: &'static str,
    },
    /// This step of the table's [`TableModel`](crate::infer::model::TableModel).
    Model {
        /// Which step; `None` for NULL, as it is written later.
        column: Option<usize>,
        /// What it is, in a word.
        kind: &'static str,
        /// How, in a line.
        about: String,
    },
}

impl ValueSource {
    /// How, in a line.
    pub fn about(&self) -> &str {
        match self {
            Self::Domain { about, .. } => about,
            Self::Model { about, .. } => about,
        }
    }

    /// What it is, in a word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Domain { .. } => "domain",
            Self::Model { kind, .. } => kind,
        }
    }
}

/// A column that is not written.
#[derive(Debug)]
pub struct LeftOut {
    pub column: String,
    pub why: String,
}

/// A table's name and a row's key.
pub type InTarget = (String, Vec<(String, serde_json::Value)>);

impl TablePlan {
    /// Its name: in the domain, or that of the target.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The domain's table that it is, if it is one.
    pub fn domain_table(&self) -> Option<&'static dyn Table> {
        self.domain.map(|(table, _)| table)
    }

    /// Whether it is a table of the domain.
    pub const fn is_domain(&self) -> bool {
        self.domain.is_some()
    }

    /// Whether the domain makes its rows alone, with the keys that the domain has.
    pub fn is_plain(&self) -> bool {
        self.member.is_none()
    }

    /// The report of its load: bytes as sent, elapsed time in seconds.
    pub fn report(&self, bytes: u64, seconds: f64) -> TableReport {
        TableReport {
            name: self.name.clone(),
            target: self.header.table.clone(),
            rows: self.all_rows(),
            bytes,
            seconds,
            digest: String::new(),
        }
    }

    /// Its oid in the target.
    pub fn oid(&self) -> Option<u32> {
        self.target.as_ref().map(|target| target.oid)
    }

    /// Its primary key, as the target calls it.
    pub fn key(&self) -> &[String] {
        &self.key
    }

    /// How many rows of either kind.
    pub const fn all_rows(&self) -> u64 {
        self.rows + self.explicit
    }

    /// Fills `batch` with the explicit rows `ordinals`.
    pub fn fill_explicit(&self, dataset: &Dataset, ordinals: Range<u64>, batch: &mut Batch) {
        batch.reset(self.columns.len());
        let Some((_, position)) = self.domain else {
            if let Some((model, member)) = &self.member {
                let mut source = ModelSource::new(model, dataset, *member, self.columns());
                source.put_added(ordinals, batch);
            }
            return;
        };
        let rows = &dataset.explicit_of(position)[ordinals.start as usize..ordinals.end as usize];
        let Some((model, member)) = &self.member else {
            for made in rows {
                for column in &self.columns {
                    if let ValueSource::Domain { position, .. } = column.source {
                        made.values[position].put(batch);
                    }
                }
            }
            return;
        };
        let mut source = ModelSource::new(model, dataset, *member, self.columns());
        for made in rows {
            source.put_explicit(explicit_values(dataset, position, made), batch);
        }
    }

    /// Id and `created_at` (in seconds since 1970-01-01 UTC) of a base row.
    pub fn key_and_created_at(&self, dataset: &Dataset, ordinal: u64) -> (i64, i64) {
        let Some((table, _)) = self.domain else { return (0, 0) };
        let known = table.columns();
        let position = |name| known.iter().position(|column| column.name == name);
        let wanted: Vec<usize> = ["id", "created_at"].into_iter().filter_map(position).collect();
        let mut batch = Batch::default();
        table.source(dataset, &wanted).fill(ordinal..ordinal + 1, &mut batch);
        match batch.rows().next() {
            Some([Cell::Int(id), Cell::Timestamp(made)]) => (*id, *made),
            _ => (0, 0),
        }
    }

    /// A maker of its base rows.
    pub fn source(&self, dataset: &Dataset) -> Box<dyn Source> {
        if let Some((model, member)) = &self.member {
            return Box::new(ModelSource::new(model, dataset, *member, self.columns()));
        }
        let position = |column: &ColumnPlan| match column.source {
            ValueSource::Domain { position, .. } => Some(position),
            ValueSource::Model { .. } => None,
        };
        let wanted: Vec<usize> = self.columns.iter().filter_map(position).collect();
        match self.domain {
            Some((table, _)) => table.source(dataset, &wanted),
            None => unreachable!("a table that the domain does not know has a member"),
        }
    }

    /// The steps of its columns.
    fn columns(&self) -> Vec<Option<usize>> {
        let column = |column: &ColumnPlan| match column.source {
            ValueSource::Model { column, .. } => column,
            ValueSource::Domain { .. } => None,
        };
        self.columns.iter().map(column).collect()
    }
}
