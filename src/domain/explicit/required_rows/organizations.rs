//! Organizations, and what their rows say of them.

use super::ages;
use super::refer::{own_links, participants_as, refer};
use crate::domain::dataset::{CHILD_IDS, principal_id};
use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::facts::table_called;
use crate::domain::explicit::{RowKind, ids};

/// The organization called `handle` of a scenario, made where it is not there; returns its id.
fn organization(completer: &mut Completer, scenario_index: usize, handle: String, kind: &'static str) -> u64 {
    if let Some(there) = completer.find(scenario_index, &handle) {
        return completer.drafts[there].id;
    }
    let draft = completer.add(table_called("organizations"), scenario_index, handle, true);
    completer.fill(draft, "organization_type", |_| kind.into());
    completer.drafts[draft].id
}

/// The type that its column, a flag or what refers to it says of an organization.
fn settle_types(completer: &mut Completer) {
    let mut wanted: Vec<(u64, &'static str)> = Vec::new();
    for (table, column, kind) in [
        ("opportunities", "customer_organization_id", "customer"),
        ("opportunities", "principal_organization_id", "principal"),
        ("opportunities", "distributor_organization_id", "distributor"),
        ("products", "principal_id", "principal"),
    ] {
        let rows = completer.of_table(table);
        wanted.extend(rows.into_iter().filter_map(|row| Some((completer.reference(row, column)?, kind))));
    }
    for row in completer.of_table("opportunity_participants") {
        let kinds = ["customer", "principal", "distributor", "partner"];
        let role = completer.text(row, "role").and_then(|role| kinds.into_iter().find(|kind| *kind == role));
        wanted.extend(completer.reference(row, "organization_id").zip(role));
    }
    for draft in completer.of_table("organizations") {
        let id = completer.drafts[draft].id;
        let kind = if completer.is_true(draft, "is_principal") {
            "principal"
        } else if completer.is_true(draft, "is_distributor") {
            "distributor"
        } else {
            wanted.iter().find(|(organization, _)| *organization == id).map_or("customer", |(_, kind)| kind)
        };
        completer.fill(draft, "organization_type", |_| kind.into());
    }
}

/// Organizations: of participants, deals, products, contacts and links that name none.
pub fn organizations(completer: &mut Completer) {
    agree_on_principals(completer);
    for draft in completer.of_table("opportunities") {
        // A deal of long ago has parties of its own, where those of the base are younger.
        let first = ages::first_event(completer, draft);
        let base = |completer: &Completer, kind, column| {
            let id = completer.some(draft, kind, column)?;
            let made = completer.facts("organizations", id).number("created_at");
            first.is_none_or(|first| made.is_some_and(|made| made < first)).then_some(id)
        };
        party(completer, draft, "customer", base(completer, RowKind::Customer, "customer_organization_id"));
        party(
            completer,
            draft,
            "principal",
            base(completer, RowKind::Principal, "principal_organization_id"),
        );
        party(
            completer,
            draft,
            "distributor",
            base(completer, RowKind::Distributor, "distributor_organization_id"),
        );
    }
    for draft in completer.of_table("opportunity_participants") {
        if !completer.is_given(draft, "organization_id") {
            let id = participant(completer, draft);
            refer(completer, draft, "organization_id", id);
        }
    }
    for draft in completer.of_table("products") {
        if !completer.is_given(draft, "principal_id") {
            let base = completer.some(draft, RowKind::Principal, "principal_id");
            let scenario_index = completer.drafts[draft].scenario_index;
            let id = base.unwrap_or_else(|| {
                organization(completer, scenario_index, "made.principal".into(), "principal")
            });
            refer(completer, draft, "principal_id", id);
        }
    }
    for draft in completer.of_table("contact_organizations") {
        if !completer.is_given(draft, "organization_id") {
            let base = completer.some(draft, RowKind::Customer, "organization_id");
            let (scenario_index, handle) = named(completer, draft, "organization");
            let id = base.unwrap_or_else(|| organization(completer, scenario_index, handle, "customer"));
            refer(completer, draft, "organization_id", id);
        }
    }
    employ(completer);
    settle_types(completer);
}

/// A handle beside a row's own.
fn named(completer: &Completer, draft: usize, what: &str) -> (usize, String) {
    let draft = &completer.drafts[draft];
    (draft.scenario_index, format!("{}.{what}", draft.handle))
}

/// A line item joins a deal and a product: where one of them names no principal, the other does.
fn agree_on_principals(completer: &mut Completer) {
    let (deals, goods) = (table_called("opportunities"), table_called("products"));
    for item in completer.of_table("opportunity_products") {
        let deal = completer.reference(item, "opportunity_id").and_then(|id| completer.of_id(deals, id));
        let Some(product_id) = completer.reference(item, "product_id") else { continue };
        let product = completer.of_id(goods, product_id);
        let of_deal = deal.and_then(|deal| completer.reference(deal, "principal_organization_id"));
        let of_product = match product {
            Some(product) => completer.reference(product, "principal_id"),
            None if !ids::is_base(product_id) => None,
            None => Some(principal_id((product_id - 1) / CHILD_IDS)),
        };
        match (deal, of_deal, product, of_product) {
            (Some(deal), None, _, Some(principal))
                if !completer.is_given(deal, "principal_organization_id") =>
            {
                refer(completer, deal, "principal_organization_id", principal);
            }
            (_, Some(principal), Some(product), None) if !completer.is_given(product, "principal_id") => {
                refer(completer, product, "principal_id", principal);
            }
            _ => {}
        }
    }
}

/// The customer, principal or distributor of a deal: who participates in that role, else a base row,
/// else one that is made.
fn party(completer: &mut Completer, deal: usize, role: &'static str, base: Option<u64>) {
    let column = format!("{role}_organization_id");
    if completer.is_given(deal, &column) {
        return;
    }
    let id = completer.drafts[deal].id;
    let mut participants = participants_as(completer, id, role);
    participants.sort_by_key(|row| !completer.is_true(*row, "is_primary"));
    let participates = participants.iter().find_map(|row| completer.reference(*row, "organization_id"));
    // A base without distributors is one whose deals have none.
    let has_none = completer.dataset.customers.count > 0 && completer.dataset.distributors.count == 0;
    if participates.is_none() && role == "distributor" && has_none {
        return;
    }
    let (scenario_index, customer) = named(completer, deal, "customer");
    let of_contact = if role == "customer" { employer_of_contact(completer, id) } else { None };
    let id = participates.or(of_contact).or(base).unwrap_or_else(|| match role {
        "customer" => organization(completer, scenario_index, customer, role),
        "principal" => organization(completer, scenario_index, "made.principal".into(), role),
        _ => organization(completer, scenario_index, "made.distributor".into(), role),
    });
    refer(completer, deal, &column, id);
}

/// For whom a contact of a deal (by its id) works, as far as that is given.
fn employer_of_contact(completer: &Completer, deal: u64) -> Option<u64> {
    let links = completer.referring("opportunity_contacts", "opportunity_id", deal);
    links.into_iter().find_map(|link| {
        let contact = completer.reference(link, "contact_id")?;
        let draft = completer.of_id(table_called("contacts"), contact)?;
        let given = completer.drafts[draft].employer;
        given.or_else(|| completer.reference(*own_links(completer, contact).first()?, "organization_id"))
    })
}

/// The organization of a participant that names none: its deal's in that role, else one of the type.
fn participant(completer: &mut Completer, draft: usize) -> u64 {
    let kinds = ["customer", "principal", "distributor", "partner"];
    let role = completer.text(draft, "role").unwrap_or("partner");
    let role = kinds.into_iter().find(|kind| *kind == role).unwrap_or("partner");
    let deals = table_called("opportunities");
    let deal = completer.reference(draft, "opportunity_id").and_then(|id| completer.of_id(deals, id));
    let of_deal = match (role, deal) {
        ("partner", _) | (_, None) => None,
        (role, Some(deal)) => completer.reference(deal, &format!("{role}_organization_id")),
    };
    let (scenario_index, handle) = named(completer, draft, "organization");
    of_deal.unwrap_or_else(|| organization(completer, scenario_index, handle, role))
}

/// Finds out for whom every contact works; where nothing says so, a customer is taken or made.
fn employ(completer: &mut Completer) {
    for draft in completer.of_table("contacts") {
        if completer.has_employer(draft) {
            continue;
        }
        let id = completer.drafts[draft].id;
        let link = own_links(completer, id).first().copied();
        let employer = match link {
            Some(link) => completer.reference(link, "organization_id"),
            None if !completer.wants(draft, "organization") => continue,
            None => customer_of_deal(completer, id)
                .or_else(|| completer.some(draft, RowKind::Customer, "organization"))
                .or_else(|| {
                    let (scenario_index, handle) = named(completer, draft, "employer");
                    Some(organization(completer, scenario_index, handle, "customer"))
                }),
        };
        if let Some(organization) = employer {
            completer.employ(draft, organization);
        }
    }
}

/// The customer of a deal, or of a task's deal, on which a contact is.
fn customer_of_deal(completer: &Completer, contact: u64) -> Option<u64> {
    ["opportunity_contacts", "tasks"].into_iter().find_map(|table| {
        completer.referring(table, "contact_id", contact).into_iter().find_map(|row| {
            let deal = completer.reference(row, "opportunity_id")?;
            completer.reference_of("opportunities", deal, "customer_organization_id")
        })
    })
}
