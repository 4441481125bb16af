//! Rule 14: texts are clean, and names are as various as people's.
//!
//! That everything fits its column and that there is no NUL the server sees to itself.

use super::rule::{Asked, Rule};

/// Control characters, NUL's neighbours that PostgreSQL does store, and spaces that look like
/// one or like none: no-break, zero-width, line and paragraph separators.
const STRAY: &str = r"[\x01-\x1f\x7f-\xa0\u2000-\u200f\u2028-\u202f\ufeff]";
/// Those that have the same number in every encoding.
const STRAY_IN_ALL: &str = r"[\x01-\x1f\x7f]";

/// The texts of one table.
macro_rules! clean {
    ($name:literal, $table:literal, $key:literal, $columns:expr) => {
        Rule {
            number: 14,
            name: $name,
            about: concat!($table, ": no empty texts, stray white space or control characters"),
            needs: &[concat!($table, ".", $key)],
            query: |asked| clean(asked, $table, $key, $columns),
        }
    };
}

/// Names of some form do occur among at least 500.
macro_rules! occur {
    ($name:literal, $about:literal, $needs:expr, $rows:literal, $form:literal) => {
        Rule {
            number: 14,
            name: $name,
            about: concat!("among 500 or more ", $about, " occur"),
            needs: $needs,
            query: |_| {
                concat!(
                    "SELECT format('none of %s names', count(*)) FROM ",
                    $rows,
                    " HAVING count(*) >= 500 AND count(*) FILTER (WHERE ",
                    $form,
                    ") = 0"
                )
                .to_owned()
            },
        }
    };
}

macro_rules! customers_occur {
    ($name:literal, $about:literal, $form:literal) => {
        occur!(
            $name,
            $about,
            &["organizations.name", "organizations.organization_type"],
            "organizations WHERE organization_type::text = 'customer'",
            $form
        )
    };
}

pub const RULES: &[Rule] = &[
    clean!(
        "organizations-clean",
        "organizations",
        "id",
        &[
            "name",
            "organization_type",
            "segment",
            "customer_segment",
            "priority",
            "industry",
            "website",
            "phone",
            "email",
            "city",
            "state",
            "postal_code",
            "country",
        ]
    ),
    clean!(
        "contacts-clean",
        "contacts",
        "id",
        &[
            "name",
            "first_name",
            "last_name",
            "title",
            "department",
            "role",
            "purchase_influence",
            "decision_authority",
        ]
    ),
    clean!(
        "opportunities-clean",
        "opportunities",
        "id",
        &[
            "name",
            "description",
            "stage",
            "status",
            "priority",
            "category",
            "forecast_category",
            "next_action",
            "competition",
            "decision_criteria",
        ]
    ),
    clean!(
        "products-clean",
        "products",
        "id",
        &["name", "description", "sku", "upc", "category", "brand", "unit_of_measure", "status"]
    ),
    clean!("contact-organizations-clean", "contact_organizations", "id", &["role"]),
    clean!("participants-clean", "opportunity_participants", "id", &["role"]),
    clean!("deal-contacts-clean", "opportunity_contacts", "opportunity_id", &["role"]),
    clean!("line-items-clean", "opportunity_products", "opportunity_id", &["notes"]),
    clean!("tasks-clean", "tasks", "id", &["title", "notes", "priority"]),
    clean!("inventory-clean", "product_inventory", "id", &["warehouse"]),
    customers_occur!("customers-with-apostrophes", "customers, names with an apostrophe", "name LIKE '%''%'"),
    customers_occur!("customers-with-ampersands", "customers, names with an ampersand", "name LIKE '%&%'"),
    customers_occur!(
        "customers-with-accents",
        "customers, names with letters beyond ASCII",
        r"name ~ '[^\x01-\x7f]'"
    ),
    customers_occur!("customers-with-long-names", "customers, names of 40 characters", "length(name) >= 40"),
    occur!(
        "contacts-with-apostrophes",
        "contacts, names with an apostrophe",
        &["contacts.name"],
        "contacts",
        "name LIKE '%''%'"
    ),
    occur!(
        "contacts-with-accents",
        "contacts, names with letters beyond ASCII",
        &["contacts.name"],
        "contacts",
        r"name ~ '[^\x01-\x7f]'"
    ),
];

/// The columns are looked up from the inside out: a column that the table `t` lacks is the NULL
/// of `absent`. So a target without one of them still has its others checked.
fn clean(asked: &Asked, table: &str, key: &str, columns: &[&str]) -> String {
    let list = |form: fn(&str) -> String| {
        let columns: Vec<String> = columns.iter().map(|column| form(column)).collect();
        columns.join(", ")
    };
    format!(
        "SELECT format('{table} {key} %s: %s %L', t.{key}, texts.name, left(texts.value, 60))
         FROM (SELECT {absent}) AS absent CROSS JOIN {table} AS t
         CROSS JOIN LATERAL (
           SELECT text.* FROM (SELECT t.*) AS present
           CROSS JOIN LATERAL (VALUES {named}) AS text(name, value)) AS texts
         WHERE texts.value = '' OR texts.value <> btrim(texts.value)
           OR strpos(texts.value, '  ') > 0 OR texts.value ~ '{stray}'",
        stray = if asked.is_utf8 { STRAY } else { STRAY_IN_ALL },
        absent = list(|column| format!("NULL::text AS {column}")),
        named = list(|column| format!("('{column}', {column}::text)")),
    )
}
