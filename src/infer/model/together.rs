//! What columns say together, and what they say of other rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::infer::lifecycle::LifecycleField;
use crate::sqlexpr::value::Value;

/// What a column counts.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The rows that refer to its own: the positions of their tables and of their references.
    pub of: Vec<(usize, usize)>,
    /// How many there are, once they are counted.
    pub counts: Option<Arc<Counts>>,
}

/// How many rows refer to each row of a table.
#[derive(Debug, Default)]
pub struct Counts {
    /// By ordinal.
    pub rows: Vec<u32>,
    /// By number, of explicit rows.
    pub explicit: BTreeMap<u64, u32>,
}

/// Of what a column is a copy.
#[derive(Clone, Debug, Default)]
pub struct Copied {
    /// Where it stands: the first whose reference leads to a row says it.
    pub sources: Vec<CopySource>,
}

/// What is copied, and how it is reached.
#[derive(Clone, Debug)]
pub struct CopySource {
    /// The row's reference.
    pub reference: usize,
    /// The reference that leads on from there.
    pub then: Option<usize>,
    /// The table of the row that is copied from.
    pub to: usize,
    /// Its columns: of several the texts, with blanks between.
    pub columns: Vec<String>,
    /// That table hangs on rows of this one, too.
    pub is_in_circle: bool,
}

/// How columns of a row are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// None is above the next.
    Order(Vec<usize>),
    /// A part of a whole.
    Within { part: usize, whole: usize },
    /// What of a whole is left.
    Rest {
        /// What is left.
        rest: usize,
        whole: usize,
        /// What was taken.
        part: usize,
    },
    /// What is taken off a price.
    Discount {
        /// Position of the column that says it in money.
        discount: usize,
        price: usize,
        quantity: Option<usize>,
        /// Position of the column that says it in percent of price times quantity.
        percent: Option<usize>,
    },
    /// A value that is in percent where its type says so.
    Share {
        /// Position of the column that says whether it is a percentage or an amount.
        of: usize,
        value: usize,
        /// It is what the document or the line takes off.
        is_taken_off: bool,
    },
}

/// Something that happens to a row at some time, for some reason, and by somebody's hand.
#[derive(Clone, Debug)]
pub struct Event {
    /// What decides whether it happened.
    pub occurs: Occurs,
    /// The columns that tell of it, all or none, besides the one that decides.
    pub columns: Vec<usize>,
    /// Those that say whether it did, besides that one.
    pub flags: Vec<usize>,
    /// Those before it, of which none can have happened as well.
    pub excludes: Vec<usize>,
    /// What it is drawn by, where that is by chance.
    pub drawn_by: String,
}

/// What decides whether something happened to a row.
#[derive(Clone, Debug)]
pub enum Occurs {
    /// The domain's deal is in one of these stages.
    Stage(&'static [&'static str]),
    /// The status of this column is one of these.
    Status(usize, Vec<Value>),
    /// This column is set, or true.
    Set(usize),
    /// The row's story.
    Story(LifecycleField),
    /// In so many of 100 rows.
    Chance(u64),
    /// It does not.
    Never,
}
