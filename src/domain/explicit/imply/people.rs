//! Contacts of customers, and products of principals.

use super::refer::refer;
use crate::domain::explicit::cast::Cast;
use crate::domain::explicit::facts::table_called;
use crate::domain::explicit::{Value, ids};
use crate::domain::family::Family;
use crate::domain::world::{OrganizationKin, contact_id, kin_of_organization, product_id};
use crate::domain::{contacts, products};

/// Contacts of customers, and what their principals sell to deals.
pub fn people_and_products(cast: &mut Cast) {
    for customer in cast.of_table("organizations") {
        let id = cast.drafts[customer].id;
        let is_customer = cast.text(customer, "organization_type") == Some("customer");
        // Where all were said not to be its primary contact, somebody else is.
        let has_contact = cast
            .employees(id)
            .into_iter()
            .any(|contact| cast.value(contact, "is_primary_contact").is_none_or(Value::is_true));
        if is_customer && !has_contact && cast.wants(customer, "contacts") {
            let contact = cast.add_beside(customer, "contact", "contacts");
            cast.employ(contact, id);
        }
    }
    let organizations = table_called("organizations");
    for deal in cast.of_table("opportunities") {
        let principal = cast.reference(deal, "principal_organization_id");
        let Some(maker) = principal.and_then(|id| cast.of_id(organizations, id)) else { continue };
        let id = cast.drafts[maker].id;
        if wants_items(cast, deal) && products_of(cast, id).is_empty() {
            // Two prices can come to any sum.
            for number in 1..=2 {
                let product = cast.add_beside(maker, &format!("product-{number}"), "products");
                refer(cast, product, "principal_id", id);
            }
        }
    }
}

/// Whether line items are to be made for a deal.
pub fn wants_items(cast: &Cast, deal: usize) -> bool {
    let has_items =
        !cast.referring("opportunity_products", "opportunity_id", cast.drafts[deal].id).is_empty();
    let is_worth_nothing =
        cast.value(deal, "amount").is_some_and(|amount| amount.is_null() || amount.as_number() == Some(0));
    !has_items && !is_worth_nothing && cast.wants(deal, "products")
}

/// Ids of the products of a principal, explicit ones first.
pub fn products_of(cast: &Cast, principal: u64) -> Vec<u64> {
    let explicit = cast.referring("products", "principal_id", principal).into_iter();
    let mut all: Vec<u64> = explicit.map(|product| cast.drafts[product].id).collect();
    if !ids::is_explicit(principal) {
        let (_, index) = kin_of_organization(principal);
        let count = products::family(cast.world).count(index);
        all.extend((0..count).map(|child| product_id(index, child)));
    }
    all
}

/// The contact that speaks for a customer: the one that was said to, else the first.
pub fn speaker(cast: &Cast, customer: u64) -> Option<u64> {
    let mut employees = cast.employees(customer);
    employees.sort_by_key(|contact| !cast.is_true(*contact, "is_primary_contact"));
    let explicit = employees.first().map(|contact| cast.drafts[*contact].id);
    if ids::is_explicit(customer) {
        return explicit;
    }
    match kin_of_organization(customer) {
        (OrganizationKin::Customer, index) if contacts::family(cast.world).count(index) > 0 => {
            Some(contact_id(index, 0))
        }
        _ => explicit,
    }
}
