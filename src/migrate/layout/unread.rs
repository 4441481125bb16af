//! Directories of tools whose form is not read: they are told by name, so that nobody takes them for empty, or for ours.

use crate::error::{Error, Result};
use crate::migrate::layout::listing::{Listing, first_digits};

/// Refuses what is another tool's and would be misread, or not be seen.
///
/// # Errors
/// It is.
pub fn refuse(listing: &Listing) -> Result<()> {
    if let Some((what, tool)) = of_names(listing) {
        return Err(told(listing, &what, tool));
    }
    for name in &listing.files {
        let (_, text) = listing.text(name)?;
        if let Some(tool) = text.lines().find_map(of_line) {
            return Err(told(listing, name, tool));
        }
    }
    Ok(())
}

fn told(listing: &Listing, what: &str, tool: &str) -> Error {
    listing.fault(format!("{what} is of {tool}, whose migrations crm-seed does not read")).with_hint(
        "apply them with that tool, and let crm-seed seed what they made; or write them as SQL in a directory of \
         their own",
    )
}

/// A name in the directory by which a tool is told, and the tool.
fn of_names(listing: &Listing) -> Option<(String, &'static str)> {
    let has = |name: &str| listing.others.iter().any(|other| other == name).then(|| name.to_owned());
    let named = [
        ("atlas.sum", "Atlas"),
        ("sqitch.plan", "Sqitch"),
        ("env.py", "Alembic"),
        ("script.py.mako", "Alembic"),
    ];
    if let Some(found) = named.iter().find_map(|(name, tool)| Some((has(name)?, *tool))) {
        return Some(found);
    }
    let snapshot = |folder: &&String| {
        let folder = listing.path.join(folder);
        folder.join("snapshot.json").is_file() && folder.join("migration.sql").is_file()
    };
    if let Some(folder) = listing.folders.iter().find(snapshot) {
        return Some((folder.clone(), "drizzle-kit 1"));
    }
    // Programs beside files of SQL are of a tool that is told by those.
    if !listing.files.is_empty() {
        return None;
    }
    listing.others.iter().find_map(|name| Some((name.clone(), of_program(listing, name)?)))
}

/// The tool for which a program is a migration.
fn of_program(listing: &Listing, name: &str) -> Option<&'static str> {
    let text = || listing.text(name).map(|(_, text)| text).unwrap_or_default();
    let is_numbered = !first_digits(name).is_empty();
    match name.rsplit_once('.')?.1 {
        "py" if text().contains("down_revision") => Some("Alembic"),
        "py" if text().contains("migrations.Migration") => Some("Django"),
        "rb" if is_numbered => Some("Rails"),
        "xml" | "yaml" | "yml" | "json" if text().contains("databaseChangeLog") => Some("Liquibase"),
        "php" if is_numbered || name.starts_with("Version") => Some("a tool for PHP"),
        "js" | "ts" | "mjs" | "cjs" | "mts" | "cts" if is_numbered || name.starts_with("Migration") => {
            Some("a tool for JavaScript (Knex, TypeORM, Sequelize and others)")
        }
        _ => None,
    }
}

/// The tool of which a line in a file of SQL is. Its files hold both directions, or more than ours do.
fn of_line(line: &str) -> Option<&'static str> {
    let comment = line.strip_prefix("--")?.trim();
    let begins =
        |words: &str| comment.get(..words.len()).is_some_and(|head| head.eq_ignore_ascii_case(words));
    match () {
        () if begins("+migrate up") => Some("sql-migrate"),
        () if begins("up migration") => Some("node-pg-migrate"),
        () if begins("liquibase formatted sql") => Some("Liquibase"),
        () if begins("//@undo") => Some("MyBatis Migrations"),
        () => None,
    }
}
