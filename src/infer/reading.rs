//! How the domain's value of a column is read from what the target has in its place: the labels of an app as the
//! domain's, cents as dollars, a mailbox as a list of one, texts compared byte by byte whatever their collation.

use crate::catalog::{Column, Table};
use crate::domain::table::ColumnInfo;
use crate::infer::column_type::{ColumnType, text as text_of};
use crate::infer::labels;
use crate::infer::overrides::{ColumnOverride, LabelOverride};
use crate::infer::scalar_type::ScalarType;
use crate::infer::uniqueness::is_distinct;
use crate::sql::{quote_identifier, quote_literal};
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{self, Bound, Expression};
use crate::value::Kind;

/// How a column is read.
#[derive(Debug, PartialEq, Eq)]
pub enum Reading {
    /// What the domain has there.
    Whole(String),
    /// The same, shortened or put into another form, and why.
    Short(String, String),
    /// It cannot be told from what is there, and why.
    Not(String),
}

/// The longest texts that the domain has in columns that are longer than a name.
const LONGEST: [(&str, &str, usize); 12] = [
    ("organizations", "name", 64),
    ("organizations", "website", 83),
    ("organizations", "email", 90),
    ("contacts", "email", 100),
    ("contacts", "title", 48),
    ("products", "name", 72),
    ("products", "description", 150),
    ("opportunities", "name", 130),
    ("opportunities", "description", 260),
    ("opportunities", "next_action", 180),
    ("opportunities", "decision_criteria", 90),
    ("tasks", "title", 160),
];
/// Labels that the domain knows and never writes.
const UNWRITTEN: [(&str, &str); 3] =
    [("organization_type", "partner"), ("organization_type", "prospect"), ("role", "partner")];
/// The longest of the others, but for codes.
const NAME: usize = 40;
/// Codes and the like are shorter.
const CODE: usize = 20;

/// How `info`, a column of the domain's `table`, is read from `column` of the target; `now` is in seconds.
pub fn reading(
    table: &str,
    info: &ColumnInfo,
    (target, column): (&Table, &Column),
    setting: Option<&ColumnOverride>,
    now: i64,
) -> Reading {
    let mut left = sqlexpr::ALL_PATTERNS;
    let checks: Vec<Expression> = target
        .checks
        .iter()
        .filter_map(|check| sqlexpr::read_within(&check.definition, &mut left).ok())
        .filter(|check| check.columns().contains(&column.name))
        .collect();
    let mut shape = ColumnType::new(column, &checks.iter().collect::<Vec<_>>(), now);
    if let Some(means) = setting.and_then(|setting| setting.means.as_deref()) {
        shape.rename(means);
    }
    shape.unit = shape.counts(info, setting.and_then(|setting| setting.unit));
    let name = quote_identifier(&column.name);
    if info.name == "id" || info.holds.refers_to.is_some() {
        return Reading::Whole(name);
    }
    match info.holds.kind {
        Kind::Bool => flag(name, &shape),
        Kind::Int | Kind::Decimal => number(name, info, &shape),
        Kind::Text if info.holds.labels.len() > 1 => label(name, table, info, &shape),
        Kind::Text => text(name, table, info, &shape),
        Kind::Json => document(name, table, info, &shape),
        Kind::Date if shape.scalar == ScalarType::Timestamp => {
            let is_zoned = column.base == "timestamptz";
            let in_utc = if is_zoned { format!("({name} AT TIME ZONE 'UTC')") } else { name };
            Reading::Whole(format!("{in_utc}::date"))
        }
        Kind::Date | Kind::Timestamp => match moment(name, &shape) {
            Reading::Whole(sql) if is_set_by_trigger(target, column) => {
                Reading::Whole(format!("least({sql}, to_timestamp({now}))"))
            }
            read => read,
        },
    }
}

