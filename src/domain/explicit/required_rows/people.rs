//! Contacts of customers, and products of principals.

use super::refer::refer;
use crate::domain::dataset::{OrganizationType, contact_id, organization_type_and_index, product_id};
use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::facts::table_called;
use crate::domain::explicit::{Value, ids};
use crate::domain::fanout::Fanout;
use crate::domain::{contacts, products};

/// Contacts of customers, and what their principals sell to deals.
pub fn people_and_products(completer: &mut Completer) {
    for customer in completer.of_table("organizations") {
        let id = completer.drafts[customer].id;
        let is_customer = completer.text(customer, "organization_type") == Some("customer");
        // Where all were said not to be its primary contact, somebody else is.
        let has_contact = completer
            .employees(id)
            .into_iter()
            .any(|contact| completer.value(contact, "is_primary_contact").is_none_or(Value::is_true));
        if is_customer && !has_contact && completer.wants(customer, "contacts") {
            let contact = completer.add_beside(customer, "contact", "contacts");
            completer.employ(contact, id);
        }
    }
    let organizations = table_called("organizations");
    for deal in completer.of_table("opportunities") {
        let principal = completer.reference(deal, "principal_organization_id");
        let Some(maker) = principal.and_then(|id| completer.of_id(organizations, id)) else { continue };
        let id = completer.drafts[maker].id;
        if wants_items(completer, deal) && products_of(completer, id).is_empty() {
            // Two prices can come to any sum.
            for number in 1..=2 {
                let product = completer.add_beside(maker, &format!("product-{number}"), "products");
                refer(completer, product, "principal_id", id);
            }
        }
    }
}

/// Whether line items are to be made for a deal.
pub fn wants_items(completer: &Completer, deal: usize) -> bool {
    let has_items =
        !completer.referring("opportunity_products", "opportunity_id", completer.drafts[deal].id).is_empty();
    let is_worth_nothing = completer
        .value(deal, "amount")
        .is_some_and(|amount| amount.is_null() || amount.as_number() == Some(0));
    !has_items && !is_worth_nothing && completer.wants(deal, "products")
}

/// Ids of the products of a principal, explicit ones first.
pub fn products_of(completer: &Completer, principal: u64) -> Vec<u64> {
    let explicit = completer.referring("products", "principal_id", principal).into_iter();
    let mut all: Vec<u64> = explicit.map(|product| completer.drafts[product].id).collect();
    if ids::is_base(principal) {
        let (_, index) = organization_type_and_index(principal);
        let count = products::fanout(completer.dataset).count(index);
        all.extend((0..count).map(|child| product_id(index, child)));
    }
    all
}

/// The contact that speaks for a customer: the one that was said to, else the first.
pub fn speaker(completer: &Completer, customer: u64) -> Option<u64> {
    let mut employees = completer.employees(customer);
    employees.sort_by_key(|contact| !completer.is_true(*contact, "is_primary_contact"));
    let explicit = employees.first().map(|contact| completer.drafts[*contact].id);
    if !ids::is_base(customer) {
        return explicit;
    }
    match organization_type_and_index(customer) {
        (OrganizationType::Customer, index) if contacts::fanout(completer.dataset).count(index) > 0 => {
            Some(contact_id(index, 0))
        }
        _ => explicit,
    }
}
