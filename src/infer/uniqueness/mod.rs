//! Keeps keys, unique constraints and exclusion constraints: by what is unique already, by a column that says the
//! row's number, by a permutation over what few values there are; and what is left, where rows seldom meet, by
//! looking at the rows ([`crate::infer::settle`]).

mod few;
mod flags;
mod kept;
mod links;
mod pairs;
mod part;
mod references;
mod rule;
mod seasons;

use crate::catalog::{Table, Unique};
use crate::domain::dataset::Dataset;
use crate::error::{Error, Result};
use crate::infer::kinds::TableKind;
use crate::infer::model::{ColumnModel, Generator, KeyRule, Reference, TableModel, UniqueBy};
use crate::infer::names;
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;
use few::{by_digits, few};
pub use kept::is_distinct;
pub use pairs::pair_up;
use part::{KeyPart, MANY, has_parent};
use references::by_references;
pub use rule::columns;
use rule::{KeyKind, reference_column};

/// Makes a member keep all its keys.
///
/// # Errors
/// One for which there are too few values.
pub fn keep(
    members: &mut [TableModel],
    counts: &[(u64, u64)],
    member: usize,
    table: &Table,
    dataset: &Dataset,
) -> Result<()> {
    for unique in &table.uniques {
        let rule = match rule::read(unique, table, &members[member]) {
            KeyKind::Kept => continue,
            KeyKind::Rule(rule) => rule,
            KeyKind::Unread(_) if unique.is_exclusion() => continue,
            KeyKind::Unread(columns) => unread(unique, columns),
        };
        if !rule.is_of_equals() {
            if !seasons::keep(&mut members[member], &rule) {
                seasons::shorten(&mut members[member], &rule);
                members[member].unsettled.push(rule);
            }
            continue;
        }
        if kept::is_kept(&members[member], &rule) || leads_nowhere(&members[member], &rule) {
            continue;
        }
        if let Some(predicate) = &rule.predicate
            && flags::tell_apart(&mut members[member], predicate, &rule.columns)
        {
            continue;
        }
        make_unique(members, counts, member, rule, dataset)?;
    }
    links::keep_apart(members, counts, member, table, dataset);
    // What changes in a row so that it keeps one key must leave it the others of the same columns.
    if !members[member].unsettled.is_empty() {
        for unique in &table.uniques {
            let KeyKind::Rule(rule) = rule::read(unique, table, &members[member]) else { continue };
            let unsettled = &members[member].unsettled;
            let is_beside =
                |other: &KeyRule| other.columns.iter().any(|column| rule.columns.contains(column));
            if unsettled.iter().all(|other| other.name != rule.name) && unsettled.iter().any(is_beside) {
                members[member].unsettled.push(rule);
            }
        }
    }
    Ok(())
}

/// Whether a reference of a key is NULL in each row, and NULLs are no two that are the same.
fn leads_nowhere(member: &TableModel, rule: &KeyRule) -> bool {
    let is_null = |reference: &&Reference| reference.null_percent >= 100;
    let mut left = member.references.iter().filter(is_null).filter_map(reference_column);
    !rule.nulls_same && left.any(|column| rule.columns.iter().any(|other| other == column))
}

/// The keys to which the rows of a member are held.
pub fn rules(table: &Table, member: &TableModel) -> Vec<KeyRule> {
    let read = |unique: &Unique| match rule::read(unique, table, member) {
        KeyKind::Rule(rule) => Some(rule),
        KeyKind::Kept | KeyKind::Unread(_) => None,
    };
    table.uniques.iter().filter_map(read).collect()
}

/// A key whose expressions cannot be read, taken for one of their columns.
fn unread(unique: &Unique, columns: Vec<String>) -> KeyRule {
    let parts: Vec<_> = columns.iter().cloned().map(crate::sqlexpr::Expression::Column).collect();
    KeyRule {
        name: unique.name.clone(),
        operators: vec![crate::infer::model::KeyOperator::Equal; parts.len()],
        caseless: vec![false; parts.len()],
        parts,
        predicate: None,
        nulls_same: unique.nulls_not_distinct,
        columns,
        by_parent: false,
    }
}

/// Whether a column says which of its parent's children a row is.
fn is_position(member: &TableModel, at: usize) -> bool {
    let column = &member.columns[at];
    let positions =
        ["position", "order", "number", "no", "rank", "sequence", "index", "line", "sort", "step", "version"];
    let words = names::words(&column.column_type.name);
    matches!(column.generator, Generator::Semantics(_))
        && column.column_type.scalar == ScalarType::Integer
        && words.last().is_some_and(|word| positions.contains(&word.as_str()))
}

/// Whether a column's own values are better kept than exchanged for the row's number: words that people read, and
/// times. Where rows meet in them all the same, these are told apart one by one.
fn is_natural(member: &TableModel, at: usize) -> bool {
    let column = &member.columns[at];
    let column_type = &column.column_type;
    let is_told = match &column.generator {
        Generator::Passthrough(_) | Generator::Converted(_) | Generator::Lifecycle(_) | Generator::Exotic => {
            true
        }
        Generator::Semantics(meaning) => !meaning.is_always_null() && !meaning.is_code(),
        _ => false,
    };
    let is_roomy = few(member, at).is_none_or(|few| few >= MANY);
    let is_of_words = match column_type.scalar {
        ScalarType::Text => column_type.labels.is_none() && fits_patterns(column),
        ScalarType::Date | ScalarType::Timestamp | ScalarType::Range => true,
        _ => false,
    };
    column.unique.is_none() && !column_type.is_list && is_told && is_roomy && is_of_words
}

