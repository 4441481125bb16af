//! `crm-seed migrate deprecate`: the column keeps its values under another name, readers of the old one go on, and all
//! of it is undone to the byte.

use std::fs;

use crate::harness::{Crm, Database};

const AFTER: &str = "--after 2999-12-31 --dir own";

/// What the migration was written as: up and down.
fn files(crm: &Crm, arguments: &str) -> (String, String) {
    let written = crm.json(&format!("migrate deprecate {arguments}"));
    let text = |key: &str| {
        let path = written[0][key].as_str().expect("a path");
        fs::read_to_string(crm.directory().join(path)).expect("a file")
    };
    (text("up"), text("down"))
}

#[test]
fn a_column_is_renamed_and_says_until_when_it_stays() {
    let Some(db) = Database::seeded("") else { return };
    let crm = Crm::new();
    db.run("COMMENT ON COLUMN opportunities.competition IS 'who''s against us'");
    let before = (db.schema(), db.digests());
    let (up, _) = files(&crm, &format!("opportunities.competition {AFTER} {}", db.option()));
    assert!(
        up.contains("ALTER TABLE opportunities RENAME COLUMN competition TO competition_deprecated;"),
        "{up}"
    );
    assert_eq!(crm.names_in("own")[0][14..], *"_deprecate_opportunities_competition.down.sql");
    crm.ok(&format!("migrate up --dir own {}", db.option())).printing("1 applied");
    let comment = db.run(
        "SELECT col_description(attrelid, attnum) FROM pg_attribute
         WHERE attrelid = 'opportunities'::regclass AND attname = 'competition_deprecated'",
    );
    let since =
        comment.strip_prefix("Deprecated: ").and_then(|rest| rest.strip_suffix(". Remove after 2999-12-31"));
    assert_eq!(since.map(str::len), Some(10), "{comment}");
    assert!(db.number("SELECT count(competition_deprecated) FROM opportunities") > 0);
    crm.ok(&format!("migrate down --yes --dir own {}", db.option()));
    assert_eq!((db.schema(), db.digests()), before);
    crm.ok(&format!("migrate up --dir own {}", db.option())).printing("1 applied");
}

#[test]
fn readers_of_the_old_name_go_on() {
    let Some(db) = Database::seeded("") else { return };
    let reader = db.role("GRANT SELECT ON contacts TO ROLE; GRANT USAGE ON SCHEMA public TO ROLE;");
    db.run("ALTER TABLE contacts ALTER COLUMN title TYPE varchar(200) COLLATE \"C\"");
    for (keep, relation) in [("view", "contacts_with_title"), ("column", "contacts")] {
        let crm = Crm::new();
        let before = (db.schema(), db.digests());
        let titles = db.run("SELECT string_agg(title, ',' ORDER BY id) FROM contacts");
        crm.ok(&format!("migrate deprecate contacts.title --keep {keep} {AFTER} {}", db.option()));
        crm.ok(&format!("migrate up --dir own {}", db.option())).printing("1 applied");
        let read = format!("SET ROLE {reader}; SELECT string_agg(title, ',' ORDER BY id) FROM {relation}");
        assert_eq!(db.run(&read), titles, "{keep}");
        // Row-level security holds for the view, too.
        db.run("ALTER TABLE contacts ENABLE ROW LEVEL SECURITY");
        let hidden = format!("SET ROLE {reader}; SELECT count(*) FROM {relation}");
        if db.number("SHOW server_version_num") >= 150_000 {
            assert_eq!(db.number(&hidden), 0, "{keep}");
        }
        db.run("ALTER TABLE contacts DISABLE ROW LEVEL SECURITY");
        crm.ok(&format!("migrate down --yes --dir own {}", db.option()));
        assert_eq!((db.schema(), db.digests()), before, "{keep}");
        crm.ok(&format!("migrate up --dir own {}", db.option())).printing("1 applied");
        crm.ok(&format!("migrate down --yes --dir own {}", db.option()));
    }
}

#[test]
fn a_column_that_must_be_filled_need_not_be_any_more() {
    let Some(db) = Database::seeded("") else { return };
    let crm = Crm::new();
    let before = db.schema();
    crm.ok(&format!("migrate deprecate tasks.title {AFTER} {}", db.option()));
    crm.ok(&format!("migrate up --dir own {}", db.option()));
    db.run("INSERT INTO tasks (notes) VALUES ('without a title')");
    crm.run(&format!("migrate down --yes --dir own {}", db.option()))
        .fails(1)
        .telling("contains null values");
    db.run("DELETE FROM tasks WHERE notes = 'without a title'");
    crm.ok(&format!("migrate down --yes --dir own {}", db.option()));
    assert_eq!(db.schema(), before);
}

