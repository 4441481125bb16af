//! Rule 4: nobody real can be reached by anything in here.

use std::collections::HashMap;

use super::rule::{Rule, values};
use crate::domain::vocabulary::{Vocabulary, Word};
use crate::sql::quote_literal;

/// Domains that RFC 2606 and RFC 6761 keep for documentation and tests.
const RESERVED_DOMAIN: &str = r"(\.(example|test)|(^|\.)example\.(com|org|net))$";
/// Numbers that the North American Numbering Plan keeps for fiction, in any area code.
const RESERVED_PHONE: &str = "^(1?[2-9][0-9][0-9])?55501[0-9][0-9]$";
/// The host of a website, or of what is one without `https://`.
pub(super) const HOST: &str = r"^(?:https?://)?(?:www\.)?([^/:?#@]+)";

/// An array of `{type, value, primary}`, one of which is primary.
macro_rules! array {
    ($name:literal, $column:literal) => {
        Rule {
            number: 4,
            name: $name,
            about: concat!(
                "contacts.",
                $column,
                " is an array of objects with type, value and primary, exactly one of them primary"
            ),
            needs: &["contacts.id", concat!("~contacts.", $column)],
            query: |_| {
                format!(
                    r#"SELECT format('contact %s: {column} %s', id, {column})
                     FROM contacts
                     WHERE {column} IS NULL OR jsonb_typeof({column}::jsonb) <> 'array'
                       OR jsonb_array_length(
                         jsonb_path_query_array({column}::jsonb, '$[*] ? (@.primary == true)')) <> 1
                       OR {column}::jsonb @? '$[*] ? (!(@.type.type() == "string"
                         && @.value.type() == "string" && @.primary.type() == "boolean"))'"#,
                    column = $column
                )
            },
        }
    };
}

