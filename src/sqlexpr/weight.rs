//! What a pattern costs: repetitions in one another multiply, so that a line of text may keep a machine busy
//! for minutes. What weighs too much counts as unreadable.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::sqlexpr::string_set::StringSet;

/// The most states of one pattern: about a quarter of a second to compile. Names of 255 letters of any script
/// have 200,000.
pub const MOST: u64 = 1 << 19;

/// The most states of all patterns of a target together: about two seconds.
pub const ALL: u64 = 1 << 22;

/// The most states of a pattern that is compiled for one row: a few milliseconds.
pub const SMALL: u64 = 1 << 13;

/// The most that matching one text for the first time may take: places in the pattern times characters of the
/// text. `^[0-9]{255}$` has 65,000, `^((((a?){9}){9}){9}){9}$` has 43 millions.
const WORK: u64 = 1 << 22;

/// How much of a machine a pattern is.
#[derive(Clone, Copy, Debug)]
pub struct Weight {
    /// Its states, about: each copy of each range of characters.
    pub states: u64,
    /// What matching a text that is made for it takes.
    work: u64,
}

impl Weight {
    /// Of a parsed expression and the texts that are made for it.
    pub fn of(hir: &Hir, shape: &StringSet) -> Self {
        let (states, places) = sizes(hir);
        Self { states, work: places.saturating_mul(shape.drawn_length()) }
    }

    /// Whether one such pattern can be borne.
    pub const fn is_bearable(&self) -> bool {
        self.states <= MOST && self.work <= WORK
    }
}

/// The states of an expression, and its places: those without regard to how many ranges a class has.
fn sizes(hir: &Hir) -> (u64, u64) {
    let sum = |items: &[Hir]| {
        let add = |(a, b): (u64, u64), (c, d): (u64, u64)| (a.saturating_add(c), b.saturating_add(d));
        items.iter().map(sizes).fold((1, 1), add)
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (1, 1),
        HirKind::Literal(literal) => (literal.0.len() as u64, literal.0.len() as u64),
        HirKind::Class(Class::Unicode(class)) => (class.ranges().len() as u64, 1),
        HirKind::Class(Class::Bytes(class)) => (class.ranges().len() as u64, 1),
        HirKind::Repetition(repetition) => {
            // So many copies of it are made.
            let copies = u64::from(repetition.max.unwrap_or(repetition.min)).max(1);
            let (states, places) = sizes(&repetition.sub);
            (states.saturating_mul(copies), places.saturating_mul(copies))
        }
        HirKind::Capture(capture) => sizes(&capture.sub),
        HirKind::Concat(items) | HirKind::Alternation(items) => sum(items),
    }
}
