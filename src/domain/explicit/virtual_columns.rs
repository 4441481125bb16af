//! Virtual columns of explicit rows: references that other schemas have as columns.

use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::domain::explicit::{CompletedRow, facts};

/// The key that `made` would have in a column that the bundled schema lacks: a contact's organization, a
/// deal's contact, a task's organization.
pub fn virtual_value(dataset: &Dataset, made: &CompletedRow, name: &str) -> Option<i64> {
    let id = made.key().next()?.1;
    match (TABLES[made.table].info().name, name) {
        ("contacts", "organization_id") => {
            linked(dataset, "contact_organizations", ("contact_id", id), "organization_id", "is_primary")
        }
        ("opportunities", "contact_id") => {
            linked(dataset, "opportunity_contacts", ("opportunity_id", id), "contact_id", "is_primary")
        }
        ("tasks", "organization_id") => {
            let deal = number(made, "opportunity_id")?;
            let deals =
                dataset.explicit.iter().filter(|other| TABLES[other.table].info().name == "opportunities");
            let deal = deals.into_iter().find(|other| number(other, "id") == Some(deal))?;
            number(deal, "customer_organization_id")
        }
        _ => None,
    }
}

fn number(made: &CompletedRow, column: &str) -> Option<i64> {
    made.values[facts::position(made.table, column)].as_number()
}

/// The `wanted` of the rows of a link table of which `(column, value)` holds: of the one with `flag` first.
fn linked(
    dataset: &Dataset,
    table: &str,
    (column, value): (&str, i64),
    wanted: &str,
    flag: &str,
) -> Option<i64> {
    let rows = dataset.explicit.iter().filter(|made| TABLES[made.table].info().name == table);
    let own = rows.filter(|made| number(made, column) == Some(value));
    let is_flagged = |made: &&CompletedRow| {
        made.values[facts::position(made.table, flag)] == crate::domain::explicit::Value::Bool(true)
    };
    let own: Vec<&CompletedRow> = own.collect();
    own.iter()
        .copied()
        .find(|made| is_flagged(made))
        .or_else(|| own.first().copied())
        .and_then(|made| number(made, wanted))
}
