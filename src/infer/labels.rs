//! Which of a target's labels comes nearest to a value of the domain.

use crate::fixture::{fixture, list};
use crate::infer::names::{self, NameWords};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// The label found for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its position among the labels.
    pub index: usize,
    /// What made it the nearest.
    pub how: How,
}

/// What makes a label the nearest one, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It is the value.
    Same,
    /// The same words in other case, number or with other separators.
    Spelling,
    /// Another name of the same, or of what comes next to it.
    Semantics,
    /// It has a word of the value.
    Word,
    /// Nothing but that it is the declared default.
    Default,
    /// Nothing but that it is the first.
    First,
}

/// A meaning that labels may have: a line of `fixtures/labels.tsv`.
struct Meaning {
    /// The labels that have it.
    same: Vec<&'static str>,
    /// Labels to take when there is none of these, the nearest first.
    near: Vec<&'static str>,
}

static MEANINGS: LazyLock<Vec<Meaning>> = LazyLock::new(|| {
    fixture!("labels.tsv", ["same", "near"])
        .map(|[same, near]| Meaning { same: list(same), near: list(near) })
        .collect()
});

/// The meanings of each label.
static MEANT: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut meant: HashMap<String, Vec<usize>> = HashMap::new();
    for (i, meaning) in MEANINGS.iter().enumerate() {
        for label in &meaning.same {
            let of = meant.entry(key(label)).or_default();
            if !of.contains(&i) {
                of.push(i);
            }
        }
    }
    meant
});

/// The nearest of `labels` to `value`; none if there are no labels.
pub fn nearest(value: &str, labels: &[String], default: Option<&str>) -> Option<Match> {
    Index::of(labels).nearest(value, default)
}

/// Labels, by what makes one the nearest: a target may have thousands, and asks for each row.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Where each label stands first.
    positions: HashMap<String, usize>,
    /// And the first of each spelling.
    spellings: HashMap<String, usize>,
    /// The spelling of each.
    keys: Vec<String>,
    /// The first of each meaning, by its position among all.
    meanings: HashMap<usize, usize>,
    /// Those that have a word.
    words: HashMap<String, Vec<usize>>,
}

impl Match {
    /// Its position; where nothing about `value` says which of so many labels it is, one that each value has for itself.
    pub fn among(&self, value: &str, count: usize) -> usize {
        if self.how == How::First { spread(value, count) } else { self.index }
    }
}

impl Index {
    /// How many labels there are.
    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// Of these labels.
    pub fn of(labels: &[String]) -> Self {
        let mut index = Self::default();
        for (at, label) in labels.iter().enumerate() {
            let key = key(label);
            index.positions.entry(label.clone()).or_insert(at);
            index.spellings.entry(key.clone()).or_insert(at);
            for meaning in meant(&key) {
                index.meanings.entry(*meaning).or_insert(at);
            }
            for word in telling(label) {
                index.words.entry(word).or_default().push(at);
            }
            index.keys.push(key);
        }
        index
    }

    /// The nearest of them to `value`; none if there are no labels.
    pub fn nearest(&self, value: &str, default: Option<&str>) -> Option<Match> {
        if self.keys.is_empty() {
            return None;
        }
        let found = |index: usize, how: How| Some(Match { index, how });
        if let Some(index) = self.positions.get(value) {
            return found(*index, How::Same);
        }
        let wanted = key(value);
        if let Some(index) = self.spelled(&wanted) {
            return found(index, How::Spelling);
        }
        let meanings = meant(&wanted);
        if let Some(index) = self.meaning(meanings) {
            return found(index, How::Semantics);
        }
        // A label that is known to mean something else may share a word by chance only.
        let is_free = |index: usize| meanings.is_empty() || meant(&self.keys[index]).is_empty();
        if let Some(index) = self.sharing(value, &is_free) {
            return found(index, How::Word);
        }
        if let Some(index) =
            meanings.iter().filter_map(|i| MEANINGS.get(*i)).find_map(|meaning| self.next_to(meaning))
        {
            return found(index, How::Semantics);
        }
        if let Some(index) = self.sharing(value, &|_| true) {
            return found(index, How::Word);
        }
        if let Some(default) = default
            && let Some(index) = self.positions.get(default).copied().or_else(|| self.spelled(&key(default)))
        {
            return found(index, How::Default);
        }
        // Of labels that all mean something else each value has its own, so that not all rows say the same.
        let count = self.keys.len();
        found(if count > 2 { spread(value, count) } else { 0 }, How::First)
    }

    /// The first that is spelled so.
    fn spelled(&self, key: &str) -> Option<usize> {
        self.spellings.get(key).copied().filter(|_| !key.is_empty())
    }

    /// The first that has one of these meanings.
    fn meaning(&self, meanings: &[usize]) -> Option<usize> {
        meanings.iter().filter_map(|meaning| self.meanings.get(meaning)).min().copied()
    }

    /// The label that comes next to a meaning that none has.
    fn next_to(&self, meaning: &Meaning) -> Option<usize> {
        meaning.near.iter().find_map(|label| {
            let key = key(label);
            self.spellings.get(&key).copied().or_else(|| self.meaning(meant(&key)))
        })
    }

    /// The first of the labels allowed that share most words with a value, if any does.
    fn sharing(&self, value: &str, is_allowed: &dyn Fn(usize) -> bool) -> Option<usize> {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for word in telling(value) {
            for at in self.words.get(&word).into_iter().flatten() {
                *shared.entry(*at).or_default() += 1;
            }
        }
        let allowed = shared.into_iter().filter(|(at, _)| is_allowed(*at));
        allowed.max_by_key(|(at, count)| (*count, Reverse(*at))).map(|(at, _)| at)
    }
}

