//! What is left out of links, participants, line items, stock and tasks.

use crate::calendar::DAY;
use crate::domain::contact_organizations::OUTSIDE_ROLES;
use crate::domain::explicit::cast::Cast;
use crate::domain::explicit::deals::Names;
use crate::domain::explicit::facts::{Facts, table_called};
use crate::domain::explicit::times::between;
use crate::domain::explicit::times::touched;
use crate::domain::explicit::{Value, items};
use crate::domain::product_inventory::warehouse;

/// Finishes the rows that hang on others, which are finished.
pub fn finish(cast: &mut Cast) {
    links(cast);
    participants(cast);
    deal_contacts(cast);
    line_items(cast);
    stock(cast);
    tasks(cast);
}

/// The latest moment at which what the columns refer to was made.
fn after(cast: &Cast, row: usize, columns: &[&str]) -> Option<i64> {
    columns.iter().filter_map(|column| cast.referred(row, column)?.number("created_at")).max()
}

/// Made with the latest of what it joins.
fn made_with(cast: &mut Cast, row: usize, columns: &[&str]) {
    let second = after(cast, row, columns).unwrap_or(cast.drafts[row].latest).min(cast.drafts[row].latest);
    cast.fill(row, "created_at", |_| Value::Timestamp(second));
}

/// The title's role at its own organization, a guest's at another.
fn links(cast: &mut Cast) {
    for row in cast.of_table("contact_organizations") {
        cast.fill(row, "is_primary", |_| Value::Bool(false));
        let own = cast.referred(row, "contact_id").map(|contact| contact.text("role").to_owned());
        let is_own = cast.value(row, "is_primary").is_some_and(Value::is_true);
        let slot = cast.slot(row, "role");
        cast.fill(row, "role", |_| match own {
            Some(role) if is_own && !role.is_empty() => Value::Text(role),
            _ => slot.word(&OUTSIDE_ROLES).into(),
        });
        made_with(cast, row, &["contact_id", "organization_id"]);
        cast.fill(row, "updated_at", |cast| cast.value(row, "created_at").cloned().unwrap_or(Value::Null));
    }
}

fn participants(cast: &mut Cast) {
    for row in cast.of_table("opportunity_participants") {
        let kinds = ["customer", "principal", "distributor"];
        let kind = cast.referred(row, "organization_id").map(|o| o.text("organization_type").to_owned());
        cast.fill(row, "role", |_| {
            kind.and_then(|kind| kinds.into_iter().find(|known| *known == kind)).unwrap_or("partner").into()
        });
        cast.fill(row, "is_primary", |_| Value::Bool(false));
        made_with(cast, row, &["opportunity_id", "organization_id"]);
        cast.fill(row, "updated_at", |cast| cast.value(row, "created_at").cloned().unwrap_or(Value::Null));
    }
}

fn deal_contacts(cast: &mut Cast) {
    for row in cast.of_table("opportunity_contacts") {
        let role = cast.referred(row, "contact_id").map(|contact| contact.get("role").clone());
        cast.fill(row, "role", |_| role.unwrap_or(Value::Null));
        cast.fill(row, "is_primary", |_| Value::Bool(false));
        made_with(cast, row, &["opportunity_id", "contact_id"]);
    }
}

fn line_items(cast: &mut Cast) {
    for row in cast.of_table("opportunity_products") {
        // Those of explicit deals are settled with their deal.
        items::any(cast, row, items::USUAL_SHARE);
        cast.fill(row, "notes", |_| Value::Null);
        made_with(cast, row, &["opportunity_id", "product_id"]);
    }
}

fn stock(cast: &mut Cast) {
    for row in cast.of_table("product_inventory") {
        let product = cast.referred(row, "product_id");
        let maker = product.as_ref().and_then(|product| product.number("principal_id"));
        let maker = maker.map(|id| cast.facts("organizations", id as u64));
        let place =
            |facts: Option<&Facts>, column: &str| facts.map_or("", |facts| facts.text(column)).to_owned();
        let storage = storage(cast, product.as_ref());
        cast.fill(row, "warehouse", |_| {
            let mut text = String::new();
            warehouse(&mut text, &place(maker.as_ref(), "city"), &place(maker.as_ref(), "state"), storage);
            Value::Text(text)
        });
        let (quantity, reorder) = (cast.slot(row, "quantity_on_hand"), cast.slot(row, "reorder_point"));
        cast.fill(row, "quantity_on_hand", |_| Value::Int(quantity.skewed(12, 2400)));
        cast.fill(row, "reorder_point", |_| Value::Int(reorder.between(2, 30) * 10));
        made_with(cast, row, &["product_id"]);
        touched(cast, row);
    }
}

