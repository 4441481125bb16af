//! A migration and the SQL of its files.

use std::borrow::Cow;

/// A migration: how to do it and how to undo it.
#[derive(Clone, Debug)]
pub struct Migration {
    /// What it is called in the history: the file's name without `.sql`.
    pub name: Cow<'static, str>,
    /// What applies it.
    pub up: Source,
    /// What undoes it, where there is such a file.
    pub down: Option<Source>,
}

/// SQL as it stands in a file.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file, as messages name it.
    pub file: String,
    /// What is to be run, at the lines and columns at which it stands in the file.
    pub text: Cow<'static, str>,
    /// Whether one transaction is to be around it.
    pub in_transaction: bool,
}

impl Source {
    /// Of a text that says itself whether it wants a transaction.
    pub fn new(file: impl Into<String>, text: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        Self { file: file.into(), in_transaction: !wants_no_transaction(&text), text }
    }
}

/// Whether a script asks in its header for no transaction around it (`-- Transaction: none`), as
/// `CREATE INDEX CONCURRENTLY` needs.
pub fn wants_no_transaction(script: &str) -> bool {
    let header = script.lines().take_while(|line| line.starts_with("--") || line.trim().is_empty());
    header.filter_map(|line| line.trim_start_matches('-').trim().split_once(':')).any(|(key, value)| {
        key.trim().eq_ignore_ascii_case("transaction") && value.trim().eq_ignore_ascii_case("none")
    })
}

impl Migration {
    /// A fingerprint of what it does: a file changed after it was applied shows.
    pub fn checksum(&self) -> String {
        blake3::hash(self.up.text.as_bytes()).to_hex()[..32].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_may_ask_for_no_transaction() {
        assert!(wants_no_transaction("-- Migration: x\n-- Transaction: none\nSELECT 1;"));
        assert!(!wants_no_transaction("-- Migration: x\nSELECT 1;\n-- Transaction: none"));
    }
}
