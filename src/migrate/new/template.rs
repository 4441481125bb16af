//! Templates: SQL with `{names}` in it.

use std::fmt::Write;

use crate::migrate::sql::nesting::parse;

use crate::error::{Error, Result};

/// `template` with each `{key}` replaced by its value, in one pass: what a value holds is not looked at. Dollar
/// quotes of the template get a tag that no value ends.
///
/// # Panics
/// The template names a key that has no value; the unit tests render each.
pub fn render(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let (key, after) = behind.split_once('}').expect("a template closes its braces");
        let value = values.iter().find(|(name, _)| *name == key);
        let (_, value) = value.unwrap_or_else(|| panic!("a template has a value for {key}"));
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    match values.iter().any(|(_, value)| value.contains("$$")) && template.contains("$$") {
        true => retagged(template, values),
        false => text,
    }
}

/// The same with dollar quotes that have a tag.
fn retagged(template: &str, values: &[(&str, &str)]) -> String {
    let mut tag = String::from("$body$");
    let mut number = 0;
    while values.iter().any(|(_, value)| value.contains(&tag)) {
        number += 1;
        tag.clear();
        write!(tag, "$body{number}$").expect("a text takes what is written");
    }
    // A value is text already; only the template's own quotes are to change.
    render(&template.replace("$$", "{tag}"), &[values, &[("tag", &tag)]].concat())
}

/// Checks a type that a user writes: it goes into the SQL as it is.
///
/// # Errors
/// It is not one type.
pub fn check_type(text: &str, option: &str) -> Result<()> {
    check(text, &[&format!("SELECT CAST(NULL AS {text})")], || {
        Error::usage(format!("{option} {text}: is not a type; expected one like text or numeric(12, 2)"))
    })
}

/// Checks a condition that a user writes: it goes into the SQL as it is.
///
/// # Errors
/// It is not one condition.
pub fn check_condition(text: &str, option: &str) -> Result<()> {
    check(text, &[&format!("SELECT 1 WHERE {text}"), &format!("SELECT 1 WHERE ({text})")], || {
        Error::usage(format!("{option} {text}: is not a condition; expected one like deleted_at IS NULL"))
    })
}

fn check(text: &str, queries: &[&str], error: impl Fn() -> Error) -> Result<()> {
    // A comment would swallow what the template has behind it.
    let is_plain =
        !text.trim().is_empty() && !text.contains("--") && !text.contains("/*") && !text.contains(';');
    let is_query = |query: &&str| {
        let parsed = parse(query);
        parsed.errors().is_empty() && parsed.tree().stmts().count() == 1
    };
    if is_plain && queries.iter().all(is_query) { Ok(()) } else { Err(error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_not_looked_at() {
        assert_eq!(render("a {b} {c}", &[("b", "{c}"), ("c", "d")]), "a {c} d");
    }

    #[test]
    fn dollar_quotes_hold_whatever_a_value_has() {
        assert_eq!(render("DO $$ {a} $$", &[("a", "'x'")]), "DO $$ 'x' $$");
        assert_eq!(render("DO $$ {a} $$", &[("a", "'$$'")]), "DO $body$ '$$' $body$");
        assert_eq!(render("DO $$ {a} $$", &[("a", "$$ $body$")]), "DO $body1$ $$ $body$ $body1$");
    }

    #[test]
    fn what_goes_into_the_sql_as_it_is_is_one_thing() {
        for good in ["text", "numeric(12, 2)", "timestamp with time zone", "crm.\"Stage\"", "text[]"] {
            check_type(good, "--type").expect(good);
        }
        for bad in ["", "text; DROP TABLE a", "text --", "12, 2", "text NOT NULL)"] {
            assert!(check_type(bad, "--type").is_err(), "{bad}");
        }
        check_condition("deleted_at IS NULL AND status = 'active'", "--where").expect("a condition");
        for bad in ["", "a =", "a = 1; SELECT 2", "a = 1)"] {
            assert!(check_condition(bad, "--where").is_err(), "{bad}");
        }
    }
}
