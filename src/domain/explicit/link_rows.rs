//! What is left out of links, participants, line items, stock and tasks.

use crate::calendar::DAY;
use crate::domain::contact_organizations::OUTSIDE_ROLES;
use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::deals::Names;
use crate::domain::explicit::facts::{Facts, table_called};
use crate::domain::explicit::times::between;
use crate::domain::explicit::times::touched;
use crate::domain::explicit::{Value, items};
use crate::domain::product_inventory::warehouse;

/// Finishes the rows that hang on others, which are finished.
pub fn finish(completer: &mut Completer) {
    links(completer);
    participants(completer);
    deal_contacts(completer);
    line_items(completer);
    stock(completer);
    tasks(completer);
}

/// The latest moment at which what the columns refer to was made.
fn after(completer: &Completer, row: usize, columns: &[&str]) -> Option<i64> {
    columns.iter().filter_map(|column| completer.referred(row, column)?.number("created_at")).max()
}

/// Made with the latest of what it joins.
fn made_with(completer: &mut Completer, row: usize, columns: &[&str]) {
    let second = after(completer, row, columns)
        .unwrap_or(completer.drafts[row].latest)
        .min(completer.drafts[row].latest);
    completer.fill(row, "created_at", |_| Value::Timestamp(second));
}

/// The title's role at its own organization, a guest's at another.
fn links(completer: &mut Completer) {
    for row in completer.of_table("contact_organizations") {
        completer.fill(row, "is_primary", |_| Value::Bool(false));
        let own = completer.referred(row, "contact_id").map(|contact| contact.text("role").to_owned());
        let is_own = completer.value(row, "is_primary").is_some_and(Value::is_true);
        let slot = completer.slot(row, "role");
        completer.fill(row, "role", |_| match own {
            Some(role) if is_own && !role.is_empty() => Value::Text(role),
            _ => slot.word(&OUTSIDE_ROLES).into(),
        });
        made_with(completer, row, &["contact_id", "organization_id"]);
        completer.fill(row, "updated_at", |completer| {
            completer.value(row, "created_at").cloned().unwrap_or(Value::Null)
        });
    }
}

fn participants(completer: &mut Completer) {
    for row in completer.of_table("opportunity_participants") {
        let kinds = ["customer", "principal", "distributor"];
        let kind = completer.referred(row, "organization_id").map(|o| o.text("organization_type").to_owned());
        completer.fill(row, "role", |_| {
            kind.and_then(|kind| kinds.into_iter().find(|known| *known == kind)).unwrap_or("partner").into()
        });
        completer.fill(row, "is_primary", |_| Value::Bool(false));
        made_with(completer, row, &["opportunity_id", "organization_id"]);
        completer.fill(row, "updated_at", |completer| {
            completer.value(row, "created_at").cloned().unwrap_or(Value::Null)
        });
    }
}

fn deal_contacts(completer: &mut Completer) {
    for row in completer.of_table("opportunity_contacts") {
        let role = completer.referred(row, "contact_id").map(|contact| contact.get("role").clone());
        completer.fill(row, "role", |_| role.unwrap_or(Value::Null));
        completer.fill(row, "is_primary", |_| Value::Bool(false));
        made_with(completer, row, &["opportunity_id", "contact_id"]);
    }
}

fn line_items(completer: &mut Completer) {
    for row in completer.of_table("opportunity_products") {
        // Those of explicit deals are settled with their deal.
        items::any(completer, row, items::USUAL_SHARE);
        completer.fill(row, "notes", |_| Value::Null);
        made_with(completer, row, &["opportunity_id", "product_id"]);
    }
}

fn stock(completer: &mut Completer) {
    for row in completer.of_table("product_inventory") {
        let product = completer.referred(row, "product_id");
        let maker = product.as_ref().and_then(|product| product.number("principal_id"));
        let maker = maker.map(|id| completer.facts("organizations", id as u64));
        let place =
            |facts: Option<&Facts>, column: &str| facts.map_or("", |facts| facts.text(column)).to_owned();
        let storage = storage(completer, product.as_ref());
        completer.fill(row, "warehouse", |_| {
            let mut text = String::new();
            warehouse(&mut text, &place(maker.as_ref(), "city"), &place(maker.as_ref(), "state"), storage);
            Value::Text(text)
        });
        let (quantity, reorder) =
            (completer.slot(row, "quantity_on_hand"), completer.slot(row, "reorder_point"));
        completer.fill(row, "quantity_on_hand", |_| Value::Int(quantity.skewed(12, 2400)));
        completer.fill(row, "reorder_point", |_| Value::Int(reorder.between(2, 30) * 10));
        made_with(completer, row, &["product_id"]);
        touched(completer, row);
    }
}

