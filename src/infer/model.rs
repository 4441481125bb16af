//! The tables of one run as they refer to one another, and how the rows of each are made. Pure data:
//! `recognition`, `table_selection`, `references`, `columns` and `uniqueness` make it, `rows` follows it.

mod given;
mod keys;
mod reference;
mod together;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::TABLES;
use crate::domain::counts::CountRange;
use crate::domain::dataset::OrganizationType;
use crate::infer::column_type::ColumnType;
use crate::infer::json::Document;
use crate::infer::key::KeyForm;
use crate::infer::kinds::TableKind;
use crate::infer::lifecycle::LifecycleField;
use crate::infer::semantics::Semantics;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{Expression, Pattern};
pub use given::{Added, GivenKey, GivenRow};
pub use keys::{Edge, KeyOperator, KeyRule, UniqueBy};
pub use reference::{Agreement, DecidedBy, PolymorphicTarget, Reference, ReferenceStrategy};
pub use together::{Copied, CopySource, Counted, Counts, Event, Occurs, Relation};

/// All tables that take part, filled or referred to.
#[derive(Debug)]
pub struct Model {
    /// The tables; their order does not affect values.
    pub members: Vec<TableModel>,
}

/// The member whose rows are written into the table of another: that other, or of a table whose rows are there the one for
/// the rows that scenarios add.
pub fn with_written_rows(members: &[TableModel], at: usize) -> usize {
    if members[at].is_written() {
        return at;
    }
    let is_added_to = |other: &TableModel| other.is_added_to && other.oid == members[at].oid;
    members.iter().position(is_added_to).unwrap_or(at)
}

/// What was inferred about one table.
#[derive(Debug)]
pub struct TableModel {
    /// Its name in the target, which decides its random streams.
    pub name: String,
    /// The same without a prefix that others share.
    pub short_name: String,
    /// Name with schema, quoted where needed.
    pub qualified: String,
    pub oid: u32,
    /// Its position among the target's tables.
    pub position: usize,
    pub kind: TableKind,
    /// Its position in the domain.
    pub domain: Option<usize>,
    pub rows: Rows,
    /// Its key, where it is one column made of a number.
    pub key: Option<(String, KeyForm)>,
    /// Its primary key, where that is one column.
    pub primary: Option<String>,
    /// What it refers to, in the order in which that is decided.
    pub references: Vec<Reference>,
    /// Its columns, in the order in which they are made.
    pub columns: Vec<ColumnModel>,
    /// The CHECK constraints that are read.
    pub checks: Vec<TableCheck>,
    /// Unique keys and exclusion constraints that no way of generating the columns guarantees: rows are compared.
    pub unsettled: Vec<KeyRule>,
    /// Values that replace generated ones so that a key of [`unsettled`](Self::unsettled) holds: for a row, by
    /// [`RowKey::key`](crate::infer::rows::RowKey), positions of columns and their values.
    pub settled: BTreeMap<u64, Vec<(usize, Value)>>,
    /// Ordinals of the rows that no value could keep apart from others, ascending: they are not written.
    pub dropped: Vec<u64>,
    /// The most rows that the type of the key can number.
    pub limit: Option<u64>,
    /// Where only some rows of the parent table get children: the ordinals of those, ascending.
    pub hosts: Option<Arc<Vec<u64>>>,
    /// Set where the type of the key is too small for the ids of the CRM table: keys are 1, 2, 3, ... then, and the
    /// map leads from the ids of explicit rows to theirs.
    pub counted: Option<BTreeMap<u64, u64>>,
    /// Of a table that the domain does not have, rows of scenarios.
    pub added: Vec<Added>,
    /// Its rows are those of scenarios alone, beside rows of the app.
    pub is_added_to: bool,
    /// The numbers in the keys of those, where the type of the key does not hold their own.
    pub added_keys: BTreeMap<u64, u64>,
    /// What a scenario gives for columns of explicit rows, by their numbers.
    pub given: BTreeMap<u64, GivenRow>,
    /// Explicit rows may refer to rows that are there, so that keys are not those of the domain.
    pub has_existing: bool,
    /// Pairs of references (positions) of which a CHECK constraint wants the lesser key first: they are swapped.
    pub ordered: Vec<(usize, usize)>,
    /// What happens to its rows, and the columns that tell of it.
    pub events: Vec<Event>,
    /// Columns of a row that are compared.
    pub relations: Vec<Relation>,
    /// Columns that are not written, and why.
    pub left_out: Vec<(String, String)>,
    /// Those of them that the server fills with what differs from run to run, and how.
    pub by_server: Vec<(String, String)>,
    /// Free texts whose labels are invented, with these.
    pub invented: Vec<(String, Vec<String>)>,
    /// Why it takes part.
    pub why: String,
}

/// Which rows a table has.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// Those of the domain.
    Domain,
    /// A fixed number of rows, independent of the parents.
    Standing(u64),
    /// Some for each row of another table.
    Children {
        /// Position of the parent table in [`Model::members`].
        of: usize,
        /// Of organizations those of this kin.
        kin: OrganizationType,
        /// How many for each.
        spread: CountRange,
        /// How many in all, shared out among the parents, where that is what was asked for.
        total: Option<u64>,
        /// Numbers that each parent leaves for its children; `None` where they are counted.
        stride: Option<u64>,
    },
    /// One for each of these names.
    Listed(Vec<String>),
    /// Existing rows, which are read and kept.
    Existing {
        /// The columns that were read.
        columns: Vec<String>,
        /// Their rows, each with the values of the columns read.
        rows: Vec<Vec<Value>>,
    },
}

