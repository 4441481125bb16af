//! The tables of one run as they refer to one another, and how the rows of each are made. Pure data:
//! `recognition`, `table_selection`, `references`, `columns` and `uniqueness` make it, `rows` follows it.

mod together;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
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
pub use together::{Copied, CopySource, Counted, Counts, Event, Occurs, Relation};

/// All tables that take part, filled or referred to.
#[derive(Debug)]
pub struct Model {
    /// The tables; their order does not affect values.
    pub members: Vec<TableModel>,
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
    /// The kind of table.
    pub kind: TableKind,
    /// Its position in the domain.
    pub domain: Option<usize>,
    /// Which rows it has.
    pub rows: Rows,
    /// Its key, where it is one column made of a number.
    pub key: Option<(String, KeyForm)>,
    /// What it refers to, in the order in which that is decided.
    pub links: Vec<Reference>,
    /// Its columns, in the order in which they are made.
    pub steps: Vec<ColumnModel>,
    /// The CHECK constraints that are read.
    pub checks: Vec<TableCheck>,
    /// Keys that nothing keeps by construction.
    pub unsettled: Vec<KeyRule>,
    /// What rows have instead where these would refuse them: by [`RowKey::key`](crate::infer::rows::RowKey).
    pub settled: BTreeMap<u64, Vec<(usize, Value)>>,
    /// Ordinals of the rows that no value saves, in order: they are left out.
    pub dropped: Vec<u64>,
    /// The most rows that there are keys for.
    pub limit: Option<u64>,
    /// Ordinals of the rows for which its own are made, where that is not for all.
    pub hosts: Option<Arc<Vec<u64>>>,
    /// Its keys count its rows, as the numbers of the domain do not fit their type: those of explicit rows by their
    /// numbers.
    pub counted: Option<BTreeMap<u64, u64>>,
    /// Pairs of references of which a CHECK constraint wants the lesser key first.
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

/// A reference to another table.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Position of the referenced table.
    pub to: usize,
    /// Own columns and those that they refer to; none where only the domain knows of it.
    pub columns: Vec<(String, String)>,
    /// How the referenced row is chosen.
    pub mode: ReferenceStrategy,
    /// Percentage of rows in which it is NULL.
    pub null_percent: u64,
    /// It is a foreign key.
    pub is_declared: bool,
    /// The configuration says so.
    pub is_told: bool,
    /// A foreign key that may be checked later.
    pub is_deferrable: bool,
    /// It can be NULL.
    pub is_nullable: bool,
    /// It is set after all rows are loaded.
    pub is_late: bool,
    /// The rows among which it should lead, if it cannot lead where it does: as in [`ReferenceStrategy::SiblingOf`].
    pub among: Option<(usize, Option<usize>)>,
    /// The name of the foreign key.
    pub name: String,
    /// It is one of those that a pair of columns may mean.
    pub alternative: Option<PolymorphicTarget>,
    /// Columns of it that something else decides: only rows with the same values are meant.
    pub agrees: Vec<Agreement>,
    /// What these say is the same in all rows.
    pub is_free_to_choose: bool,
    /// The rows to which it may lead, by a hash of what they have in these columns.
    pub groups: Option<Arc<HashMap<u64, Vec<u64>>>>,
    /// MATCH FULL: of its columns all are NULL or none is.
    pub is_full: bool,
    /// The reference to the same table that must lead to another row.
    pub apart_from: Option<usize>,
}

/// A column of a reference that something else decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// The column.
    pub own: String,
    /// The column that it refers to.
    pub theirs: String,
    /// What decides it.
    pub by: Given,
}

/// What decides a column of a reference.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// It is the key of the row itself.
    Key,
    /// It is always this.
    Value(Value),
    /// Another reference, by this column of the row to which it leads.
    Link(usize, String),
}

/// A table that a pair of columns like `record_type` and `record_id` may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct PolymorphicTarget {
    /// The column that holds the key.
    pub id: String,
    /// The column that the key is of.
    pub key: String,
    /// The column that names the table.
    pub of_type: String,
    /// The name of the table, for people.
    pub label: String,
    /// What that column says of this table.
    pub value: Value,
    /// Of each table that the pair may mean, the reference of the row that leads there, too: the pair then leads to the
    /// same row. None where no reference does.
    pub follows: Vec<Option<usize>>,
}