/// Whether a trigger sets a column of the rows that are written, as many do by the clock: what it says is then no later
/// than the as-of date, as the trigger alone answers for the time of the load.
fn is_set_by_trigger(table: &Table, column: &Column) -> bool {
    let sets = |source: &str| {
        let words = source.to_lowercase().replace(['"', '(', ')'], " ");
        words.contains(&format!("new.{}", column.name.to_lowercase()))
    };
    table.triggers.iter().any(|trigger| trigger.enabled && trigger.is_before_row() && sets(&trigger.source))
}

/// What is read of a text that a unique key of the target tells from others which are alike in the domain. `known` are
/// the columns of the target, and what they are in the domain.
pub fn numbered(
    read: Reading,
    (table, info): (&str, &ColumnInfo),
    (target, column): (&Table, &Column),
    known: &[(&str, &str)],
) -> Reading {
    let is_text = info.holds.kind == Kind::Text && info.holds.labels.len() <= 1;
    let of_domain = |name: &Option<String>| {
        let name = name.as_deref()?;
        known.iter().find(|(own, _)| *own == name).map(|(_, domain)| *domain)
    };
    let tells_apart = |columns: &[Option<String>]| {
        let is_in = columns.iter().flatten().any(|name| *name == column.name);
        is_in && !is_distinct(table, &columns.iter().filter_map(of_domain).collect::<Vec<_>>())
    };
    match read {
        Reading::Whole(sql) if is_text && target.uniques.iter().any(|key| tells_apart(&key.columns)) => {
            Reading::Short(sql, "has a number in it that a unique key asks for".into())
        }
        read => read,
    }
}

fn flag(name: String, shape: &ColumnType) -> Reading {
    match shape.scalar {
        ScalarType::Bool => Reading::Whole(name),
        ScalarType::Integer | ScalarType::Decimal => Reading::Whole(format!("({name} <> 0)")),
        ScalarType::Date | ScalarType::Timestamp => Reading::Whole(format!("({name} IS NOT NULL)")),
        _ => other_type(shape),
    }
}

fn other_type(shape: &ColumnType) -> Reading {
    Reading::Not(format!("is {}", shape.type_name))
}

fn moment(name: String, shape: &ColumnType) -> Reading {
    match shape.scalar {
        ScalarType::Date | ScalarType::Timestamp => Reading::Whole(name),
        _ => other_type(shape),
    }
}

fn number(name: String, info: &ColumnInfo, shape: &ColumnType) -> Reading {
    if !matches!(shape.scalar, ScalarType::Integer | ScalarType::Decimal) || shape.is_list {
        return other_type(shape);
    }
    if let Some(unit) = shape.unit {
        return match unit.uncounted(&name) {
            Some(sql) => Reading::Whole(sql),
            None => Reading::Not(format!("is in {}", unit.name)),
        };
    }
    let is_exact = match info.holds.kind {
        Kind::Decimal => {
            shape.scalar == ScalarType::Decimal
                && shape.base != "float4"
                && shape.digits.is_none_or(|digits| digits.scale() >= 2)
        }
        _ => shape.digits.is_none_or(|digits| digits.scale() >= 0),
    };
    if !is_exact {
        return Reading::Short(name, "is rounded".into());
    }
    if is_bounded(shape) {
        return Reading::Short(name, "is held in bounds by a CHECK".into());
    }
    Reading::Whole(name)
}

/// Whether a constraint asks for more than that a number is not negative.
fn is_bounded(shape: &ColumnType) -> bool {
    let is_low = |bound: &Bound| match &bound.value {
        Value::Number(low) => low.is_sign_positive() && !low.is_zero(),
        _ => true,
    };
    let is_percentage = |bound: &Bound| bound.value == Value::from(100);
    shape.facts.low.as_ref().is_some_and(is_low)
        || shape.facts.high.as_ref().is_some_and(|bound| !is_percentage(bound))
}