#[test]
fn no_database_is_needed_unless_a_column_is_kept() {
    let crm = Crm::new().with("DATABASE_URL", "postgres://app@127.0.0.1:1/crm");
    for keep in ["none", "view"] {
        let arguments = format!("migrate deprecate crm.Deals.old_field --keep {keep} {AFTER}");
        crm.ok(&arguments).telling("note: crm.\"Deals\".old_field was not looked up");
    }
    let (up, down) = files(&crm, &format!("crm.Deals.old_field --keep view {AFTER}"));
    assert!(up.contains("CREATE VIEW crm.\"Deals_with_old_field\" AS"), "{up}");
    assert!(up.contains("GRANT SELECT ON crm.\"Deals_with_old_field\" TO %s"), "{up}");
    assert!(down.contains("DROP VIEW crm.\"Deals_with_old_field\";"), "{down}");
    crm.run(&format!("migrate deprecate a.b --keep column {AFTER}")).fails(4);
}

#[test]
fn a_long_name_stays_one_that_the_server_takes() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let column = "c".repeat(60);
    db.run(&format!(
        "CREATE TABLE visits (id int PRIMARY KEY, {column} text); INSERT INTO visits VALUES (1, 'a')"
    ));
    for keep in ["view", "column"] {
        crm.ok(&format!("migrate deprecate visits.{column} --keep {keep} {AFTER} {}", db.option()));
        crm.ok(&format!("migrate up --dir own {}", db.option()));
        let name = db.run("SELECT attname FROM pg_attribute WHERE attname ~ '_deprecated$' AND attrelid = 'visits'::regclass");
        assert!(name.len() <= 63 && name.starts_with("ccc"), "{name}");
        crm.ok(&format!("migrate down --yes --dir own {}", db.option()));
        for file in crm.names_in("own") {
            fs::remove_file(crm.directory().join("own").join(file)).expect("a file");
        }
    }
}

#[test]
fn what_cannot_be_deprecated_is_refused_with_what_to_do() {
    let Some(db) = Database::migrated() else { return };
    let crm = Crm::new();
    db.run(
        "ALTER TABLE contacts ADD COLUMN initials text GENERATED ALWAYS AS (left(first_name, 1)) STORED;
         ALTER TABLE contacts ADD COLUMN title_deprecated text;
         CREATE VIEW people AS SELECT id, name FROM contacts;",
    );
    for (column, why, what_to_do) in [
        ("contacts.id", "contacts.id is part of a key (contacts_pkey)", "drop the key"),
        ("products.upc", "is part of a key (products_upc_key)", "drop the key"),
        ("contacts.initials", "is generated", "deprecate what it is computed from"),
        ("contacts.nothing", "there is no column contacts.nothing", "the columns are id, name"),
        ("nowhere.name", "there is no table nowhere", "check its name"),
        ("people.name", "people is not a table", "a column of a view"),
        ("contacts.title", "has a column title_deprecated already", "rename that one"),
    ] {
        for keep in ["none", "column"] {
            let arguments = format!("migrate deprecate {column} --keep {keep} {AFTER} {}", db.option());
            crm.run(&arguments).fails(3).telling(why).telling(what_to_do);
        }
    }
    let crm = Crm::new();
    for (arguments, why) in [
        ("contacts.title --after 2020-01-01 --dir own", "is not after today"),
        ("contacts.title --after 2999-02-30 --dir own", "it must be a day of the calendar"),
        ("title --after 2999-01-01 --dir own", "title does not name a column"),
        ("contacts.title --after 2999-01-01", "no directory for migrations is set"),
    ] {
        crm.run(&format!("migrate deprecate {arguments}")).fails(2).telling(why);
    }
    assert_eq!(crm.names_in("own"), [""; 0]);
}