/// How the referenced row is chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum ReferenceStrategy {
    /// The row that the CRM column at this position refers to.
    FromDomain(usize),
    /// The parent row: the one that this row is generated for.
    Parent,
    /// Where the row that another link leads to leads by a link of its own.
    Via(usize, usize),
    /// A child of the row that another link leads to, or of that to which it leads.
    SiblingOf(usize, Option<usize>),
    /// The row to which another link leads.
    Same(usize),
    /// An earlier row of the same table.
    Preceding,
    /// Any; of organizations one of this kin.
    Any(OrganizationType),
    /// The child's number decides, so that no two children of a parent share one.
    Distinct,
    /// The same, among the children of the row that another link leads to, or of that to which it leads.
    NthSibling(usize, Option<usize>),
    /// A permutation of the row numbers, so that no two rows share one.
    Permuted,
    /// Row by row, from the first again behind the last.
    Round,
    /// Another row than the one to which this reference leads, so that no two rows have the same two, whichever way
    /// round.
    Pair(usize),
    /// The first row that is generated for this one.
    OwnChild,
    /// The row that bears the name that the domain's column at this position has.
    Named(usize),
    /// One that leads back by these links of its own and of those that follow: the lead of a territory is in one
    /// of its teams.
    Inverse(Vec<usize>),
    /// Always the first row.
    First,
    /// Any, in the rows whose turn it is: those of the others follow another link.
    Polymorphic {
        /// Which of them this is.
        place: usize,
        /// How many there are.
        count: usize,
        /// Of organizations one of this kin.
        kin: OrganizationType,
    },
}

/// The app's words for labels that would be written.
pub type LabelMap = Option<Arc<BTreeMap<String, Value>>>;

/// How the values of a column are generated.
#[derive(Clone, Debug)]
pub struct ColumnModel {
    /// Type and constraints of the column.
    pub shape: ColumnType,
    /// Where its values come from.
    pub make: Generator,
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
    /// What its default says with the row's place, from 1, as the number that it takes.
    Default(Expression),
    /// A text of this pattern.
    Pattern(Pattern),
    /// The value of an expression that a CHECK constraint requires.
    Equals(Expression),
    /// The name of a row of a [`Rows::Listed`] table; or where that is said, its code.
    Name(Called),
    /// A value of a rare type.
    Exotic,
    /// The column of the row that the one of these links leads to that a row follows.
    Record(Vec<(usize, String)>),
    /// The type column of a polymorphic reference.
    RecordType(Vec<(usize, Value)>),
    /// What a row that is referred to says.
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
    /// As the domain has it.
    AsItIs,
}

/// How the values of a unique column are kept apart.
#[derive(Clone, Debug, PartialEq)]
pub enum UniqueBy {
    /// It contains the row number.
    Number,
    /// It is the position of the row among all, from 1.
    RowRef,
    /// It is a digit of a number that no two rows, or no two children of a parent, share.
    Digit {
        /// How many values each column of the group has.
        sizes: Vec<u64>,
        /// Which of them this one is.
        place: usize,
        /// Unique among the children of one parent only.
        by_child: bool,
    },
    /// It ends a span that the column at this position begins, soon after.
    EndOf(usize),
    /// True in the first child of a parent only.
    First,
    /// True in the first row only.
    FirstOfAll,
    /// It is the span of one of a parent's children, behind that of the child before: the first one's is the
    /// present.
    Season(Edge),
    /// Never true, or never anything.
    Never,
}

/// The part of a range that a column contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Start,
    /// Its last day.
    End,
    /// All of it, as a range.
    Whole,
}

/// A unique key or exclusion constraint as rows are held to it.
#[derive(Clone, Debug)]
pub struct KeyRule {
    /// Its name.
    pub name: String,
    /// What of a row it compares: with what generated columns are computed of in their place, and with the values of
    /// columns that are not written.
    pub parts: Vec<Expression>,
    /// The operator of each: no two rows may be such that all hold.
    pub operators: Vec<KeyOperator>,
    /// Parts whose letters may be of either case.
    pub caseless: Vec<bool>,
    /// For which rows it holds, where not for all.
    pub predicate: Option<Expression>,
    /// Two NULLs are the same.
    pub nulls_same: bool,
    /// The columns that are written and that the parts read.
    pub columns: Vec<String>,
    /// The row for which another is made is part of it, so that rows of different ones never meet.
    pub by_parent: bool,
}

/// How a key compares what two rows have in a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOperator {
    /// `=`
    Equal,
    /// `<>`
    Differs,
    /// `&&`
    Overlaps,
    /// Any other, which is left to the server.
    Other(String),
}

