//! The texts that a regular expression matches, as choices that can be drawn and counted.

use regex_syntax::hir::{Class, Hir, HirKind};

/// What a text is made of.
#[derive(Clone, Debug)]
pub enum StringSet {
    /// This text.
    Text(String),
    /// One of these characters.
    One(Vec<char>),
    /// So many of this, where `most` may be [`usize::MAX`].
    Repeat {
        /// The repeated set.
        inner: Box<StringSet>,
        /// Minimum number of repetitions.
        least: usize,
        /// Maximum number of repetitions.
        most: usize,
    },
    /// One after the other.
    Row(Vec<StringSet>),
    /// One of these alternatives.
    Choice(Vec<StringSet>),
}

/// How far beyond its least a repetition goes where one is drawn.
const DRAWN: usize = 3;

/// And where they are counted: shorter ones come first, so this many are there only if they are needed.
const COUNTED: usize = 40;

/// Repetitions in one another: their texts grow with the power of it. Of deeper ones none is made.
const DEEPEST: usize = 6;

/// A class of more characters than this was not meant letter by letter.
const WIDE: usize = 128;

impl StringSet {
    /// The shape of a parsed expression. Anchors and edges of words become nothing.
    pub fn of(hir: &Hir) -> Option<Self> {
        Self::within(hir, hir.properties().look_set().contains_word(), 0)
    }