fn storage(cast: &Cast, product: Option<&Facts>) -> &'static str {
    let name = product.map_or("", |product| product.text("category"));
    let known = cast.vocabulary().categories.iter().find(|category| category.name == name);
    known.map_or("ambient", |category| category.storage)
}

/// A task is open unless it was said to be done, or its deal is over.
fn tasks(cast: &mut Cast) {
    for row in cast.of_table("tasks") {
        let deal = cast.referred(row, "opportunity_id");
        let is_over = deal.as_ref().is_some_and(|deal| deal.text("status") == "closed");
        let now = cast.world.now();
        let mut latest = cast.drafts[row].latest;
        let given = cast.is_given(row, "completed_at") || cast.is_given(row, "due_date");
        if is_over && !given {
            // Done before the decision, or with it.
            let closed = deal.as_ref().and_then(|deal| deal.number("updated_at")).unwrap_or(now);
            latest = latest.min(closed);
        }
        let slot = cast.slot(row, "created_at");
        let made = after(cast, row, &["opportunity_id", "contact_id"]);
        let second = between(made, latest, 21, slot);
        cast.fill(row, "created_at", |_| Value::Timestamp(second));
        let created = cast.number(row, "created_at").unwrap_or(now);
        let done = cast.slot(row, "completed_at");
        cast.fill(row, "completed_at", |_| match is_over && created < now {
            true => {
                let end = latest.max(created + 1).min(now);
                Value::Timestamp(created + done.below((end - created).max(1) as u64) as i64)
            }
            false => Value::Null,
        });
        due(cast, row, created);
        titled(cast, row, is_over);
        let completed = cast.number(row, "completed_at");
        if let Some(second) = completed.filter(|_| cast.number(row, "deleted_at").is_none()) {
            cast.fill(row, "updated_at", |_| Value::Timestamp(second.max(created)));
        }
        touched(cast, row);
    }
}

fn due(cast: &mut Cast, row: usize, created: i64) {
    let slot = cast.slot(row, "due_date");
    let as_of = cast.world.as_of.0;
    cast.fill(row, "due_date", |cast| {
        let day = match cast.number(row, "completed_at") {
            Some(second) => second.div_euclid(DAY) as i32 + slot.between(-3, 4) as i32,
            None => as_of + slot.between(0, 21) as i32,
        };
        Value::Date(day.max(created.div_euclid(DAY) as i32))
    });
}

fn titled(cast: &mut Cast, row: usize, is_over: bool) {
    let vocabulary = cast.vocabulary();
    let (title, priority) = (cast.slot(row, "title"), cast.slot(row, "priority"));
    cast.fill(row, "priority", |_| priority.word(&["high", "medium", "medium", "medium", "low"]).into());
    cast.fill(row, "notes", |_| Value::Null);
    if cast.value(row, "title").is_some() {
        return;
    }
    let is_done = cast.number(row, "completed_at").is_some();
    let story = match (is_done, is_over) {
        (false, _) => "open",
        (true, false) => "done",
        (true, true) => "closed",
    };
    let deal = cast.reference(row, "opportunity_id");
    let explicit = deal.and_then(|id| cast.of_id(table_called("opportunities"), id));
    let names = match (explicit, deal) {
        (Some(deal), _) => Names::of(cast, deal),
        (None, Some(id)) => Names::of_base(cast, &cast.facts("opportunities", id)),
        (None, None) => Names::of_nobody(cast, row),
    };
    let mut text = String::new();
    names.write(&mut text, title.pick(vocabulary.tasks.of(story)));
    cast.fill(row, "title", |_| Value::Text(text));
}
