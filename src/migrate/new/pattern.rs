//! The patterns: what each takes, and the migrations that it makes.

use crate::error::Result;
use crate::migrate::new::draft::Draft;
use crate::migrate::new::name::sentence;
use crate::migrate::new::options::Options;
use crate::migrate::new::{
    add_column, enum_type, jsonb_field, junction_table, materialized_view, segment_column,
};

/// A kind of change that comes again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    AddColumn,
    JunctionTable,
    JsonbField,
    MaterializedView,
    EnumType,
    SegmentColumn,
}

impl Pattern {
    pub const ALL: [Self; 6] = [
        Self::AddColumn,
        Self::JunctionTable,
        Self::JsonbField,
        Self::MaterializedView,
        Self::EnumType,
        Self::SegmentColumn,
    ];

    /// As `--pattern` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AddColumn => "add-column",
            Self::JunctionTable => "junction-table",
            Self::JsonbField => "jsonb-field",
            Self::MaterializedView => "materialized-view",
            Self::EnumType => "enum-type",
            Self::SegmentColumn => "segment-column",
        }
    }

    const fn options(self) -> &'static [&'static str] {
        match self {
            Self::AddColumn => add_column::OPTIONS,
            Self::JunctionTable => junction_table::OPTIONS,
            Self::JsonbField => jsonb_field::OPTIONS,
            Self::MaterializedView => materialized_view::OPTIONS,
            Self::EnumType => enum_type::OPTIONS,
            Self::SegmentColumn => segment_column::OPTIONS,
        }
    }

    /// The migrations, in their order.
    ///
    /// # Errors
    /// Options that the pattern does not take, or that mean nothing to it.
    pub fn drafts(self, name: &str, options: &Options) -> Result<Vec<Draft>> {
        options.check(self.name(), self.options())?;
        let drafts = match self {
            Self::AddColumn => add_column::drafts,
            Self::JunctionTable => junction_table::drafts,
            Self::JsonbField => jsonb_field::drafts,
            Self::MaterializedView => materialized_view::drafts,
            Self::EnumType => enum_type::drafts,
            Self::SegmentColumn => segment_column::drafts,
        };
        drafts(name, options)
    }
}

/// A migration whose statements its author writes.
pub fn blank(name: &str) -> Draft {
    Draft::new(name, sentence(name), include_str!("blank/up.sql").to_owned())
        .undone_by(format!("Undo: {}", sentence(name)), include_str!("blank/down.sql").to_owned())
}
