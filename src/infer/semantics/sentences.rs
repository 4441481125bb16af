//! What a food broker's sales rep writes.

use std::sync::LazyLock;

use super::rules::RuleContext;
use crate::infer::kinds::TableKind;
use crate::sqlexpr::value::Value;

/// `fixtures/sentences.tsv`: what a sentence is for, and the sentence, in which `\\n` breaks the line.
static SENTENCES: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
    let lines = include_str!("../../../fixtures/sentences.tsv").lines().skip(1);
    lines.filter_map(|line| line.split_once('\t')).map(|(of, text)| (of, text.replace("\\n", "\n"))).collect()
});

/// One of the sentences for `of`.
pub(super) fn sentence(draw: &RuleContext<'_>, of: &str) -> &'static str {
    let count = SENTENCES.iter().filter(|(its, _)| *its == of).count() as u64;
    let nth = draw.slot.below(count) as usize;
    SENTENCES.iter().filter(|(its, _)| *its == of).nth(nth).map_or("Follow-up", |(_, text)| text.as_str())
}

/// A text of some length, of the kind that its table takes.
pub(super) fn body(draw: &RuleContext<'_>) -> Value {
    sentence(
        draw,
        match draw.context.kind {
            TableKind::Emails | TableKind::Templates => "email",
            TableKind::Calls => "call",
            TableKind::Comments => "comment",
            TableKind::Activities | TableKind::Meetings | TableKind::Events | TableKind::Samples => {
                "activity"
            }
            TableKind::Lookup
            | TableKind::Segments
            | TableKind::Tags
            | TableKind::Teams
            | TableKind::Territories
            | TableKind::Campaigns
            | TableKind::Contracts
            | TableKind::Tenants
            | TableKind::Pricing => "description",
            _ => "note",
        },
    )
    .into()
}

/// A line that says what the row is about.
pub(super) fn title(draw: &RuleContext<'_>) -> Value {
    sentence(
        draw,
        match draw.context.kind {
            TableKind::Events | TableKind::Meetings => "event",
            TableKind::Campaigns => "campaign",
            _ => "subject",
        },
    )
    .into()
}
