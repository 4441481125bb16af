use super::{LOOKUPS, NAMES, TableKind as K, first, kind, lookup_rows};

#[test]
fn names_say_what_tables_are() {
    let cases = [
        ("users", K::Users),
        ("sales", K::Users),
        ("user_profiles", K::Users),
        ("team_members", K::Users),
        ("sales_reps", K::Users),
        ("employees", K::Users),
        ("contactNotes", K::Notes),
        ("deal_notes", K::Notes),
        ("activities", K::Activities),
        ("touchpoints", K::Activities),
        ("tags", K::Tags),
        ("contact_tags", K::Tagging),
        ("taggings", K::Tagging),
        ("market_segments", K::Segments),
        ("deal_stages", K::Lookup),
        ("industries", K::Lookup),
        ("lead_sources", K::Lookup),
        ("task_statuses", K::Lookup),
        ("distributor_prices", K::Pricing),
        ("price_lists", K::Pricing),
        ("product_distributor_authorizations", K::Authorizations),
        ("comments", K::Comments),
        ("call_logs", K::Calls),
        ("documents", K::Attachments),
        ("order_items", K::OrderLines),
        ("purchase_orders", K::Orders),
        ("tenants", K::Tenants),
        ("organization_products", K::Links),
        ("calendar_events", K::Events),
        ("quotas", K::Goals),
        ("audit_log", K::AuditLog),
        ("stage_history", K::AuditLog),
        ("refresh_tokens", K::Tokens),
        ("schema_migrations", K::Migrations),
        ("_prisma_migrations", K::Migrations),
        ("knex_migrations_lock", K::Migrations),
        ("flyway_schema_history", K::Migrations),
        ("django_content_type", K::Migrations),
        ("user_settings", K::Settings),
        ("frobnications", K::Other),
    ];
    for (table, expected) in cases {
        assert_eq!(kind("public", table), expected, "{table}");
    }
}

#[test]
fn tables_of_the_server_are_no_business_of_a_crm() {
    assert_eq!(kind("auth", "users"), K::Users);
    for (schema, table) in
        [("auth", "identities"), ("storage", "objects"), ("supabase_functions", "hooks"), ("cron", "job")]
    {
        assert!(!kind(schema, table).belongs(), "{schema}.{table}");
    }
}

#[test]
fn well_known_lists_have_rows_that_differ() {
    for table in
        ["stages", "dealStages", "lead_source", "tags", "currencies", "product_categories", "regions"]
    {
        let rows = lookup_rows(kind("public", table), table).unwrap_or_default();
        assert!(!rows.is_empty(), "{table}");
        for (i, row) in rows.iter().enumerate() {
            assert!(!rows[..i].contains(row) && !row.trim().is_empty(), "{table}: {row}");
        }
    }
    assert_eq!(lookup_rows(K::Lookup, "stages"), Some(&crate::domain::dataset::STAGE_NAMES[..]));
    assert!(lookup_rows(K::Other, "contacts").is_none() && lookup_rows(K::Tagging, "contact_tags").is_none());
}

/// Patterns that no name leads to: an earlier line takes all that they mean.
#[test]
fn every_pattern_reaches_what_its_line_says() {
    let mut shadowed = Vec::new();
    for (patterns, kind) in NAMES.iter() {
        for pattern in patterns {
            let names = pattern.examples();
            if !names.iter().any(|name| first(&NAMES, name) == Some(kind)) {
                shadowed.push(format!("{kind:?} `{}`: {:?}", names[0], first(&NAMES, &names[0])));
            }
        }
    }
    for (patterns, rows) in LOOKUPS.iter() {
        for pattern in patterns {
            let names = pattern.examples();
            if !names.iter().any(|name| first(&LOOKUPS, name) == Some(rows)) {
                shadowed.push(format!("lookup `{}`: {:?}", names[0], first(&LOOKUPS, &names[0])));
            }
        }
    }
    assert_eq!(shadowed, [""; 0], "{}", shadowed.join("\n"));
}

#[test]
fn every_kind_is_told_by_some_name_but_those_that_no_name_tells() {
    for kind in K::all().filter(|kind| !matches!(kind, K::Links | K::Other)) {
        assert!(NAMES.iter().any(|(_, its)| *its == kind), "{kind:?}");
    }
}
