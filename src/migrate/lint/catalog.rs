//! All rules by their ids.

use crate::migrate::lint::about::About;
use crate::migrate::lint::{ignore, rules, squawk, syntax};

/// What all rules say of themselves: ours, squawk's, and those about the lint itself.
pub fn all() -> Vec<&'static About> {
    let own = rules::ALL.iter().map(|rule| &rule.about);
    let of_squawk = squawk::ALL.iter().map(|rule| &rule.about);
    own.chain(of_squawk).chain([&syntax::ABOUT, &ignore::BAD, &ignore::UNUSED]).collect()
}

/// The ids of all rules.
pub fn ids() -> Vec<&'static str> {
    all().into_iter().map(|about| about.id).collect()
}
