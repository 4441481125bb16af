//! Rule 9: prices, codes and properties of products fit their category and food.

use super::foods;
use super::rule::{Rule, values};
use crate::domain::vocabulary::{Item, Vocabulary};
use crate::sql::quote_literal;

/// A property of a product that its food decides.
macro_rules! of_food {
    ($name:literal, $about:literal, $column:literal, $facts:expr, $columns:literal, $broken:literal) => {
        Rule {
            number: 9,
            name: $name,
            about: $about,
            needs: &[
                "products.id",
                "products.name",
                "products.brand",
                "products.category",
                concat!("products.", $column),
            ],
            query: |_| {
                format!(
                    "{foods}
                     SELECT format('product %s: {column} %s, %s', p.id,
                       coalesce(p.{column}::text, '(none)'), p.name)
                     FROM products p JOIN named f ON f.category = p.category::text AND f.name = {name}
                     WHERE {broken}",
                    foods = foods::named(concat!(", ", $columns), $facts),
                    name = foods::NAME,
                    column = $column,
                    broken = $broken
                )
            },
        }
    };
}

pub const RULES: &[Rule] = &[
    Rule {
        number: 9,
        name: "list-price-margin",
        about: "list_price is cost_per_unit plus the usual margin of the category, rounded up to five cents",
        needs: &["products.id", "products.category", "products.cost_per_unit", "products.list_price"],
        query: |_| {
            let margins = Vocabulary::get().categories.iter().map(|category| {
                let (low, high) = category.margin;
                [quote_literal(category.name), low.to_string(), high.to_string()]
            });
            format!(
                "SELECT format('product %s: %s, cost %s, list price %s',
                   p.id, p.category, p.cost_per_unit, p.list_price)
                 FROM products p
                 LEFT JOIN (VALUES {}) m(category, low, high) ON m.category = p.category::text
                 WHERE coalesce(p.list_price::numeric NOT BETWEEN
                   p.cost_per_unit::numeric * (100 + m.low) / 100
                   AND p.cost_per_unit::numeric * (100 + m.high) / 100 + 0.05, true)",
                values(margins)
            )
        },
    },
    Rule {
        number: 9,
        name: "upc-check-digit",
        about: "UPCs are valid UPC-A: twelve digits, the last one a check digit",
        needs: &["products.id", "products.upc"],
        query: |_| {
            // Three times the odd places plus the even ones end in 0 (GS1).
            let digits: Vec<String> = (1..=12)
                .map(|place| {
                    let weight = if place % 2 == 1 { 3 } else { 1 };
                    format!("{weight} * substr(upc, {place}, 1)::int")
                })
                .collect();
            format!(
                "SELECT format('product %s: upc %s', id, coalesce(upc, '(none)')) FROM products
                 WHERE CASE WHEN upc ~ '^[0-9]{{12}}$' THEN ({}) % 10 <> 0 ELSE true END",
                digits.join(" + ")
            )
        },
    },
    Rule {
        number: 9,
        name: "upc-unique",
        about: "no two products have the same UPC",
        needs: &["products.upc"],
        query: |_| {
            "SELECT format('upc %s: %s products', upc, count(*)) FROM products
             WHERE upc IS NOT NULL GROUP BY upc HAVING count(*) > 1"
                .to_owned()
        },
    },
    Rule {
        number: 9,
        name: "sku-unique-for-principal",
        about: "no two products of a principal have the same SKU",
        needs: &["products.principal_id", "products.sku"],
        query: |_| {
            "SELECT format('principal %s: %s products with sku %s', principal_id, count(*), sku)
             FROM products GROUP BY principal_id, sku HAVING count(*) > 1"
                .to_owned()
        },
    },
    Rule {
        number: 9,
        name: "sku-readable",
        about: "SKUs consist of three letters of the brand, three of the category and a number",
        needs: &["products.id", "products.sku", "products.brand", "products.category"],
        query: |_| {
            let codes = Vocabulary::get()
                .categories
                .iter()
                .map(|category| [quote_literal(category.name), quote_literal(category.code)]);
            format!(
                "SELECT format('product %s: sku %s, %s, %s', p.id, p.sku, p.brand, p.category)
                 FROM products p
                 LEFT JOIN (VALUES {}) c(category, code) ON c.category = p.category::text
                 WHERE p.sku !~ '^[A-Z]{{3}}-[A-Z]{{3}}-[0-9]{{3}}$'
                   OR split_part(p.sku, '-', 2) IS DISTINCT FROM c.code
                   OR split_part(p.sku, '-', 1) IS DISTINCT FROM
                     upper(left(p.brand, 1) || left(split_part(p.brand, ' ', 2), 2))",
                values(codes)
            )
        },
    },
    of_food!(
        "unit-of-its-food",
        "the unit of measure is one in which such a food is sold",
        "unit_of_measure",
        |item| vec![quote_literal(item.unit_of_measure)],
        "unit",
        "p.unit_of_measure::text IS DISTINCT FROM f.unit"
    ),
    of_food!(
        "shelf-life-of-its-food",
        "shelf life lies in the range of such a food",
        "shelf_life_days",
        |item| range(item.shelf_life),
        "low, high",
        "coalesce(p.shelf_life_days NOT BETWEEN f.low AND f.high, true)"
    ),
    of_food!(
        "season-of-its-food",
        "is_seasonal is true for what is sold in a season only",
        "is_seasonal",
        |item| vec![item.seasonal.to_string()],
        "seasonal",
        "p.is_seasonal IS DISTINCT FROM f.seasonal"
    ),
    of_food!(
        "cost-of-its-food",
        "cost lies in the range of such a food",
        "cost_per_unit",
        |item: &Item| range(item.cost),
        "low, high",
        "coalesce(p.cost_per_unit::numeric * 100 NOT BETWEEN f.low AND f.high, true)"
    ),
    of_food!(
        "lead-time-of-its-food",
        "lead time lies in the range of such a food",
        "lead_time_days",
        |item| range(item.lead_time),
        "low, high",
        "coalesce(p.lead_time_days NOT BETWEEN f.low AND f.high, true)"
    ),
];

fn range((low, high): (i64, i64)) -> Vec<String> {
    vec![low.to_string(), high.to_string()]
}
