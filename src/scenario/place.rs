//! Where in which file something is wrong, and how that is told.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::error::Error;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file, as the user knows it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", visible(&self.file), self.line, self.column)
    }
}

/// Something with the place where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    pub place: Place,
    pub value: T,
}

/// What is wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    /// What, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// All that is wrong.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

/// Problems that are shown; of the others, how many they are.
const SHOWN: usize = 50;
/// Problems among whose names no nearest one is looked for: nobody sees them.
const GUESSED: usize = 4 * SHOWN;
/// Choices that are told where no name is near.
const CHOICES: usize = 12;

impl Problems {
    /// Something is wrong at `place`.
    pub fn add(&mut self, place: &Place, message: impl Into<String>) {
        self.0.push(Problem { place: place.clone(), message: message.into() });
    }

    /// `name` at `place` is no `what` that we know: says which is meant, or which there are.
    pub fn unknown(&mut self, place: &Place, what: &str, name: &str, known: &[&str]) {
        let guess = if self.guesses() { guess(name, known) } else { String::new() };
        self.add(place, format!("unknown {what} {}{guess}", quoted(name)));
    }

    /// Whether it is worth while to look for the nearest name.
    pub const fn guesses(&self) -> bool {
        self.0.len() < GUESSED
    }

    /// Whether nothing is wrong.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Each once, in the order of the files, and of the places in them.
    pub fn sorted(mut self) -> Vec<Problem> {
        let mut files = HashMap::new();
        for problem in &self.0 {
            let next = files.len();
            files.entry(Arc::clone(&problem.place.file)).or_insert(next);
        }
        self.0.sort_by_key(|problem| {
            (files.get(&problem.place.file).copied(), problem.place.line, problem.place.column)
        });
        self.0.dedup();
        self.0
    }
}

/// One error that tells all `problems`, a line each.
pub fn error(problems: &[Problem]) -> Error {
    let mut message: Vec<String> = problems.iter().take(SHOWN).map(Problem::to_string).collect();
    if problems.len() > SHOWN {
        message.push(format!("and {} more", problems.len() - SHOWN));
    }
    Error::usage(message.join("\n"))
}

/// What to say after a name that is not known: the nearest of `known`, or all where they are few.
pub fn guess(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(near) => format!("; did you mean {}?", quoted(near)),
        None if known.is_empty() => "; there are none".to_owned(),
        None if known.len() <= CHOICES => format!("; expected one of {}", known.join(", ")),
        None => String::new(),
    }
}

/// The one of `known` that is nearest to `name`, where one is near.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    // Longer ones are no slips of the finger, and comparing takes time of their length squared.
    let length = name.chars().take(81).count();
    if length > 80 {
        return None;
    }
    let lower = name.to_lowercase();
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&lower, &known.to_lowercase()), *known))
        .filter(|(distance, _)| *distance <= length / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Characters of an offending text that are shown.
const LONGEST: usize = 60;

/// `text` in backquotes, shortened, and with what cannot be seen made visible.
pub fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    format!("`{}`", visible(&short))
}

/// `text` with escapes for characters that move a cursor, change its direction or have no width.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        if c.is_control() || hidden {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Where a row and its columns stand.
#[derive(Clone, Debug)]
pub struct RowPlaces {
    /// Where its handle is.
    pub row: Place,
    /// The columns, by name.
    pub cells: BTreeMap<&'static str, Place>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_guessed_and_few_are_listed() {
        assert_eq!(
            guess("demo_schedule", &["closed_won", "demo_scheduled"]),
            "; did you mean `demo_scheduled`?"
        );
        assert_eq!(guess("zzz", &["low", "high"]), "; expected one of low, high");
        assert_eq!(guess("zzz", &[]), "; there are none");
        assert_eq!(guess(&"z".repeat(10_000), &["a"; 20]), "");
    }

    #[test]
    fn texts_are_shortened_and_their_control_characters_shown() {
        assert_eq!(quoted("a\u{1b}[31m\nb\u{202e}"), "`a\\u{1b}[31m\\nb\\u{202e}`");
        assert_eq!(quoted(&"é".repeat(61)), format!("`{}…`", "é".repeat(60)));
    }

    #[test]
    fn many_problems_are_cut_and_sorted() {
        let file: Arc<str> = "x.json".into();
        let mut problems = Problems::default();
        for line in (1..=60).rev() {
            problems.add(&Place { file: Arc::clone(&file), line, column: 1 }, "bad");
        }
        let message = error(&problems.sorted()).to_string();
        assert!(message.starts_with("x.json:1:1: bad\nx.json:2:1: bad\n"), "{message}");
        assert!(message.ends_with("x.json:50:1: bad\nand 10 more"), "{message}");
    }
}
