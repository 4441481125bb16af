//! How many children each parent has, and which child is the *n*th of all.
//!
//! Invariant: parents are grouped in blocks of a fixed number, and every full block has the same
//! number of children. So the parent of any child is found in constant time and no memory,
//! however many there are, although the children of a parent vary. What a parent has never
//! depends on how many parents there are. A number that is shared out among all of them is the exception.

use crate::domain::counts::CountRange;
use crate::domain::dataset::Pool;
use crate::random::{Slot, Stream};
use crate::stream_labels;

/// The number of children of each parent.
pub trait Fanout: Send {
    /// Parents in a block.
    const BLOCK: u64;
    /// Children of a block, whichever it is.
    fn block_rows(&self) -> u64;
    /// The number of children of `parent`.
    fn count(&mut self, parent: u64) -> u64;

    /// Children of the parents before `parent`, counted from parent 0.
    fn before(&mut self, parent: u64) -> u64 {
        before_by_blocks(self, parent)
    }

    /// The parent of the `ordinal`th child, counted from parent 0, and its number there. An ordinal past the end finds
    /// no parent: the caller asks for no row then.
    fn locate(&mut self, ordinal: u64) -> (u64, u64) {
        locate_by_blocks(self, ordinal)
    }
}

/// [`Fanout::before`] where every block has the same number of children.
pub fn before_by_blocks<F: Fanout + ?Sized>(fanout: &mut F, parent: u64) -> u64 {
    let block = parent / F::BLOCK;
    let rest: u64 = (block * F::BLOCK..parent).map(|p| fanout.count(p)).sum();
    block * fanout.block_rows() + rest
}

/// [`Fanout::locate`] where every block has the same number of children.
pub fn locate_by_blocks<F: Fanout + ?Sized>(fanout: &mut F, ordinal: u64) -> (u64, u64) {
    let size = fanout.block_rows().max(1);
    let (mut parent, mut child) = (ordinal / size * F::BLOCK, ordinal % size);
    let end = (ordinal / size + 1) * F::BLOCK;
    let mut count = fanout.count(parent);
    while child >= count && parent < end {
        child -= count;
        parent += 1;
        count = fanout.count(parent);
    }
    (parent, child)
}

/// [`Fanout::locate`] where every parent has at least one child, however many.
pub fn locate_by_search<F: Fanout + ?Sized>(fanout: &mut F, ordinal: u64) -> (u64, u64) {
    let (mut low, mut high) = (0, ordinal + 1);
    while low + 1 < high {
        let middle = low.midpoint(high);
        if fanout.before(middle) <= ordinal { low = middle } else { high = middle }
    }
    (low, ordinal - fanout.before(low))
}

/// Children drawn evenly between two ends: of two neighbours the second has what the first
/// lacks, so that both are uniform and their sum is constant.
pub struct UniformFanout {
    spread: CountRange,
    stream: Stream,
    share: Option<Share>,
}

/// A number of children that is shared out: each parent of a pool has `each`, and the first ones have one more, so that
/// a larger number takes no child away.
#[derive(Clone, Copy, Debug)]
struct Share {
    /// Index of the first parent.
    first: u64,
    each: u64,
    /// How many have one more.
    more: u64,
}

impl Share {
    /// The parents before `parent` that have one more.
    fn more_before(self, parent: u64) -> u64 {
        parent.saturating_sub(self.first).min(self.more)
    }
}

impl UniformFanout {
    /// The children called `table` of each parent.
    pub fn new(seed: u64, table: &str, spread: CountRange) -> Self {
        Self { spread, stream: Stream::new(seed, table, stream_labels::COUNT), share: None }
    }

    /// The same, but `total` of them, shared out among `parents`.
    #[must_use]
    pub fn sharing(self, total: Option<u64>, parents: Pool) -> Self {
        let Pool { first, count } = parents;
        let share = total.filter(|_| count > 0).map(|total| Share {
            first,
            each: total / count,
            more: total % count,
        });
        Self { share, ..self }
    }

    /// Whether they are shared out, so that blocks of parents differ.
    pub const fn is_shared(&self) -> bool {
        self.share.is_some()
    }
}

impl Fanout for UniformFanout {
    const BLOCK: u64 = 2;

    fn block_rows(&self) -> u64 {
        self.spread.min + self.spread.max
    }

    fn before(&mut self, parent: u64) -> u64 {
        match self.share {
            Some(share) => parent * share.each + share.more_before(parent),
            None => before_by_blocks(self, parent),
        }
    }

    fn locate(&mut self, ordinal: u64) -> (u64, u64) {
        if self.is_shared() { locate_by_search(self, ordinal) } else { locate_by_blocks(self, ordinal) }
    }

    #[inline]
    fn count(&mut self, parent: u64) -> u64 {
        if let Some(share) = self.share {
            let more = parent >= share.first && parent - share.first < share.more;
            return share.each + u64::from(more);
        }
        let CountRange { min, max } = self.spread;
        let first = self.stream.at(parent / 2).between(min as i64, max as i64) as u64;
        if parent.is_multiple_of(2) { first } else { min + max - first }
    }
}

