//! Rows of lists of values: what they are called.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::fixture::fixture;
use crate::infer::model::Called;
use crate::infer::semantics::for_people;

static CODES: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| fixture!("list_codes.tsv", ["name", "code"]).map(|[name, code]| (name, code)).collect());

/// What a column calls a row.
pub(super) fn called(name: &str, how: Called) -> String {
    match how {
        Called::AsItIs => name.to_owned(),
        Called::Code => CODES.get(name).map_or_else(|| slug(name, "_"), |code| (*code).to_owned()),
        Called::Slug => slug(name, "-"),
        Called::ForPeople => for_people(name),
    }
}

fn slug(name: &str, between: &str) -> String {
    let lower = name.to_lowercase();
    let parts = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(between)
}
