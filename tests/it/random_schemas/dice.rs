//! Where the schemas get their chances from: a stream that hangs on the schema's number only.

use crm_seed::random::{Keyed, Slot};

/// One stream of chances.
pub struct Dice {
    slot: Slot,
    thrown: u64,
}

impl Dice {
    /// The stream of a part of a schema. Parts do not disturb each other.
    pub fn new(schema: u64, part: &str) -> Self {
        Self { slot: Keyed::new(schema, "random schema", part).at(0), thrown: 0 }
    }

    fn throw(&mut self) -> Slot {
        self.thrown += 1;
        self.slot.child(self.thrown)
    }

    /// True so many times of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.throw().chance(percent)
    }

    /// A number below `most`.
    pub fn below(&mut self, most: usize) -> usize {
        self.throw().below(most as u64) as usize
    }

    /// One of them, each as likely as the others.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// One of them, or nothing.
    pub fn pick_some<'a, T>(&mut self, items: &'a [T], percent: u64) -> Option<&'a T> {
        (!items.is_empty() && self.chance(percent)).then(|| self.pick(items))
    }
}
