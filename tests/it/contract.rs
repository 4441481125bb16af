//! D3 and D6: the shape of the target and the as-of date move nothing that does not hang on them.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;

use crate::harness::{Crm, Database, read_rows};

/// The columns that are in both, which must agree.
#[track_caller]
fn same_where_both_have_it(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>, what: &str) {
    for (column, digest) in before {
        if let Some(other) = after.get(column) {
            assert_eq!(digest, other, "{what}: {column} changes");
        }
    }
}

fn reseed(db: &Database) {
    Crm::new().ok(&format!("--clean --yes --seed 42 --quiet {}", db.option()));
}

#[test]
fn further_columns_and_tables_change_no_other_column() {
    let Some(db) = Database::seeded("") else { return };
    let before = db.column_digests();
    db.run(
        "ALTER TABLE organizations ADD COLUMN nickname text, ADD COLUMN rating integer NOT NULL DEFAULT 3;
         ALTER TABLE contacts ADD COLUMN birthday date;
         ALTER TABLE opportunities ADD COLUMN score numeric GENERATED ALWAYS AS (probability / 100.0) STORED;
         ALTER TABLE opportunity_products ADD COLUMN line bigint GENERATED ALWAYS AS IDENTITY;
         CREATE TABLE notes (id bigint PRIMARY KEY, body text NOT NULL);",
    );
    reseed(&db);
    let after = db.column_digests();
    assert_eq!(after.len(), before.len() + 7);
    same_where_both_have_it(&before, &after, "with further columns");
}

/// The `NULL`able columns of each table, in their order: what a migration may drop one day.
fn droppable(db: &Database) -> BTreeMap<String, Vec<(String, String)>> {
    let columns = db.run(
        "SELECT a.attrelid::regclass, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'migration_history'
           AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attnotnull
         ORDER BY 1, a.attnum",
    );
    let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for line in columns.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        tables.entry(fields[0].into()).or_default().push((fields[1].into(), fields[2].into()));
    }
    tables
}

#[test]
fn dropping_and_reordering_columns_changes_no_other_column() {
    let Some(db) = Database::seeded("") else { return };
    let before = db.column_digests();
    // It shows columns that are to go.
    db.run("DROP MATERIALIZED VIEW opportunity_pipeline_summary");
    let tables = droppable(&db);
    let rounds = tables.values().map(Vec::len).max().expect("columns");
    assert!(rounds > 10, "{tables:?}");
    for round in 0..rounds {
        let at = |action: &dyn Fn(&str, &str, &str) -> String| -> String {
            let columns = tables.iter().filter_map(|(table, columns)| Some((table, columns.get(round)?)));
            columns.map(|(table, (column, type_name))| action(table, column, type_name)).collect()
        };
        db.run(&at(&|table, column, _| format!("ALTER TABLE {table} DROP COLUMN {column};\n")));
        reseed(&db);
        let after = db.column_digests();
        assert!(after.len() < before.len());
        same_where_both_have_it(
            &before,
            &after,
            &at(&|table, column, _| format!("without {table}.{column} ")),
        );
        // Back again, as the last one: so the order changes from round to round.
        db.run(&at(&|table, column, type_name| format!("ALTER TABLE {table} ADD {column} {type_name};\n")));
    }
    reseed(&db);
    assert_eq!(db.column_digests(), before, "the columns are all back, in another order");
}

#[test]
fn a_table_that_is_not_there_changes_no_other_table() {
    let Some(db) = Database::seeded("") else { return };
    let mut wanted = db.digests();
    for table in ["product_inventory", "opportunity_contacts", "tasks"] {
        db.run(&format!("DROP TABLE {table}"));
        wanted.remove(table);
        reseed(&db);
        assert_eq!(db.digests(), wanted, "without {table}");
    }
}

/// `text` as a day and the rest, where it is a date or a timestamp.
fn date(text: &str) -> Option<(Date, &str)> {
    let (day, rest) = text.split_at_checked(10)?;
    let is_moment = rest.len() == 10 && rest.starts_with('T') && rest.ends_with('Z');
    (rest.is_empty() || is_moment).then_some(())?;
    Some((day.parse().ok()?, rest))
}

#[test]
fn another_as_of_date_shifts_every_date_and_changes_nothing_else() {
    let as_of = |day: &str| day.parse::<Date>().expect("a day");
    let before = read_rows("--scale 4 --as-of 2026-01-01");
    for day in ["2025-12-31", "2028-03-01", "1999-07-04", "2200-12-31"] {
        let shift = (as_of(day) - as_of("2026-01-01")).get_days().days();
        let after = read_rows(&format!("--scale 4 --as-of {day}"));
        let mut shifted = 0;
        for (table, rows) in &before {
            assert_eq!(rows.len(), after[table].len(), "{table} as of {day}");
            for (key, row) in rows {
                for (column, value) in row {
                    let other = &after[table][key][column];
                    let place = || format!("{table}.{column} of {key} as of {day}: {value} and {other}");
                    let Some((from, time)) = value.as_str().and_then(date) else {
                        assert_eq!(value, other, "{}", place());
                        continue;
                    };
                    let to = other.as_str().and_then(date);
                    assert_eq!(to, Some((from + shift, time)), "{}", place());
                    shifted += 1;
                }
            }
        }
        assert!(shifted > 5_000, "{shifted} dates");
    }
}

#[test]
fn today_is_an_as_of_date_like_any_other() {
    let crm = Crm::new();
    let report = crm.json("generate --out files --as-of today");
    let Value::String(day) = &report["as_of"] else { panic!("{report:#}") };
    assert_eq!(crm.digest(&format!("generate --out files --as-of {day}")), report["digest"]);
}
