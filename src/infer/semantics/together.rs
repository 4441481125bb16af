//! What several columns of a row are made of together.

use crate::infer::names::{self, NameWords};
use crate::random::Slot;

/// What several columns of a row are made of together: a person, a place, or whether something was done.
pub fn together(column: &str) -> String {
    let words = names::words(column);
    let done = words.iter().find_map(|word| NameWords::get().done.get(word.as_str()));
    done.map_or_else(|| whose(column), |done| format!("whether {done}"))
}

/// Of whom, or of which place, a column tells: `billing` for `billing_city`, nothing for `city`.
fn whose(column: &str) -> String {
    let words = names::words(column);
    let is_telling = |word: &&String| NameWords::get().telling.contains(word.as_str());
    words.iter().filter(|word| !is_telling(word)).cloned().collect::<Vec<_>>().join(" ")
}

/// Whether what several columns tell of was done.
pub fn is_done(hidden: Slot) -> bool {
    hidden.child(9).chance(60)
}
