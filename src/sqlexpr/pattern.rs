//! Patterns of texts: matched, and texts made that match. What would take too long is not read: see
//! `weight`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::Hir;

use crate::sqlexpr::string_set::StringSet;
use crate::sqlexpr::weight::{ALL, MOST, SMALL, Weight};
use crate::sqlexpr::{brief, posix};

/// A pattern, of LIKE or a regular expression.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    is_like: bool,
    ignores_case: bool,
    /// Shared, as are the states that it has found: each regex has room for its own.
    regex: Arc<Regex>,
    shape: Arc<StringSet>,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        let key = |pattern: &Self| (pattern.is_like, pattern.ignores_case);
        self.source == other.source && key(self) == key(other)
    }
}

/// What [`Weight`] lets pass fits, but for what it does not foresee.
const SIZE_LIMIT: usize = 64 << 20;
/// The states that [`Weight`] lets a text pass through fit, so that none is found twice.
const STATES_LIMIT: usize = 16 << 20;
const NEST_LIMIT: u32 = 100;

/// How often a text is drawn before we say that there is none: a word's edge may not come out right.
const TRIES: usize = 20;

/// The longest text that is made, whatever its pattern asks for.
pub const LONGEST: usize = 1 << 16;

/// A pattern's source, whether it is one of LIKE, and whether it ignores case.
type Key = (String, bool, bool);

/// Patterns that were compiled lately, and what they weigh together: each row, and each column of a SQL domain,
/// asks for the same ones again.
#[derive(Default)]
struct Lately {
    patterns: HashMap<Key, Pattern>,
    weight: u64,
}

thread_local! {
    static LATELY: RefCell<Lately> = RefCell::default();
}

/// So many patterns are kept.
const KEPT: usize = 256;

impl Lately {
    fn keep(&mut self, key: Key, pattern: Pattern, weight: u64) {
        if self.patterns.len() >= KEPT || self.weight + weight > ALL {
            *self = Self::default();
        }
        self.weight += weight;
        self.patterns.insert(key, pattern);
    }
}

impl Pattern {
    /// A regular expression, as the server reads it.
    ///
    /// # Errors
    /// What of it cannot be read: look-around, references back; or that it would take too long.
    pub fn regex(source: &str, ignores_case: bool) -> Result<Self, String> {
        let mut left = MOST;
        Self::read(source, false, ignores_case, &mut left)
    }

    /// A pattern of LIKE, whose escape is the backslash.
    ///
    /// # Errors
    /// Where it ends in an escape of nothing, or would take too long.
    pub fn like(source: &str, ignores_case: bool) -> Result<Self, String> {
        let mut left = MOST;
        Self::read(source, true, ignores_case, &mut left)
    }

    /// Either of them, as a row says it: another row may say another one.
    ///
    /// # Errors
    /// As [`Pattern::like`]; a pattern that is less complex is refused already.
    pub fn of_row(source: &str, is_like: bool, ignores_case: bool) -> Result<Self, String> {
        let mut left = SMALL;
        Self::read(source, is_like, ignores_case, &mut left)
    }

    /// Either of them, whose weight is taken from what is `left` for all patterns together.
    ///
    /// # Errors
    /// As [`Pattern::like`]; or it is more complex than `left` allows.
    pub fn read(source: &str, is_like: bool, ignores_case: bool, left: &mut u64) -> Result<Self, String> {
        let key = (source.to_owned(), is_like, ignores_case);
        if let Some(kept) = LATELY.with_borrow(|lately| lately.patterns.get(&key).cloned()) {
            return Ok(kept);
        }
        let before = *left;
        let made = match is_like {
            true => of_like(source).ok_or_else(|| unreadable(source))?,
            false => posix::translated(source)?,
        };
        let pattern = Self::compiled(source, &made, (is_like, ignores_case), left)?;
        LATELY.with_borrow_mut(|lately| lately.keep(key, pattern.clone(), before - *left));
        Ok(pattern)
    }

    /// A pattern of LIKE with a text in the middle that means itself.
    pub(super) fn around(before: &str, text: &str, after: &str) -> Option<Self> {
        let text = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        Self::like(&format!("{before}{text}{after}"), false).ok()
    }

    /// The same where the case of letters does not matter.
    pub(super) fn without_case(&self) -> Option<Self> {
        if self.is_like { Self::like(&self.source, true) } else { Self::regex(&self.source, true) }.ok()
    }

    fn compiled(
        source: &str,
        made: &str,
        (is_like, ignores_case): (bool, bool),
        left: &mut u64,
    ) -> Result<Self, String> {
        let cannot = || unreadable(source);
        let hir = parsed(made).ok_or_else(cannot)?;
        let shape = StringSet::of(&hir).ok_or_else(cannot)?;
        let weight = Weight::of(&hir, &shape);
        if !weight.is_bearable() || weight.states > *left {
            return Err(format!("{} (too complex)", unreadable(source)));
        }
        *left -= weight.states;
        let regex = RegexBuilder::new(made)
            .case_insensitive(ignores_case)
            .dot_matches_new_line(true)
            .size_limit(SIZE_LIMIT)
            .dfa_size_limit(STATES_LIMIT)
            .nest_limit(NEST_LIMIT)
            .build()
            .map_err(|_| cannot())?;
        Ok(Self {
            source: source.to_owned(),
            is_like,
            ignores_case,
            regex: Arc::new(regex),
            shape: Arc::new(shape),
        })
    }