impl KeyRule {
    /// Whether it is one of equal values alone, as a unique key is.
    pub fn is_of_equals(&self) -> bool {
        self.operators.iter().all(|operator| *operator == KeyOperator::Equal)
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
    /// The steps that make them; `None` for a column that is not written.
    pub steps: Vec<Option<usize>>,
    /// What evaluating it costs: see [`Expression::size`].
    pub cost: u64,
}

impl TableCheck {
    /// Of this name and definition, which says this.
    pub fn new(name: String, definition: String, expression: Expression) -> Self {
        let (columns, cost) = (expression.columns(), expression.size() as u64);
        Self { name, definition, expression, columns, steps: Vec::new(), cost }
    }

    /// The same, of a table whose columns are made by these steps.
    #[must_use]
    pub fn of(mut self, steps: &[ColumnModel]) -> Self {
        let position = |column: &String| steps.iter().position(|step| step.shape.column == *column);
        self.steps = self.columns.iter().map(position).collect();
        self
    }

    /// The value that a row of such a table has in a column that it reads.
    pub fn value<'v>(&self, values: &'v [Value], column: &str) -> Cow<'v, Value> {
        let at = self.columns.iter().position(|own| own == column);
        let step = at.and_then(|at| *self.steps.get(at)?);
        step.and_then(|step| values.get(step)).map_or(Cow::Owned(Value::Null), Cow::Borrowed)
    }
}

impl Reference {
    /// To a table, by these columns.
    pub const fn new(
        to: usize,
        columns: Vec<(String, String)>,
        mode: ReferenceStrategy,
        is_nullable: bool,
    ) -> Self {
        Self {
            to,
            columns,
            mode,
            null_percent: 0,
            is_declared: false,
            is_told: false,
            is_deferrable: false,
            is_nullable,
            is_late: false,
            among: None,
            name: String::new(),
            alternative: None,
            agrees: Vec::new(),
            is_free_to_choose: true,
            groups: None,
            is_full: false,
            apart_from: None,
        }
    }
}

impl ReferenceStrategy {
    /// The reference of the same row that it follows, where it follows one.
    pub const fn followed(&self) -> Option<usize> {
        match self {
            Self::Via(via, _) | Self::SiblingOf(via, _) | Self::NthSibling(via, _) | Self::Same(via) => {
                Some(*via)
            }
            _ => None,
        }
    }

    /// Which row, in a few words.
    pub const fn about(&self) -> &'static str {
        match self {
            Self::FromDomain(_) => "as in the bundled schema",
            Self::Parent => "its parent row",
            Self::Same(_) => "the same as that of another reference",
            Self::Via(..) => "the same as that of another referenced row",
            Self::SiblingOf(..) => "one that belongs to another referenced row",
            Self::Preceding => "an earlier row, or none",
            Self::Any(_) => "any row",
            Self::Distinct | Self::NthSibling(..) => "a different row for each child of a parent",
            Self::Permuted => "a different row for each",
            Self::Round => "all rows in turn",
            Self::Pair(_) => "a different row, each pair once",
            Self::OwnChild => "the first row that belongs to it",
            Self::Named(_) => "the row whose name is the generated value",
            Self::Inverse(_) => "a row that belongs to it",
            Self::First => "the first row",
            Self::Polymorphic { .. } => "a row of one of several tables",
        }
    }
}

impl ColumnModel {
    /// Whether NULL is written, and nothing else.
    pub const fn is_null(&self) -> bool {
        matches!(self.make, Generator::Constant(Value::Null))
    }
}

impl TableModel {
    /// Whether rows of it are written.
    pub const fn is_written(&self) -> bool {
        !matches!(self.rows, Rows::Existing { .. })
    }

    /// The step that makes a column.
    pub fn step(&self, column: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.shape.column == column)
    }

    /// The link that a column is part of.
    pub fn link_of(&self, column: &str) -> Option<usize> {
        self.links.iter().position(|link| link.columns.iter().any(|(own, _)| own == column))
    }

    /// Its rows are the domain's, and all that is written is put as the domain has it.
    pub fn is_plain(&self) -> bool {
        let Some(domain) = self.domain else { return false };
        let columns = TABLES[domain].columns().len();
        self.checks.is_empty()
            && self.unsettled.is_empty()
            && self.links.iter().all(|link| link.is_free_to_choose)
            && self.counted.is_none()
            && self.settled.is_empty()
            && self.dropped.is_empty()
            && self.steps.iter().all(|step| {
                // What the domain knows beyond its columns is not among those that are put as they are.
                matches!(step.make, Generator::Passthrough(position) if position < columns)
                    && step.unique.is_none()
            })
            && self.links.iter().all(|link| !link.is_late)
    }
}
