//! Rule 8: nothing lies in the future, and nothing is older than what it belongs to.

use super::rule::{Asked, Rule};

/// `created_at` and `updated_at` of a table.
macro_rules! in_time {
    ($name:literal, $table:literal) => {
        Rule {
            number: 8,
            name: $name,
            about: concat!($table, ": created_at <= updated_at <= as-of"),
            needs: &[concat!($table, ".id"), concat!($table, ".created_at"), concat!($table, ".updated_at")],
            query: |Asked { as_of, .. }| {
                format!(
                    "SELECT format('{table} id %s: created %s, updated %s', id, created_at, updated_at)
                     FROM {table}
                     WHERE coalesce(created_at > updated_at OR updated_at > '{as_of} 00:00:00+00', true)",
                    table = $table
                )
            },
        }
    };
}

/// `created_at` of a table that has no `updated_at`.
macro_rules! created_in_time {
    ($name:literal, $table:literal) => {
        Rule {
            number: 8,
            name: $name,
            about: concat!($table, ": created_at <= as-of"),
            needs: &[concat!($table, ".opportunity_id"), concat!($table, ".created_at")],
            query: |Asked { as_of, .. }| {
                format!(
                    "SELECT format('{table} opportunity_id %s: created %s', opportunity_id, created_at)
                     FROM {table} WHERE coalesce(created_at > '{as_of} 00:00:00+00', true)",
                    table = $table
                )
            },
        }
    };
}

/// Rows of a table come after those that they belong to.
macro_rules! after {
    ($name:literal, $table:literal, $key:literal, $column:literal, $parent:literal) => {
        Rule {
            number: 8,
            name: $name,
            about: concat!(
                $table,
                ": created_at is not before that of the row of ",
                $parent,
                " in ",
                $column
            ),
            needs: &[
                concat!($table, ".", $key),
                concat!($table, ".", $column),
                concat!($table, ".created_at"),
                concat!($parent, ".id"),
                concat!($parent, ".created_at"),
            ],
            query: |_| {
                format!(
                    "SELECT format('{table} {key} %s: created %s, {parent} %s %s',
                       c.{key}, c.created_at, p.id, p.created_at)
                     FROM {table} c JOIN {parent} p ON p.id = c.{column}
                     WHERE c.created_at < p.created_at",
                    table = $table,
                    key = $key,
                    column = $column,
                    parent = $parent
                )
            },
        }
    };
}

/// A date that does not lie before its row.
macro_rules! not_before {
    ($name:literal, $table:literal, $column:literal) => {
        Rule {
            number: 8,
            name: $name,
            about: concat!($table, ".", $column, " is not before created_at"),
            needs: &[concat!($table, ".id"), concat!($table, ".", $column), concat!($table, ".created_at")],
            query: |_| {
                format!(
                    "SELECT format('{table} id %s: created %s, {column} %s', id, created_at, {column})
                     FROM {table} WHERE {column}::date < created_at::date",
                    table = $table,
                    column = $column
                )
            },
        }
    };
}

/// More rows in the newer half of a table's time than in the older.
macro_rules! denser {
    ($name:literal, $about:literal, $needs:expr, $rows:literal) => {
        Rule {
            number: 8,
            name: $name,
            about: concat!(
                "more than half of the ",
                $about,
                " were created in the later half of their time span"
            ),
            needs: $needs,
            query: |_| {
                format!(
                    "WITH made AS (SELECT created_at AS at FROM {rows}),
                     span AS (SELECT count(*) AS n, min(at) AS low, max(at) AS high FROM made),
                     half AS (SELECT count(*) AS newer FROM made, span WHERE at > low + (high - low) / 2)
                     SELECT format('{about}: %s of %s in the newer half of their time', newer, n)
                     FROM span, half WHERE n >= 500 AND newer * 2 <= n",
                    rows = $rows,
                    about = $about
                )
            },
        }
    };
}

