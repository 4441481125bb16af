//! Databases whose encoding lacks letters: names are written without the marks that it has not, what cannot be written
//! is refused before anything is made, and what was written holds.

use crate::harness::{Crm, Database};

/// A database of this encoding, beside another one that lends its connection.
fn in_encoding(beside: &Database, encoding: &str) -> Database {
    let name = format!("{}_{}", beside.name(), encoding.to_lowercase());
    beside.run(&format!("CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"));
    Database::at(&beside.url().replace(beside.name(), &name)).expect("a database")
}

fn holds(encoding: &str) {
    let Some(beside) = Database::empty() else { return };
    let db = in_encoding(&beside, encoding);
    let crm = Crm::new();
    crm.ok(&format!("--clean --seed 42 {}", db.option())).printing(encoding);
    crm.ok(&format!("verify {}", db.option()));
    crm.ok(&format!("--clean --seed 42 --method insert {}", db.option()));
    crm.ok(&format!("verify {}", db.option()));
    let names = db.run("SELECT last_name FROM contacts");
    assert!(names.contains("Simek"), "{encoding}: {names}");
}

#[test]
fn names_are_written_in_the_letters_of_latin_1() {
    holds("LATIN1");
}

#[test]
fn names_are_written_in_the_letters_of_windows_1251() {
    holds("WIN1251");
}

#[test]
fn names_are_written_in_ascii_where_bytes_are_no_letters() {
    holds("SQL_ASCII");
}

#[test]
fn what_an_encoding_cannot_hold_is_refused_before_anything_is_made() {
    let Some(beside) = Database::empty() else { return };
    let db = in_encoding(&beside, "LATIN1");
    let refused = Crm::new().run(&format!("--clean -s awkward-names {}", db.option())).exits(3);
    refused.telling("LATIN1").telling("scenario awkward-names").telling("ENCODING 'UTF8'");
    assert_eq!(db.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), 0);
}