fn storage(completer: &Completer, product: Option<&Facts>) -> &'static str {
    let name = product.map_or("", |product| product.text("category"));
    let known = completer.vocabulary().categories.iter().find(|category| category.name == name);
    known.map_or("ambient", |category| category.storage)
}

/// A task is open unless it was said to be done, or its deal is over.
fn tasks(completer: &mut Completer) {
    for row in completer.of_table("tasks") {
        let deal = completer.referred(row, "opportunity_id");
        let is_over = deal.as_ref().is_some_and(|deal| deal.text("status") == "closed");
        let now = completer.dataset.now();
        let mut latest = completer.drafts[row].latest;
        let given = completer.is_given(row, "completed_at") || completer.is_given(row, "due_date");
        if is_over && !given {
            // Done before the decision, or with it.
            let closed = deal.as_ref().and_then(|deal| deal.number("updated_at")).unwrap_or(now);
            latest = latest.min(closed);
        }
        let slot = completer.slot(row, "created_at");
        let made = after(completer, row, &["opportunity_id", "contact_id"]);
        let second = between(made, latest, 21, slot);
        completer.fill(row, "created_at", |_| Value::Timestamp(second));
        let created = completer.number(row, "created_at").unwrap_or(now);
        let done = completer.slot(row, "completed_at");
        completer.fill(row, "completed_at", |_| match is_over && created < now {
            true => {
                let end = latest.max(created + 1).min(now);
                Value::Timestamp(created + done.below((end - created).max(1) as u64) as i64)
            }
            false => Value::Null,
        });
        due(completer, row, created);
        titled(completer, row, is_over);
        let completed = completer.number(row, "completed_at");
        if let Some(second) = completed.filter(|_| completer.number(row, "deleted_at").is_none()) {
            completer.fill(row, "updated_at", |_| Value::Timestamp(second.max(created)));
        }
        touched(completer, row);
    }
}

fn due(completer: &mut Completer, row: usize, created: i64) {
    let slot = completer.slot(row, "due_date");
    let as_of = completer.dataset.as_of.0;
    completer.fill(row, "due_date", |completer| {
        let day = match completer.number(row, "completed_at") {
            Some(second) => second.div_euclid(DAY) as i32 + slot.between(-3, 4) as i32,
            None => as_of + slot.between(0, 21) as i32,
        };
        Value::Date(day.max(created.div_euclid(DAY) as i32))
    });
}

fn titled(completer: &mut Completer, row: usize, is_over: bool) {
    let vocabulary = completer.vocabulary();
    let (title, priority) = (completer.slot(row, "title"), completer.slot(row, "priority"));
    completer.fill(row, "priority", |_| priority.word(&["high", "medium", "medium", "medium", "low"]).into());
    completer.fill(row, "notes", |_| Value::Null);
    if completer.value(row, "title").is_some() {
        return;
    }
    let is_done = completer.number(row, "completed_at").is_some();
    let story = match (is_done, is_over) {
        (false, _) => "open",
        (true, false) => "done",
        (true, true) => "closed",
    };
    let deal = completer.reference(row, "opportunity_id");
    let explicit = deal.and_then(|id| completer.of_id(table_called("opportunities"), id));
    let names = match (explicit, deal) {
        (Some(deal), _) => Names::of(completer, deal),
        (None, Some(id)) => Names::of_base(completer, &completer.facts("opportunities", id)),
        (None, None) => Names::of_nobody(completer, row),
    };
    let mut text = String::new();
    names.write(&mut text, title.pick(vocabulary.tasks.of(story)));
    completer.fill(row, "title", |_| Value::Text(text));
}
