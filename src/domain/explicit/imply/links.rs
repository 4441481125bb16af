//! Rows that join others.

use super::ages::first_event;
use super::people::{products_of, speaker, wants_items};
use super::refer::{own_links, participants_as, refer};
use crate::calendar::DAY;
use crate::domain::explicit::cast::Cast;
use crate::domain::explicit::{Kin, Value};

/// Tasks of so many seconds ago are not taken to be about a deal that may be younger.
const OLDEST: i64 = 90 * DAY;

/// Places of contacts, parties and contacts of deals, line items, and what tasks are about.
pub fn links(cast: &mut Cast) {
    for contact in cast.of_table("contacts") {
        place(cast, contact);
    }
    for deal in cast.of_table("opportunities") {
        participants(cast, deal);
        contact_of_deal(cast, deal);
        items(cast, deal);
    }
    for item in cast.of_table("opportunity_products") {
        if !cast.is_given(item, "product_id") {
            product_of_item(cast, item);
        }
    }
    for task in cast.of_table("tasks") {
        deal_of_task(cast, task);
        contact_of_task(cast, task);
    }
}

/// A contact's place at its own organization.
fn place(cast: &mut Cast, contact: usize) {
    let id = cast.drafts[contact].id;
    let own = own_links(cast, id);
    if let Some(organization) = cast.drafts[contact].employer.filter(|_| own.is_empty()) {
        let link = cast.add_beside(contact, "organization", "contact_organizations");
        refer(cast, link, "contact_id", id);
        refer(cast, link, "organization_id", organization);
        cast.fill(link, "is_primary", |_| Value::Bool(true));
    }
    for (number, link) in own.into_iter().enumerate() {
        cast.fill(link, "is_primary", |_| Value::Bool(number == 0));
    }
}

/// A deal's customer, principal and distributor take part in it; of each role one is primary.
fn participants(cast: &mut Cast, deal: usize) {
    let id = cast.drafts[deal].id;
    for role in ["customer", "principal", "distributor"] {
        let given = participants_as(cast, id, role);
        let organization = cast.reference(deal, &format!("{role}_organization_id"));
        let is_wanted = given.is_empty() && cast.wants(deal, "participants");
        if let Some(organization) = organization.filter(|_| is_wanted) {
            let what = format!("participant-{role}");
            let row = cast.add_beside(deal, &what, "opportunity_participants");
            refer(cast, row, "opportunity_id", id);
            refer(cast, row, "organization_id", organization);
            cast.fill(row, "role", |_| role.into());
            cast.fill(row, "is_primary", |_| Value::Bool(true));
        }
        for row in given {
            let is_party = cast.reference(row, "organization_id") == organization;
            cast.fill(row, "is_primary", |_| Value::Bool(is_party));
        }
    }
    for (number, row) in participants_as(cast, id, "partner").into_iter().enumerate() {
        cast.fill(row, "is_primary", |_| Value::Bool(number == 0));
    }
}

/// Its customer's speaker is on a deal; one of those on it is primary.
fn contact_of_deal(cast: &mut Cast, deal: usize) {
    let id = cast.drafts[deal].id;
    let speaker = cast.reference(deal, "customer_organization_id").and_then(|id| speaker(cast, id));
    let given = cast.referring("opportunity_contacts", "opportunity_id", id);
    let is_wanted = given.is_empty() && cast.wants(deal, "contacts");
    if let Some(contact) = speaker.filter(|_| is_wanted) {
        let row = cast.add_beside(deal, "contact", "opportunity_contacts");
        refer(cast, row, "opportunity_id", id);
        refer(cast, row, "contact_id", contact);
        cast.fill(row, "is_primary", |_| Value::Bool(true));
    }
    let mut has_primary = given.iter().any(|row| cast.is_true(*row, "is_primary"));
    for row in given {
        if let (false, Some(contact)) = (cast.is_given(row, "contact_id"), speaker) {
            refer(cast, row, "contact_id", contact);
        }
        cast.fill(row, "is_primary", |_| Value::Bool(!has_primary));
        has_primary |= cast.is_true(row, "is_primary");
    }
}

fn items(cast: &mut Cast, deal: usize) {
    if !wants_items(cast, deal) {
        return;
    }
    let Some(principal) = cast.reference(deal, "principal_organization_id") else { return };
    let products = products_of(cast, principal);
    let start = cast.slot(deal, "products").below(products.len() as u64) as usize;
    for number in 0..products.len().min(2) {
        let item = cast.add_beside(deal, &format!("item-{}", number + 1), "opportunity_products");
        refer(cast, item, "opportunity_id", cast.drafts[deal].id);
        refer(cast, item, "product_id", products[(start + number) % products.len()]);
    }
}

/// A product of the deal's principal that is not on the deal.
fn product_of_item(cast: &mut Cast, item: usize) {
    let Some(deal) = cast.reference(item, "opportunity_id") else { return };
    let principal = cast.reference_of("opportunities", deal, "principal_organization_id");
    let others = cast.referring("opportunity_products", "opportunity_id", deal).into_iter();
    let taken: Vec<u64> = others.filter_map(|other| cast.reference(other, "product_id")).collect();
    let products = principal.map(|principal| products_of(cast, principal)).unwrap_or_default();
    match products.into_iter().find(|product| !taken.contains(product)) {
        Some(product) => refer(cast, item, "product_id", product),
        None => {
            let message = "the deal's principal has no product left: name one".to_owned();
            cast.fault(item, Some("product_id"), message);
        }
    }
}

/// A task of which neither deal nor contact is given is about the deal of its scenario, if there is just
/// one and it may be older than the task, else about a base deal, where there is any.
fn deal_of_task(cast: &mut Cast, task: usize) {
    if cast.is_given(task, "opportunity_id") || cast.is_given(task, "contact_id") {
        return;
    }
    if first_event(cast, task).is_some_and(|event| event < cast.world.now() - OLDEST) {
        return;
    }
    let situation = cast.drafts[task].situation;
    let mut deals = cast.of_table("opportunities");
    deals.retain(|deal| cast.drafts[*deal].situation == situation);
    let only = if let [deal] = deals[..] { Some(cast.drafts[deal].id) } else { None };
    if let Some(deal) = only.or_else(|| cast.some(task, Kin::Opportunity, "opportunity_id")) {
        refer(cast, task, "opportunity_id", deal);
    }
}

/// A task is done with the one who speaks for its deal's customer.
fn contact_of_task(cast: &mut Cast, task: usize) {
    if cast.is_given(task, "contact_id") {
        return;
    }
    let deal = cast.reference(task, "opportunity_id");
    let customer = deal.and_then(|deal| cast.reference_of("opportunities", deal, "customer_organization_id"));
    if let Some(contact) = customer.and_then(|customer| speaker(cast, customer)) {
        refer(cast, task, "contact_id", contact);
    }
}
