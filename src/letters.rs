//! Letters beyond ASCII in a database whose encoding lacks some of them: how each is written there instead.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use crate::note::{Note, NoteKind};

/// What has no accent to take off, stands for several letters, or is a sign of its own.
const OTHERS: &[(char, &str)] = &[
    ('\u{a0}', " "),
    ('°', " "),
    ('£', "GBP"),
    ('©', "(c)"),
    ('«', "\""),
    ('®', "(R)"),
    ('·', "-"),
    ('»', "\""),
    ('×', "x"),
    ('Æ', "AE"),
    ('Ð', "D"),
    ('Ø', "O"),
    ('Þ', "Th"),
    ('ß', "ss"),
    ('æ', "ae"),
    ('ð', "d"),
    ('ø', "o"),
    ('þ', "th"),
    ('Đ', "D"),
    ('đ', "d"),
    ('Ħ', "H"),
    ('ħ', "h"),
    ('ı', "i"),
    ('Ł', "L"),
    ('ł', "l"),
    ('Ŋ', "N"),
    ('ŋ', "n"),
    ('Œ', "OE"),
    ('œ', "oe"),
    ('Ŧ', "T"),
    ('ŧ', "t"),
    ('–', "-"),
    ('—', "-"),
    ('‘', "'"),
    ('’', "'"),
    ('“', "\""),
    ('”', "\""),
    ('•', "-"),
    ('…', "..."),
    ('€', "EUR"),
    ('™', "(TM)"),
];
/// The Latin letters with marks that names are written in: those of Europe, and those of Vietnam.
const MARKED: [std::ops::RangeInclusive<char>; 2] = ['\u{c0}'..='\u{24f}', '\u{1e00}'..='\u{1eff}'];

/// How a letter is written in ASCII; none where that would not be it.
pub fn in_ascii(letter: char) -> Option<Cow<'static, str>> {
    if let Some((_, plain)) = OTHERS.iter().find(|(other, _)| *other == letter) {
        return Some(Cow::Borrowed(plain));
    }
    let is_mark = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let plain: String = std::iter::once(letter).nfkd().filter(|c| !is_mark(c)).collect();
    (plain.is_ascii() && !plain.is_empty()).then_some(Cow::Owned(plain))
}

/// The letters beyond ASCII of a text.
pub fn beyond_ascii(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|letter| !letter.is_ascii())
}

/// Those that our own words may have.
pub fn known() -> BTreeSet<char> {
    let all = MARKED.into_iter().flatten().chain(OTHERS.iter().map(|(letter, _)| *letter));
    all.filter(|letter| in_ascii(*letter).is_some()).collect()
}

/// Which letters an encoding lacks, and how they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letters {
    encoding: String,
    lacking: BTreeMap<char, Cow<'static, str>>,
}

impl Letters {
    /// Of an encoding that lacks these letters; those that nothing can be written for are returned.
    pub fn new(encoding: &str, lacking: &BTreeSet<char>) -> (Self, Vec<char>) {
        let (mut written, mut without) = (BTreeMap::new(), Vec::new());
        for letter in lacking {
            match in_ascii(*letter) {
                Some(plain) => drop(written.insert(*letter, plain)),
                None => without.push(*letter),
            }
        }
        (Self { encoding: encoding.to_owned(), lacking: written }, without)
    }

    /// Whether every letter is written as it is.
    pub fn are_all(&self) -> bool {
        self.lacking.is_empty()
    }

    /// Whether the encoding lacks a letter.
    pub fn lack(&self, letter: char) -> bool {
        self.lacking.contains_key(&letter)
    }

    /// `text` in letters that the encoding has.
    pub fn write<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.are_all() || text.is_ascii() || !text.chars().any(|letter| self.lack(letter)) {
            return Cow::Borrowed(text);
        }
        let mut written = String::with_capacity(text.len());
        for letter in text.chars() {
            match self.lacking.get(&letter) {
                Some(plain) => written.push_str(plain),
                None => written.push(letter),
            }
        }
        Cow::Owned(written)
    }

    /// What is told of it, if anything.
    pub fn note(&self) -> Option<Note> {
        let example = ['Š', 'Ł', 'é'].into_iter().find(|letter| self.lack(*letter))?;
        let plain = self.lacking.get(&example)?;
        let text = format!(
            "the database's encoding {} lacks some letters, which are written as others ({example} as {plain})",
            self.encoding
        );
        Some(Note::new(NoteKind::LettersReplaced, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(lacking: &str) -> Letters {
        Letters::new("LATIN1", &lacking.chars().collect()).0
    }

    #[test]
    fn letters_that_an_encoding_lacks_lose_their_marks() {
        let latin = letters("Šśč…");
        assert_eq!(latin.write("Šimek & José…"), "Simek & José...");
        assert!(matches!(latin.write("José"), Cow::Borrowed("José")));
        assert!(Letters::default().are_all() && Letters::default().note().is_none());
        assert!(
            latin.note().is_some_and(|note| note.text.contains("LATIN1") && note.text.contains("Š as S"))
        );
    }

    #[test]
    fn what_is_no_letter_of_ours_is_told() {
        let (_, without) = Letters::new("LATIN1", &"ß竹Ž".chars().collect());
        assert_eq!(without, ['竹']);
    }

    #[test]
    fn all_that_our_words_are_written_in_can_be_written_in_ascii() {
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
        let files = std::fs::read_dir(fixtures).expect("fixtures").flatten().map(|entry| entry.path());
        let known = known();
        for file in files.filter(|path| path.extension().is_some_and(|extension| extension == "tsv")) {
            let text = std::fs::read_to_string(&file).expect("a fixture");
            for letter in beyond_ascii(&text) {
                assert!(known.contains(&letter), "{letter} in {}", file.display());
            }
        }
    }
}
