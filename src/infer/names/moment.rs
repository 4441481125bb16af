//! Names of days and moments.

use super::name_words::NameWords;

/// Without the words that say only that it is a moment: `closing_date` is `closing`, `dueDateAt` `due`.
pub fn without_moment(words: &[&str]) -> Option<String> {
    let silent = NameWords::get();
    let left: Vec<&str> = words.iter().copied().filter(|word| !silent.moment.contains(word)).collect();
    (!left.is_empty()).then(|| left.concat())
}
