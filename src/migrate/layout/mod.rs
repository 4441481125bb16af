//! Directories of migrations, in the form of whichever tool they were written for: a file for each form.

mod bundled;
mod dbmate;
mod drizzle;
mod flyway;
mod goose;
mod listing;
mod numbered;
mod own;
mod prisma;
mod sections;
mod unread;

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::Result;
use crate::migrate::files::Migration;
use listing::{Listing, is_sql, leading_digits};
use numbered::Habit;

pub use bundled::BUNDLED;
pub use flyway::plain_version;
pub use listing::plain_number;

/// The form of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Built into the binary.
    #[serde(skip)]
    Bundled,
    /// `YYYYMMDDHHMMSS_name.sql` and `YYYYMMDDHHMMSS_name.down.sql`
    #[serde(rename = "crm-seed")]
    Own,
    /// `supabase/migrations`: `YYYYMMDDHHMMSS_name.sql`
    Supabase,
    /// `1_name.up.sql` and `1_name.down.sql`, or `1_name.sql`
    Sqlx,
    /// `000001_name.up.sql` and `000001_name.down.sql`
    GolangMigrate,
    /// One file with `-- migrate:up` and `-- migrate:down`
    Dbmate,
    /// One file with `-- +goose Up` and `-- +goose Down`
    Goose,
    /// `V1__name.sql`, `U1__name.sql` and `R__name.sql`
    Flyway,
    /// `YYYYMMDDHHMMSS_name/migration.sql`
    Prisma,
    /// `0000_name.sql`, listed in `meta/_journal.json`
    Drizzle,
}

/// Migrations that belong together.
#[derive(Clone, Debug)]
pub struct Directory {
    pub layout: Layout,
    /// The oldest first.
    pub migrations: Vec<Migration>,
    /// Files of SQL that are no migrations to the tool, as of their names.
    pub passed_over: Vec<String>,
}

impl Layout {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bundled => "bundled",
            Self::Own => "crm-seed",
            Self::Supabase => "Supabase",
            Self::Sqlx => "sqlx",
            Self::GolangMigrate => "golang-migrate",
            Self::Dbmate => "dbmate",
            Self::Goose => "goose",
            Self::Flyway => "Flyway",
            Self::Prisma => "Prisma",
            Self::Drizzle => "Drizzle",
        }
    }

    /// Whether it is one of our own.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::Bundled | Self::Own)
    }

    /// The form in which the files are. What is in no form is taken for our own, which says what is wrong.
    fn of(listing: &Listing) -> Result<Self> {
        unread::refuse(listing)?;
        if drizzle::has_journal(listing) {
            return Ok(Self::Drizzle);
        }
        let any = |is: &dyn Fn(&str) -> bool| listing.files.iter().any(|name| is(name));
        if listing.folders.iter().any(|folder| prisma::is_migration(listing, folder)) {
            return Ok(Self::Prisma);
        }
        if any(&flyway::is_named) {
            return Ok(Self::Flyway);
        }
        for name in &listing.files {
            let (_, text) = listing.text(name)?;
            if dbmate::MARKERS.are_in(&text) {
                return Ok(Self::Dbmate);
            }
            if goose::MARKERS.are_in(&text) {
                return Ok(Self::Goose);
            }
        }
        if any(&|name| name.ends_with(".up.sql")) {
            return Ok(Self::of_pairs(listing));
        }
        if is_of_supabase(&listing.path) {
            return Ok(Self::Supabase);
        }
        let is_own = |name: &String| own::is_own(name.trim_end_matches(".sql"));
        let are_numbered = listing.files.iter().all(|name| leading_digits(name).is_some());
        let is_simple_sqlx =
            are_numbered && !listing.files.iter().any(is_own) && has_above(&listing.path, "Cargo.toml");
        Ok(if is_simple_sqlx { Self::Sqlx } else { Self::Own })
    }

    /// golang-migrate and sqlx name pairs of files alike. The project above says which it is, else the versions: those of
    /// sqlx are times, those of golang-migrate are most often counted.
    fn of_pairs(listing: &Listing) -> Self {
        let is_time = |name: &String| leading_digits(name).is_some_and(|digits| digits.len() == 14);
        match (has_above(&listing.path, "Cargo.toml"), has_above(&listing.path, "go.mod")) {
            (true, false) => Self::Sqlx,
            (false, true) => Self::GolangMigrate,
            _ if listing.files.iter().all(is_time) => Self::Sqlx,
            _ => Self::GolangMigrate,
        }
    }

    /// Whether the tool takes a file of this name for a migration. What it does not is nothing to it.
    fn takes(self, name: &str) -> bool {
        match self {
            Self::Bundled | Self::Own | Self::Goose | Self::Flyway | Self::Drizzle => true,
            Self::Supabase => leading_digits(name).is_some(),
            Self::Sqlx => name.contains('_'),
            Self::GolangMigrate => numbered::has_direction(name),
            Self::Dbmate => dbmate::is_file(name),
            Self::Prisma => false,
        }
    }

    fn read(self, listing: &Listing) -> Result<Vec<Migration>> {
        match self {
            Self::Bundled | Self::Own => own::read(listing),
            Self::Supabase | Self::GolangMigrate => numbered::read(listing, Habit::OneMessage),
            Self::Sqlx => numbered::read(listing, Habit::Sqlx),
            Self::Dbmate => dbmate::read(listing),
            Self::Goose => goose::read(listing),
            Self::Flyway => flyway::read(listing),
            Self::Prisma => prisma::read(listing),
            Self::Drizzle => drizzle::read(listing),
        }
    }
}

