//! `--pattern segment-column`: a column of a few values that is filled in from a number, with its CHECK and a partial
//! index.

use std::fmt::Write;

use crate::error::{Error, Result};
use crate::infer::table_key::singular_of;
use crate::migrate::new::draft::Draft;
use crate::migrate::new::name::made_by;
use crate::migrate::new::options::{Options, literals};
use crate::migrate::new::template::render;
use crate::migrate::sql::identifier::fitted;
use crate::sql::{quote_identifier, quote_literal};

pub const OPTIONS: &[&str] = &["--table", "--column", "--by", "--values", "--above", "--where"];

/// The migrations: one for the column and its constraint, and one that fills it in, validates and indexes it.
///
/// # Errors
/// What is no name, value or number; other thresholds than the values need.
pub fn drafts(name: &str, options: &Options) -> Result<Vec<Draft>> {
    let table = options.identifier("--table", "organizations")?;
    let column = options.column("--column", &singular_of(made_by(name)))?;
    let by = quote_identifier(&options.column("--by", "employee_count")?);
    let values = options.values("--values", &["enterprise", "mid-market", "small-business", "startup"])?;
    let cases = cases(&by, &values, &options.many("--above", &["1000", "100", "10"]))?;
    let condition = options.condition("--where", "deleted_at IS NULL")?;
    let index = fitted(&format!("idx_{}_{column}", table.name));
    let (quoted_table, quoted_column) = (table.sql(), quote_identifier(&column));
    let pairs = [
        ("table", quoted_table.as_str()),
        ("column", &quoted_column),
        ("constraint", &quote_identifier(&fitted(&format!("valid_{column}")))),
        ("values", &literals(&values)),
        ("by", &by),
        ("cases", &cases),
        ("last", &values.last().map_or_else(String::new, |value| quote_literal(value))),
        ("index", &quote_identifier(&index)),
        ("qualified_index", &table.sibling(&index).sql()),
        ("where", &condition.map_or_else(String::new, |condition| format!("\n  WHERE {condition}"))),
    ];
    let of = |template: &str| render(template, &pairs);
    let what = format!("{column} of {}", table.name);
    Ok(vec![
        Draft::new(
            name,
            format!("Add {column} to {}", table.name),
            of(include_str!("segment_column/up.sql")),
        )
        .undone_by(
            format!("Drop {what}, and with it its constraint"),
            of(include_str!("segment_column/down.sql")),
        ),
        Draft::new(
            format!("{name}_backfill"),
            format!("Fill in, validate and index {what}"),
            of(include_str!("segment_column/backfill.sql")),
        )
        .undone_by(
            format!("Drop the index of {what} and leave it unvalidated"),
            of(include_str!("segment_column/backfill.down.sql")),
        )
        .without_transaction(),
    ])
}

/// The WHEN lines: the first value from its threshold up, and so on; the last value is for the rest.
fn cases(by: &str, values: &[String], above: &[String]) -> Result<String> {
    if values.len() != above.len() + 1 {
        return Err(Error::usage(format!(
            "{} values need {} thresholds; there are {}",
            values.len(),
            values.len().saturating_sub(1),
            above.len()
        ))
        .with_hint(
            "give each value but the last its threshold: --values large,medium,small --above 100,10",
        ));
    }
    let mut lines = String::new();
    let mut last = f64::INFINITY;
    for (value, threshold) in values.iter().zip(above) {
        let number: f64 = threshold
            .trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| Error::usage(format!("--above {threshold}: is not a number")))?;
        if number >= last {
            return Err(Error::usage(format!("--above {threshold}: thresholds go from the largest down")));
        }
        last = number;
        let separator = if lines.is_empty() { "" } else { "\n" };
        write!(lines, "{separator}    WHEN {by} > {} THEN {}", threshold.trim(), quote_literal(value))
            .expect("a text takes what is written");
    }
    Ok(lines)
}
