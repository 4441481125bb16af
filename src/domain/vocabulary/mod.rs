//! The words that the data is made of, read from `fixtures/` at first use.
//!
//! The files are built into the binary. Everything here borrows from them, so that a value
//! which is a word of the vocabulary costs no allocation. Tests hold the files to their rules;
//! a broken file is a bug of ours, and ends in a panic at the first test.

mod fixtures;
#[cfg(test)]
mod tests;
mod words;

use std::sync::LazyLock;

pub use words::*;

impl Vocabulary {
    /// The vocabulary that the binary was built with.
    pub fn get() -> &'static Self {
        static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(fixtures::load);
        &VOCABULARY
    }
}
