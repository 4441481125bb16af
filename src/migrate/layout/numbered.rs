//! Files whose names begin with a version and an underscore: those of sqlx and golang-migrate, with a file for each
//! direction (`1_name.up.sql`, `1_name.down.sql`), and simple ones of sqlx and Supabase.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::migrate::files::{Migration, Source};
use crate::migrate::layout::listing::{Listing, leading_digits, plain_number};
use crate::migrate::sql::statements;

/// How the file ends that rolls a migration back.
const DOWN: &str = ".down.sql";

/// How a tool wants its files run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// sqlx: in a transaction, where the first line does not say `-- no-transaction`.
    Sqlx,
    /// golang-migrate and Supabase: in one message, which is a transaction where the statements bear one.
    OneMessage,
}

/// Whether golang-migrate takes a file of this name for a migration: it says its direction.
pub fn has_direction(name: &str) -> bool {
    leading_digits(name).is_some() && (name.ends_with(".up.sql") || name.ends_with(DOWN))
}

/// The migrations of a directory, by their versions. What rolls one back is told by the version: the words behind it
/// may be others.
///
/// # Errors
/// A file that is not named so; a rollback without its migration; two migrations, or two rollbacks, of one version.
pub fn read(listing: &Listing, habit: Habit) -> Result<Vec<Migration>> {
    let mut rollbacks: BTreeMap<String, &str> = BTreeMap::new();
    for name in listing.files.iter().filter(|name| name.ends_with(DOWN)) {
        if let Some(other) = rollbacks.insert(version(listing, name)?, name) {
            return Err(listing.fault(format!("{name} has the same version as {other}")));
        }
    }
    let mut migrations: Vec<Migration> = Vec::new();
    for name in listing.files.iter().filter(|name| !name.ends_with(DOWN)) {
        let version = version(listing, name)?;
        if let Some(other) = migrations.iter().find(|other| other.version == version) {
            return Err(listing.fault(format!("{name} has the same version as {}", other.name)));
        }
        let down = rollbacks.remove(&version).map(|rollback| source(listing, rollback, habit));
        let title = name.trim_end_matches(".sql").trim_end_matches(".up");
        migrations.push(Migration {
            name: title.to_owned().into(),
            version: version.into(),
            is_repeatable: false,
            up: source(listing, name, habit)?,
            down: down.transpose()?,
        });
    }
    if let Some(name) = rollbacks.values().next() {
        let title = name.trim_end_matches(DOWN);
        return Err(listing.fault(format!("{name} rolls back {title}, which does not exist")));
    }
    migrations.sort_by_key(|migration| (migration.version.len(), migration.version.to_string()));
    Ok(migrations)
}

fn version(listing: &Listing, name: &str) -> Result<String> {
    let digits = leading_digits(name)
        .ok_or_else(|| listing.fault(format!("{name} does not begin with a version and an underscore")))?;
    Ok(plain_number(digits))
}

fn source(listing: &Listing, name: &str, habit: Habit) -> Result<Source> {
    let own = listing.source(name)?;
    let in_transaction = own.in_transaction
        && match habit {
            Habit::Sqlx => !own.text.starts_with("-- no-transaction"),
            Habit::OneMessage => bears_transaction(&own.text),
        };
    Ok(Source { in_transaction, ..own })
}

/// Whether all statements may run in a transaction, as far as their words tell.
pub fn bears_transaction(text: &str) -> bool {
    !statements::split(text).iter().any(|statement| statements::runs_alone(statement))
}