pub const RULES: &[Rule] = &[
    in_time!("organizations-in-time", "organizations"),
    in_time!("contacts-in-time", "contacts"),
    in_time!("opportunities-in-time", "opportunities"),
    in_time!("products-in-time", "products"),
    in_time!("contact-organizations-in-time", "contact_organizations"),
    in_time!("participants-in-time", "opportunity_participants"),
    in_time!("tasks-in-time", "tasks"),
    in_time!("inventory-in-time", "product_inventory"),
    created_in_time!("deal-contacts-in-time", "opportunity_contacts"),
    created_in_time!("line-items-in-time", "opportunity_products"),
    Rule {
        number: 8,
        name: "contacts-after-organization",
        about: "contacts are not created before their primary organization",
        needs: &[
            "contacts.id",
            "contacts.created_at",
            "contact_organizations.contact_id",
            "contact_organizations.organization_id",
            "contact_organizations.is_primary",
            "organizations.id",
            "organizations.created_at",
        ],
        query: |_| {
            "SELECT format('contacts id %s: created %s, organizations %s %s',
               c.id, c.created_at, o.id, o.created_at)
             FROM contacts c
             JOIN contact_organizations l ON l.contact_id = c.id AND l.is_primary
             JOIN organizations o ON o.id = l.organization_id
             WHERE c.created_at < o.created_at"
                .to_owned()
        },
    },
    after!("products-after-principal", "products", "id", "principal_id", "organizations"),
    after!("deals-after-customer", "opportunities", "id", "customer_organization_id", "organizations"),
    after!("deals-after-principal", "opportunities", "id", "principal_organization_id", "organizations"),
    after!("deals-after-distributor", "opportunities", "id", "distributor_organization_id", "organizations"),
    after!("links-after-contact", "contact_organizations", "id", "contact_id", "contacts"),
    after!("links-after-organization", "contact_organizations", "id", "organization_id", "organizations"),
    after!("participants-after-deal", "opportunity_participants", "id", "opportunity_id", "opportunities"),
    after!(
        "participants-after-organization",
        "opportunity_participants",
        "id",
        "organization_id",
        "organizations"
    ),
    after!(
        "deal-contacts-after-deal",
        "opportunity_contacts",
        "opportunity_id",
        "opportunity_id",
        "opportunities"
    ),
    after!("deal-contacts-after-contact", "opportunity_contacts", "opportunity_id", "contact_id", "contacts"),
    after!(
        "line-items-after-deal",
        "opportunity_products",
        "opportunity_id",
        "opportunity_id",
        "opportunities"
    ),
    after!("line-items-after-product", "opportunity_products", "opportunity_id", "product_id", "products"),
    after!("tasks-after-deal", "tasks", "id", "opportunity_id", "opportunities"),
    after!("tasks-after-contact", "tasks", "id", "contact_id", "contacts"),
    after!("inventory-after-product", "product_inventory", "id", "product_id", "products"),
    not_before!("deals-close-after-they-open", "opportunities", "actual_close_date"),
    not_before!("deals-aim-after-they-open", "opportunities", "estimated_close_date"),
    not_before!("tasks-due-after-they-are-made", "tasks", "due_date"),
    Rule {
        number: 8,
        name: "tasks-done-in-time",
        about: "completed_at of tasks is between created_at and the as-of date",
        needs: &["tasks.id", "tasks.created_at", "tasks.completed_at"],
        query: |Asked { as_of, .. }| {
            format!(
                "SELECT format('tasks id %s: created %s, completed %s', id, created_at, completed_at)
                 FROM tasks
                 WHERE completed_at < created_at OR completed_at > '{as_of} 00:00:00+00'"
            )
        },
    },
    denser!(
        "recent-customers-are-denser",
        "customers",
        &["organizations.created_at", "organizations.organization_type"],
        "organizations WHERE organization_type::text = 'customer'"
    ),
    denser!(
        "recent-opportunities-are-denser",
        "opportunities",
        &["opportunities.created_at"],
        "opportunities"
    ),
    denser!("recent-contacts-are-denser", "contacts", &["contacts.created_at"], "contacts"),
];
