//! What a name is of: of what the words before it say (`warehouse_name`), else of what its table holds.

use super::lookup;
use super::rules::{Rule, Tag};
use crate::infer::kinds::{self, TableKind};
use crate::infer::names;
use crate::infer::scalar_type::ScalarType;
use crate::infer::word_lists::words;

/// Words that say of a name for whom it is, and not of what.
const OF_NO_THING: [&str; 8] = ["display", "public", "full", "short", "internal", "friendly", "long", "my"];
/// Words by which a column names its row.
const NAMES: [&str; 4] = ["name", "label", "title", "nombre"];

/// What names of a thing are made of, where that is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum NamesOf {
    /// They are these.
    List(&'static [&'static str]),
    /// They are made as those of a kind of table.
    Rule(&'static Rule),
}

/// What a column is a name of: its words, singular, without the one for the name. Nothing where it is the row's own.
fn stem(words: &[String]) -> &[String] {
    let Some((last, stem)) = words.split_last() else { return &[] };
    let is_name =
        NAMES.contains(&last.as_str()) && !stem.iter().all(|word| OF_NO_THING.contains(&word.as_str()));
    if is_name { stem } else { &[] }
}

/// How a column, by its words in the singular, names a thing that has names of its own.
pub(super) fn names_of(words: &[String]) -> Option<NamesOf> {
    let stem = stem(words).join("_");
    if stem.is_empty() {
        return None;
    }
    let kind = kinds::kind("", &stem);
    if let Some(list) = kinds::lookup_rows(kind, &stem).filter(|_| kind != TableKind::Tenants) {
        return Some(NamesOf::List(list));
    }
    let rule = lookup::find(&["name".to_owned()], kind, ScalarType::Text);
    (rule.kind.is_some() && rule.tag != Some(Tag::Name)).then_some(NamesOf::Rule(rule))
}

/// What a column names, for people: `Lead Type` for `lead_type_name`, and for the `name` of a table `lead_types`.
pub fn thing(column: &str, table: &str) -> String {
    let singular: Vec<String> = names::words(column).iter().map(|word| names::singular(word)).collect();
    let stem = stem(&singular);
    let phrase = if stem.is_empty() { kinds::phrase(table) } else { stem.join(" ") };
    phrase.split(' ').map(names::capitalized).collect::<Vec<_>>().join(" ")
}

/// `closed_won` as `Closed Won`; what is written for people stays.
pub fn for_people(name: &str) -> String {
    if name.contains(' ') || name.chars().any(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
    {
        return name.to_owned();
    }
    name.split('_').map(names::capitalized).collect::<Vec<_>>().join(" ")
}

/// Names for the rows of a list of which no more is known: kinds of a thing, or so many of it.
pub fn listed(table: &str) -> Vec<String> {
    /// Rows of such a list.
    const ROWS: usize = 8;
    let read = |list| words(list).unwrap_or_else(|error| panic!("fixtures/word_lists.tsv: {error}"));
    let phrase = kinds::phrase(table);
    let last = phrase.rsplit(' ').next().unwrap_or_default();
    if read("@sort_words").contains(&last) {
        return read("@sorts").iter().map(|word| (*word).to_owned()).collect();
    }
    let thing = thing("name", table);
    read("@place_words").iter().take(ROWS).map(|place| format!("{place} {thing}")).collect()
}

/// Whether the rows of a table are people by its name, where they have a mailbox.
pub fn are_people(table: &str) -> bool {
    let phrase = kinds::phrase(table);
    let last = phrase.rsplit(' ').next().unwrap_or_default();
    words("@people_words").is_ok_and(|words| words.contains(&last))
}