/// A place among so many, that hangs on a text.
fn spread(text: &str, among: usize) -> usize {
    let hash = blake3::hash(text.as_bytes());
    usize::from(u16::from_be_bytes([hash.as_bytes()[0], hash.as_bytes()[1]])) % among
}

/// The words of a label that tell it from others, singular and each once.
fn telling(label: &str) -> Vec<String> {
    let words = names::words(label).into_iter();
    let words = words.filter(|word| !NameWords::get().small.contains(word.as_str()));
    let mut words: Vec<String> = words.map(|word| names::singular(&word)).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// What labels of other case, number and separators have in common.
fn key(label: &str) -> String {
    let words = names::words(label).into_iter().filter(|word| word != "and");
    words.map(|word| names::singular(&word)).collect()
}

fn meant(key: &str) -> &'static [usize] {
    MEANT.get(key).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TABLES;

    /// A value, labels, and the label and how it is found.
    const CASES: &[(&str, &[&str], &str, How)] = &[
        ("active", &["closed", "active"], "active", How::Same),
        ("fresh_produce", &["Dairy", "Fresh Produce"], "Fresh Produce", How::Spelling),
        ("meat_poultry", &["Dairy", "Meat & Poultry"], "Meat & Poultry", How::Spelling),
        ("beverages", &["Dairy", "BEVERAGE"], "BEVERAGE", How::Spelling),
        ("closed_won", &["OPEN", "ClosedWon"], "ClosedWon", How::Spelling),
        ("closed_won", &["open", "lost", "won"], "won", How::Semantics),
        ("closed_lost", &["open", "won", "lost"], "lost", How::Semantics),
        ("closed_lost", &["Closed (won)", "Closed (lost)"], "Closed (lost)", How::Spelling),
        ("new_lead", &["prospecting", "qualified"], "prospecting", How::Semantics),
        ("initial_outreach", &["lead", "contact made"], "contact made", How::Semantics),
        ("initial_outreach", &["lead", "qualified", "won"], "qualified", How::Semantics),
        ("sample_visit_offered", &["lead", "proposal", "won"], "proposal", How::Semantics),
        ("feedback_logged", &["lead", "proposal", "negotiation", "won"], "negotiation", How::Semantics),
        ("demo_scheduled", &["lead", "Meeting Scheduled"], "Meeting Scheduled", How::Semantics),
        ("closed_won", &["open", "closed"], "closed", How::Semantics),
        ("new_lead", &["closed", "open"], "open", How::Semantics),
        ("on_hold", &["open", "paused"], "paused", How::Semantics),
        ("active", &["closed", "open"], "open", How::Semantics),
        ("critical", &["P4", "P3", "P2", "P1"], "P1", How::Semantics),
        ("critical", &["low", "medium", "high"], "high", How::Semantics),
        ("medium", &["low", "normal", "high"], "normal", How::Semantics),
        ("A", &["low", "medium", "high"], "high", How::Semantics),
        ("C", &["low", "medium", "high"], "medium", How::Semantics),
        ("D", &["1", "2", "3", "4"], "4", How::Semantics),
        ("principal", &["customer", "supplier"], "supplier", How::Semantics),
        ("distributor", &["customer", "US distributor", "supplier"], "US distributor", How::Word),
        ("customer", &["vendor", "client"], "client", How::Semantics),
        ("prospect", &["vendor", "lead"], "lead", How::Semantics),
        ("Small Business", &["Enterprise", "SMB"], "SMB", How::Semantics),
        ("Mid-Market", &["Enterprise", "SMB"], "SMB", How::Semantics),
        ("startup", &["enterprise", "small"], "small", How::Semantics),
        ("Expansion", &["new", "upsell"], "upsell", How::Semantics),
        ("best_case", &["pipeline", "upside"], "upside", How::Semantics),
        ("pound", &["CS", "EA", "LB"], "LB", How::Semantics),
        ("true", &["no", "yes"], "yes", How::Semantics),
        ("partial reply", &["no answer", "full reply", "other"], "full reply", How::Word),
        ("unheard of", &["one", "two"], "two", How::Default),
        ("unheard of", &["one", "three"], "one", How::First),
        ("", &["one", "three"], "one", How::First),
    ];

    #[test]
    fn the_nearest_label_is_found() {
        for (value, labels, expected, how) in CASES {
            let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
            let found = nearest(value, &labels, Some("two"));
            let found = found.map(|found| (labels[found.index].as_str(), found.how));
            assert_eq!(found, Some((*expected, *how)), "{value} in {labels:?}");
        }
        assert_eq!(nearest("active", &[], Some("two")), None);
    }

    #[test]
    fn the_labels_of_the_domain_have_meanings_of_their_own() {
        for info in TABLES.iter().flat_map(|table| table.columns()) {
            let labels = info.holds.labels;
            for label in labels {
                assert!(!meant(&key(label)).is_empty(), "{}: {label} has no meaning", info.name);
            }
        }
    }

    #[test]
    fn what_comes_next_has_a_meaning() {
        for meaning in MEANINGS.iter() {
            assert!(meaning.same.len() > 1);
            for label in &meaning.near {
                assert!(!meant(&key(label)).is_empty(), "{label}, next to {:?}", meaning.same);
            }
        }
    }

    #[test]
    fn no_label_is_said_of_a_meaning_twice() {
        for meaning in MEANINGS.iter() {
            for labels in [&meaning.same, &meaning.near] {
                let keys: Vec<String> = labels.iter().map(|label| key(label)).collect();
                for (at, key) in keys.iter().enumerate() {
                    assert!(!keys[..at].contains(key), "{} in {labels:?}", labels[at]);
                }
            }
        }
    }
}
