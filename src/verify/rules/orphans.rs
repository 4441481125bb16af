//! Rule 15: no orphan anywhere, whether or not the target declares its foreign keys.

use super::rule::Rule;

macro_rules! no_orphan {
    ($name:literal, $table:literal, $key:literal, $column:literal, $parent:literal) => {
        Rule {
            number: 15,
            name: $name,
            about: concat!($table, ".", $column, " refers to an existing row of ", $parent),
            needs: &[concat!($table, ".", $key), concat!($table, ".", $column), concat!($parent, ".id")],
            query: |_| {
                format!(
                    "SELECT format('{table} {key} %s: no {parent} %s', c.{key}, c.{column}) FROM {table} c
                     WHERE c.{column} IS NOT NULL
                       AND NOT EXISTS (SELECT FROM {parent} p WHERE p.id = c.{column})",
                    table = $table,
                    key = $key,
                    column = $column,
                    parent = $parent
                )
            },
        }
    };
}

pub const RULES: &[Rule] = &[
    no_orphan!("deal-has-its-customer", "opportunities", "id", "customer_organization_id", "organizations"),
    no_orphan!("deal-has-its-principal", "opportunities", "id", "principal_organization_id", "organizations"),
    no_orphan!(
        "deal-has-its-distributor",
        "opportunities",
        "id",
        "distributor_organization_id",
        "organizations"
    ),
    no_orphan!("product-has-its-principal", "products", "id", "principal_id", "organizations"),
    no_orphan!("link-has-its-contact", "contact_organizations", "id", "contact_id", "contacts"),
    no_orphan!(
        "link-has-its-organization",
        "contact_organizations",
        "id",
        "organization_id",
        "organizations"
    ),
    no_orphan!(
        "participant-has-its-deal",
        "opportunity_participants",
        "id",
        "opportunity_id",
        "opportunities"
    ),
    no_orphan!(
        "participant-has-its-organization",
        "opportunity_participants",
        "id",
        "organization_id",
        "organizations"
    ),
    no_orphan!(
        "deal-contact-has-its-deal",
        "opportunity_contacts",
        "contact_id",
        "opportunity_id",
        "opportunities"
    ),
    no_orphan!(
        "deal-contact-has-its-contact",
        "opportunity_contacts",
        "opportunity_id",
        "contact_id",
        "contacts"
    ),
    no_orphan!(
        "line-item-has-its-deal",
        "opportunity_products",
        "product_id",
        "opportunity_id",
        "opportunities"
    ),
    no_orphan!(
        "line-item-has-its-product",
        "opportunity_products",
        "opportunity_id",
        "product_id",
        "products"
    ),
    no_orphan!("task-has-its-deal", "tasks", "id", "opportunity_id", "opportunities"),
    no_orphan!("task-has-its-contact", "tasks", "id", "contact_id", "contacts"),
    no_orphan!("inventory-has-its-product", "product_inventory", "id", "product_id", "products"),
];
