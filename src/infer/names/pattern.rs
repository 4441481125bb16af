//! What names are told by: patterns of words, as they stand in `fixtures/`.

use crate::fixture::list;

/// A pattern of a name's words.
#[derive(Debug)]
pub struct Pattern {
    anchor: Anchor,
    words: &'static str,
    /// How many words it has.
    pub count: usize,
}

/// Where a pattern's words stand in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    /// `=words`: they are the name.
    Whole,
    /// `^words`: it begins with them.
    Begin,
    /// `~words`: anywhere.
    Inside,
    /// `words`: it ends with them.
    End,
}

impl Pattern {
    /// As it is written.
    pub fn read(text: &'static str) -> Self {
        let (anchor, words) = match text.split_at_checked(1) {
            Some(("=", words)) => (Anchor::Whole, words),
            Some(("^", words)) => (Anchor::Begin, words),
            Some(("~", words)) => (Anchor::Inside, words),
            _ => (Anchor::End, text),
        };
        Self { anchor, words, count: words.split(' ').count() }
    }

    /// Whether it fits words that blanks part.
    pub fn fits(&self, name: &str) -> bool {
        let words = self.words;
        let is_apart = |at: usize| {
            let (before, after) = (&name[..at], &name[at + words.len()..]);
            (before.is_empty() || before.ends_with(' ')) && (after.is_empty() || after.starts_with(' '))
        };
        match self.anchor {
            Anchor::Whole => name == words,
            Anchor::Begin => name.starts_with(words) && is_apart(0),
            Anchor::Inside => name.match_indices(words).any(|(at, _)| is_apart(at)),
            Anchor::End => name.ends_with(words) && is_apart(name.len() - words.len()),
        }
    }

    /// Whether one of several fits.
    pub fn any(patterns: &[Self], name: &str) -> bool {
        patterns.iter().any(|pattern| pattern.fits(name))
    }

    /// Those of a field.
    pub fn list(field: &'static str) -> Vec<Self> {
        list(field).into_iter().map(Self::read).collect()
    }

    /// Whether it says where the name ends.
    pub fn is_closed(&self) -> bool {
        matches!(self.anchor, Anchor::Whole | Anchor::End)
    }

    /// The name of a column that it fits.
    pub fn name(&self) -> String {
        self.words.replace(' ', "_")
    }

    /// Names that it fits, for tests.
    #[cfg(test)]
    pub fn examples(&self) -> Vec<String> {
        let words = self.words;
        match self.anchor {
            Anchor::Whole => vec![words.to_owned()],
            Anchor::Begin => vec![format!("{words} thing")],
            Anchor::Inside => vec![words.to_owned(), format!("lead {words}"), format!("{words} thing")],
            Anchor::End => vec![words.to_owned(), format!("lead {words}")],
        }
    }
}
