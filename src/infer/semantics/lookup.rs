//! Which rule a column's name and type lead to.

use super::rules::{Rule, fallback, rules_of};
use crate::infer::kinds::TableKind;
use crate::infer::names::NameWords;
use crate::infer::names::pattern::Pattern;
use crate::infer::scalar_type::ScalarType;

/// The rule for a column whose name is one of `spellings`: its words, and the same in the singular. The first that
/// fits, but for a later one that says more of the name's end: `exchange rate` is no `rate`.
pub(super) fn find(spellings: &[String], kind: TableKind, scalar: ScalarType) -> &'static Rule {
    let mut best: Option<(&'static Rule, usize)> = None;
    for rule in rules_of(scalar).iter().filter(|rule| rule.kind.is_none_or(|its| its == kind)) {
        let fits = |pattern: &&Pattern| spellings.iter().any(|name| pattern.fits(name));
        let words = |pattern: &Pattern| pattern.count;
        match best {
            None => best = rule.patterns.iter().filter(fits).map(words).max().map(|words| (*rule, words)),
            Some((_, said)) => {
                let more = rule.patterns.iter().filter(|pattern| pattern.is_closed() && pattern.count > said);
                if let Some(more) = more.filter(fits).map(words).max() {
                    best = Some((rule, more));
                }
            }
        }
    }
    best.map_or_else(|| fallback(scalar), |(rule, _)| rule)
}

/// Whether a name says yes or no, whatever the type: a well-known one does, and one that says nothing of a number and
/// something of what is true or false.
pub(super) fn is_flag(spellings: &[String], kind: TableKind) -> bool {
    let says_nothing = |scalar: ScalarType| std::ptr::eq(find(spellings, kind, scalar), fallback(scalar));
    is_known_flag(spellings) || (says_nothing(ScalarType::Integer) && !says_nothing(ScalarType::Bool))
}

fn is_known_flag(spellings: &[String]) -> bool {
    NameWords::get().flags.iter().any(|pattern| spellings.iter().any(|name| pattern.fits(name)))
}
