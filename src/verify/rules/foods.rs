//! Rule 10, product names are food of their category and brand; and of rule 9 what those names
//! decide.

use std::collections::BTreeMap;

use super::rule::{Rule, values};
use crate::domain::LINES;
use crate::domain::vocabulary::{Claim, Item, Vocabulary};
use crate::sql::quote_literal;

/// What the name of the product `p` has between its brand and its pack.
pub const NAME: &str = "substr(split_part(p.name, ', ', 1), length(p.brand) + 2)";

/// A WITH clause of every food of the vocabulary under every line:
/// `named(category, name, packs <columns>)`, the columns after the third from `facts`. It is
/// materialized, lest foods be matched by category first and by name last.
pub fn named(columns: &str, facts: fn(&Item) -> Vec<String>) -> String {
    // All packs of a food share what else is told of it.
    let mut foods: BTreeMap<(&str, &str), Vec<&Item>> = BTreeMap::new();
    for category in &Vocabulary::get().categories {
        for item in &category.items {
            foods.entry((category.name, &item.name)).or_default().push(item);
        }
    }
    let rows = foods.into_iter().map(|((category, name), items)| {
        let packs: Vec<&str> = items.iter().map(|item| item.pack).collect();
        let mut cells = vec![quote_literal(category), quote_literal(name), quote_literal(&packs.join("|"))];
        cells.extend(facts(items[0]));
        [cells.join(", ")]
    });
    format!(
        "WITH food(category, name, packs{columns}) AS (VALUES {}),
         named AS MATERIALIZED (SELECT food.category, line.text || food.name AS name, packs{columns}
           FROM food CROSS JOIN unnest(ARRAY[{}]) AS line(text))",
        values(rows),
        lines()
    )
}

/// What may stand in JSON for a claim, as an array.
fn claim(claim: Claim) -> String {
    let values = match claim {
        Claim::Always => "'true'",
        Claim::Never => "'false'",
        Claim::Varies => "'true', 'false'",
    };
    format!("ARRAY[{values}]")
}

/// Lines of a product range as they stand between brand and food.
fn lines() -> String {
    let line = |line: &&str| if line.is_empty() { "''".into() } else { quote_literal(&format!("{line} ")) };
    LINES.iter().map(line).collect::<Vec<String>>().join(", ")
}

pub const RULES: &[Rule] = &[
    Rule {
        number: 9,
        name: "attributes-of-its-food",
        about: "the properties of a product (organic, kosher, gluten_free) are possible for the food",
        needs: &[
            "products.id",
            "products.name",
            "products.brand",
            "products.category",
            "products.custom_attributes",
        ],
        query: |_| {
            let claims = |item: &Item| [item.kosher, item.gluten_free].map(claim).to_vec();
            format!(
                "{}, claimed AS (SELECT p.id, p.name, p.custom_attributes::jsonb AS claims, f.kosher, f.gluten_free,
                   {NAME} ~ '(^| )Organic( |$)' AS organic
                   FROM products p JOIN named f ON f.category = p.category::text AND f.name = {NAME})
                 SELECT format('product %s: %s, %s', id, name, coalesce(claims::text, '(no attributes)'))
                 FROM claimed
                 WHERE claims ->> 'organic' IS DISTINCT FROM organic::text
                   OR coalesce(claims ->> 'kosher' <> ALL (kosher), true)
                   OR coalesce(claims ->> 'gluten_free' <> ALL (gluten_free), true)",
                named(", kosher, gluten_free", claims)
            )
        },
    },
    Rule {
        number: 10,
        name: "product-is-food-of-its-category",
        about: "a product's name consists of its brand, a food of its category and a pack size of that food",
        needs: &["products.id", "products.name", "products.brand", "products.category"],
        query: |_| {
            format!(
                "{}
                 SELECT format('product %s: %s, brand %s, category %s', p.id, p.name, p.brand, p.category)
                 FROM products p LEFT JOIN named f ON f.category = p.category::text AND f.name = {NAME}
                   AND split_part(p.name, ', ', 2) = ANY (string_to_array(f.packs, '|'))
                 WHERE f.name IS NULL OR NOT starts_with(p.name, p.brand || ' ')",
                named("", |_| Vec::new())
            )
        },
    },
    Rule {
        number: 10,
        name: "units-of-its-pack",
        about: "units_per_case is the first number of the pack size in the product's name",
        needs: &["products.id", "products.name", "products.units_per_case"],
        query: |_| {
            "SELECT format('product %s: %s units in a case, %s', id, units_per_case, name)
             FROM products
             WHERE units_per_case::text IS DISTINCT FROM substring(name FROM ', ([0-9]+)[^,]*$')"
                .to_owned()
        },
    },
    Rule {
        number: 10,
        name: "brand-of-its-principal",
        about: "a principal's name begins with the brand of its products",
        needs: &[
            "products.id",
            "products.brand",
            "products.principal_id",
            "organizations.id",
            "organizations.name",
        ],
        query: |_| {
            "SELECT format('product %s: brand %s, principal %s', p.id, p.brand, o.name)
             FROM products p JOIN organizations o ON o.id = p.principal_id
             WHERE NOT coalesce(starts_with(o.name, p.brand || ' '), false)"
                .to_owned()
        },
    },
    Rule {
        number: 10,
        name: "principal-makes-what-goes-together",
        about: "the products of a principal are of related categories",
        needs: &["products.principal_id", "products.category"],
        query: |_| {
            let categories = &Vocabulary::get().categories;
            let ranges = categories.iter().map(|category| {
                let others = category.related.iter().map(|other| categories[*other].name);
                let range: Vec<String> = others.chain([category.name]).map(quote_literal).collect();
                [format!("ARRAY[{}]", range.join(", "))]
            });
            format!(
                "SELECT format('principal %s: makes %s', principal_id, array_to_string(made, ', '))
                 FROM (SELECT principal_id, array_agg(DISTINCT category::text) AS made
                   FROM products GROUP BY principal_id) p
                 WHERE NOT EXISTS (SELECT FROM (VALUES {}) r(makes) WHERE p.made <@ r.makes)",
                values(ranges)
            )
        },
    },
];
