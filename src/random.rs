//! The only place where randomness is made.
//!
//! Invariant: everything here is a pure function of its arguments, made of integer and IEEE
//! basic arithmetic only, so that a value is the same on any machine and in any order of asking.
//! The distributions are our own because the sampling code of the `rand` crates may change
//! between versions; only the ChaCha8 key stream is theirs, and it is pinned.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Slots that one refill reads: 32 slots are 64 words, the four ChaCha blocks which
/// `rand_chacha` makes at a time anyway.
const WINDOW: usize = 32;

/// The odd constant of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", 2014): the golden ratio in 64 bits.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of SplitMix64: a bijection of `u64` that spreads every input bit.
#[inline]
const fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The key of everything drawn for `column` of `table`: a hash of the seed and the two names.
fn key(seed: u64, table: &str, column: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("crm-seed 1 column stream");
    hasher.update(&seed.to_le_bytes());
    hasher.update(table.as_bytes());
    hasher.update(&[0]);
    hasher.update(column.as_bytes());
    *hasher.finalize().as_bytes()
}

/// One column's random numbers: a ChaCha8 stream of which row *i* owns slot *i*.
///
/// Reading slots in ascending order costs about 3 ns each; jumping anywhere costs one refill.
pub struct Stream {
    rng: ChaCha8Rng,
    window: u64,
    slots: [u64; WINDOW],
}

impl Stream {
    /// The stream of `column` of `table` under `seed`.
    pub fn new(seed: u64, table: &str, column: &str) -> Self {
        Self { rng: ChaCha8Rng::from_seed(key(seed, table, column)), window: u64::MAX, slots: [0; WINDOW] }
    }

    /// The slot of row `index`.
    #[inline]
    pub fn at(&mut self, index: u64) -> Slot {
        let window = index / WINDOW as u64;
        if window != self.window {
            self.refill(window);
        }
        Slot(self.slots[(index % WINDOW as u64) as usize])
    }

    fn refill(&mut self, window: u64) {
        if window != self.window.wrapping_add(1) {
            self.rng.set_word_pos(u128::from(window) * 2 * WINDOW as u128);
        }
        let mut bytes = [0; WINDOW * 8];
        self.rng.fill_bytes(&mut bytes);
        for (slot, bytes) in self.slots.iter_mut().zip(bytes.as_chunks().0) {
            *slot = u64::from_le_bytes(*bytes);
        }
        self.window = window;
    }
}

/// 64 random bits that belong to one row of one column, and the ways to use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(u64);

impl Slot {
    /// Of bits that are random already.
    pub const fn of(bits: u64) -> Self {
        Self(bits)
    }

    /// All 64 bits.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// A further slot made of this one: the one of the `number`th child of a row, or the
    /// `number`th draw of a column that needs several.
    #[inline]
    #[must_use]
    pub const fn child(self, number: u64) -> Self {
        Self(mix(self.0.wrapping_add(number.wrapping_add(1).wrapping_mul(GOLDEN))))
    }

    /// An integer in `0..n`; 0 where `n` is 0. The bias of the multiplication is below `n / 2^64`.
    #[inline]
    pub const fn below(self, n: u64) -> u64 {
        ((self.0 as u128 * n as u128) >> 64) as u64
    }

    /// An integer in `low..=high`; `low` where the range is empty.
    #[inline]
    pub const fn between(self, low: i64, high: i64) -> i64 {
        if high <= low {
            return low;
        }
        low + self.below((high - low) as u64 + 1) as i64
    }

    /// An integer in `low..=high` of which small ones are likelier: the square of a uniform one.
    #[inline]
    pub const fn skewed(self, low: i64, high: i64) -> i64 {
        if high <= low {
            return low;
        }
        let unit = (self.0 >> 32) as u128;
        let squared = unit * unit;
        low + ((squared * ((high - low) as u128 + 1)) >> 64) as i64
    }

