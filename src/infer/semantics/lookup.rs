//! Which rule a column's name and type lead to.

use super::rules::Rule;
use super::{contact, numbers, technical, texts, times};
use crate::infer::kinds::TableKind;
use crate::infer::scalar_type::ScalarType;

/// The rule for a column whose name is one of `spellings`: its words, and the same in the singular.
pub(super) fn find(spellings: &[String], kind: TableKind, family: ScalarType) -> &'static Rule {
    let (lists, fallback): (&'static [&'static [Rule]], &'static Rule) = match family {
        ScalarType::Bool => (&[numbers::BOOLS], &numbers::BOOL),
        ScalarType::Integer => (&[technical::NUMBERS, numbers::NUMBERS, numbers::CODES], &numbers::INTEGER),
        ScalarType::Decimal => (&[technical::NUMBERS, numbers::NUMBERS], &numbers::DECIMAL),
        ScalarType::Date | ScalarType::Timestamp => (&[times::TIMES], &times::TIME),
        ScalarType::Time => (&[times::CLOCKS], &times::CLOCK),
        ScalarType::Interval => (&[times::INTERVALS], &times::INTERVAL),
        ScalarType::Json => (&[technical::DOCUMENTS], &technical::DOCUMENT),
        ScalarType::Uuid => (&[technical::UUIDS], &technical::UUID),
        ScalarType::Bytes => (&[technical::BYTES], &technical::BYTE),
        ScalarType::Address => (&[], &technical::ADDRESS),
        ScalarType::Text | ScalarType::Range | ScalarType::Other => {
            (&[technical::TEXTS, contact::CONTACT, texts::TEXTS], &texts::TEXT)
        }
    };
    let fits_kind = |rule: &&Rule| rule.kind.is_none_or(|its| its == kind);
    let found = lists.iter().copied().flatten().filter(fits_kind);
    let mut found = found
        .filter(|rule| rule.names.split('|').any(|pattern| spellings.iter().any(|name| fits(name, pattern))));
    found.next().unwrap_or(fallback)
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