    /// As it stands in the constraint.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the text, or for a regular expression a part of it, is as the pattern says.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// What the first group finds, or where there is no group, the whole.
    pub fn found<'a>(&self, text: &'a str) -> Option<&'a str> {
        let groups = self.regex.captures(text)?;
        let group = if groups.len() > 1 { groups.get(1) } else { groups.get(0) };
        group.map(|group| group.as_str())
    }

    /// `to` in place of the first match, or of all, where `\1` stands for a group and `\&` for the whole.
    pub fn replaced(&self, text: &str, to: &str, all: bool) -> Option<String> {
        if (text.len() + 1).saturating_mul(to.len() + text.len() + 1) > LONGEST {
            return None;
        }
        let (mut template, mut chars) = (String::new(), to.chars());
        while let Some(c) = chars.next() {
            match c {
                '$' => template.push_str("$$"),
                '\\' => match chars.next() {
                    Some('&') => template.push_str("${0}"),
                    Some(digit) if digit.is_ascii_digit() => template.push_str(&format!("${{{digit}}}")),
                    Some(c) => template.push(c),
                    None => template.push('\\'),
                },
                c => template.push(c),
            }
        }
        let limit = usize::from(!all);
        Some(self.regex.replacen(text, limit, template.as_str()).into_owned())
    }

    /// A text that matches, or none where we find none. `draw(n)` gives a number below `n`.
    ///
    /// It is no longer than the pattern asks for: repetitions go at most three beyond their least, a `.`
    /// and other wide classes become small letters, and nothing stands before or behind what must match.
    pub fn generate(&self, draw: &mut dyn FnMut(u64) -> u64, max_length: Option<usize>) -> Option<String> {
        self.generate_between(draw, 0, max_length)
    }

    /// See [`Pattern::generate`]; at least `min_length` characters.
    pub fn generate_between(
        &self,
        draw: &mut dyn FnMut(u64) -> u64,
        min_length: usize,
        max_length: Option<usize>,
    ) -> Option<String> {
        let shape = self.shape.fitted(min_length, max_length.unwrap_or(usize::MAX))?;
        if shape.least_length() > LONGEST {
            return None;
        }
        (0..TRIES).find_map(|_| {
            let mut text = String::new();
            shape.draw(draw, &mut text);
            self.is_good(&text, min_length, max_length).then_some(text)
        })
    }

    fn is_good(&self, text: &str, min_length: usize, max_length: Option<usize>) -> bool {
        let length = text.chars().count();
        length >= min_length && max_length.is_none_or(|most| length <= most) && self.matches(text)
    }

    /// How many texts [`Pattern::generate_nth`] can make, without a limit to their length.
    pub fn count(&self) -> u64 {
        self.count_between(0, None)
    }

    /// How many texts of such lengths [`Pattern::generate_nth_between`] can make.
    pub fn count_between(&self, min_length: usize, max_length: Option<usize>) -> u64 {
        self.shape.fitted(min_length, max_length.unwrap_or(usize::MAX)).map_or(0, |shape| shape.count())
    }

    /// The `n`-th text that matches, counted from 0, shorter repetitions first.
    ///
    /// Different numbers give different texts where each text comes about in one way only: not for
    /// `(a|ab)(c|bc)`, nor `a*a*`. None also where the text would not match, because of a word's edge for
    /// example, or where `n` is not below the count. Not every text that matches is among them: see
    /// [`Pattern::generate`]; and with a limit, each repetition has a part of the room for itself.
    pub fn generate_nth(&self, n: u64, max_length: Option<usize>) -> Option<String> {
        self.generate_nth_between(n, 0, max_length)
    }

    /// See [`Pattern::generate_nth`]; at least `min_length` characters.
    pub fn generate_nth_between(
        &self,
        n: u64,
        min_length: usize,
        max_length: Option<usize>,
    ) -> Option<String> {
        let shape = self.shape.fitted(min_length, max_length.unwrap_or(usize::MAX))?;
        if shape.least_length() > LONGEST || n >= shape.count() {
            return None;
        }
        let mut text = String::new();
        shape.write_nth(n, &mut text);
        self.is_good(&text, min_length, max_length).then_some(text)
    }
}

fn unreadable(source: &str) -> String {
    format!("the pattern `{}`", brief(source))
}

fn parsed(made: &str) -> Option<Hir> {
    let mut parser =
        regex_syntax::ParserBuilder::new().dot_matches_new_line(true).nest_limit(NEST_LIMIT).build();
    parser.parse(made).ok()
}

/// The regular expression of a pattern of LIKE; `None` where it ends in an escape of nothing.
fn of_like(source: &str) -> Option<String> {
    let (mut made, mut chars) = (String::from("^"), source.chars());
    while let Some(c) = chars.next() {
        match c {
            '%' => made.push_str(".*"),
            '_' => made.push('.'),
            '\\' => made.push_str(&regex_syntax::escape(&chars.next()?.to_string())),
            c => made.push_str(&regex_syntax::escape(&c.to_string())),
        }
    }
    made.push('$');
    Some(made)
}

/// The regular expression of a pattern of SIMILAR TO.
pub fn similar(source: &str) -> String {
    let (mut made, mut chars, mut is_within) = (String::from("^(?:"), source.chars(), false);
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                made.push('\\');
                made.extend(chars.next());
                continue;
            }
            '[' => is_within = true,
            ']' => is_within = false,
            _ => {}
        }
        match c {
            c if is_within => made.push(c),
            '%' => made.push_str(".*"),
            '_' => made.push('.'),
            '(' => made.push_str("(?:"),
            '.' | '^' | '$' => made.extend(['\\', c]),
            c => made.push(c),
        }
    }
    made + ")$"
}
