//! What columns of some names hold: `fixtures/column_rules.tsv`.

use std::sync::LazyLock;

use super::generator::Generator;
use crate::fixture::{fixture, some};
use crate::infer::kinds::TableKind;
use crate::infer::names::pattern::Pattern;
use crate::infer::scalar_type::ScalarType;

/// The percentage of NULL of what is better left NULL.
pub(super) const ALWAYS_NULL: u64 = 100;

/// What columns of some names hold: a line of the table.
#[derive(Debug)]
pub(super) struct Rule {
    /// The types of its columns, as the table calls them.
    of: &'static str,
    /// The names of its columns; none where it is for any other.
    pub(super) patterns: Vec<Pattern>,
    /// The kind of its table, where it takes a certain one.
    pub(super) kind: Option<TableKind>,
    /// What it is, for people.
    pub(super) about: &'static str,
    /// In how many of 100 rows it is NULL.
    pub(super) null: u64,
    /// What others decide by.
    pub(super) tag: Option<Tag>,
    /// Makes a value.
    pub(super) generator: Generator,
}

/// What others decide by, of what a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// A number that stands for one of a few.
    Code,
    /// When something was done, which may not have been.
    WhenDone,
    /// What people quote of a document.
    DocumentNumber,
    /// A text that says a number.
    Number,
    /// It calls a person.
    Person,
    /// It calls what the words before it say, else what its table holds.
    Name,
    /// A document whose members must be there.
    Whole,
    /// A key of nobody knows what: no more is known of it than of a name without a rule.
    Unknown,
}

/// The rules for columns of a type.
struct OfType {
    /// Those for certain names, the first first.
    rules: Vec<&'static Rule>,
    /// The one for any other name.
    other: &'static Rule,
}

/// By the position of the type.
static RULES: LazyLock<Vec<OfType>> = LazyLock::new(|| {
    let columns = ["type", "table", "names", "about", "null", "generator", "arguments", "tag"];
    let rules: Vec<Rule> = fixture!("column_rules.tsv", columns)
        .map(|line| read(line).unwrap_or_else(|error| panic!("fixtures/column_rules.tsv: {error}: {line:?}")))
        .collect();
    let rules: &'static [Rule] = rules.leak();
    let of_type = |scalar: ScalarType| {
        let its = || rules.iter().filter(move |rule| types(rule.of).contains(&scalar));
        let (others, rules) = its().partition(|rule| rule.patterns.is_empty());
        let others: Vec<&Rule> = others;
        let [other] = others[..] else {
            panic!(
                "fixtures/column_rules.tsv: {scalar:?} needs one rule for any other name, and has {}",
                others.len()
            )
        };
        OfType { rules, other }
    };
    ScalarType::ALL.into_iter().map(of_type).collect()
});

/// The types that a word of the table means; none where it is no such word.
fn types(of: &str) -> &'static [ScalarType] {
    match of {
        "text" => &[ScalarType::Text, ScalarType::Range, ScalarType::Other],
        "number" => &[ScalarType::Integer, ScalarType::Decimal],
        "integer" => &[ScalarType::Integer],
        "decimal" => &[ScalarType::Decimal],
        "bool" => &[ScalarType::Bool],
        "date" => &[ScalarType::Date, ScalarType::Timestamp],
        "time" => &[ScalarType::Time],
        "interval" => &[ScalarType::Interval],
        "json" => &[ScalarType::Json],
        "uuid" => &[ScalarType::Uuid],
        "bytes" => &[ScalarType::Bytes],
        "address" => &[ScalarType::Address],
        _ => &[],
    }
}

/// The rule that a line of the table says.
pub(super) fn read(line: [&'static str; 8]) -> Result<Rule, String> {
    let [of, table, names, about, null, generator, arguments, tag] = line;
    if types(of).is_empty() {
        return Err(format!("there is no type `{of}`"));
    }
    let kind = match some(table) {
        None => None,
        Some(name) => {
            Some(TableKind::of_name(name).ok_or_else(|| format!("there is no kind of table `{name}`"))?)
        }
    };
    let tag = match tag {
        "-" => None,
        "code" => Some(Tag::Code),
        "when_done" => Some(Tag::WhenDone),
        "document_number" => Some(Tag::DocumentNumber),
        "number" => Some(Tag::Number),
        "person" => Some(Tag::Person),
        "name" => Some(Tag::Name),
        "whole" => Some(Tag::Whole),
        "unknown" => Some(Tag::Unknown),
        _ => return Err(format!("there is no tag `{tag}`")),
    };
    let null = match null.parse() {
        Ok(null @ 0..=ALWAYS_NULL) => null,
        _ => return Err(format!("`{null}` is no percentage of NULL")),
    };
    let patterns = if names == "*" { Vec::new() } else { Pattern::list(names) };
    Ok(Rule { of, patterns, kind, about, null, tag, generator: Generator::parse(generator, arguments)? })
}

/// The rules for columns of a type, the first first.
pub(super) fn rules_of(scalar: ScalarType) -> &'static [&'static Rule] {
    &RULES[scalar as usize].rules
}

/// The rule for columns of a type whose names say nothing.
pub(super) fn fallback(scalar: ScalarType) -> &'static Rule {
    RULES[scalar as usize].other
}