/// Whether it is the directory that the Supabase CLI keeps.
fn is_of_supabase(path: &Path) -> bool {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    name(&path).as_deref() == Some("migrations")
        && path.parent().is_some_and(|above| name(above).as_deref() == Some("supabase"))
}

/// Whether a file of this name stands in one of the three directories above: a project, its part, its database.
fn has_above(path: &Path, file: &str) -> bool {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    path.ancestors().skip(1).take(3).any(|above| above.join(file).is_file())
}

impl Directory {
    /// Of our own form.
    pub const fn own(migrations: Vec<Migration>) -> Self {
        Self { layout: Layout::Own, migrations, passed_over: Vec::new() }
    }

    /// What is to be known of files that are no migrations, a line each.
    pub fn notes(&self) -> Vec<String> {
        let tool = self.layout.name();
        let note = |name| format!("note: {name} is passed over: by its name it is no migration of {tool}");
        self.passed_over.iter().map(note).collect()
    }

    /// Whether its form has rollbacks, or any of its migrations has one: else a migration without one lacks nothing.
    pub fn has_rollbacks(&self) -> bool {
        self.layout.is_own() || self.migrations.iter().any(|migration| migration.down.is_some())
    }

    /// What it holds, in a few words: `the 3 migrations of dbmate`.
    pub fn told(&self) -> String {
        let count = self.migrations.len();
        let s = if count == 1 { "" } else { "s" };
        match self.layout {
            Layout::Bundled => format!("the {count} bundled migration{s}"),
            Layout::Own => format!("the {count} migration{s} of the directory"),
            tool => format!("the {count} migration{s} of {}", tool.name()),
        }
    }
}

/// The migrations that are built into the binary.
pub fn bundled() -> Directory {
    Directory { layout: Layout::Bundled, migrations: bundled::all(), passed_over: Vec::new() }
}

/// Reads a directory, in the form that its files have where none is given.
///
/// # Errors
/// It cannot be read; files that are no migrations of that form.
pub fn read_directory(path: &Path, layout: Option<Layout>) -> Result<Directory> {
    let mut listing = Listing::of(path)?;
    let layout = layout.map_or_else(|| Layout::of(&listing), Ok)?;
    let (files, passed_over) = listing.files.drain(..).partition(|name| layout.takes(name));
    listing.files = files;
    let migrations = layout.read(&listing)?;
    if migrations.is_empty() && passed_over.is_empty() {
        refuse_above(&listing)?;
    }
    check_versions(&listing, &migrations)?;
    let mut directory = Directory { layout, migrations, passed_over };
    directory.passed_over.extend(listing.others.iter().filter(|name| is_sql(name)).cloned());
    if layout == Layout::Drizzle {
        let is_read =
            |name: &String| directory.migrations.iter().any(|m| name.trim_end_matches(".sql") == m.name);
        let unread: Vec<String> = listing.files.into_iter().filter(|name| !is_read(name)).collect();
        directory.passed_over.extend(unread);
    }
    Ok(directory)
}

/// Refuses a directory without migrations where those below it have some: it is the wrong one.
fn refuse_above(listing: &Listing) -> Result<()> {
    let has_sql = |folder: &&String| {
        let entries = std::fs::read_dir(listing.path.join(folder)).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| is_sql(&entry.file_name().to_string_lossy()))
    };
    match listing.folders.iter().find(has_sql) {
        None => Ok(()),
        Some(folder) => {
            let below = listing.path.join(folder);
            Err(listing
                .fault(format!("there are no migrations here, but SQL in {}", below.display()))
                .with_hint(format!("directories below are not read; name one: --dir {}", below.display())))
        }
    }
}

/// Holds the versions to be of one migration each, as every tool wants it.
fn check_versions(listing: &Listing, migrations: &[Migration]) -> Result<()> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for migration in migrations {
        if let Some(other) = seen.insert(&migration.version, &migration.name) {
            return Err(listing.fault(format!("{} has the same version as {other}", migration.name)));
        }
    }
    Ok(())
}
