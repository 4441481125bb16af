//! Which rule a column's name and type lead to.

use super::rules::Rule;
use super::{contact, numbers, technical, texts, times};
use crate::infer::kinds::TableKind;
use crate::infer::scalar_type::ScalarType;

/// The rules for columns of a type, the first first.
pub(super) const fn rules_of(family: ScalarType) -> &'static [&'static [Rule]] {
    match family {
        ScalarType::Bool => &[numbers::BOOLS],
        ScalarType::Integer => &[technical::NUMBERS, numbers::NUMBERS, numbers::CODES],
        ScalarType::Decimal => &[technical::NUMBERS, numbers::NUMBERS],
        ScalarType::Date | ScalarType::Timestamp => &[times::TIMES],
        ScalarType::Time => &[times::CLOCKS],
        ScalarType::Interval => &[times::INTERVALS],
        ScalarType::Json => &[technical::DOCUMENTS],
        ScalarType::Uuid => &[technical::UUIDS],
        ScalarType::Bytes => &[technical::BYTES],
        ScalarType::Address => &[],
        ScalarType::Text | ScalarType::Range | ScalarType::Other => {
            &[technical::TEXTS, contact::CONTACT, texts::TEXTS]
        }
    }
}

/// The rule for columns of a type whose names say nothing.
const fn fallback(family: ScalarType) -> &'static Rule {
    match family {
        ScalarType::Bool => &numbers::BOOL,
        ScalarType::Integer => &numbers::INTEGER,
        ScalarType::Decimal => &numbers::DECIMAL,
        ScalarType::Date | ScalarType::Timestamp => &times::TIME,
        ScalarType::Time => &times::CLOCK,
        ScalarType::Interval => &times::INTERVAL,
        ScalarType::Json => &technical::DOCUMENT,
        ScalarType::Uuid => &technical::UUID,
        ScalarType::Bytes => &technical::BYTE,
        ScalarType::Address => &technical::ADDRESS,
        ScalarType::Text | ScalarType::Range | ScalarType::Other => &texts::TEXT,
    }
}

/// The rule for a column whose name is one of `spellings`: its words, and the same in the singular. The first that
/// fits, but for a later one that says more of the name's end: `exchange rate` is no `rate`.
pub(super) fn find(spellings: &[String], kind: TableKind, family: ScalarType) -> &'static Rule {
    let mut best: Option<(&'static Rule, usize)> = None;
    for rule in
        rules_of(family).iter().copied().flatten().filter(|rule| rule.kind.is_none_or(|its| its == kind))
    {
        let fitting =
            rule.names.split('|').filter(|pattern| spellings.iter().any(|name| fits(name, pattern)));
        let words = |pattern: &str| pattern.split(' ').count();
        match best {
            None => best = fitting.map(words).max().map(|words| (rule, words)),
            Some((_, said)) => {
                let closed = fitting.filter(|pattern| !pattern.starts_with(['^', '~'])).map(words).max();
                if let Some(more) = closed.filter(|more| *more > said) {
                    best = Some((rule, more));
                }
            }
        }
    }
    best.map_or(fallback(family), |(rule, _)| rule)
}

/// Whether a name says yes or no, whatever the type.
pub(super) fn is_flag(spellings: &[String]) -> bool {
    const FLAGS: &str = "^is|^has|^can|^was|=deleted|=archived|=active|=enabled|=disabled|=locked|=hidden|=verified|\
         =published|=primary|=favorite|=starred|=pinned|=completed|=done|=closed|^do not|opt out|opt in|opted out|\
         opted in|=admin|=converted|=reminded|=billable|=taxable|invalid email|=flagged|=read|=private|=default";
    FLAGS.split('|').any(|pattern| spellings.iter().any(|name| fits(name, pattern)))
}

fn fits(name: &str, pattern: &str) -> bool {
    let inner = |words: &str, at: usize| {
        let (before, after) = (&name[..at], &name[at + words.len()..]);
        (before.is_empty() || before.ends_with(' ')) && (after.is_empty() || after.starts_with(' '))
    };
    match pattern.split_at_checked(1) {
        Some(("=", whole)) => name == whole,
        Some(("^", begin)) => name.starts_with(begin) && inner(begin, 0),
        Some(("~", words)) => name.match_indices(words).any(|(at, _)| inner(words, at)),
        _ => name.strip_suffix(pattern).is_some_and(|rest| rest.is_empty() || rest.ends_with(' ')),
    }
}
