//! The ids of explicit rows: a range of their own, far from base rows and from the app's.
//!
//! Every scenario owns [`PLACES`] ids in each table, the first of which follows from its name alone;
//! which of them a row has follows from its handle. So another row moves no id, and a scenario's rows
//! can be told from all others. All ids fit 32 bits, as a `serial` key asks, and a browser's numbers.

use crate::domain::dataset::CHILD_IDS;

/// The first id of the range. Base rows and the app's own stay below.
pub const FIRST: u64 = 2_000_000_000;
/// Ids that a scenario has in each table.
pub const PLACES: u64 = 10_000;
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

/// The place among the ids of the scenario called `name` that a row called `handle` has, if it is free:
/// from 1 on. Numbered handles, such as those of repeated rows, follow one another.
pub fn place(name: &str, handle: &str) -> u64 {
    let number = |digits: &str| digits.parse::<u64>().ok().filter(|_| digits.len() <= 4);
    if let Some((stem, number)) = handle.rsplit_once('-').and_then(|(stem, end)| Some((stem, number(end)?))) {
        return 1 + (place(name, stem) + number - 1) % (PLACES - 1);
    }
    let mut hasher = blake3::Hasher::new_derive_key("crm-seed 1 row id");
    let hash = hasher.update(name.as_bytes()).update(&[0]).update(handle.as_bytes()).finalize();
    let number = u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("32 bytes"));
    1 + number % (PLACES - 1)
}

/// The first number of rows that are there, and are looked up: above those of all rows that are made.
pub const FIRST_EXISTING: u64 = 1 << 40;

/// Whether `id` is a base row's.
pub const fn is_base(id: u64) -> bool {
    !is_explicit(id) && id < FIRST_EXISTING
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
            assert!((1..PLACES).contains(&place(name, "deal")) && (1..PLACES).contains(&place(name, "")));
            assert!(is_explicit(first(name)) && is_explicit(first(name) + PLACES - 1));
            assert!(first(name) + PLACES <= i32::MAX as u64);
        }
        assert_eq!(place("a", "deal-7") % (PLACES - 1), (place("a", "deal-6") + 1) % (PLACES - 1));
        assert!(!is_explicit(FIRST - 1));
    }
    const FIRST_OF_MULTI_STAKEHOLDER: u64 = 2_015_490_000;
}