#[test]
fn a_column_is_not_dropped_before_its_day_or_without_a_warning() {
    let Some(db) = Database::seeded("") else { return };
    let crm = Crm::new();
    let up = || crm.run(&format!("migrate up --dir own {}", db.option()));
    let file = "own/29990101000000_drop_it.sql";
    crm.write(file, "SELECT 1;\nALTER TABLE contacts\n  DROP COLUMN title;");
    up().fails(3)
        .telling("own/29990101000000_drop_it.sql:3:3: column contacts.title would be dropped without")
        .telling("crm-seed migrate deprecate contacts.title --after DATE");
    fs::remove_file(crm.directory().join(file)).expect("a file");
    crm.ok(&format!("migrate deprecate contacts.title --keep column {AFTER} {}", db.option()));
    // In the same run and in a later one.
    crm.write(file, "ALTER TABLE contacts DROP COLUMN title, DROP title_deprecated;");
    for deprecated in ["title", "title_deprecated"] {
        up().fails(3).telling("must stay until 2999-12-31");
        crm.write(file, "SELECT 1;");
        up();
        let later = format!("own/29990102000000_drop_{deprecated}.sql");
        crm.write(&later, &format!("-- Drop: it is time\nALTER TABLE contacts DROP COLUMN {deprecated};"));
        up().fails(3).telling(&format!("column contacts.{deprecated} must stay until 2999-12-31"));
        crm.write(&later, "-- Drop: nobody uses them\nDROP TABLE contacts CASCADE;");
        up().fails(3).telling("column contacts.title must stay until 2999-12-31");
        fs::remove_file(crm.directory().join(later)).expect("a file");
        crm.write("own/29990103000000_more.sql", &format!("ALTER TABLE contacts DROP COLUMN {deprecated};"));
    }
    db.run(
        "COMMENT ON COLUMN contacts.title IS 'Deprecated: 2020-01-01. Remove after 2020-02-01';
         COMMENT ON COLUMN contacts.title_deprecated IS 'Deprecated: 2020-01-01. Remove after 2020-02-01'",
    );
    crm.write(
        "own/29990103000000_more.sql",
        "ALTER TABLE contacts DROP COLUMN title, DROP title_deprecated;",
    );
    up().exits(0).printing("1 applied");
    // What a file of the run makes is its own, and a reason is a reason.
    crm.write(
        "own/29990104000000_own.sql",
        "CREATE TABLE a (b int, c int);\nALTER TABLE a DROP b;\nDROP TABLE a;",
    );
    crm.write("own/29990105000000_why.sql", "-- Drop: it was never used\nDROP TABLE product_inventory;");
    up().exits(0).printing("2 applied");
}

#[test]
fn a_column_stays_until_its_day_by_whatever_way_it_would_go() {
    for drop in [
        "DO $$ BEGIN IF true THEN ALTER TABLE crm.visits DROP old; END IF; END $$;",
        "DO $$ BEGIN EXECUTE 'ALTER TABLE crm.visits ' || 'DROP old'; END $$;",
        "-- Drop: a new beginning\n\nDROP SCHEMA crm CASCADE;",
        "CREATE TYPE crm.kind2 AS ENUM ('b'); DROP TYPE crm.kind CASCADE;",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'ALTER TABLE crm.visits DROP old'; SELECT f();",
    ] {
        let Some(db) = Database::empty() else { return };
        let crm = Crm::new();
        crm.write(
            "own/20250301090000_visits.sql",
            "CREATE SCHEMA crm; CREATE TYPE crm.kind AS ENUM ('a'); CREATE TABLE crm.visits (id int, old crm.kind);
             COMMENT ON COLUMN crm.visits.old IS 'Deprecated: 2025-03-01. Remove after 2999-12-31';",
        );
        crm.ok(&format!("migrate up --dir own {}", db.option()));
        crm.write("own/20250302090000_drop.sql", drop);
        let outcome = crm.run(&format!("migrate up --dir own {}", db.option())).fails(3);
        outcome
            .telling("own/20250302090000_drop.sql:")
            .telling("column crm.visits.old")
            .telling("must stay until 2999-12-31");
        assert_eq!(
            db.run("SELECT count(*) FROM pg_attribute WHERE attname = 'old' AND NOT attisdropped"),
            "1",
            "{drop}"
        );
        // A day that is over holds nobody up.
        db.run("COMMENT ON COLUMN crm.visits.old IS 'Deprecated: 2025-03-01. Remove after 2025-03-02'");
        crm.ok(&format!("migrate up --dir own {}", db.option())).printing("1 applied");
    }
}

#[test]
fn code_that_uses_the_old_name_is_told() {
    let Some(db) = Database::empty() else { return };
    db.run(
        "CREATE TABLE visits (id int, note text, \"Day.One\" text);
         CREATE FUNCTION lower_note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note := lower(NEW.note); RETURN NEW; END';
         CREATE TRIGGER t BEFORE INSERT ON visits FOR EACH ROW EXECUTE FUNCTION lower_note();
         CREATE FUNCTION days() RETURNS bigint LANGUAGE sql AS 'SELECT count(\"Day.One\") FROM visits';
         CREATE FUNCTION other() RETURNS text LANGUAGE sql AS 'SELECT ''a note of notes''::text'",
    );
    let crm = Crm::new();
    let outcome = crm.ok(&format!("migrate deprecate visits.note {AFTER} {}", db.option()));
    outcome.telling("note: the code of lower_note() seems to use visits.note").silent_about("other()");
    let outcome = crm.ok(&format!("migrate deprecate visits.\"Day.One\" {AFTER} {}", db.option()));
    outcome.telling("the code of days() seems to use");
}