pub const RULES: &[Rule] = &[
    array!("contact-emails-shape", "email"),
    array!("contact-phones-shape", "phone"),
    Rule {
        number: 4,
        name: "contact-name-of-its-parts",
        about: "a contact's name is first_name and last_name",
        needs: &["contacts.id", "contacts.name", "contacts.first_name", "contacts.last_name"],
        query: |_| {
            "SELECT format('contact %s: name %s, parts %s and %s', id, name, first_name, last_name)
             FROM contacts WHERE name IS DISTINCT FROM first_name || ' ' || last_name"
                .to_owned()
        },
    },
    Rule {
        number: 4,
        name: "contact-email-of-its-name",
        about: "the local part of a contact's e-mail is first and last name in lower-case ASCII",
        needs: &["contacts.id", "contacts.email", "contacts.first_name", "contacts.last_name"],
        query: |_| mailbox_of_name(),
    },
    Rule {
        number: 4,
        name: "contact-email-reserved",
        about: "contacts' e-mail addresses use domains reserved for documentation",
        needs: &["contacts.id", "~contacts.email"],
        query: |_| {
            format!(
                "SELECT format('contact %s: %s', c.id, e.value)
                 FROM contacts c CROSS JOIN LATERAL (
                   SELECT jsonb_path_query(c.email::jsonb, '$[*].value') #>> '{{}}' AS value) e
                 WHERE split_part(e.value, '@', 2) !~ {}",
                quote_literal(RESERVED_DOMAIN)
            )
        },
    },
    Rule {
        number: 4,
        name: "organization-email-reserved",
        about: "organizations' e-mail addresses use domains reserved for documentation",
        needs: &["organizations.id", "~organizations.email"],
        query: |_| {
            format!(
                "SELECT format('organization %s: %s', id, email)
                 FROM organizations WHERE split_part(email, '@', 2) !~ {}",
                quote_literal(RESERVED_DOMAIN)
            )
        },
    },
    Rule {
        number: 4,
        name: "website-reserved",
        about: "websites use domains reserved for documentation",
        needs: &["organizations.id", "~organizations.website"],
        query: |_| {
            format!(
                "SELECT format('organization %s: %s', id, website)
                 FROM organizations WHERE website IS NOT NULL AND coalesce(
                   substring(website FROM '{HOST}') !~ {}, true)",
                quote_literal(RESERVED_DOMAIN)
            )
        },
    },
    Rule {
        number: 4,
        name: "website-and-email-agree",
        about: "an organization's website and e-mail share a domain",
        needs: &["organizations.id", "~organizations.website", "~organizations.email"],
        query: |_| {
            format!(
                "SELECT format('organization %s: website %s, e-mail %s', id, website, email)
                 FROM organizations
                 WHERE substring(website FROM '{HOST}') IS DISTINCT FROM split_part(email, '@', 2)"
            )
        },
    },
    Rule {
        number: 4,
        name: "contact-phone-reserved",
        about: "contacts' telephone numbers are from 555-0100 to 555-0199",
        needs: &["contacts.id", "~contacts.phone"],
        query: |_| {
            format!(
                "SELECT format('contact %s: %s', c.id, p.value)
                 FROM contacts c CROSS JOIN LATERAL (
                   SELECT jsonb_path_query(c.phone::jsonb, '$[*].value') #>> '{{}}' AS value) p
                 WHERE {} !~ {}",
                digits("p.value"),
                quote_literal(RESERVED_PHONE)
            )
        },
    },
    Rule {
        number: 4,
        name: "organization-phone-reserved",
        about: "organizations' telephone numbers are from 555-0100 to 555-0199",
        needs: &["organizations.id", "~organizations.phone"],
        query: |_| {
            format!(
                "SELECT format('organization %s: %s', id, phone)
                 FROM organizations WHERE {} !~ {}",
                digits("phone"),
                quote_literal(RESERVED_PHONE)
            )
        },
    },
    Rule {
        number: 4,
        name: "contact-area-code-of-state",
        about: "contacts' area codes belong to the state of their organization",
        needs: &[
            "contacts.id",
            "~contacts.phone",
            "contact_organizations.contact_id",
            "contact_organizations.organization_id",
            "contact_organizations.is_primary",
            "organizations.id",
            "organizations.state",
        ],
        query: |_| {
            format!(
                "SELECT format('contact %s: %s, organization %s in %s', c.id, p.value, o.id, o.state)
                 FROM contacts c
                 JOIN contact_organizations l ON l.contact_id = c.id AND l.is_primary
                 JOIN organizations o ON o.id = l.organization_id
                 CROSS JOIN LATERAL (
                   SELECT jsonb_path_query(c.phone::jsonb, '$[*].value') #>> '{{}}' AS value) p
                 WHERE (o.state::text, {}) NOT IN (VALUES {})",
                area_code("p.value"),
                area_codes()
            )
        },
    },
    Rule {
        number: 4,
        name: "organization-area-code-of-state",
        about: "organizations' area codes belong to their state",
        needs: &["organizations.id", "~organizations.phone", "organizations.state"],
        query: |_| {
            format!(
                "SELECT format('organization %s: %s in %s', id, phone, state)
                 FROM organizations
                 WHERE (state::text, {}) NOT IN (VALUES {})",
                area_code("phone"),
                area_codes()
            )
        },
    },
];

/// The digits of a telephone number, without its extension.
fn digits(number: &str) -> String {
    format!("regexp_replace(regexp_replace({number}, ' x[0-9]+$', ''), '[^0-9]', '', 'g')")
}

/// The first three of its ten digits; NULL where it has fewer.
pub(super) fn area_code(number: &str) -> String {
    format!("substring({} FROM '([0-9]{{3}})[0-9]{{7}}$')", digits(number))
}

/// `('AL', '205'), ...`: every state with its area codes.
fn area_codes() -> String {
    let mut pairs: Vec<(&str, &str)> = Vocabulary::get()
        .places
        .shares()
        .flat_map(|(place, _)| place.area_codes.iter().map(|code| (place.state, *code)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    values(pairs.into_iter().map(|(state, code)| [quote_literal(state), quote_literal(code)]))
}

/// Plain ASCII names are checked as they are, the vocabulary's others by its own spelling in
/// addresses; how to spell any further name is not ours to say.
fn mailbox_of_name() -> String {
    let vocabulary = Vocabulary::get();
    let spelling = |names: &[Word]| {
        let not_ascii: HashMap<&str, &str> =
            names.iter().filter(|word| !word.text.is_ascii()).map(|word| (word.text, word.slug)).collect();
        let mut not_ascii: Vec<(&str, &str)> = not_ascii.into_iter().collect();
        not_ascii.sort_unstable();
        values(not_ascii.into_iter().map(|(text, slug)| [quote_literal(text), quote_literal(slug)]))
    };
    format!(
        "WITH first(text, slug) AS (VALUES {}), last(text, slug) AS (VALUES {}),
         spelled AS (
           SELECT c.id, c.email,
             CASE WHEN c.first_name !~ '[^\x01-\x7f]'
               THEN translate(lower(c.first_name), ' .''-', '') ELSE f.slug END AS first,
             CASE WHEN c.last_name !~ '[^\x01-\x7f]'
               THEN translate(lower(c.last_name), ' .''-', '') ELSE l.slug END AS last
           FROM contacts c
           LEFT JOIN first f ON f.text = c.first_name LEFT JOIN last l ON l.text = c.last_name)
         SELECT format('contact %s: %s, of %s.%s', s.id, e.value, s.first, s.last)
         FROM spelled s CROSS JOIN LATERAL (
           SELECT jsonb_path_query(s.email::jsonb, '$[*].value') #>> '{{}}' AS value) e
         WHERE CASE WHEN s.first || s.last IS NULL THEN e.value !~ '^[a-z0-9]+[.][a-z0-9]+@'
           ELSE NOT starts_with(e.value, s.first || '.' || s.last || '@') END",
        spelling(&vocabulary.first_names),
        spelling(&vocabulary.last_names)
    )
}
