//! Rows that join others.

use super::ages::first_event;
use super::people::{products_of, speaker, wants_items};
use super::refer::{own_links, participants_as, refer};
use crate::calendar::DAY;
use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::{RowKind, Value};

/// Tasks of so many seconds ago are not taken to be about a deal that may be younger.
const OLDEST: i64 = 90 * DAY;

/// Places of contacts, parties and contacts of deals, line items, and what tasks are about.
pub fn links(completer: &mut Completer) {
    for contact in completer.of_table("contacts") {
        place(completer, contact);
    }
    for deal in completer.of_table("opportunities") {
        participants(completer, deal);
        contact_of_deal(completer, deal);
        items(completer, deal);
    }
    for item in completer.of_table("opportunity_products") {
        if !completer.is_given(item, "product_id") {
            product_of_item(completer, item);
        }
    }
    for task in completer.of_table("tasks") {
        deal_of_task(completer, task);
        contact_of_task(completer, task);
    }
}

/// A contact's place at its own organization.
fn place(completer: &mut Completer, contact: usize) {
    let id = completer.drafts[contact].id;
    let own = own_links(completer, id);
    if let Some(organization) = completer.drafts[contact].employer.filter(|_| own.is_empty()) {
        let link = completer.add_beside(contact, "organization", "contact_organizations");
        refer(completer, link, "contact_id", id);
        refer(completer, link, "organization_id", organization);
        completer.fill(link, "is_primary", |_| Value::Bool(true));
    }
    for (number, link) in own.into_iter().enumerate() {
        completer.fill(link, "is_primary", |_| Value::Bool(number == 0));
    }
}

/// A deal's customer, principal and distributor take part in it; of each role one is primary.
fn participants(completer: &mut Completer, deal: usize) {
    let id = completer.drafts[deal].id;
    for role in ["customer", "principal", "distributor"] {
        let given = participants_as(completer, id, role);
        let organization = completer.reference(deal, &format!("{role}_organization_id"));
        let is_wanted = given.is_empty() && completer.wants(deal, "participants");
        if let Some(organization) = organization.filter(|_| is_wanted) {
            let what = format!("participant-{role}");
            let row = completer.add_beside(deal, &what, "opportunity_participants");
            refer(completer, row, "opportunity_id", id);
            refer(completer, row, "organization_id", organization);
            completer.fill(row, "role", |_| role.into());
            completer.fill(row, "is_primary", |_| Value::Bool(true));
        }
        for row in given {
            let is_party = completer.reference(row, "organization_id") == organization;
            completer.fill(row, "is_primary", |_| Value::Bool(is_party));
        }
    }
    for (number, row) in participants_as(completer, id, "partner").into_iter().enumerate() {
        completer.fill(row, "is_primary", |_| Value::Bool(number == 0));
    }
}

/// Its customer's speaker is on a deal; one of those on it is primary.
fn contact_of_deal(completer: &mut Completer, deal: usize) {
    let id = completer.drafts[deal].id;
    let speaker = completer.reference(deal, "customer_organization_id").and_then(|id| speaker(completer, id));
    let given = completer.referring("opportunity_contacts", "opportunity_id", id);
    let is_wanted = given.is_empty() && completer.wants(deal, "contacts");
    if let Some(contact) = speaker.filter(|_| is_wanted) {
        let row = completer.add_beside(deal, "contact", "opportunity_contacts");
        refer(completer, row, "opportunity_id", id);
        refer(completer, row, "contact_id", contact);
        completer.fill(row, "is_primary", |_| Value::Bool(true));
    }
    let mut has_primary = given.iter().any(|row| completer.is_true(*row, "is_primary"));
    for row in given {
        if let (false, Some(contact)) = (completer.is_given(row, "contact_id"), speaker) {
            refer(completer, row, "contact_id", contact);
        }
        completer.fill(row, "is_primary", |_| Value::Bool(!has_primary));
        has_primary |= completer.is_true(row, "is_primary");
    }
}

fn items(completer: &mut Completer, deal: usize) {
    if !wants_items(completer, deal) {
        return;
    }
    let Some(principal) = completer.reference(deal, "principal_organization_id") else { return };
    let products = products_of(completer, principal);
    let start = completer.slot(deal, "products").below(products.len() as u64) as usize;
    for number in 0..products.len().min(2) {
        let item = completer.add_beside(deal, &format!("item-{}", number + 1), "opportunity_products");
        refer(completer, item, "opportunity_id", completer.drafts[deal].id);
        refer(completer, item, "product_id", products[(start + number) % products.len()]);
    }
}

/// A product of the deal's principal that is not on the deal.
fn product_of_item(completer: &mut Completer, item: usize) {
    let Some(deal) = completer.reference(item, "opportunity_id") else { return };
    let principal = completer.reference_of("opportunities", deal, "principal_organization_id");
    let others = completer.referring("opportunity_products", "opportunity_id", deal).into_iter();
    let taken: Vec<u64> = others.filter_map(|other| completer.reference(other, "product_id")).collect();
    let products = principal.map(|principal| products_of(completer, principal)).unwrap_or_default();
    match products.into_iter().find(|product| !taken.contains(product)) {
        Some(product) => refer(completer, item, "product_id", product),
        None => {
            let message = "the principal of the deal has no other product: set product_id".to_owned();
            completer.fault(item, Some("product_id"), message);
        }
    }
}

/// A task of which neither deal nor contact is given is about the deal of its scenario, if there is just
/// one and it may be older than the task, else about a base deal, where there is any.
fn deal_of_task(completer: &mut Completer, task: usize) {
    if completer.is_given(task, "opportunity_id") || completer.is_given(task, "contact_id") {
        return;
    }
    if first_event(completer, task).is_some_and(|event| event < completer.dataset.now() - OLDEST) {
        return;
    }
    let scenario_index = completer.drafts[task].scenario_index;
    let mut deals = completer.of_table("opportunities");
    deals.retain(|deal| completer.drafts[*deal].scenario_index == scenario_index);
    let only = if let [deal] = deals[..] { Some(completer.drafts[deal].id) } else { None };
    if let Some(deal) = only.or_else(|| completer.some(task, RowKind::Opportunity, "opportunity_id")) {
        refer(completer, task, "opportunity_id", deal);
    }
}

/// A task is done with the one who speaks for its deal's customer.
fn contact_of_task(completer: &mut Completer, task: usize) {
    if completer.is_given(task, "contact_id") {
        return;
    }
    let deal = completer.reference(task, "opportunity_id");
    let customer =
        deal.and_then(|deal| completer.reference_of("opportunities", deal, "customer_organization_id"));
    if let Some(contact) = customer.and_then(|customer| speaker(completer, customer)) {
        refer(completer, task, "contact_id", contact);
    }
}
