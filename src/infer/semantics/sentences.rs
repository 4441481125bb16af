//! What a food broker's sales rep writes.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::context::RuleContext;
use crate::fixture::fixture;

/// `fixtures/sentences.tsv`: what sentences are for, and the sentences, in which `\\n` breaks the line.
static SENTENCES: LazyLock<HashMap<&'static str, Vec<String>>> = LazyLock::new(|| {
    let mut sentences: HashMap<_, Vec<String>> = HashMap::new();
    for [kind, text] in fixture!("sentences.tsv", ["kind", "text"]) {
        sentences.entry(kind).or_default().push(text.replace("\\n", "\n"));
    }
    sentences
});

/// Whether there are sentences of a kind.
pub(super) fn is_kind(kind: &str) -> bool {
    SENTENCES.contains_key(kind)
}

/// The sentences of a kind.
pub(super) fn all(kind: &str) -> &'static [String] {
    SENTENCES.get(kind).map_or(&[], Vec::as_slice)
}

/// One of the sentences of a kind.
pub(super) fn sentence(draw: &RuleContext<'_>, kind: &str) -> &'static str {
    SENTENCES.get(kind).map_or("Follow-up", |sentences| draw.slot.pick(sentences).as_str())
}