/// One of the domain's labels, by the word that the configuration has for it.
pub fn in_words(column: &Column, labels: &[LabelOverride]) -> Reading {
    let name = quote_identifier(&column.name);
    // Closed is both won and lost.
    let meant = |label: &str| match label {
        "closed_won" | "closed_lost" if labels.iter().any(|other| other.from == "active") => {
            "closed".to_owned()
        }
        label => label.to_owned(),
    };
    let mut taken: Vec<(String, String)> = Vec::new();
    for LabelOverride { from, to, .. } in labels {
        let (word, meant) = (text_of(to), meant(from));
        match taken.iter().find(|(other, _)| *other == word) {
            Some((_, other)) if *other != meant => {
                return Reading::Not(format!("has one word for {other} and {meant}"));
            }
            Some(_) => {}
            None => taken.push((word, meant)),
        }
    }
    let whens = taken.iter().map(|(word, meant)| (quote_literal(word), meant.as_str()));
    Reading::Whole(case(&bytewise(&name), whens, &bytewise(&name)))
}

/// One of the domain's labels, by what the app has in its place.
fn label(name: String, table: &str, info: &ColumnInfo, shape: &ColumnType) -> Reading {
    let values = info.holds.labels;
    if shape.scalar == ScalarType::Integer {
        return coded(&name, values, shape);
    }
    let Some(labels) = &shape.labels else { return text(name, table, info, shape) };
    if values.iter().all(|value| labels.iter().any(|label| label == value)) {
        return Reading::Whole(bytewise(&name));
    }
    let default = shape.default.as_ref().and_then(Value::as_text);
    // Where won and lost are states of their own, both are closed.
    let stages: &[(&str, &str)] = match info.name {
        "status" if values.contains(&"closed") => {
            &[("closed", "closed"), ("closed_won", "closed"), ("closed_lost", "closed")]
        }
        _ => &[],
    };
    let own = values
        .iter()
        .filter(|value| !UNWRITTEN.contains(&(info.name, value)))
        .map(|value| (*value, *value))
        .filter(|(value, _)| *value != "closed" || stages.is_empty());
    let mut taken: Vec<(usize, &str)> = Vec::new();
    for (value, meant) in own.chain(stages.iter().copied()) {
        let Some(found) = labels::nearest(value, labels, default) else { continue };
        match taken.iter().find(|(at, _)| *at == found.index) {
            Some((_, other)) if *other != meant => {
                return Reading::Not(format!("has one label for {other} and {meant}"));
            }
            Some(_) => {}
            None => taken.push((found.index, meant)),
        }
    }
    let whens = taken.iter().map(|(at, meant)| (quote_literal(&labels[*at]), *meant));
    Reading::Whole(case(&bytewise(&name), whens, &bytewise(&name)))
}

/// A text that is compared byte by byte.
fn bytewise(text: &str) -> String {
    format!("({text}::text COLLATE \"C\")")
}

/// The same, where a framework keeps the place of the label among all.
fn coded(name: &str, values: &[&str], shape: &ColumnType) -> Reading {
    let whole = |value: &Value| match value {
        Value::Number(number) => i64::try_from(*number).ok(),
        _ => None,
    };
    let codes: Vec<i64> = match &shape.facts.labels {
        Some(codes) => codes.iter().filter_map(whole).collect(),
        None => {
            let low = shape.facts.low.as_ref().map(|bound| &bound.value);
            let first = low.or_else(|| shape.default.as_ref().filter(|default| **default == Value::from(1)));
            let first = first.and_then(whole).unwrap_or(0);
            (first..).take(values.len()).collect()
        }
    };
    if codes.len() < values.len() {
        return Reading::Not("has fewer codes than there are labels".into());
    }
    let whens = codes.iter().zip(values).map(|(code, value)| (code.to_string(), *value));
    Reading::Whole(case(name, whens, &format!("{name}::text")))
}

fn case<'a>(of: &str, whens: impl Iterator<Item = (String, &'a str)>, other: &str) -> String {
    let whens: Vec<String> =
        whens.map(|(is, value)| format!("WHEN {is} THEN {}", quote_literal(value))).collect();
    format!("CASE {of} {} ELSE {other} END", whens.join(" "))
}