/// The app's words for labels that would be written.
pub type LabelMap = Option<Arc<BTreeMap<String, Value>>>;

/// How the values of a column are generated.
#[derive(Clone, Debug)]
pub struct ColumnModel {
    /// Type and constraints of the column.
    pub column_type: ColumnType,
    /// Where its values come from.
    pub generator: Generator,
    /// Percentage of rows in which it is NULL.
    pub null_percent: u64,
    /// The app's words for labels.
    pub labels: LabelMap,
    /// It must not repeat.
    pub unique: Option<UniqueBy>,
    /// Description for people.
    pub about: String,
}

/// Where the values of a column come from.
#[derive(Clone, Debug)]
pub enum Generator {
    /// The CRM column at this position, unchanged.
    Passthrough(usize),
    /// The CRM column at this position, converted to the type.
    Converted(usize),
    /// A key made from the row number.
    Key(KeyForm),
    /// A column of the referenced row: position of the reference, name of the column.
    Reference(usize, String),
    /// One of these, by their weights.
    Labels(Vec<(Value, u64)>),
    /// A JSON document.
    Document(Document),
    /// A value that fits the name of the column.
    Semantics(Semantics),
    /// A value that follows from the lifecycle of the row.
    Lifecycle(LifecycleField),
    /// The same value in every row.
    Constant(Value),
    /// Whose the rows are, in all tables the same: no two rows are told apart by it.
    Tenant(Value),
    /// These one after the other, row by row, and from the first again.
    InTurn(Vec<Value>),
    /// What its default says with the row's position, from 1, as the number that it takes.
    Default(Expression),
    /// A text of this pattern.
    Pattern(Pattern),
    /// The value of an expression that a CHECK constraint requires.
    Equals(Expression),
    /// The name of a row of a [`Rows::Listed`] table; or where that is said, its code.
    Name(Called),
    /// A value of a rare type.
    Exotic,
    /// The key half of a polymorphic reference: of these references (position, column of the row referred to) the
    /// one that the row follows.
    Record(Vec<(usize, String)>),
    /// The type column of a polymorphic reference.
    RecordType(Vec<(usize, Value)>),
    /// A copy of columns of a row that is referred to.
    Copy(Copied),
    /// How many rows refer to the row.
    Count(Counted),
}

/// The form of a name in a lookup table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// `Closed Won`.
    ForPeople,
    /// `closed_won`.
    Code,
    /// `closed-won`, as it stands in an address.
    Slug,
    /// As the domain has it.
    AsItIs,
}

impl ColumnModel {
    /// Whether NULL is written, and nothing else.
    pub const fn is_null(&self) -> bool {
        matches!(self.generator, Generator::Constant(Value::Null))
    }
}

impl TableModel {
    /// Whether rows of it are written.
    pub const fn is_written(&self) -> bool {
        !matches!(self.rows, Rows::Existing { .. })
    }

    /// The position of a column in [`columns`](Self::columns); `None` where it is not written.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.column_type.name == name)
    }

    /// The reference that a column is part of.
    pub fn reference_of(&self, column: &str) -> Option<usize> {
        self.references.iter().position(|reference| reference.columns.iter().any(|(own, _)| own == column))
    }

    /// Its rows are the domain's, and all that is written is put as the domain has it.
    pub fn is_plain(&self) -> bool {
        let Some(domain) = self.domain else { return false };
        let columns = TABLES[domain].columns().len();
        self.checks.is_empty()
            && self.unsettled.is_empty()
            && self.references.iter().all(|reference| reference.is_free_to_choose)
            && self.counted.is_none()
            && self.settled.is_empty()
            && self.given.is_empty()
            && !self.has_existing
            && self.dropped.is_empty()
            && self.columns.iter().all(|column| {
                // What the domain knows beyond its columns is not among those that are put as they are.
                matches!(column.generator, Generator::Passthrough(position) if position < columns)
                    && column.unique.is_none()
            })
            && self.references.iter().all(|reference| !reference.is_deferred)
    }
}

/// A CHECK constraint that is read.
#[derive(Clone, Debug)]
pub struct TableCheck {
    pub name: String,
    /// `CHECK (...)`.
    pub definition: String,
    /// The condition, parsed.
    pub expression: Expression,
    /// The columns that it reads.
    pub columns: Vec<String>,
    /// Their positions in [`TableModel::columns`]; `None` for a column that is not written.
    pub positions: Vec<Option<usize>>,
    /// What evaluating it costs: see [`Expression::size`].
    pub cost: u64,
}

impl TableCheck {
    /// Of this name and definition, which says this.
    pub fn new(name: String, definition: String, expression: Expression) -> Self {
        let (columns, cost) = (expression.columns(), expression.size() as u64);
        Self { name, definition, expression, columns, positions: Vec::new(), cost }
    }

    /// The same, of a table with these columns.
    #[must_use]
    pub fn of(mut self, columns: &[ColumnModel]) -> Self {
        let position = |name: &String| columns.iter().position(|column| column.column_type.name == *name);
        self.positions = self.columns.iter().map(position).collect();
        self
    }

    /// The value that a row of such a table has in a column that it reads.
    pub fn value<'v>(&self, values: &'v [Value], column: &str) -> Cow<'v, Value> {
        let at = self.columns.iter().position(|own| own == column);
        let column = at.and_then(|at| *self.positions.get(at)?);
        column.and_then(|column| values.get(column)).map_or(Cow::Owned(Value::Null), Cow::Borrowed)
    }
}
