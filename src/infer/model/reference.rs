//! References of a table, and how the row is chosen to which one leads.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::dataset::OrganizationType;
use crate::sqlexpr::value::Value;

/// A reference to another table.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Position of the referenced table.
    pub to: usize,
    /// Own columns and those that they refer to; none where only the domain knows of it.
    pub columns: Vec<(String, String)>,
    /// How the referenced row is chosen.
    pub strategy: ReferenceStrategy,
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
    pub is_deferred: bool,
    /// Where it is not to lead to any row, among whose children: as in [`ReferenceStrategy::SiblingOf`].
    pub among: Option<(usize, Option<usize>)>,
    /// The name of the foreign key.
    pub name: String,
    /// The table that it stands for, where it is one of several that a polymorphic pair of columns may mean.
    pub alternative: Option<PolymorphicTarget>,
    /// Columns of it that something else decides: only rows with the same values are meant.
    pub agrees: Vec<Agreement>,
    /// No other reference restricts which row is chosen.
    pub is_free_to_choose: bool,
    /// The rows to which it may lead, by a hash of what they have in these columns.
    pub groups: Option<Arc<HashMap<u64, Vec<u64>>>>,
    /// MATCH FULL: of its columns all are NULL or none is.
    pub is_full: bool,
    /// The reference to the same table that must lead to another row.
    pub apart_from: Option<usize>,
    /// A number of rows that was asked for is spread over those to which it leads: none does without.
    pub is_spread: bool,
    /// Weights that were asked for name a row that there is not: which, and what there is.
    pub unnamed: Option<String>,
}

/// A column of a reference that something else decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// In the table of the reference.
    pub own: String,
    /// In the table to which it leads: both say the same.
    pub theirs: String,
    /// What decides it.
    pub by: DecidedBy,
}

/// What decides a column of a reference.
#[derive(Clone, Debug, PartialEq)]
pub enum DecidedBy {
    /// It is the key of the row itself.
    Key,
    /// It is always this.
    Value(Value),
    /// Another reference, by this column of the row to which it leads.
    Reference(usize, String),
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
    /// `Via(a, b)`: the row that reference `b` of the row that reference `a` of this row leads to leads to.
    Via(usize, usize),
    /// `SiblingOf(a, None)`: a child of the row that reference `a` leads to; `SiblingOf(a, Some(b))`: of the row that
    /// its reference `b` leads to.
    SiblingOf(usize, Option<usize>),
    /// The row to which another reference leads.
    Same(usize),
    /// An earlier row of the same table.
    Preceding,
    /// Any; of organizations one of this kin.
    Any(OrganizationType),
    /// The child's number decides, so that no two children of a parent share one.
    Distinct,
    /// The same, among the rows of [`SiblingOf`](Self::SiblingOf).
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
    /// Rows of a list, as often as was asked for: their ordinals and weights.
    Weighted(Vec<(u64, u64)>),
    /// Of lists of which more is known than names: the state of a town, the country of a state; the currency of the
    /// data.
    Known,
    /// A row from which following these references returns to this row: the lead of a territory is in one of its
    /// teams.
    Inverse(Vec<usize>),
    /// Always the first row.
    First,
    /// Any row, where it is this table's turn: the targets of a polymorphic reference take turns, row by row.
    Polymorphic {
        /// Which of them this is.
        position: usize,
        count: usize,
        /// Of organizations one of this kin.
        kin: OrganizationType,
    },
}

impl Reference {
    /// To a table, by these columns.
    pub const fn new(
        to: usize,
        columns: Vec<(String, String)>,
        strategy: ReferenceStrategy,
        is_nullable: bool,
    ) -> Self {
        Self {
            to,
            columns,
            strategy,
            null_percent: 0,
            is_declared: false,
            is_told: false,
            is_deferrable: false,
            is_nullable,
            is_deferred: false,
            among: None,
            name: String::new(),
            alternative: None,
            agrees: Vec::new(),
            is_free_to_choose: true,
            groups: None,
            is_full: false,
            apart_from: None,
            is_spread: false,
            unnamed: None,
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
            Self::Weighted(_) => "rows by their weights",
            Self::Known => "the row in which the named row is",
            Self::Inverse(_) => "a row that belongs to it",
            Self::First => "the first row",
            Self::Polymorphic { .. } => "a row of one of several tables",
        }
    }
}