    /// True in `percent` of 100 rows.
    #[inline]
    pub const fn chance(self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `items`, each as likely as the others.
    ///
    /// # Panics
    /// Where `items` is empty: the vocabulary's tests hold that no list is.
    #[inline]
    pub fn pick<T>(self, items: &[T]) -> &T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// One of `words`, each as likely as the others.
    ///
    /// # Panics
    /// Where `words` is empty, as [`pick`](Self::pick).
    #[inline]
    pub fn word(self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len() as u64) as usize]
    }

    /// A member of a pool of `n`, so that the answer for a larger pool differs only where the
    /// new answer is one of the new members: jump consistent hash (Lamping and Veach, "A fast,
    /// minimal memory, consistent hash algorithm", 2014). 0 where `n` is 0.
    pub fn member(self, n: u64) -> u64 {
        let mut key = self.0;
        let (mut chosen, mut next) = (0, 0);
        while next < n {
            chosen = next;
            key = key.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
            // IEEE arithmetic of numbers below 2^53: the same on every machine.
            let jump = (1_u64 << 31) as f64 / ((key >> 33) + 1) as f64;
            next = ((chosen + 1) as f64 * jump) as u64;
        }
        chosen
    }

    /// The same promise in constant time, for pools whose members need not be equally likely:
    /// linear hashing (Litwin, "Linear hashing: a new tool for file and table addressing", 1980),
    /// where one member may be drawn twice as often as another. 0 where `n` is 0.
    #[inline]
    pub const fn candidate(self, n: u64) -> u64 {
        if n < 2 {
            return 0;
        }
        let round = n.next_power_of_two();
        let member = self.0 & (round - 1);
        if member < n { member } else { member & (round / 2 - 1) }
    }
}

/// A cheap keyed hash of an index, for properties that are asked of many rows in any order
/// and are no column of their own (how sought-after a customer is).
#[derive(Clone, Copy)]
pub struct Keyed(u64);

impl Keyed {
    /// The hash of `property` of `table` under `seed`.
    pub fn new(seed: u64, table: &str, property: &str) -> Self {
        let key = key(seed, table, property);
        Self(u64::from_le_bytes([key[0], key[1], key[2], key[3], key[4], key[5], key[6], key[7]]))
    }

    /// The slot of `index`.
    #[inline]
    pub const fn at(self, index: u64) -> Slot {
        Slot(mix(self.0 ^ mix(index.wrapping_add(GOLDEN))))
    }
}

/// A keyed bijection of `0..size`: draws without replacement and without memory.
///
/// A four-round Feistel network over `rows x columns` (mixed radix, so that at most a sliver
/// of the square lies outside `0..size`), walking on while it falls outside (Black and Rogaway,
/// "Ciphers with arbitrary finite domains", 2002).
#[derive(Clone, Copy)]
pub struct Permutation {
    key: Keyed,
    size: u64,
    left: u64,
    right: u64,
}

impl Permutation {
    /// The permutation of `0..size` that belongs to `property` of `table`.
    pub fn new(seed: u64, table: &str, property: &str, size: u64) -> Self {
        let left = size.isqrt().max(1);
        Self { key: Keyed::new(seed, table, property), size, left, right: size.div_ceil(left) }
    }

    /// How many numbers it permutes.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Where `index` (below `size`) goes. Another `tweak` is another permutation.
    #[inline]
    pub const fn at(&self, index: u64, tweak: u64) -> u64 {
        let mut at = index;
        loop {
            at = self.once(at, tweak);
            if at < self.size {
                return at;
            }
        }
    }

    #[inline]
    const fn once(&self, index: u64, tweak: u64) -> u64 {
        let (mut a, mut b) = (index / self.right, index % self.right);
        let mut round = 0;
        while round < 2 {
            let salt = tweak.wrapping_mul(4).wrapping_add(round).wrapping_mul(GOLDEN);
            a = (a + self.key.at(b ^ salt).below(self.left)) % self.left;
            b = (b + self.key.at(!a ^ salt).below(self.right)) % self.right;
            round += 1;
        }
        a * self.right + b
    }
}

/// A choice among weighted items.
#[derive(Clone, Debug)]
pub struct Weighted<T> {
    items: Vec<T>,
    /// `ends[i]` is the sum of the weights of `items[..=i]`.
    ends: Vec<u64>,
}

