//! Organizations, and what their rows say of them.

use super::ages;
use super::refer::{own_links, participants_as, refer};
use crate::domain::explicit::Kin;
use crate::domain::explicit::cast::Cast;
use crate::domain::explicit::facts::table_called;
use crate::domain::world::{CHILD_IDS, principal_id};

/// The organization called `handle` of a situation, made where it is not there; returns its id.
fn organization(cast: &mut Cast, situation: usize, handle: String, kind: &'static str) -> u64 {
    if let Some(there) = cast.find(situation, &handle) {
        return cast.drafts[there].id;
    }
    let draft = cast.add(table_called("organizations"), situation, handle, true);
    cast.fill(draft, "organization_type", |_| kind.into());
    cast.drafts[draft].id
}

/// The type that its column, a flag or what refers to it says of an organization.
fn settle_types(cast: &mut Cast) {
    let mut wanted: Vec<(u64, &'static str)> = Vec::new();
    for (table, column, kind) in [
        ("opportunities", "customer_organization_id", "customer"),
        ("opportunities", "principal_organization_id", "principal"),
        ("opportunities", "distributor_organization_id", "distributor"),
        ("products", "principal_id", "principal"),
    ] {
        let rows = cast.of_table(table);
        wanted.extend(rows.into_iter().filter_map(|row| Some((cast.reference(row, column)?, kind))));
    }
    for row in cast.of_table("opportunity_participants") {
        let kinds = ["customer", "principal", "distributor", "partner"];
        let role = cast.text(row, "role").and_then(|role| kinds.into_iter().find(|kind| *kind == role));
        wanted.extend(cast.reference(row, "organization_id").zip(role));
    }
    for draft in cast.of_table("organizations") {
        let id = cast.drafts[draft].id;
        let kind = if cast.is_true(draft, "is_principal") {
            "principal"
        } else if cast.is_true(draft, "is_distributor") {
            "distributor"
        } else {
            wanted.iter().find(|(organization, _)| *organization == id).map_or("customer", |(_, kind)| kind)
        };
        cast.fill(draft, "organization_type", |_| kind.into());
    }
}

/// Organizations: of participants, deals, products, contacts and links that name none.
pub fn organizations(cast: &mut Cast) {
    agree_on_principals(cast);
    for draft in cast.of_table("opportunities") {
        // A deal of long ago has parties of its own, where those of the base are younger.
        let first = ages::first_event(cast, draft);
        let base = |cast: &Cast, kin, column| {
            let id = cast.some(draft, kin, column)?;
            let made = cast.facts("organizations", id).number("created_at");
            first.is_none_or(|first| made.is_some_and(|made| made < first)).then_some(id)
        };
        party(cast, draft, "customer", base(cast, Kin::Customer, "customer_organization_id"));
        party(cast, draft, "principal", base(cast, Kin::Principal, "principal_organization_id"));
        party(cast, draft, "distributor", base(cast, Kin::Distributor, "distributor_organization_id"));
    }
    for draft in cast.of_table("opportunity_participants") {
        if !cast.is_given(draft, "organization_id") {
            let id = participant(cast, draft);
            refer(cast, draft, "organization_id", id);
        }
    }
    for draft in cast.of_table("products") {
        if !cast.is_given(draft, "principal_id") {
            let base = cast.some(draft, Kin::Principal, "principal_id");
            let situation = cast.drafts[draft].situation;
            let id =
                base.unwrap_or_else(|| organization(cast, situation, "made.principal".into(), "principal"));
            refer(cast, draft, "principal_id", id);
        }
    }
    for draft in cast.of_table("contact_organizations") {
        if !cast.is_given(draft, "organization_id") {
            let base = cast.some(draft, Kin::Customer, "organization_id");
            let (situation, handle) = named(cast, draft, "organization");
            let id = base.unwrap_or_else(|| organization(cast, situation, handle, "customer"));
            refer(cast, draft, "organization_id", id);
        }
    }
    employ(cast);
    settle_types(cast);
}

/// A handle beside a row's own.
fn named(cast: &Cast, draft: usize, what: &str) -> (usize, String) {
    let draft = &cast.drafts[draft];
    (draft.situation, format!("{}.{what}", draft.handle))
}

/// A line item joins a deal and a product: where one of them names no principal, the other does.
fn agree_on_principals(cast: &mut Cast) {
    let (deals, goods) = (table_called("opportunities"), table_called("products"));
    for item in cast.of_table("opportunity_products") {
        let deal = cast.reference(item, "opportunity_id").and_then(|id| cast.of_id(deals, id));
        let Some(product_id) = cast.reference(item, "product_id") else { continue };
        let product = cast.of_id(goods, product_id);
        let of_deal = deal.and_then(|deal| cast.reference(deal, "principal_organization_id"));
        let of_product = match product {
            Some(product) => cast.reference(product, "principal_id"),
            None => Some(principal_id((product_id - 1) / CHILD_IDS)),
        };
        match (deal, of_deal, product, of_product) {
            (Some(deal), None, _, Some(principal)) if !cast.is_given(deal, "principal_organization_id") => {
                refer(cast, deal, "principal_organization_id", principal);
            }
            (_, Some(principal), Some(product), None) if !cast.is_given(product, "principal_id") => {
                refer(cast, product, "principal_id", principal);
            }
            _ => {}
        }
    }
}

/// The customer, principal or distributor of a deal: who participates in that role, else a base row,
/// else one that is made.
fn party(cast: &mut Cast, deal: usize, role: &'static str, base: Option<u64>) {
    let column = format!("{role}_organization_id");
    if cast.is_given(deal, &column) {
        return;
    }
    let id = cast.drafts[deal].id;
    let mut participants = participants_as(cast, id, role);
    participants.sort_by_key(|row| !cast.is_true(*row, "is_primary"));
    let participates = participants.iter().find_map(|row| cast.reference(*row, "organization_id"));
    // A base without distributors is one whose deals have none.
    let has_none = cast.world.customers.count > 0 && cast.world.distributors.count == 0;
    if participates.is_none() && role == "distributor" && has_none {
        return;
    }
    let (situation, customer) = named(cast, deal, "customer");
    let id = participates.or(base).unwrap_or_else(|| match role {
        "customer" => organization(cast, situation, customer, role),
        "principal" => organization(cast, situation, "made.principal".into(), role),
        _ => organization(cast, situation, "made.distributor".into(), role),
    });
    refer(cast, deal, &column, id);
}

/// The organization of a participant that names none: its deal's in that role, else one of the type.
fn participant(cast: &mut Cast, draft: usize) -> u64 {
    let kinds = ["customer", "principal", "distributor", "partner"];
    let role = cast.text(draft, "role").unwrap_or("partner");
    let role = kinds.into_iter().find(|kind| *kind == role).unwrap_or("partner");
    let deals = table_called("opportunities");
    let deal = cast.reference(draft, "opportunity_id").and_then(|id| cast.of_id(deals, id));
    let of_deal = match (role, deal) {
        ("partner", _) | (_, None) => None,
        (role, Some(deal)) => cast.reference(deal, &format!("{role}_organization_id")),
    };
    let (situation, handle) = named(cast, draft, "organization");
    of_deal.unwrap_or_else(|| organization(cast, situation, handle, role))
}

/// Finds out for whom every contact works; where nothing says so, a customer is taken or made.
fn employ(cast: &mut Cast) {
    for draft in cast.of_table("contacts") {
        if cast.has_employer(draft) {
            continue;
        }
        let id = cast.drafts[draft].id;
        let link = own_links(cast, id).first().copied();
        let employer = match link {
            Some(link) => cast.reference(link, "organization_id"),
            None if !cast.wants(draft, "organization") => continue,
            None => customer_of_deal(cast, id)
                .or_else(|| cast.some(draft, Kin::Customer, "organization"))
                .or_else(|| {
                    let (situation, handle) = named(cast, draft, "employer");
                    Some(organization(cast, situation, handle, "customer"))
                }),
        };
        if let Some(organization) = employer {
            cast.employ(draft, organization);
        }
    }
}

/// The customer of a deal, or of a task's deal, on which a contact is.
fn customer_of_deal(cast: &Cast, contact: u64) -> Option<u64> {
    ["opportunity_contacts", "tasks"].into_iter().find_map(|table| {
        cast.referring(table, "contact_id", contact).into_iter().find_map(|row| {
            let deal = cast.reference(row, "opportunity_id")?;
            cast.reference_of("opportunities", deal, "customer_organization_id")
        })
    })
}
