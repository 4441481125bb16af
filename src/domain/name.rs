//! Names of organizations: words of the vocabulary, never the same twice.

use std::fmt::Write;

use crate::domain::vocabulary::{NameParts, Word};
use crate::random::{Permutation, Slot};

/// The domain that IANA reserves for documentation (RFC 2606).
const TOP_LEVEL: &str = ".example";
/// The longest label of a domain name (RFC 1035).
const LONGEST_LABEL: usize = 63;

/// A name made of words of the vocabulary, and a number where those are used up.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    words: [Word; 5],
    number: u64,
}

const NO_WORD: Word = Word { text: "", slug: "" };

impl Name {
    /// The words one after the other, and the number where it is above one.
    pub fn new(words: &[Word], number: u64) -> Self {
        let mut name = Self { words: [NO_WORD; 5], number };
        name.words[..words.len()].copy_from_slice(words);
        name
    }

    /// The same with one more word at its end.
    #[must_use]
    pub fn with(mut self, word: Word) -> Self {
        let end = self.words.iter().position(|word| word.text.is_empty()).unwrap_or(4);
        self.words[end] = word;
        self
    }

    /// Appends it as people write it.
    pub fn write(&self, out: &mut String) {
        let words = self.words.iter().filter(|word| !word.text.is_empty());
        for (i, word) in words.enumerate() {
            if i > 0 {
                out.push(' ');
            }
            out.push_str(word.text);
        }
        if self.number > 1 {
            let _ = write!(out, " No. {}", self.number);
        }
    }

    /// Its last word; none where a number ends it.
    pub fn last_word(&self) -> Option<&'static str> {
        let last = self.words.iter().rfind(|word| !word.text.is_empty());
        last.filter(|_| self.number <= 1).map(|word| word.text)
    }

    /// Appends the domain that it owns: `maple-creek-creamery.example`.
    pub fn write_domain(&self, out: &mut String) {
        let start = out.len();
        for word in self.words.iter().filter(|word| !word.slug.is_empty()) {
            if out.len() > start {
                out.push('-');
            }
            out.push_str(word.slug);
        }
        // The number stays, or two would share a domain.
        let digits = if self.number > 1 { self.number.ilog10() as usize + 2 } else { 0 };
        out.truncate(out.len().min(start + LONGEST_LABEL - digits));
        out.truncate(out.trim_end_matches('-').len());
        if self.number > 1 {
            let _ = write!(out, "-{}", self.number);
        }
        out.push_str(TOP_LEVEL);
    }

    /// The three letters by which its SKUs begin: `MCR` for Maple Creek.
    pub fn initials(&self) -> [u8; 3] {
        let letters = |word: &Word, n: usize| word.slug.as_bytes().get(n).copied().unwrap_or(b'x');
        [letters(&self.words[0], 0), letters(&self.words[1], 0), letters(&self.words[1], 1)]
            .map(|b| b.to_ascii_uppercase())
    }
}

/// The `index`th name of `parts`: no two indices share one.
pub fn unique_name(parts: &NameParts, order: &Permutation, index: u64) -> Name {
    let size = order.size();
    Name::new(&parts.combination(order.at(index % size, 0)), index / size + 1)
}

/// How many telephone numbers of an area code are reserved for fiction.
pub const PHONES: u64 = 100;

/// Appends a telephone number that is reserved for fiction.
pub fn write_phone(out: &mut String, area_code: &str, slot: Slot) {
    write_phone_of(out, area_code, slot.below(PHONES));
}

/// Appends the `line`th of those [`PHONES`].
pub fn write_phone_of(out: &mut String, area_code: &str, line: u64) {
    let _ = write!(out, "({area_code}) 555-01{line:02}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_domain_keeps_its_number_and_its_limit() {
        let long = Word { text: "x", slug: "abcdefghijklmnopqrstuvwxyz-abcdefgh" };
        let domain = |number| {
            let mut out = String::from("info@");
            Name::new(&[long, long], number).write_domain(&mut out);
            out
        };
        assert!(domain(1).len() <= 5 + LONGEST_LABEL + TOP_LEVEL.len());
        assert!(domain(12).ends_with("-12.example"));
        assert!(domain(12).len() <= 5 + LONGEST_LABEL + TOP_LEVEL.len());
        assert!(!domain(1).contains("-.") && !domain(100_000).contains("--"));
    }
}
