//! The ids of explicit rows: a range of their own, far from base rows and from the app's.
//!
//! Every scenario owns [`PLACES`] ids in each table, the first of which follows from its name alone.
//! So its rows can be told from all others, and found again, without a record. All ids fit 32 bits,
//! as a `serial` key asks, and a browser's numbers.

use crate::crm::world::CHILD_IDS;

/// The first id of the range. Base rows and the app's own stay below.
pub const FIRST: u64 = 2_000_000_000;
/// Ids that a scenario has in each table.
pub const PLACES: u64 = 1000;
/// How many scenarios the range has places for: up to the largest 32-bit number.
const SCENARIOS: u64 = (i32::MAX as u64 - FIRST) / PLACES;
/// The most base customers beside which explicit rows have ids of their own: each customer has
/// [`CHILD_IDS`] for its contacts.
pub const MOST_CUSTOMERS: u64 = FIRST / CHILD_IDS - 1;
/// The most base principals, for the ids of their products.
pub const MOST_PRINCIPALS: u64 = FIRST / CHILD_IDS - 1;
/// The most base deals, each of which has four ids for its tasks.
pub const MOST_OPPORTUNITIES: u64 = FIRST / 4 - 1;

/// The ids of the scenario called `name`: `first..first + PLACES`, of which the first is not given.
pub fn first(name: &str) -> u64 {
    let hash = blake3::Hasher::new_derive_key("crm-seed 1 scenario ids").update(name.as_bytes()).finalize();
    let number = u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("32 bytes"));
    FIRST + number % SCENARIOS * PLACES
}

/// Whether `id` is an explicit row's.
pub const fn is_explicit(id: u64) -> bool {
    id >= FIRST && id < FIRST + SCENARIOS * PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_the_name_and_fit_32_bits() {
        // A golden: tests that QA wrote hold these ids.
        assert_eq!(first("multi-stakeholder"), FIRST_OF_MULTI_STAKEHOLDER);
        for name in ["", "a", "b", "demo"] {
            assert!(is_explicit(first(name)) && is_explicit(first(name) + PLACES - 1));
            assert!(first(name) + PLACES <= i32::MAX as u64);
        }
        assert!(!is_explicit(FIRST - 1));
    }
    const FIRST_OF_MULTI_STAKEHOLDER: u64 = 2081688000;
}
