//! The PostgreSQL inside the binary.

use crate::harness::{Crm, Database, Running, wait_for};

/// Serves the embedded database of `crm`, and gives what it printed as a database.
pub fn serve(crm: &Crm) -> (Running, Database) {
    let serving = crm.spawn("serve");
    let url = wait_for("a URL", || Some(serving.printed()).filter(|text| text.ends_with('\n')));
    let database = Database::at(url.trim()).expect("psql");
    (serving, database)
}
