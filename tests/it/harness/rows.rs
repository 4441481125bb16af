//! The rows of generated JSON Lines, by table and key.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Map, Value};

use super::crm::Crm;

/// The rows of a table by their key.
pub type Table = BTreeMap<String, Map<String, Value>>;
/// The tables by their names.
pub type Rows = BTreeMap<String, Table>;

/// What `generate` makes with `arguments`.
#[track_caller]
pub fn read_rows(arguments: &str) -> Rows {
    let crm = Crm::new();
    crm.ok(&format!("generate --quiet --format jsonl --out rows {arguments}"));
    let files = crm.names_in("rows");
    files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(crm.directory().join("rows").join(file)).expect("a file");
            let rows = text.lines().map(|line| {
                let row: Map<String, Value> = serde_json::from_str(line).expect("an object");
                (key(&row), row)
            });
            let name = file.strip_suffix(".jsonl").expect("a .jsonl file");
            (name.to_owned(), rows.collect())
        })
        .collect()
}

/// The id, or the first two columns where a table has none: all such tables are links.
fn key(row: &Map<String, Value>) -> String {
    match row.get("id") {
        Some(id) => id.to_string(),
        None => {
            let other = row.get("contact_id").or_else(|| row.get("product_id")).expect("a link");
            format!("{} {other}", row["opportunity_id"])
        }
    }
}
