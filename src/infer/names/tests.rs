use super::columns::{self, COLUMNS};
use super::table_match::{EXACT, is_alike};
use super::*;

fn matched(table: &str, column: &str, name: &str) -> Option<u8> {
    column_match(table, column, &FieldName::of(name))
}
use crate::domain::TABLES;

#[test]
fn names_have_words() {
    for (name, expected) in [
        ("createdAt", "created at"),
        ("created_at", "created at"),
        ("CreatedAt", "created at"),
        ("created-at", "created at"),
        ("CREATED_AT", "created at"),
        ("URLPath", "url path"),
        ("contactIDs", "contact ids"),
        ("contactID", "contact id"),
        ("IDsOfContacts", "ids of contacts"),
        ("ThisIs", "this is"),
        ("address2", "address 2"),
        ("line2Text", "line 2 text"),
        ("__x  y__", "x y"),
        ("ÜberName", "über name"),
        ("", ""),
        ("__", ""),
    ] {
        assert_eq!(words(name).join(" "), expected, "{name}");
    }
}

#[test]
fn words_have_numbers() {
    for (one, many) in [
        ("company", "companies"),
        ("person", "people"),
        ("address", "addresses"),
        ("status", "statuses"),
        ("business", "businesses"),
        ("warehouse", "warehouses"),
        ("case", "cases"),
        ("box", "boxes"),
        ("branch", "branches"),
        ("day", "days"),
        ("deal", "deals"),
        ("opportunity", "opportunities"),
        ("price", "prices"),
        ("category", "categories"),
        ("bonus", "bonuses"),
        ("clause", "clauses"),
        ("series", "series"),
        ("purchase", "purchases"),
        ("analysis", "analyses"),
        ("index", "indices"),
        ("inventory", "inventories"),
        ("id", "ids"),
    ] {
        assert_eq!(singular(many), one);
        assert_eq!(singular(one), one);
        assert_eq!(plural(one), many);
        assert_eq!(plural(many), many);
    }
}

#[test]
fn tables_are_known_by_other_names() {
    for (table, name, expected) in [
        ("organizations", "Organization", Some(95)),
        ("organizations", "companies", Some(80)),
        ("organizations", "company", Some(80)),
        ("organizations", "Account", Some(80)),
        ("organizations", "crm_accounts", Some(70)),
        ("organizations", "tbl_customer", Some(70)),
        ("organizations", "organizations_table", Some(70)),
        ("organizations", "customer_organization", Some(70)),
        ("contacts", "people", Some(80)),
        ("contacts", "contact_persons", Some(80)),
        ("contacts", "crm_contacts", Some(70)),
        ("contacts", "users", None),
        ("opportunities", "Deals", Some(80)),
        ("opportunities", "sales_opportunities", Some(80)),
        ("products", "CatalogItem", Some(80)),
        ("products", "product_categories", None),
        ("tasks", "to_dos", Some(80)),
        ("tasks", "FollowUp", Some(80)),
        ("product_inventory", "stock_levels", Some(80)),
        ("product_inventory", "products", None),
        ("contact_organizations", "company_contacts", Some(80)),
        ("contact_organizations", "peopleOrganizations", Some(80)),
        ("contact_organizations", "contacts_to_companies", Some(80)),
        ("contact_organizations", "contact_company_links", Some(70)),
        ("opportunity_contacts", "Opportunity_Contact", Some(95)),
        ("opportunity_contacts", "opportunityContacts", Some(95)),
        ("opportunity_contacts", "deal_contacts", Some(80)),
        ("opportunity_contacts", "opportunity_contact_roles", Some(70)),
        ("opportunity_products", "line_items", Some(80)),
        ("opportunity_products", "deal_line_items", Some(80)),
        ("opportunity_products", "opportunity_line_items", Some(80)),
        ("opportunity_products", "deal_items", Some(80)),
        ("opportunity_participants", "deal_parties", Some(80)),
        ("opportunity_participants", "opportunity_organizations", Some(80)),
        ("organizations", "audit_log", None),
        ("organizations", "", None),
        ("organizations", "tbl", None),
    ] {
        assert_eq!(table_match(table, name), expected, "{table} {name}");
    }
}

#[test]
fn columns_are_known_by_other_names() {
    for (table, column, name, expected) in [
        ("organizations", "id", "organizationId", Some(80)),
        ("organizations", "id", "company_id", Some(80)),
        ("organizations", "id", "ID", Some(95)),
        ("organizations", "id", "companyUuid", Some(80)),
        ("organizations", "id", "external_id", None),
        ("organizations", "id", "parent_id", None),
        ("organizations", "name", "companyName", Some(80)),
        ("organizations", "organization_type", "accountType", Some(80)),
        ("organizations", "employee_count", "company_size", None),
        ("organizations", "city", "billing_city", Some(80)),
        ("organizations", "postal_code", "addressZip", Some(80)),
        ("organizations", "postal_code", "shipping_postcode", Some(70)),
        ("organizations", "segment", "customer_segment", None),
        ("organizations", "customer_segment", "customerSegment", Some(95)),
        ("organizations", "priority", "rating", Some(70)),
        ("organizations", "created_at", "CREATEDAT", Some(95)),
        ("organizations", "created_at", "dateCreated", Some(80)),
        ("contacts", "title", "jobTitle", Some(80)),
        ("contacts", "phone", "contact_phone", Some(80)),
        ("contacts", "organization_id", "account_id", Some(80)),
        ("contacts", "organization_id", "fk_company", Some(80)),
        ("contacts", "id", "account_id", None),
        ("opportunities", "customer_organization_id", "accountId", Some(80)),
        ("opportunities", "contact_id", "person_id", Some(80)),
        ("opportunities", "status", "state", None),
        ("opportunities", "category", "type", Some(70)),
        ("opportunities", "estimated_close_date", "closeDate", Some(80)),
        ("products", "principal_id", "supplier_id", Some(80)),
        ("products", "id", "item_id", Some(80)),
        ("opportunity_products", "product_id", "item_id", Some(80)),
        ("opportunity_products", "opportunity_id", "dealId", Some(80)),
        ("product_inventory", "quantity_on_hand", "qty", Some(80)),
        ("product_inventory", "id", "product_id", None),
        ("tasks", "title", "subject", Some(80)),
        ("tasks", "opportunity_id", "deal_id", Some(80)),
        ("tasks", "completed_at", "", None),
    ] {
        assert_eq!(matched(table, column, name), expected, "{table}.{column} {name}");
    }
}