    /// Where it `has_edges` of words, letters alone would grow over them.
    fn within(hir: &Hir, has_edges: bool, depth: usize) -> Option<Self> {
        let depth = depth + usize::from(matches!(hir.kind(), HirKind::Repetition(_)));
        if depth > DEEPEST {
            return Some(Self::Choice(Vec::new()));
        }
        let of = |hir: &Hir| Self::within(hir, has_edges, depth);
        Some(match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::Row(Vec::new()),
            HirKind::Literal(literal) => Self::Text(std::str::from_utf8(&literal.0).ok()?.to_owned()),
            HirKind::Class(class) => Self::One(characters(class, has_edges)),
            HirKind::Repetition(repetition) => Self::Repeat {
                inner: Box::new(of(&repetition.sub)?),
                least: repetition.min as usize,
                most: repetition.max.map_or(usize::MAX, |most| most as usize),
            },
            HirKind::Capture(capture) => return of(&capture.sub),
            HirKind::Concat(items) => Self::Row(items.iter().map(of).collect::<Option<_>>()?),
            HirKind::Alternation(items) => Self::Choice(items.iter().map(of).collect::<Option<_>>()?),
        })
    }

    /// The characters of its shortest text.
    pub fn least_length(&self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::One(_) => 1,
            Self::Repeat { inner, least, .. } => inner.least_length().saturating_mul(*least),
            Self::Row(items) => items.iter().map(Self::least_length).fold(0, usize::saturating_add),
            Self::Choice(items) => items.iter().map(Self::least_length).min().unwrap_or_default(),
        }
    }

    /// The characters of its longest text; [`usize::MAX`] where there is none.
    fn most_length(&self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::One(_) => 1,
            Self::Repeat { inner, most, .. } => inner.most_length().saturating_mul(*most),
            Self::Row(items) => items.iter().map(Self::most_length).fold(0, usize::saturating_add),
            Self::Choice(items) => items.iter().map(Self::most_length).max().unwrap_or_default(),
        }
    }

    /// The characters of the longest text that [`StringSet::draw`] makes.
    pub fn drawn_length(&self) -> u64 {
        match self {
            Self::Text(text) => text.chars().count() as u64,
            Self::One(_) => 1,
            Self::Repeat { inner, least, most } => {
                let times = (*most).min(least.saturating_add(DRAWN)) as u64;
                inner.drawn_length().saturating_mul(times)
            }
            Self::Row(items) => items.iter().map(Self::drawn_length).fold(0, u64::saturating_add),
            Self::Choice(items) => items.iter().map(Self::drawn_length).max().unwrap_or_default(),
        }
    }

    /// The part of it whose texts have `least` to `most` characters. Not the whole of that part: where
    /// several repetitions share the room, each has its own of it.
    pub fn fitted(&self, least: usize, most: usize) -> Option<Self> {
        if self.least_length() > most || self.most_length() < least || least > most {
            return None;
        }
        match self {
            Self::Text(text) => Some(Self::Text(text.clone())),
            Self::One(characters) => (!characters.is_empty()).then(|| Self::One(characters.clone())),
            Self::Choice(items) => {
                let items: Vec<_> = items.iter().filter_map(|item| item.fitted(least, most)).collect();
                (!items.is_empty()).then_some(Self::Choice(items))
            }
            Self::Repeat { inner, least: fewest, most: largest } => {
                repeated(inner, (*fewest, *largest), least, most)
            }
            Self::Row(items) => {
                let rooms = rooms(items, least, most);
                let fitted = items.iter().zip(rooms).map(|(item, (least, most))| item.fitted(least, most));
                fitted.collect::<Option<_>>().map(Self::Row)
            }
        }
    }

    /// Appends a text of it; `draw(n)` gives a number below `n`.
    pub fn draw(&self, draw: &mut dyn FnMut(u64) -> u64, out: &mut String) {
        let mut one_of = |many: usize| {
            let drawn = draw(u64::try_from(many).unwrap_or(u64::MAX));
            usize::try_from(drawn).unwrap_or_default().min(many.saturating_sub(1))
        };
        match self {
            Self::Text(text) => out.push_str(text),
            Self::One(characters) => out.extend(characters.get(one_of(characters.len()))),
            Self::Repeat { inner, least, most } => {
                let times = least + one_of((*most).min(least.saturating_add(DRAWN)) - least + 1);
                for _ in 0..times {
                    inner.draw(draw, out);
                }
            }
            Self::Row(items) => items.iter().for_each(|item| item.draw(draw, out)),
            Self::Choice(items) => {
                let at = one_of(items.len());
                if let Some(item) = items.get(at) {
                    item.draw(draw, out);
                }
            }
        }
    }

    /// How many texts it has, at most [`u64::MAX`].
    pub fn count(&self) -> u64 {
        match self {
            Self::Text(_) => 1,
            Self::One(characters) => characters.len() as u64,
            Self::Repeat { inner, least, most } => {
                let each = inner.count();
                counted(*least, *most).map(|times| power(each, times)).fold(0, u64::saturating_add)
            }
            Self::Row(items) => items.iter().map(Self::count).fold(1, u64::saturating_mul),
            Self::Choice(items) => items.iter().map(Self::count).fold(0, u64::saturating_add),
        }
    }

    /// Appends the `n`-th of them, where `n` is below their count.
    pub fn write_nth(&self, mut n: u64, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::One(characters) => out.extend(usize::try_from(n).ok().and_then(|n| characters.get(n))),
            Self::Repeat { inner, least, most } => {
                let each = inner.count();
                for times in counted(*least, *most) {
                    let so_many = power(each, times);
                    if n < so_many {
                        return write_row(std::iter::repeat_n(&**inner, times).collect(), n, out);
                    }
                    n -= so_many;
                }
            }
            Self::Row(items) => write_row(items.iter().collect(), n, out),
            Self::Choice(items) => {
                for item in items {
                    let so_many = item.count();
                    if n < so_many {
                        return item.write_nth(n, out);
                    }
                    n -= so_many;
                }
            }
        }
    }
}

/// A number whose digits are the choices of each, the last changing first.
fn write_row(items: Vec<&StringSet>, mut n: u64, out: &mut String) {
    let mut digits = Vec::with_capacity(items.len());
    for item in items.iter().rev() {
        let base = item.count().max(1);
        digits.push(n % base);
        n /= base;
    }
    for (item, digit) in items.iter().zip(digits.into_iter().rev()) {
        item.write_nth(digit, out);
    }
}

fn counted(least: usize, most: usize) -> std::ops::RangeInclusive<usize> {
    least..=most.min(least.saturating_add(COUNTED))
}

