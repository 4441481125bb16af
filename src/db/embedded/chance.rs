//! Numbers that nobody can foretell.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A number that nobody can foretell: the keys of the standard library's hash tables come from the system.
pub fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
