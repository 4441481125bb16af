//! Roles belong to the whole server: those that a migration makes in a throwaway database outlive it.

use std::collections::BTreeSet;

use sqlx::{PgConnection, Row};

use crate::db::query::{self, fetch};
use crate::error::Result;
use crate::migrate::Migration;

/// The roles of the server.
///
/// # Errors
/// The connection is lost.
pub async fn roles(connection: &mut PgConnection) -> Result<BTreeSet<String>> {
    let rows = fetch(connection, "SELECT rolname::text FROM pg_roles").await?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(query::error)
}

/// Roles that have come since, and that a migration names: others may be made by others meanwhile.
pub fn left<'m>(
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
    migrations: impl Iterator<Item = &'m Migration> + Clone,
) -> Vec<String> {
    let is_named =
        |role: &&String| migrations.clone().any(|migration| migration.up.text.contains(role.as_str()));
    after.difference(before).filter(is_named).cloned().collect()
}