fn power(base: u64, exponent: usize) -> u64 {
    u32::try_from(exponent).map_or(u64::MAX, |exponent| base.saturating_pow(exponent))
}

/// A repetition whose texts have `least` to `most` characters.
fn repeated(
    inner: &StringSet,
    (fewest, largest): (usize, usize),
    least: usize,
    most: usize,
) -> Option<StringSet> {
    let nothing = || (fewest == 0 && least == 0).then(|| StringSet::Row(Vec::new()));
    if largest == 0 || inner.most_length() == 0 {
        return nothing();
    }
    let share = most / fewest.max(1);
    // Something empty, repeated, does not become longer.
    let Some(one) = inner.fitted(usize::from(least > 0 && inner.least_length() == 0), share) else {
        return nothing();
    };
    let times = least.div_ceil(one.least_length().max(1));
    let (one, fewest) = if times <= largest {
        let fewest = fewest.max(times);
        (one.fitted(0, most / fewest.max(1))?, fewest)
    } else {
        // More of them are not allowed: each is longer.
        (inner.fitted(least.div_ceil(largest), most / largest)?, largest)
    };
    let largest = largest.min(match one.most_length() {
        usize::MAX if most == usize::MAX => largest,
        longest => most / longest.max(1),
    });
    Some(StringSet::Repeat { inner: Box::new(one), least: fewest, most: largest.max(fewest) })
}

/// The lengths that each item of a row has for itself, so that together they have `least` to `most`.
fn rooms(items: &[StringSet], least: usize, most: usize) -> Vec<(usize, usize)> {
    let mut rooms: Vec<_> = items.iter().map(|item| (item.least_length(), item.most_length())).collect();
    let shortest = rooms.iter().map(|room| room.0).fold(0, usize::saturating_add);
    let (mut missing, mut spare) = (least.saturating_sub(shortest), most.saturating_sub(shortest));
    let mut order: Vec<usize> = (0..items.len()).rev().collect();
    // What can become longest becomes longer first.
    order.sort_by_key(|at| std::cmp::Reverse(rooms[*at].1 - rooms[*at].0));
    for &at in &order {
        let more = missing.min(rooms[at].1 - rooms[at].0);
        rooms[at].0 += more;
        missing -= more;
        spare = spare.saturating_sub(more);
    }
    if most == usize::MAX {
        return rooms;
    }
    // What can become least longer takes its part first, and leaves the rest to the others.
    for (left, &at) in order.iter().rev().enumerate() {
        let more = (spare / (order.len() - left)).min(rooms[at].1 - rooms[at].0);
        rooms[at].1 = rooms[at].0 + more;
        spare -= more;
    }
    rooms
}

/// The characters of a class that are preferred: of a wide one small letters, of any other letters and
/// digits, then what else can be printed, then the first.
fn characters(class: &Class, has_edges: bool) -> Vec<char> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => {
            class.iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect()
        }
        Class::Bytes(class) => {
            class.iter().map(|range| (range.start().into(), u32::from(range.end()).min(127))).collect()
        }
    };
    let has = |c: &char| ranges.iter().any(|(from, to)| (*from..=*to).contains(&u32::from(*c)));
    let of = |candidates: &mut dyn Iterator<Item = char>| candidates.filter(has).collect::<Vec<_>>();
    let size: usize = ranges.iter().map(|(from, to)| (to.saturating_sub(*from) + 1) as usize).sum();
    let mut choices = Vec::new();
    if size > WIDE && has_edges {
        choices.push(of(&mut [' ', 'a'].into_iter()));
    } else if size > WIDE {
        choices.push(of(&mut ('a'..='z')));
    }
    choices.push(of(&mut ('0'..='9').chain('A'..='Z').chain('a'..='z')));
    choices.push(of(&mut (' '..='~')));
    let first = ranges.iter().flat_map(|(from, to)| *from..=*to).filter_map(char::from_u32).take(WIDE);
    choices.push(first.collect());
    choices.into_iter().find(|choice| !choice.is_empty()).unwrap_or_default()
}
