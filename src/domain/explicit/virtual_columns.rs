//! Virtual columns of explicit rows: what other schemas have as columns, and the domain keeps elsewhere.

use crate::domain::dataset::Dataset;
use crate::domain::explicit::{CompletedRow, Value, facts};
use crate::domain::opportunities::LOST;
use crate::domain::products::storage;
use crate::domain::{TABLES, explicit};
use crate::random::Keyed;

/// What `made` would have in a column that the bundled schema lacks: a contact's organization, a deal's contact, whether a
/// task is done.
pub fn virtual_value(dataset: &Dataset, made: &CompletedRow, name: &str) -> Value {
    let reference = |id: Option<i64>| id.map_or(Value::Null, Value::Int);
    let own = || made.key().next().map(|(_, id)| id);
    match (TABLES[made.table].info().name, name) {
        ("contacts", "organization_id") => {
            let id = own().map(|id| ("contact_id", id));
            let link = ("organization_id", "is_primary");
            reference(id.and_then(|id| linked(dataset, "contact_organizations", id, link)))
        }
        ("opportunities", "contact_id") => {
            let id = own().map(|id| ("opportunity_id", id));
            reference(
                id.and_then(|id| linked(dataset, "opportunity_contacts", id, ("contact_id", "is_primary"))),
            )
        }
        ("opportunities", "lost_reason") if text(made, "stage") == Some("closed_lost") => {
            let id = own().map_or(0, i64::unsigned_abs);
            let slot = Keyed::new(dataset.seed, "opportunities", "lost_reason").at(id);
            Value::Text((*slot.pick(&LOST)).to_owned())
        }
        ("tasks", "organization_id") => reference(customer_of_task(dataset, made)),
        ("tasks", "status") => Value::Text(if is_done(made) { "completed" } else { "open" }.to_owned()),
        ("tasks", "is_completed") => Value::Bool(is_done(made)),
        ("products", "storage") => {
            Value::Text(storage(text(made, "category").unwrap_or_default()).to_owned())
        }
        _ => Value::Null,
    }
}

fn is_done(task: &CompletedRow) -> bool {
    number(task, "completed_at").is_some()
}

fn customer_of_task(dataset: &Dataset, task: &CompletedRow) -> Option<i64> {
    let deal = number(task, "opportunity_id")?;
    let mut deals = dataset.explicit_of(explicit::table_called("opportunities")).iter();
    number(deals.find(|other| number(other, "id") == Some(deal))?, "customer_organization_id")
}

fn number(made: &CompletedRow, column: &str) -> Option<i64> {
    made.values[facts::position(made.table, column)].as_number()
}

fn text<'r>(made: &'r CompletedRow, column: &str) -> Option<&'r str> {
    made.values[facts::position(made.table, column)].as_text()
}

/// The `wanted` of the rows of a link table of which `(column, value)` holds: of the one with `flag` first.
fn linked(
    dataset: &Dataset,
    table: &str,
    (column, value): (&str, i64),
    (wanted, flag): (&str, &str),
) -> Option<i64> {
    let rows = dataset.explicit_of(explicit::table_called(table)).iter();
    let own: Vec<&CompletedRow> = rows.filter(|made| number(made, column) == Some(value)).collect();
    let is_flagged =
        |made: &&CompletedRow| made.values[facts::position(made.table, flag)] == Value::Bool(true);
    let found = own.iter().copied().find(|made| is_flagged(made)).or_else(|| own.first().copied())?;
    number(found, wanted)
}
