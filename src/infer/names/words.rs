//! The words of names, and their numbers.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::fixture::fixture;

/// Words whose plural is no matter of endings: `fixtures/plurals.tsv`.
struct Plurals {
    of_singular: HashMap<&'static str, &'static str>,
    of_plural: HashMap<&'static str, &'static str>,
}

static PLURALS: LazyLock<Plurals> = LazyLock::new(|| {
    let pairs = || fixture!("plurals.tsv", ["singular", "plural"]);
    Plurals {
        of_singular: pairs().map(|[one, many]| (one, many)).collect(),
        of_plural: pairs().map(|[one, many]| (many, one)).collect(),
    }
});

/// The words of a name in snake, camel, Pascal or kebab case, lower-case: `contactIDs` is `contact`, `ids`.
pub fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or(' ');
    let mut words = Vec::new();
    let mut word = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let before = if i > 0 { at(i - 1) } else { ' ' };
        // The plural of an acronym: the `s` of `IDs`.
        let is_plural = before.is_uppercase() && at(i + 1) == 's' && !at(i + 2).is_lowercase();
        let starts = c.is_numeric() != before.is_numeric()
            || (c.is_uppercase() && before.is_lowercase())
            || (c.is_uppercase() && before.is_uppercase() && at(i + 1).is_lowercase() && !is_plural);
        if (starts || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The singular of a lower-case word; that of a singular is itself.
pub fn singular(word: &str) -> String {
    if word.len() <= 2 || PLURALS.of_singular.contains_key(word) {
        return word.to_owned();
    }
    if let Some(one) = PLURALS.of_plural.get(word) {
        return (*one).to_owned();
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    let is_es = ends(&["sses", "shes", "ches", "xes", "zzes", "toes", "roes"])
        || (ends(&["uses", "iases"]) && !ends(&["ouses", "auses", "fuses", "nuses"]))
        || ends(&["bonuses", "menuses"]);
    match word.strip_suffix('s') {
        Some(_) if ends(&["ss", "us", "is"]) => word.to_owned(),
        Some(stem) if is_es => stem.strip_suffix('e').unwrap_or(stem).to_owned(),
        Some(stem) => stem.to_owned(),
        None => word.to_owned(),
    }
}

/// Words in the singular, with blanks between.
pub fn singular_phrase(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| singular(word)).collect();
    words.join(" ")
}

/// The plural of a lower-case word; that of a plural is itself.
pub fn plural(word: &str) -> String {
    if word.is_empty() || singular(word) != word {
        return word.to_owned();
    }
    if let Some(many) = PLURALS.of_singular.get(word) {
        return (*many).to_owned();
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    match word.strip_suffix('y') {
        Some(stem) if !ends(&["ay", "ey", "iy", "oy", "uy"]) && !stem.is_empty() => format!("{stem}ies"),
        _ if ends(&["s", "x", "ch", "sh", "z", "to", "ro"]) => format!("{word}es"),
        _ => format!("{word}s"),
    }
}

/// A word with a capital letter.
pub fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}
