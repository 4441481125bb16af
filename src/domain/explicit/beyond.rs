//! What the domain knows of explicit rows besides their columns.

use crate::domain::TABLES;
use crate::domain::explicit::{Made, facts};
use crate::domain::world::World;

/// The key that `made` would have in a column that the bundled schema lacks: a contact's organization, a
/// deal's contact, a task's organization.
pub fn beyond(world: &World, made: &Made, name: &str) -> Option<i64> {
    let id = made.key().next()?.1;
    match (TABLES[made.table].info().name, name) {
        ("contacts", "organization_id") => {
            linked(world, "contact_organizations", ("contact_id", id), "organization_id", "is_primary")
        }
        ("opportunities", "contact_id") => {
            linked(world, "opportunity_contacts", ("opportunity_id", id), "contact_id", "is_primary")
        }
        ("tasks", "organization_id") => {
            let deal = number(made, "opportunity_id")?;
            let deals =
                world.explicit.iter().filter(|other| TABLES[other.table].info().name == "opportunities");
            let deal = deals.into_iter().find(|other| number(other, "id") == Some(deal))?;
            number(deal, "customer_organization_id")
        }
        _ => None,
    }
}

fn number(made: &Made, column: &str) -> Option<i64> {
    made.values[facts::position(made.table, column)].as_number()
}

/// The `wanted` of the rows of a link table of which `(column, value)` holds: of the one with `flag` first.
fn linked(world: &World, table: &str, (column, value): (&str, i64), wanted: &str, flag: &str) -> Option<i64> {
    let rows = world.explicit.iter().filter(|made| TABLES[made.table].info().name == table);
    let own = rows.filter(|made| number(made, column) == Some(value));
    let is_flagged = |made: &&Made| {
        made.values[facts::position(made.table, flag)] == crate::domain::explicit::Value::Bool(true)
    };
    let own: Vec<&Made> = own.collect();
    own.iter()
        .copied()
        .find(|made| is_flagged(made))
        .or_else(|| own.first().copied())
        .and_then(|made| number(made, wanted))
}
