//! Rule 6: a deal is the sum of the line items.

use super::rule::Rule;

pub const RULES: &[Rule] = &[
    Rule {
        number: 6,
        name: "line-items-of-principal",
        about: "the products of an opportunity's line items belong to its principal",
        needs: &[
            "opportunities.id",
            "opportunities.principal_organization_id",
            "opportunity_products.opportunity_id",
            "opportunity_products.product_id",
            "products.id",
            "products.principal_id",
        ],
        query: |_| {
            "SELECT format('opportunity %s: product %s is of principal %s, not %s',
               d.id, p.id, p.principal_id, d.principal_organization_id)
             FROM opportunity_products i
             JOIN opportunities d ON d.id = i.opportunity_id
             JOIN products p ON p.id = i.product_id
             WHERE p.principal_id IS DISTINCT FROM d.principal_organization_id"
                .to_owned()
        },
    },
    Rule {
        number: 6,
        name: "amount-is-sum-of-line-items",
        about: "an opportunity's amount is the sum of its line items less discounts",
        needs: &[
            "opportunities.id",
            "opportunities.amount",
            "opportunity_products.opportunity_id",
            "opportunity_products.quantity",
            "opportunity_products.unit_price",
            "opportunity_products.discount_percent",
        ],
        query: |_| {
            "SELECT format('opportunity %s: amount %s, line items %s', d.id, d.amount,
               coalesce(round(i.total, 2)::text, '(none)'))
             FROM opportunities d LEFT JOIN (
               SELECT opportunity_id,
                 sum(quantity * unit_price::numeric * (100 - discount_percent::numeric) / 100) AS total
               FROM opportunity_products GROUP BY opportunity_id) i ON i.opportunity_id = d.id
             WHERE d.amount::numeric IS DISTINCT FROM round(i.total, 2)"
                .to_owned()
        },
    },
    Rule {
        number: 6,
        name: "amount-within-customer-s-means",
        about: "an opportunity's amount is at most half of its customer's annual revenue",
        needs: &[
            "opportunities.id",
            "~opportunities.amount",
            "opportunities.customer_organization_id",
            "organizations.id",
            "organizations.annual_revenue",
        ],
        query: |_| {
            "SELECT format('opportunity %s: amount %s, annual revenue of organization %s %s',
               d.id, d.amount, o.id, o.annual_revenue)
             FROM opportunities d JOIN organizations o ON o.id = d.customer_organization_id
             WHERE d.amount::numeric * 2 > o.annual_revenue::numeric"
                .to_owned()
        },
    },
    Rule {
        number: 6,
        name: "unit-price-near-list-price",
        about: "unit_price is 92 to 100 % of list_price, rounded down to five cents",
        needs: &[
            "opportunity_products.opportunity_id",
            "opportunity_products.product_id",
            "opportunity_products.unit_price",
            "products.id",
            "products.list_price",
        ],
        query: |_| {
            "SELECT format('opportunity %s: product %s for %s, list price %s',
               i.opportunity_id, p.id, i.unit_price, p.list_price)
             FROM opportunity_products i JOIN products p ON p.id = i.product_id
             WHERE coalesce(i.unit_price::numeric
               NOT BETWEEN p.list_price::numeric * 0.92 - 0.05 AND p.list_price::numeric, true)"
                .to_owned()
        },
    },
];
