//! A migration and the SQL of its files.

use std::borrow::Cow;

use crate::migrate::sql::statements::{fingerprint, split, without_comments};

/// A migration: how to do it and how to undo it.
#[derive(Clone, Debug)]
pub struct Migration {
    /// What it is called in the history: the file's name without `.sql`.
    pub name: Cow<'static, str>,
    /// What tools count it as: the number with which the name begins, or what stands for it.
    pub version: Cow<'static, str>,
    /// It is applied anew whenever its file has changed.
    pub is_repeatable: bool,
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
    /// A fingerprint of what it does: comments, blanks and line ends do not count.
    pub fn checksum(&self) -> String {
        fingerprint(&split(&self.up.text))
    }

    /// Whether what was applied with this checksum is what the file says. Histories of earlier versions have one of the
    /// whole text.
    pub fn is_of(&self, checksum: &str) -> bool {
        checksum == self.checksum() || *checksum == blake3::hash(self.up.text.as_bytes()).to_hex()[..32]
    }

    /// How its statements differ from those that were applied; empty where they do not.
    pub fn difference(&self, applied: &str) -> String {
        let (applied, now) = (statements_of(applied), statements_of(&self.up.text));
        let diff = similar::TextDiff::from_lines(&applied, &now);
        diff.unified_diff().context_radius(1).to_string()
    }
}

/// The statements of a script without their comments, a paragraph each.
fn statements_of(script: &str) -> String {
    split(script).iter().map(|statement| format!("{};\n\n", without_comments(statement))).collect()
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
