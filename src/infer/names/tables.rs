//! Other names of the domain's tables.

/// A table, or a part that tables' names are made of.
pub struct Called {
    /// The domain's table, or the part in parentheses.
    pub table: &'static str,
    /// The word for one of its rows.
    pub singular: &'static str,
    /// Well-known other names, singular.
    pub known: &'static str,
    /// Names that may mean it, singular.
    pub weak: &'static str,
}

const fn called(
    table: &'static str,
    singular: &'static str,
    known: &'static str,
    weak: &'static str,
) -> Called {
    Called { table, singular, known, weak }
}

/// What tables are called.
pub const CALLED: &[Called] = &[
    called(
        "organizations",
        "organization",
        "organisation org company account client customer business client_account customer_account \
         company_account business_account",
        "firm business_partner trading_partner supplier vendor manufacturer principal distributor wholesaler \
         employer establishment",
    ),
    called(
        "contacts",
        "contact",
        "person contact_person company_person contact_detail people_record",
        "individual company_person_contact stakeholder",
    ),
    called(
        "opportunities",
        "opportunity",
        "deal opp oppty sale_opportunity sale_deal business_opportunity sale_opp",
        "lead pipeline_item prospect_deal",
    ),
    called(
        "products",
        "product",
        "item catalog_item catalogue_item sku product_catalog product_catalogue product_item catalog_product \
         sale_item",
        "good catalog catalogue article merchandise material",
    ),
    called(
        "tasks",
        "task",
        "todo task_item todo_item follow_up action_item todo_task to_do_item follow_up_task",
        "reminder to_do_list action",
    ),
    called(
        "product_inventory",
        "product_inventory",
        "inventory stock stock_level inventory_item product_stock inventory_level stock_item warehouse_stock \
         warehouse_inventory product_stock_level inventory_stock stock_on_hand",
        "inventory_record inventory_balance stock_balance",
    ),
    called(
        "contact_organizations",
        "contact_organization",
        "contact_affiliation affiliation contact_employment",
        "employment",
    ),
    called("opportunity_participants", "opportunity_participant", "", ""),
    called("opportunity_contacts", "opportunity_contact", "", "opportunity_person"),
    called("opportunity_products", "opportunity_product", "line_item product_line_item", "line"),
    called("(party)", "participant", "party involved_party", ""),
    called("(line)", "line_item", "line product_line product_line_item line_product", ""),
];

/// Tables named by what they link, in either order.
pub const JUNCTIONS: &[(&str, &str, &str)] = &[
    ("contact_organizations", "contacts", "organizations"),
    ("opportunity_contacts", "opportunities", "contacts"),
    ("opportunity_participants", "opportunities", "(party)"),
    ("opportunity_participants", "opportunities", "organizations"),
    ("opportunity_products", "opportunities", "products"),
    ("opportunity_products", "opportunities", "(line)"),
    ("product_inventory", "products", "product_inventory"),
];

/// Words before a table's name that say nothing.
pub const PREFIXES: &[&str] = &["crm", "tbl", "tb", "app", "t", "my", "core", "data", "sale", "main"];
/// Words after a table's name that say nothing.
pub const SUFFIXES: &[&str] = &[
    "table",
    "tbl",
    "record",
    "master",
    "entity",
    "row",
    "list",
    "link",
    "map",
    "mapping",
    "rel",
    "relation",
    "relationship",
    "association",
    "assoc",
    "xref",
    "join",
    "role",
    "junction",
];
/// Words between the parts of a junction's name.
pub const BETWEEN: &[&str] = &["to", "x", "has", "in", "of", "on", "at", "by"];
/// Which one of a table's rows a reference means.
pub const QUALIFIERS: &[&str] = &[
    "customer",
    "client",
    "principal",
    "distributor",
    "supplier",
    "vendor",
    "manufacturer",
    "primary",
    "main",
    "parent",
    "related",
    "buyer",
    "key",
    "end",
];