fn text(name: String, table: &str, info: &ColumnInfo, shape: &ColumnType) -> Reading {
    if shape.labels.is_some() {
        return Reading::Not("has labels of its own".into());
    }
    let sql = match shape.scalar {
        ScalarType::Text if shape.is_list => bytewise(&format!("({name})[1]")),
        ScalarType::Text => bytewise(&name),
        ScalarType::Json if !shape.is_list => bytewise(&format!("({})", first_within(&name, info.name))),
        _ => return other_type(shape),
    };
    match shortened(table, info, shape) {
        Some(why) => Reading::Short(sql, why),
        None => Reading::Whole(sql),
    }
}

/// Why the texts of a column may not be those of the domain.
fn shortened(table: &str, info: &ColumnInfo, shape: &ColumnType) -> Option<String> {
    let longest = LONGEST.iter().find(|(its, name, _)| *its == table && *name == info.name);
    let longest = longest.map_or(NAME, |(_, _, longest)| *longest);
    let is_cut = |most: &usize| (CODE..longest).contains(most) || (*most < CODE && longest != NAME);
    let is_phone = info.name == "phone" && shape.max_length.is_some_and(|most| most < CODE);
    if let Some(most) = shape.max_length.filter(|most| is_cut(most) || is_phone) {
        return Some(format!("has {most} characters"));
    }
    let facts = &shape.facts;
    (!facts.patterns.is_empty() || facts.is_lower || facts.is_upper)
        .then(|| "has the form that a CHECK asks for".into())
}

/// The first text of a document that looks like what the column holds.
fn first_within(name: &str, holds: &str) -> String {
    format!("jsonb_path_query_first({name}::jsonb, {}) #>> '{{}}'", quote_literal(&path_to(holds)))
}

/// Where in a document the mailboxes or the telephone numbers are, whatever their keys are called.
fn path_to(holds: &str) -> String {
    let form = match holds {
        "email" => "@",
        "phone" => "[0-9]{3}.*[0-9]{4}",
        _ => ".",
    };
    format!(r#"strict $.** ? (@.type() == "string" && @ like_regex "{form}")"#)
}

/// A list of `{type, value, primary}`, of whatever the app keeps of it.
fn document(name: String, table: &str, info: &ColumnInfo, shape: &ColumnType) -> Reading {
    if !matches!(info.name, "email" | "phone") {
        return match shape.scalar {
            ScalarType::Json => Reading::Whole(name),
            _ => other_type(shape),
        };
    }
    let item = |value: &str, first: &str| {
        format!("jsonb_build_object('type', 'work', 'value', {value}, 'primary', {first})")
    };
    let sql = match shape.scalar {
        ScalarType::Text if shape.is_list => format!(
            "(SELECT jsonb_agg({}) FROM unnest({name}::text[]) WITH ORDINALITY AS item(text, n))",
            item("item.text", "item.n = 1")
        ),
        ScalarType::Text => format!(
            "CASE WHEN {name} IS NOT NULL THEN jsonb_build_array({}) END",
            item(&format!("{name}::text"), "true")
        ),
        // Documents of the domain's shape are left as they are, so that what is wrong in them is seen.
        ScalarType::Json if !shape.is_list => {
            let path = quote_literal(&path_to(info.name));
            format!(
                "CASE WHEN jsonb_path_exists({name}::jsonb, '$[*].value') \
                   OR NOT jsonb_path_exists({name}::jsonb, {path}) THEN {name}::jsonb \
                 ELSE (SELECT jsonb_agg({}) FROM jsonb_path_query({name}::jsonb, {path}) \
                   WITH ORDINALITY AS item(found, at)) END",
                item("item.found", "item.at = 1")
            )
        }
        _ => return other_type(shape),
    };
    match shortened(table, info, shape) {
        Some(why) => Reading::Short(sql, why),
        None => Reading::Whole(sql),
    }
}