/// Which one parent of every so many has something extra.
pub struct OnePer<const N: u64> {
    stream: Stream,
}

impl<const N: u64> OnePer<N> {
    /// The parents that have one of `what`.
    pub fn new(seed: u64, what: &str) -> Self {
        Self { stream: Stream::new(seed, what, stream_labels::COUNT) }
    }

    /// Whether `parent` is the one.
    #[inline]
    pub fn has(&mut self, parent: u64) -> bool {
        self.slot(parent).below(N) == parent % N
    }

    #[inline]
    fn slot(&mut self, parent: u64) -> Slot {
        self.stream.at(parent / N)
    }
}

/// Walks the children of the parents `first..first + parents`, from anywhere.
pub struct ChildCursor<F> {
    fanout: F,
    first: u64,
    parents: u64,
    parent: u64,
    child: u64,
    count: u64,
}

impl<F: Fanout> ChildCursor<F> {
    /// The children of `parents` parents, the first of which is `first`.
    pub const fn new(fanout: F, first: u64, parents: u64) -> Self {
        Self { fanout, first, parents, parent: 0, child: 0, count: 0 }
    }

    /// How many children `parent` has.
    pub fn count(&mut self, parent: u64) -> u64 {
        self.fanout.count(parent)
    }

    /// Which of all children the `child`th of `parent` is.
    pub fn ordinal(&mut self, parent: u64, child: u64) -> u64 {
        self.fanout.before(parent) - self.fanout.before(self.first) + child
    }

    /// How many children there are.
    pub fn rows(&mut self) -> u64 {
        self.fanout.before(self.first + self.parents) - self.fanout.before(self.first)
    }

    /// Makes the `ordinal`th child the next one.
    pub fn seek(&mut self, ordinal: u64) {
        let ordinal = ordinal + self.fanout.before(self.first);
        (self.parent, self.child) = self.fanout.locate(ordinal);
        self.count = self.fanout.count(self.parent);
    }

    /// The next child: its parent and its number there.
    #[inline]
    pub fn next_child(&mut self) -> (u64, u64) {
        while self.child >= self.count {
            self.parent += 1;
            self.child = 0;
            self.count = self.fanout.count(self.parent);
        }
        let child = self.child;
        self.child += 1;
        (self.parent, child)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_child_is_found_from_anywhere(
            seed: u64, min in 0_u64..6, width in 0_u64..6, first in 0_u64..9, parents in 1_u64..40,
        ) {
            prop_assume!(min + width > 0);
            let fanout = || UniformFanout::new(seed, "t", CountRange { min, max: min + width });
            let mut counts = fanout();
            let all: Vec<(u64, u64)> = (first..first + parents)
                .flat_map(|p| (0..counts.count(p)).map(move |c| (p, c)).collect::<Vec<_>>())
                .collect();
            let mut walk = ChildCursor::new(fanout(), first, parents);
            prop_assert_eq!(walk.rows(), all.len() as u64);
            for start in 0..all.len() {
                walk.seek(start as u64);
                for expected in &all[start..] {
                    prop_assert_eq!(walk.next_child(), *expected);
                }
            }
        }

        #[test]
        fn what_is_shared_out_comes_to_its_number_and_more_takes_no_child_away(
            first in 0_u64..9, parents in 1_u64..40, each in 1_u64..7, rest in 0_u64..40, more in 0_u64..90,
        ) {
            let pool = Pool { first, count: parents };
            let total = parents * each + rest % parents;
            let fanout = |total| {
                UniformFanout::new(1, "t", CountRange { min: 1, max: 2 }).sharing(Some(total), pool)
            };
            let (mut counts, mut larger) = (fanout(total), fanout(total + more));
            let all: Vec<(u64, u64)> = (first..first + parents)
                .flat_map(|p| (0..counts.count(p)).map(move |c| (p, c)).collect::<Vec<_>>())
                .collect();
            prop_assert_eq!(all.len() as u64, total);
            prop_assert!((first..first + parents).all(|p| larger.count(p) >= counts.count(p)));
            let mut walk = ChildCursor::new(fanout(total), first, parents);
            prop_assert_eq!(walk.rows(), total);
            for start in 0..all.len() {
                walk.seek(start as u64);
                for expected in &all[start..] {
                    prop_assert_eq!(walk.next_child(), *expected);
                }
            }
        }

        #[test]
        fn a_wider_spread_takes_no_child_away(seed: u64, min in 1_u64..9, width in 0_u64..9, more in 0_u64..9) {
            let mut narrow = UniformFanout::new(seed, "t", CountRange { min, max: min + width });
            let mut wide = UniformFanout::new(seed, "t", CountRange { min, max: min + width + more });
            for parent in 0..50 {
                prop_assert!(wide.count(parent) >= narrow.count(parent));
                prop_assert!((min..=min + width).contains(&narrow.count(parent)));
            }
        }
    }

    #[test]
    fn one_of_every_so_many_has_it() {
        let mut one = OnePer::<6>::new(3, "t");
        for block in 0..100 {
            assert_eq!((block * 6..block * 6 + 6).filter(|p| one.has(*p)).count(), 1);
        }
    }
}
