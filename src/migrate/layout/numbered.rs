//! Files whose names begin with a version and an underscore: those of sqlx and golang-migrate, with a file for each
//! direction (`1_name.up.sql`, `1_name.down.sql`), and simple ones of sqlx and Supabase.

use crate::error::Result;
use crate::migrate::files::{Migration, Source};
use crate::migrate::layout::listing::{Listing, leading_digits, plain_number};
use crate::migrate::statements;

/// How a tool wants its files run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// sqlx: in a transaction, where the first line does not say `-- no-transaction`.
    Sqlx,
    /// golang-migrate and Supabase: in one message, which is a transaction where the statements bear one.
    OneMessage,
}

/// The migrations of a directory, by their versions.
///
/// # Errors
/// A file that is not named so; a rollback without its migration; two migrations of one version.
pub fn read(listing: &Listing, habit: Habit) -> Result<Vec<Migration>> {
    let mut migrations: Vec<Migration> = Vec::new();
    for name in &listing.files {
        let stem = name.trim_end_matches(".sql");
        if stem.ends_with(".down") {
            continue;
        }
        let title = stem.strip_suffix(".up").unwrap_or(stem);
        let Some(digits) = leading_digits(title) else {
            return Err(listing.fault(format!("{name} does not begin with a version and an underscore")));
        };
        let version = plain_number(digits);
        if let Some(other) = migrations.iter().find(|other| other.version == version) {
            return Err(listing.fault(format!("{name} has the same version as {}", other.name)));
        }
        let rollback = format!("{title}.down.sql");
        let down = listing.files.contains(&rollback).then(|| source(listing, &rollback, habit));
        migrations.push(Migration {
            name: title.to_owned().into(),
            version: version.into(),
            is_repeatable: false,
            up: source(listing, name, habit)?,
            down: down.transpose()?,
        });
    }
    check_rollbacks(listing, &migrations)?;
    migrations.sort_by_key(|migration| (migration.version.len(), migration.version.to_string()));
    Ok(migrations)
}

fn check_rollbacks(listing: &Listing, migrations: &[Migration]) -> Result<()> {
    let stems = listing.files.iter().filter_map(|name| name.strip_suffix(".down.sql"));
    for stem in stems {
        if migrations.iter().all(|migration| migration.name != stem) {
            return Err(listing.fault(format!("{stem}.down.sql rolls back {stem}, which does not exist")));
        }
    }
    Ok(())
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