/// Whether what a column says is what its CHECK constraints ask for, or nothing is asked for.
fn fits_patterns(column: &ColumnModel) -> bool {
    match column.generator {
        Generator::Semantics(meaning) => column.column_type.fits_patterns(meaning),
        _ => column.column_type.facts.patterns.is_empty(),
    }
}

/// Whether a column has an empty text in each row, where it could be NULL.
fn says_nothing(member: &TableModel, at: usize) -> bool {
    let column = &member.columns[at];
    let is_empty = |value: Value| value.as_text() == Some("");
    let Generator::Semantics(meaning) = &column.generator else { return false };
    !column.column_type.not_null && is_empty(meaning.sample(1)) && is_empty(meaning.sample(2))
}

/// So many rows are looked at one by one when the plan is made; of more the number tells them apart.
const MOST_SETTLED: u64 = 1_000_000;

fn make_unique(
    members: &mut [TableModel],
    counts: &[(u64, u64)],
    member: usize,
    rule: KeyRule,
    dataset: &Dataset,
) -> Result<()> {
    let rows = counts[member].0;
    let planned = &members[member];
    let parts: Vec<KeyPart> = rule
        .columns
        .iter()
        .filter_map(|column| {
            let leads = |reference: &Reference| reference_column(reference) == Some(column);
            match (planned.references.iter().position(leads), planned.reference_of(column)) {
                (Some(reference), _) => Some(KeyPart::Reference(reference)),
                // KeyPart of a key with a tenant: it tells nothing apart.
                (None, Some(_)) => None,
                (None, None) => planned.column(column).map(KeyPart::ColumnModel),
            }
        })
        .collect();
    let is_free = |at: &usize| {
        let generator = &planned.columns[*at].generator;
        !matches!(
            generator,
            Generator::Equals(_)
                | Generator::Record(_)
                | Generator::RecordType(_)
                | Generator::Copy(_)
                | Generator::Count(_)
                | Generator::Tenant(_)
                | Generator::Constant(Value::Null)
        )
    };
    let columns = parts.iter().filter_map(|part| match part {
        KeyPart::ColumnModel(at) => Some(*at).filter(is_free),
        KeyPart::Reference(_) => None,
    });
    let columns: Vec<usize> = columns.collect();
    if let Some(at) = columns.iter().copied().find(|at| is_position(planned, *at))
        && has_parent(planned, &parts)
    {
        let column = &mut members[member].columns[at];
        column.unique = Some(UniqueBy::Digit { sizes: vec![MANY], position: 0, by_child: true });
        column.null_percent = 0;
        column.about = "numbered within its parent".into();
        return Ok(());
    }
    // What a junction links tells its rows apart, not what it says besides.
    if matches!(planned.kind, TableKind::Tagging | TableKind::Links)
        && by_references(members, counts, member, (&rule, &parts), dataset)
    {
        return Ok(());
    }
    if let [at] = &columns[..]
        && rule.columns.len() == 1
        && rule.predicate.is_none()
        && says_nothing(&members[member], *at)
    {
        let column = &mut members[member].columns[*at];
        column.generator = Generator::Constant(Value::Null);
        column.about = "NULL, as an empty text can be there once".into();
        return Ok(());
    }
    let stays_null =
        |at: &usize| rule::is_always_null(&members[member], &members[member].columns[*at].column_type.name);
    let are_few = rows <= MOST_SETTLED;
    if (are_few && columns.iter().any(|at| is_natural(&members[member], *at)))
        || (rule.columns.len() > 1 && columns.iter().any(stays_null))
    {
        members[member].unsettled.push(rule);
        return Ok(());
    }
    // A column with room for any number says it; one that we made up before one of the domain.
    let told: Vec<&str> = rule.parts.iter().flat_map(rule::told_by).collect();
    let mut roomy: Vec<usize> = columns
        .iter()
        .copied()
        .filter(|at| {
            let column = &members[member].columns[*at];
            told.contains(&column.column_type.name.as_str())
                && column.column_type.scalar != ScalarType::Range
                && few(&members[member], *at).is_none_or(|few| few >= rows.max(1) && few >= rows.min(MANY))
        })
        .collect();
    roomy.sort_by_key(|at| {
        let column = &members[member].columns[*at];
        let is_domain = matches!(column.generator, Generator::Passthrough(_) | Generator::Converted(_));
        let is_text = column.column_type.scalar == ScalarType::Text;
        (is_domain, !is_text, few(&members[member], *at).is_some())
    });
    if let Some(at) = roomy.first() {
        say_number(&mut members[member], *at, counts[member].1);
        return Ok(());
    }
    if by_references(members, counts, member, (&rule, &parts), dataset)
        || by_digits(members, rows, member, &columns, &parts)
    {
        return Ok(());
    }
    members[member].unsettled.push(rule);
    Ok(())
}

/// Makes a column say the row's number; where the numbers up to `highest` do not fit, its position.
fn say_number(member: &mut TableModel, at: usize, highest: u64) {
    let column = &mut member.columns[at];
    let fits = column.column_type.highest().is_none_or(|most| highest <= most);
    column.unique = Some(if fits { UniqueBy::Number } else { UniqueBy::Ordinal });
    column.null_percent = 0;
    column.about.push_str("; made unique by the row number");
    if let Generator::Passthrough(position) = column.generator {
        column.generator = Generator::Converted(position);
    }
}

/// That no row can be told from the earlier ones.
pub fn refused(member: &TableModel, rule: &KeyRule) -> Error {
    Error::failed(format!(
        "cannot generate rows for {} of {}: no way to make {} unique",
        rule.name,
        member.qualified,
        rule.columns.join(", ")
    ))
    .with_hint("leave the table out with --exclude, or set fewer rows for it in crm-seed.toml")
}
