//! What was asked for lately, in bounded memory.

/// So many slots: a power of two.
const SLOTS: usize = 4096;

/// What was made lately of rows, by their table and ordinal. Each has one slot, which it takes from what was
/// there: rows that follow one another do not drive each other out.
pub(super) struct Lately<T> {
    slots: Vec<Option<((usize, u64), T)>>,
}

impl<T: Clone> Lately<T> {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new() }
    }

    fn slot((member, ordinal): (usize, u64)) -> usize {
        // Tables of like numbers of rows begin at slots far from one another.
        (ordinal as usize).wrapping_add(member.wrapping_mul(SLOTS / 2 + SLOTS / 8 + 1)) & (SLOTS - 1)
    }

    pub(super) fn get(&self, member: usize, ordinal: u64) -> Option<T> {
        let row = (member, ordinal);
        self.slots
            .get(Self::slot(row))?
            .as_ref()
            .filter(|(kept, _)| *kept == row)
            .map(|(_, made)| made.clone())
    }

    pub(super) fn keep(&mut self, member: usize, ordinal: u64, made: T) {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        self.slots[Self::slot((member, ordinal))] = Some(((member, ordinal), made));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_what_was_kept_of_the_row() {
        let mut lately = Lately::new();
        for (member, ordinal) in [(0, 0), (0, 1), (1, 0), (3, 70_000)] {
            assert_eq!(lately.get(member, ordinal), None);
            lately.keep(member, ordinal, (member, ordinal));
            assert_eq!(lately.get(member, ordinal), Some((member, ordinal)));
        }
        // Another row in the same slot.
        lately.keep(0, SLOTS as u64, (0, SLOTS as u64));
        assert_eq!(lately.get(0, 0), None);
        assert_eq!(lately.get(0, 1), Some((0, 1)));
    }
}