impl<T> Weighted<T> {
    /// Items with their weights; those of weight 0 are never chosen. `None` where no weight is
    /// above 0.
    pub fn new(weights: impl IntoIterator<Item = (T, u64)>) -> Option<Self> {
        let (mut items, mut ends, mut sum) = (Vec::new(), Vec::new(), 0_u64);
        for (item, weight) in weights {
            if weight > 0 {
                sum += weight;
                items.push(item);
                ends.push(sum);
            }
        }
        (sum > 0).then_some(Self { items, ends })
    }

    /// The item that `slot` chooses.
    #[inline]
    pub fn pick(&self, slot: Slot) -> &T {
        let ticket = slot.below(self.ends[self.ends.len() - 1]);
        &self.items[self.ends.partition_point(|end| *end <= ticket)]
    }

    /// Every item with its share of the whole, in `0.0..=1.0`.
    pub fn shares(&self) -> impl Iterator<Item = (&T, f64)> {
        let whole = self.ends[self.ends.len() - 1] as f64;
        self.items.iter().enumerate().map(move |(i, item)| {
            let before = if i == 0 { 0 } else { self.ends[i - 1] };
            (item, (self.ends[i] - before) as f64 / whole)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn any_order_of_reading_gives_the_same_slots() {
        let mut forward = Stream::new(42, "contacts", "title");
        let slots: Vec<Slot> = (0..1000).map(|i| forward.at(i)).collect();
        let mut any = Stream::new(42, "contacts", "title");
        for i in (0..1000).rev().step_by(7).chain([0, 999, 31, 32, 33, 5]) {
            assert_eq!(any.at(i as u64), slots[i], "slot {i}");
        }
    }

    #[test]
    fn the_first_slots_of_a_stream_never_change() {
        // A golden: if this moves, every value moves, and the generator version must rise.
        let mut stream = Stream::new(42, "organizations", "name");
        let got: Vec<u64> = (0..3).map(|i| stream.at(i).0).collect();
        assert_eq!(got, GOLDEN_SLOTS);
    }
    const GOLDEN_SLOTS: [u64; 3] =
        [10_034_971_621_406_222_457, 12_528_090_629_780_283_520, 723_521_197_267_855_982];

    #[test]
    fn columns_tables_and_seeds_have_streams_of_their_own() {
        let first = |seed, table, column| Stream::new(seed, table, column).at(0);
        let all = [
            first(1, "a", "b"),
            first(2, "a", "b"),
            first(1, "ab", ""),
            first(1, "", "ab"),
            first(1, "b", "a"),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(!all[..i].contains(one));
        }
    }

    #[test]
    fn a_weighted_choice_meets_its_weights() {
        let weighted = Weighted::new([("a", 1), ("never", 0), ("b", 3)]).expect("weights");
        let keyed = Keyed::new(1, "t", "c");
        let b = (0..100_000).filter(|i| *weighted.pick(keyed.at(*i)) == "b").count();
        assert!((74_000..76_000).contains(&b), "{b}");
        assert!(Weighted::new([("a", 0)]).is_none());
    }

    proptest! {
        #[test]
        fn a_permutation_hits_every_number_once(size in 1_u64..3000, seed: u64, tweak: u64) {
            let permutation = Permutation::new(seed, "t", "c", size);
            let mut seen = vec![false; size as usize];
            for i in 0..size {
                let at = permutation.at(i, tweak) as usize;
                prop_assert!(!seen[at]);
                seen[at] = true;
            }
        }

        #[test]
        fn draws_stay_in_their_range(seed: u64, low in -1000_i64..1000, width in 0_i64..1000) {
            let slot = Keyed::new(seed, "t", "c").at(0);
            prop_assert!((low..=low + width).contains(&slot.between(low, low + width)));
            prop_assert!((low..=low + width).contains(&slot.skewed(low, low + width)));
        }

        #[test]
        fn a_grown_pool_moves_a_member_only_to_the_new_ones(seed: u64, n in 1_u64..5000, more in 1_u64..5000) {
            let slot = Keyed::new(seed, "t", "c").at(0);
            let (before, after) = (slot.member(n), slot.member(n + more));
            prop_assert!(before < n);
            prop_assert!(after == before || (n..n + more).contains(&after));
            let (before, after) = (slot.candidate(n), slot.candidate(n + more));
            prop_assert!(before < n);
            prop_assert!(after == before || (n..n + more).contains(&after));
        }
    }
}
