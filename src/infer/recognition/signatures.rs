//! Tables that are known by their columns, as `fixtures/table_signatures.tsv` says.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::domain::TABLES;
use crate::fixture::{fixture, list};
use crate::infer::kinds::TableKind;
use crate::infer::names::pattern::Pattern;
use crate::infer::recognition::evidence::TableEvidence;

/// What columns say a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A table of this kind.
    Kind(TableKind),
    /// The table of the domain at this position.
    Domain(usize),
}

/// Columns of which a table has one.
struct Part {
    patterns: Vec<Pattern>,
    /// References count, too.
    may_refer: bool,
}

struct Signature {
    is: Meaning,
    is_over_names: bool,
    parts: Vec<Part>,
}

static SIGNATURES: LazyLock<Vec<Signature>> =
    LazyLock::new(|| fixture!("table_signatures.tsv", ["is", "over", "columns"]).map(signature).collect());

fn signature([is, over, columns]: [&'static str; 3]) -> Signature {
    let domain = TABLES.iter().position(|table| table.info().name == is).map(Meaning::Domain);
    let kind = TableKind::of_name(is).map(Meaning::Kind);
    let part = |text: &'static str| {
        let patterns = text.split(" or ").map(|pattern| Pattern::read(pattern.trim_start_matches('>')));
        Part { may_refer: text.starts_with('>'), patterns: patterns.collect() }
    };
    Signature {
        is: domain.or(kind).unwrap_or_else(|| panic!("fixtures/table_signatures.tsv: there is no {is}")),
        is_over_names: match over {
            "names" => true,
            "nothing" => false,
            _ => panic!("fixtures/table_signatures.tsv: over is names or nothing, not {over}"),
        },
        parts: list(columns).into_iter().map(part).collect(),
    }
}

/// What the columns of a table say; `references` are those of them that are foreign keys. Where its name says something
/// (`is_named`), only what is plainer than a name.
pub fn meaning(table: &TableEvidence<'_>, references: &HashSet<&str>, is_named: bool) -> Option<Meaning> {
    let has = |part: &Part| {
        table.columns.iter().any(|column| {
            (part.may_refer || !references.contains(column.column.name.as_str()))
                && part.patterns.iter().any(|pattern| pattern.fits(&column.phrase))
        })
    };
    let mut possible = SIGNATURES.iter().filter(|signature| signature.is_over_names || !is_named);
    possible.find(|signature| signature.parts.iter().all(has)).map(|signature| signature.is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_read() {
        assert!(SIGNATURES.iter().all(|signature| signature.parts.len() > 1));
    }
}
