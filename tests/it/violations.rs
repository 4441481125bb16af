//! For each rule, SQL that breaks it.
//!
//! The default counts have principals 1 to 5, distributors 6 to 8, customers 9 to 28, and
//! opportunities 1 to 50; contacts and products begin at 1, which is of organization 9 and 1.

/// The rule, SQL that plants a violation in a freshly seeded database, further flags for seeding.
pub const PLANTED: &[(&str, &str, &str)] = &[
    // 1: parties
    ("deal-customer-type", "UPDATE opportunities SET customer_organization_id = 1 WHERE id = 1", ""),
    ("deal-customer-type", "UPDATE opportunities SET customer_organization_id = NULL WHERE id = 1", ""),
    ("deal-principal-type", "UPDATE opportunities SET principal_organization_id = 9 WHERE id = 1", ""),
    ("deal-distributor-type", "UPDATE opportunities SET distributor_organization_id = 1 WHERE id = 1", ""),
    ("principal-flag", "UPDATE organizations SET is_principal = true WHERE id = 9", ""),
    ("distributor-flag", "UPDATE organizations SET is_distributor = false WHERE id = 6", ""),
    // 2: participants
    (
        "participants-mirror-customer",
        "UPDATE opportunities SET customer_organization_id =
           CASE customer_organization_id WHEN 9 THEN 10 ELSE 9 END WHERE id = 1",
        "",
    ),
    (
        "participants-mirror-customer",
        "DELETE FROM opportunity_participants WHERE opportunity_id = 1 AND role = 'customer'",
        "",
    ),
    (
        "participants-mirror-principal",
        "UPDATE opportunity_participants SET organization_id = CASE organization_id WHEN 1 THEN 2 ELSE 1 END
         WHERE opportunity_id = 1 AND role = 'principal'",
        "",
    ),
    (
        "participants-mirror-distributor",
        "UPDATE opportunities SET distributor_organization_id = NULL WHERE id = 1",
        "",
    ),
    (
        "one-primary-participant-a-role",
        "UPDATE opportunity_participants SET is_primary = true
         WHERE id = (SELECT min(id) FROM opportunity_participants WHERE NOT is_primary)",
        "",
    ),
    (
        "participant-role-fits-type",
        "UPDATE opportunity_participants SET role = 'partner'
         WHERE id = (SELECT min(id) FROM opportunity_participants WHERE NOT is_primary)",
        "",
    ),
    // 3: people
    ("customer-has-contacts", "DELETE FROM contact_organizations WHERE organization_id = 9", ""),
    ("customer-has-one-primary-contact", "UPDATE contacts SET is_primary_contact = true WHERE id = 2", ""),
    ("customer-has-one-primary-contact", "UPDATE contacts SET is_primary_contact = false WHERE id = 1", ""),
    (
        "contact-has-one-own-organization",
        "UPDATE contact_organizations SET is_primary = false WHERE contact_id = 2",
        "",
    ),
    (
        "contact-has-one-own-organization",
        "UPDATE contact_organizations SET is_primary = true WHERE NOT is_primary",
        "",
    ),
    (
        "contact-at-its-own-domain",
        "UPDATE contacts SET email = replace(email::text, '.example', '.test')::jsonb WHERE id = 1",
        "",
    ),
    (
        "deal-contacts-of-its-customer",
        "UPDATE opportunity_contacts SET contact_id = (
           SELECT l.contact_id FROM contact_organizations l, opportunities d
           WHERE d.id = 1 AND l.is_primary AND l.organization_id <> d.customer_organization_id LIMIT 1)
         WHERE opportunity_id = 1 AND is_primary",
        "",
    ),
    (
        "deal-has-one-primary-contact",
        "UPDATE opportunity_contacts SET is_primary = false WHERE opportunity_id = 1",
        "",
    ),
    (
        "task-contact-of-its-customer",
        "UPDATE tasks SET contact_id = CASE WHEN contact_id <= 1000 THEN 1001 ELSE 1 END
         WHERE id = (SELECT min(id) FROM tasks)",
        "",
    ),
    // 4: mailboxes
    ("contact-emails-shape", "UPDATE contacts SET email = '[]' WHERE id = 1", ""),
    (
        "contact-emails-shape",
        r#"UPDATE contacts SET email = email || '[{"value": "a.b@c.example", "primary": false}]' WHERE id = 1"#,
        "",
    ),
    (
        "contact-phones-shape",
        r#"UPDATE contacts SET phone = phone || '[{"type": "fax", "value": "(504) 555-0100", "primary": true}]'
         WHERE id = 1"#,
        "",
    ),
    ("contact-name-of-its-parts", "UPDATE contacts SET name = last_name WHERE id = 1", ""),
    (
        "contact-email-of-its-name",
        "UPDATE contacts SET email = replace(email::text, '@', 'x@')::jsonb WHERE id = 1",
        "",
    ),
    (
        "contact-email-of-its-name",
        "UPDATE contacts SET first_name = 'Łukasz', last_name = 'Dvořák' WHERE id = 1",
        "",
    ),
    (
        "contact-email-reserved",
        "UPDATE contacts SET email = replace(email::text, '.example', '.com')::jsonb WHERE id = 1",
        "",
    ),
    (
        "organization-email-reserved",
        "UPDATE organizations SET email = 'info@notexample.com' WHERE id = 9",
        "",
    ),
    ("website-reserved", "UPDATE organizations SET website = 'https://www.test.com' WHERE id = 9", ""),
    ("website-and-email-agree", "UPDATE organizations SET email = 'info@example.com' WHERE id = 9", ""),
    (
        "contact-phone-reserved",
        "UPDATE contacts SET phone = replace(phone::text, '555-01', '555-02')::jsonb WHERE id = 1",
        "",
    ),
    (
        "organization-phone-reserved",
        "UPDATE organizations SET phone = replace(phone, '555-01', '556-01') WHERE id = 9",
        "",
    ),
    (
        "contact-area-code-of-state",
        r"UPDATE contacts SET phone = regexp_replace(phone::text, '\(\d+\)', '(999)')::jsonb WHERE id = 1",
        "",
    ),
    ("organization-area-code-of-state", "UPDATE organizations SET phone = '(999) 555-0100' WHERE id = 9", ""),
    // 5: places
    ("city-of-its-state", "UPDATE organizations SET city = 'Atlantis' WHERE id = 9", ""),
    (
        "city-of-its-state",
        "UPDATE organizations SET state = CASE state WHEN 'HI' THEN 'AK' ELSE 'HI' END WHERE id = 9",
        "",
    ),
    ("postal-code-of-its-city", "UPDATE organizations SET postal_code = '00000' WHERE id = 9", ""),
    ("area-code-of-its-city", "UPDATE organizations SET phone = '(999) 555-0100' WHERE id = 9", ""),
    // 6: line items
    (
        "line-items-of-principal",
        "UPDATE opportunities SET principal_organization_id =
           CASE principal_organization_id WHEN 1 THEN 2 ELSE 1 END WHERE id = 1",
        "",
    ),
    ("amount-is-sum-of-line-items", "UPDATE opportunities SET amount = amount + 0.01 WHERE id = 1", ""),
    ("amount-is-sum-of-line-items", "DELETE FROM opportunity_products WHERE opportunity_id = 1", ""),
    (
        "unit-price-near-list-price",
        "UPDATE opportunity_products SET unit_price = unit_price * 0.8 WHERE opportunity_id = 1",
        "",
    ),
    (
        "unit-price-near-list-price",
        "UPDATE opportunity_products SET unit_price = unit_price * 1.2 WHERE opportunity_id = 1",
        "",
    ),
    (
        "amount-within-customer-s-means",
        "UPDATE organizations SET annual_revenue = 15000 WHERE organization_type = 'customer'",
        "",
    ),
    // 7: pipeline
    (
        "probability-of-its-stage",
        "UPDATE opportunities SET probability = 99
         WHERE id = (SELECT min(id) FROM opportunities WHERE stage = 'closed_won')",
        "",
    ),
    (
        "status-of-its-stage",
        "UPDATE opportunities SET status = 'active'
         WHERE id = (SELECT min(id) FROM opportunities WHERE stage = 'closed_lost')",
        "",
    ),
    (
        "closed-deals-closed-in-the-past",
        "UPDATE opportunities SET actual_close_date = '2026-01-01'
         WHERE id = (SELECT min(id) FROM opportunities WHERE stage = 'closed_won')",
        "",
    ),
    (
        "closed-deals-closed-in-the-past",
        "UPDATE opportunities SET actual_close_date = '2025-12-31'
         WHERE id = (SELECT min(id) FROM opportunities WHERE stage = 'new_lead')",
        "",
    ),
    (
        "open-deals-close-in-the-future",
        "UPDATE opportunities SET estimated_close_date = '2026-01-01'
         WHERE id = (SELECT min(id) FROM opportunities WHERE stage = 'new_lead')",
        "",
    ),
    (
        "open-deals-have-a-next-action",
        "UPDATE opportunities SET next_action = NULL
         WHERE id = (SELECT min(id) FROM opportunities WHERE stage = 'new_lead')",
        "",
    ),
    (
        "next-action-is-to-come",
        "UPDATE opportunities SET next_action_date = '2025-12-31'
         WHERE id = (SELECT min(id) FROM opportunities WHERE stage = 'new_lead')",
        "",
    ),
    (
        "forecast-of-its-probability",
        "UPDATE opportunities SET forecast_category = 'commit'
         WHERE id = (SELECT min(id) FROM opportunities WHERE stage = 'new_lead')",
        "",
    ),
    // 8: chronology
    (
        "organizations-in-time",
        "UPDATE organizations SET updated_at = created_at - interval '1 second' WHERE id = 1",
        "",
    ),
    ("contacts-in-time", "UPDATE contacts SET updated_at = '2026-01-01 00:00:01+00' WHERE id = 1", ""),
    ("opportunities-in-time", "UPDATE opportunities SET created_at = '2026-01-02' WHERE id = 1", ""),
    ("products-in-time", "UPDATE products SET updated_at = '2026-01-02' WHERE id = 1", ""),
    (
        "contact-organizations-in-time",
        "UPDATE contact_organizations SET updated_at = '2026-01-02' WHERE id = 1",
        "",
    ),
    (
        "participants-in-time",
        "UPDATE opportunity_participants SET updated_at = '2026-01-02' WHERE id = 1",
        "",
    ),
    ("tasks-in-time", "UPDATE tasks SET updated_at = created_at - interval '1 day'", ""),
    ("inventory-in-time", "UPDATE product_inventory SET updated_at = '2026-01-02' WHERE id = 1", ""),
    (
        "deal-contacts-in-time",
        "UPDATE opportunity_contacts SET created_at = '2026-01-02' WHERE opportunity_id = 1",
        "",
    ),
    (
        "line-items-in-time",
        "UPDATE opportunity_products SET created_at = '2026-01-02' WHERE opportunity_id = 1",
        "",
    ),
    ("contacts-after-organization", "UPDATE contacts SET created_at = '1990-01-01' WHERE id = 1", ""),
    ("products-after-principal", "UPDATE products SET created_at = '1990-01-01' WHERE id = 1", ""),
    ("deals-after-customer", "UPDATE opportunities SET created_at = '1990-01-01' WHERE id = 1", ""),
    ("deals-after-principal", "UPDATE opportunities SET created_at = '1990-01-01' WHERE id = 1", ""),
    ("deals-after-distributor", "UPDATE opportunities SET created_at = '1990-01-01' WHERE id = 1", ""),
    ("links-after-contact", "UPDATE contact_organizations SET created_at = '1990-01-01' WHERE id = 1", ""),
    (
        "links-after-organization",
        "UPDATE contact_organizations SET created_at = '1990-01-01' WHERE id = 1",
        "",
    ),
    (
        "participants-after-deal",
        "UPDATE opportunity_participants SET created_at = '1990-01-01' WHERE id = 1",
        "",
    ),
    (
        "participants-after-organization",
        "UPDATE opportunity_participants SET created_at = '1990-01-01' WHERE id = 1",
        "",
    ),
    (
        "deal-contacts-after-deal",
        "UPDATE opportunity_contacts SET created_at = '1990-01-01' WHERE opportunity_id = 1",
        "",
    ),
    (
        "deal-contacts-after-contact",
        "UPDATE opportunity_contacts SET created_at = '1990-01-01' WHERE opportunity_id = 1",
        "",
    ),
    (
        "line-items-after-deal",
        "UPDATE opportunity_products SET created_at = '1990-01-01' WHERE opportunity_id = 1",
        "",
    ),
    (
        "line-items-after-product",
        "UPDATE opportunity_products SET created_at = '1990-01-01' WHERE opportunity_id = 1",
        "",
    ),
    ("tasks-after-deal", "UPDATE tasks SET created_at = '1990-01-01'", ""),
    ("tasks-after-contact", "UPDATE tasks SET created_at = '1990-01-01'", ""),
    ("inventory-after-product", "UPDATE product_inventory SET created_at = '1990-01-01' WHERE id = 1", ""),
    (
        "deals-close-after-they-open",
        "UPDATE opportunities SET actual_close_date = '1990-01-01'
         WHERE id = (SELECT min(id) FROM opportunities WHERE stage = 'closed_won')",
        "",
    ),
    (
        "deals-aim-after-they-open",
        "UPDATE opportunities SET estimated_close_date = '1990-01-01'
         WHERE id = (SELECT min(id) FROM opportunities WHERE stage = 'closed_won')",
        "",
    ),
    ("tasks-due-after-they-are-made", "UPDATE tasks SET due_date = '1990-01-01'", ""),
    ("tasks-done-in-time", "UPDATE tasks SET completed_at = '2026-01-02' WHERE completed_at IS NOT NULL", ""),
    (
        "recent-customers-are-denser",
        "UPDATE organizations SET created_at = low + (high - created_at)
         FROM (SELECT min(created_at) AS low, max(created_at) AS high FROM organizations
           WHERE organization_type = 'customer') span WHERE organization_type = 'customer'",
        "--customers 500",
    ),
    (
        "recent-opportunities-are-denser",
        "UPDATE opportunities SET created_at = low + (high - created_at)
         FROM (SELECT min(created_at) AS low, max(created_at) AS high FROM opportunities) span",
        "--opportunities 500",
    ),
    (
        "recent-contacts-are-denser",
        "UPDATE contacts SET created_at = low + (high - created_at)
         FROM (SELECT min(created_at) AS low, max(created_at) AS high FROM contacts) span",
        "--customers 250",
    ),
    // 9: codes
    ("list-price-margin", "UPDATE products SET list_price = cost_per_unit WHERE id = 1", ""),
    ("list-price-margin", "UPDATE products SET list_price = cost_per_unit * 1.5 WHERE id = 1", ""),
    (
        "upc-check-digit",
        "UPDATE products SET upc = left(upc, 11) || (right(upc, 1)::int + 1) % 10 WHERE id = 1",
        "",
    ),
    ("upc-check-digit", "UPDATE products SET upc = '12345' WHERE id = 1", ""),
    (
        "upc-unique",
        "ALTER TABLE products DROP CONSTRAINT products_upc_key;
         UPDATE products SET upc = (SELECT upc FROM products WHERE id = 2) WHERE id = 1",
        "",
    ),
    (
        "sku-unique-for-principal",
        "ALTER TABLE products DROP CONSTRAINT products_principal_id_sku_key;
         UPDATE products SET sku = (SELECT sku FROM products WHERE id = 2) WHERE id = 1",
        "",
    ),
    ("sku-readable", "UPDATE products SET sku = 'A1' WHERE id = 1", ""),
    ("sku-readable", "UPDATE products SET sku = regexp_replace(sku, '-[A-Z]+-', '-XYZ-') WHERE id = 1", ""),
    (
        "unit-of-its-food",
        "UPDATE products SET unit_of_measure = CASE unit_of_measure WHEN 'each' THEN 'case' ELSE 'each' END
         WHERE id = 1",
        "",
    ),
    ("shelf-life-of-its-food", "UPDATE products SET shelf_life_days = 5000 WHERE id = 1", ""),
    ("season-of-its-food", "UPDATE products SET is_seasonal = NOT is_seasonal WHERE id = 1", ""),
    ("cost-of-its-food", "UPDATE products SET cost_per_unit = cost_per_unit * 10 WHERE id = 1", ""),
    ("lead-time-of-its-food", "UPDATE products SET lead_time_days = 0 WHERE id = 1", ""),
    (
        "attributes-of-its-food",
        r#"UPDATE products SET custom_attributes = '{"organic": false, "kosher": true, "gluten_free": true}'
         WHERE name LIKE '%Cookies%' OR name LIKE '%Bacon%'"#,
        "--principals 20",
    ),
    (
        "attributes-of-its-food",
        r#"UPDATE products SET custom_attributes = jsonb_set(custom_attributes, '{organic}', 'true')"#,
        "",
    ),
    ("attributes-of-its-food", "UPDATE products SET custom_attributes = '{}' WHERE id = 1", ""),
    // 10: foods
    (
        "product-is-food-of-its-category",
        "UPDATE products SET name = brand || ' Handmade Rubber Chair, 12 ct' WHERE id = 1",
        "",
    ),
    ("product-is-food-of-its-category", "UPDATE products SET name = 'Other ' || name WHERE id = 1", ""),
    (
        "product-is-food-of-its-category",
        "UPDATE products SET category = CASE category WHEN 'snacks' THEN 'dairy' ELSE 'snacks' END WHERE id = 1",
        "",
    ),
    ("units-of-its-pack", "UPDATE products SET units_per_case = units_per_case + 1 WHERE id = 1", ""),
    ("brand-of-its-principal", "UPDATE products SET brand = 'Another Brand' WHERE id = 1", ""),
    (
        "principal-makes-what-goes-together",
        "UPDATE products p SET category = c.category FROM (
           SELECT id, (array['beverages', 'dairy', 'frozen', 'fresh_produce', 'meat_poultry', 'snacks',
             'condiments'])[1 + id % 7] AS category FROM products) c
         WHERE c.id = p.id AND p.principal_id = 1",
        "",
    ),
    // 11: sizes
    (
        "customer-segment-of-its-size",
        "UPDATE organizations SET customer_segment =
           CASE customer_segment WHEN 'startup' THEN 'enterprise' ELSE 'startup' END WHERE id = 9",
        "",
    ),
    ("segment-of-its-size", "UPDATE organizations SET segment = 'Startup' WHERE id = 9", ""),
    ("employees-of-its-industry", "UPDATE organizations SET employee_count = 3 WHERE id = 9", ""),
    ("employees-of-its-industry", "UPDATE organizations SET industry = 'Mining' WHERE id = 9", ""),
    (
        "revenue-of-its-employees",
        "UPDATE organizations SET annual_revenue = annual_revenue * 10 WHERE id = 9",
        "",
    ),
    // 12: names
    (
        "organization-names-unique",
        "UPDATE organizations SET name = (SELECT upper(name) FROM organizations WHERE id = 10) WHERE id = 9",
        "",
    ),
    (
        "customers-sound-like-what-they-are",
        "UPDATE organizations SET name = 'Synergistic Solutions' WHERE id = 9",
        "",
    ),
    (
        "sellers-sound-like-what-they-are",
        "UPDATE organizations SET name = 'Synergistic Solutions' WHERE id = 6",
        "",
    ),
    ("sellers-sound-like-what-they-are", "UPDATE organizations SET name = name || ' LLC' WHERE id = 1", ""),
    ("deal-names-say-who-buys", "UPDATE opportunities SET name = name || ' Again' WHERE id = 1", ""),
    (
        "deal-names-say-who-sells",
        "UPDATE opportunities SET name = 'Next-Generation ' || name WHERE id = 1",
        "",
    ),
    ("deal-names-say-what", "UPDATE opportunities SET name = 'Leverage agile paradigms' WHERE id = 1", ""),
    (
        "deal-names-say-why",
        "UPDATE opportunities SET category = CASE category WHEN 'Renewal' THEN 'Expansion' ELSE 'Renewal' END
         WHERE id = 1",
        "",
    ),
    (
        "competition-is-a-rival",
        "UPDATE opportunities d SET competition = o.name FROM organizations o
         WHERE d.id = 1 AND o.id = d.principal_organization_id",
        "",
    ),
    (
        "competition-is-a-rival",
        "UPDATE opportunities SET competition = (SELECT upper(brand) || ' Brands' FROM products
           WHERE principal_id = principal_organization_id LIMIT 1) WHERE id = 1",
        "",
    ),
    (
        "next-actions-are-a-rep-s",
        "UPDATE opportunities SET next_action = 'Synergize the deliverables'
         WHERE id = (SELECT min(id) FROM opportunities WHERE stage = 'new_lead')",
        "",
    ),
    (
        "next-actions-are-a-rep-s",
        "UPDATE opportunities SET next_action = 'Confirm headcount and equipment for the demo'
         WHERE id = (SELECT min(id) FROM opportunities WHERE stage = 'new_lead')",
        "",
    ),
    ("tasks-are-a-rep-s", "UPDATE tasks SET title = 'Lorem ipsum dolor'", ""),
    ("tasks-are-a-rep-s", "UPDATE tasks SET title = 'Call {contact} about the {food} quote'", ""),
    (
        "tasks-are-a-rep-s",
        "UPDATE tasks t SET title = 'Record decision reasons given by Ana' FROM opportunities d
         WHERE d.id = t.opportunity_id AND t.completed_at IS NOT NULL AND d.actual_close_date IS NULL",
        "",
    ),
    // 13: distributions
    ("shares-of-stage", "UPDATE opportunities SET stage = 'new_lead'", "--opportunities 200"),
    ("shares-of-priority", "UPDATE opportunities SET priority = 'low'", "--opportunities 200"),
    (
        "shares-of-category",
        "UPDATE opportunities SET category = NULL WHERE id % 2 = 0",
        "--opportunities 200",
    ),
    (
        "few-customers-have-most-deals",
        "UPDATE opportunities d SET customer_organization_id = c.id FROM (
           SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM organizations
           WHERE organization_type = 'customer') c WHERE c.n = d.id % 100",
        "--customers 100 --opportunities 200",
    ),
    ("amounts-are-skewed", "UPDATE opportunities SET amount = 1000 + id", "--opportunities 200"),
    // 14: texts
    ("organizations-clean", "UPDATE organizations SET city = ' ' || city WHERE id = 1", ""),
    ("organizations-clean", "UPDATE organizations SET name = replace(name, ' ', '  ') WHERE id = 1", ""),
    ("contacts-clean", r"UPDATE contacts SET title = title || E'\t' WHERE id = 1", ""),
    ("opportunities-clean", "UPDATE opportunities SET description = '' WHERE id = 1", ""),
    ("products-clean", "UPDATE products SET description = description || chr(8203) WHERE id = 1", ""),
    (
        "contact-organizations-clean",
        "UPDATE contact_organizations SET role = 'a' || chr(160) WHERE id = 1",
        "",
    ),
    (
        "participants-clean",
        "ALTER TABLE opportunity_participants DROP CONSTRAINT opportunity_participants_role_check;
         UPDATE opportunity_participants SET role = 'customer ' WHERE id = 1",
        "",
    ),
    ("deal-contacts-clean", "UPDATE opportunity_contacts SET role = ' ' WHERE opportunity_id = 1", ""),
    ("line-items-clean", "UPDATE opportunity_products SET notes = '' WHERE opportunity_id = 1", ""),
    ("tasks-clean", r"UPDATE tasks SET title = title || E'\n'", ""),
    ("inventory-clean", r"UPDATE product_inventory SET warehouse = E'A\u0007B' WHERE id = 1", ""),
    (
        "customers-with-apostrophes",
        "UPDATE organizations SET name = replace(name, '''', '')",
        "--customers 500",
    ),
    (
        "customers-with-ampersands",
        "UPDATE organizations SET name = replace(name, '&', 'and')",
        "--customers 500",
    ),
    (
        "customers-with-accents",
        "UPDATE organizations SET name = 'Customer ' || id WHERE octet_length(name) > length(name)",
        "--customers 500",
    ),
    ("customers-with-long-names", "UPDATE organizations SET name = left(name, 39)", "--customers 500"),
    ("contacts-with-apostrophes", "UPDATE contacts SET name = replace(name, '''', '')", "--customers 250"),
    (
        "contacts-with-accents",
        "UPDATE contacts SET name = 'Contact ' || id WHERE octet_length(name) > length(name)",
        "--customers 250",
    ),
    // 15: orphans; the server's own foreign keys are off while they are planted
    (
        "deal-has-its-customer",
        "SET session_replication_role = replica;
         UPDATE opportunities SET customer_organization_id = 999999 WHERE id = 1",
        "",
    ),
    (
        "deal-has-its-principal",
        "SET session_replication_role = replica;
         UPDATE opportunities SET principal_organization_id = 999999 WHERE id = 1",
        "",
    ),
    (
        "deal-has-its-distributor",
        "SET session_replication_role = replica;
         UPDATE opportunities SET distributor_organization_id = 999999 WHERE id = 1",
        "",
    ),
    (
        "product-has-its-principal",
        "SET session_replication_role = replica; DELETE FROM organizations WHERE id = 1",
        "",
    ),
    ("link-has-its-contact", "SET session_replication_role = replica; DELETE FROM contacts WHERE id = 1", ""),
    (
        "link-has-its-organization",
        "SET session_replication_role = replica; DELETE FROM organizations WHERE id = 9",
        "",
    ),
    (
        "participant-has-its-deal",
        "SET session_replication_role = replica; DELETE FROM opportunities WHERE id = 1",
        "",
    ),
    (
        "participant-has-its-organization",
        "SET session_replication_role = replica;
         UPDATE opportunity_participants SET organization_id = 999999 WHERE id = 1",
        "",
    ),
    (
        "deal-contact-has-its-deal",
        "SET session_replication_role = replica; DELETE FROM opportunities WHERE id = 1",
        "",
    ),
    (
        "deal-contact-has-its-contact",
        "SET session_replication_role = replica;
         DELETE FROM contacts WHERE id = (SELECT min(contact_id) FROM opportunity_contacts)",
        "",
    ),
    (
        "line-item-has-its-deal",
        "SET session_replication_role = replica; DELETE FROM opportunities WHERE id = 1",
        "",
    ),
    (
        "line-item-has-its-product",
        "SET session_replication_role = replica;
         DELETE FROM products WHERE id = (SELECT min(product_id) FROM opportunity_products)",
        "",
    ),
    (
        "task-has-its-deal",
        "SET session_replication_role = replica;
         DELETE FROM opportunities WHERE id = (SELECT min(opportunity_id) FROM tasks)",
        "",
    ),
    (
        "task-has-its-contact",
        "SET session_replication_role = replica;
         DELETE FROM contacts WHERE id = (SELECT min(contact_id) FROM tasks)",
        "",
    ),
    (
        "inventory-has-its-product",
        "SET session_replication_role = replica; DELETE FROM products WHERE id = 1",
        "",
    ),
];