#[test]
fn the_domain_is_itself() {
    for table in TABLES {
        let name = table.info().name;
        for other in TABLES {
            let other = other.info().name;
            assert_eq!(table_match(name, other), (name == other).then_some(EXACT), "{name} {other}");
        }
        let columns = [table.columns(), table.virtual_columns()].concat();
        for column in &columns {
            for other in &columns {
                let expected = (column.name == other.name).then_some(EXACT);
                let found = matched(name, column.name, other.name);
                assert_eq!(found, expected, "{name}.{} {}", column.name, other.name);
            }
        }
    }
}

#[test]
fn the_registry_is_of_the_domain() {
    for called in COLUMNS.iter() {
        let tables = TABLES.iter().filter(|table| called.is_of(table.info().name));
        let mut columns = tables.flat_map(|table| [table.columns(), table.virtual_columns()].concat());
        assert!(columns.any(|info| info.name == called.column), "{}", called.column);
    }
}

#[test]
fn no_name_is_said_of_a_thing_twice() {
    let tables = TABLES.iter().filter_map(|table| tables::called(table.info().name));
    for names in COLUMNS.iter().map(|called| &called.names).chain(tables.map(|called| &called.names)) {
        let all: Vec<&String> = names.all().collect();
        for (at, name) in all.iter().enumerate() {
            assert!(!all[..at].contains(name), "{name}: {all:?}");
        }
    }
    for (at, called) in COLUMNS.iter().enumerate() {
        assert!(!called.names.all().any(|name| is_alike(called.column, name)), "{}", called.column);
        let is_same = |other: &columns::Column| (called.table, called.column) == (other.table, other.column);
        assert!(!COLUMNS[..at].iter().any(is_same), "{}", called.column);
    }
}

#[test]
fn names_are_taken_apart() {
    for (name, left, unit) in [
        ("amountAmountMicros", "amount", Some("micros")),
        ("domainNamePrimaryLinkUrl", "domain name url", None),
        ("linkedinLinkPrimaryLinkUrl", "linkedin link url", None),
        ("emailsPrimaryEmail", "email", None),
        ("phonesPrimaryPhoneCallingCode", "phone calling code", None),
        ("nameFirstName", "first name", None),
        ("billingAddressAddressCity", "billing address city", None),
        ("addressAddressStreet1", "address street 1", None),
        ("price_in_cents", "price", Some("cents")),
        ("Amount__c", "amount", None),
        ("first_name", "first name", None),
        ("account_parent_account_id", "account parent account id", None),
    ] {
        let field = FieldName::of(name);
        assert_eq!(field.words.join(" "), left, "{name}");
        assert_eq!(field.unit.map(|unit| unit.name), unit, "{name}");
    }
}

#[test]
fn columns_are_known_by_what_is_left_of_their_names() {
    for (table, column, target, name, is_it) in [
        ("organizations", "website", "company", "domainNamePrimaryLinkUrl", true),
        ("organizations", "annual_revenue", "company", "annualRecurringRevenueAmountMicros", true),
        ("organizations", "city", "company", "addressAddressCity", true),
        ("contacts", "email", "person", "emailsPrimaryEmail", true),
        ("contacts", "phone", "person", "phonesPrimaryPhoneNumber", true),
        ("contacts", "phone", "person", "phonesPrimaryPhoneCallingCode", false),
        ("contacts", "first_name", "person", "nameFirstName", true),
        ("opportunities", "amount", "leads", "lead_value", true),
        ("opportunities", "amount", "matters", "matter_amount", true),
        ("opportunities", "amount", "deals", "expected_revenue_amount", true),
        ("opportunities", "name", "deals", "amount_micros", false),
        ("opportunity_products", "discount_percent", "lines", "discount_amount", false),
        ("opportunity_products", "discount_percent", "lines", "discount_bps", true),
        ("products", "lead_time_days", "products", "lead_time_weeks", true),
    ] {
        let found = column_match(table, column, &FieldName::of_table(name, target));
        assert_eq!(found.is_some(), is_it, "{table}.{column} {name}: {found:?}");
    }
}

#[test]
fn days_are_known_whatever_says_that_they_are_days() {
    for (table, column, name, is_it) in [
        ("opportunities", "estimated_close_date", "closes_on", true),
        ("opportunities", "estimated_close_date", "closingDate", true),
        ("opportunities", "estimated_close_date", "expected_close_ts", true),
        ("opportunities", "actual_close_date", "closed_datetime", true),
        ("opportunities", "actual_close_date", "closing_date", false),
        ("tasks", "due_date", "dueDateAt", true),
        ("tasks", "due_date", "due_at_date", true),
        ("tasks", "completed_at", "dueDateAt", false),
        ("tasks", "due_date", "at", false),
    ] {
        let found = moment_match(table, column, &FieldName::of(name));
        assert_eq!(found.is_some(), is_it, "{table}.{column} {name}: {found:?}");
    }
}
