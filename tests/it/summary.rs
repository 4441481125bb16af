//! What a run tells at its end.

use crate::harness::{Crm, Database};

#[test]
fn the_summary_names_the_tables_of_the_target_and_counts_what_is_there() {
    let Some(db) = Database::empty() else { return };
    db.run(
        "CREATE TABLE \"Companies\" (id bigserial PRIMARY KEY, name text NOT NULL, website text, phone text);
         CREATE TABLE people (id bigserial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, email text,
           company_id bigint NOT NULL REFERENCES \"Companies\");
         CREATE TABLE heron_counts (id bigserial PRIMARY KEY, what text);
         CREATE TABLE schema_migrations (version text PRIMARY KEY);
         CREATE FUNCTION half() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN IF NEW.id % 2 = 0 THEN RETURN NULL; END IF; RETURN NEW; END $$;
         CREATE TRIGGER half BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION half();",
    );
    let outcome = Crm::new().ok(&format!("--seed 42 {}", db.option()));
    let people = db.number("SELECT count(*) FROM people");
    assert!((20..50).contains(&people), "{people} of 70");
    let line = |table: &str| {
        let found = outcome.stdout.lines().find(|line| line.trim_start().starts_with(table));
        found.unwrap_or_else(|| panic!("no line of {table}: {outcome:#?}")).to_owned()
    };
    assert!(line("\"Companies\"").contains(" 28 "), "{outcome:#?}");
    assert!(line("people").contains(&format!(" {people} ")), "{outcome:#?}");
    assert!(line("total").contains(&format!(" {} ", 28 + people)), "{outcome:#?}");
    let skipped = line("note: not filled:");
    assert!(skipped.contains("heron_counts (not recognised; --include fills it)"), "{skipped}");
    assert!(!skipped.contains("schema_migrations"), "{skipped}");
}

#[test]
fn of_many_notes_the_summary_tells_five_and_verbose_all() {
    let triggers: String = (0..7)
        .map(|n| {
            format!(
                "CREATE FUNCTION t{n}() RETURNS trigger LANGUAGE plpgsql AS
                   $$ BEGIN NEW.name := NEW.name; RETURN NEW; END $$;
                 CREATE TRIGGER t{n} BEFORE INSERT ON organizations FOR EACH ROW EXECUTE FUNCTION t{n}();"
            )
        })
        .collect();
    let Some(db) = Database::migrated() else { return };
    db.run(&triggers);
    db.run("DROP TABLE product_inventory");
    let notes = |arguments: &str| {
        let outcome = Crm::new().ok(&format!("--clean {arguments} {}", db.option()));
        outcome
            .stdout
            .lines()
            .filter_map(|line| line.trim().strip_prefix("note: ").map(str::to_owned))
            .collect()
    };
    let short: Vec<String> = notes("");
    let all: Vec<String> = notes("--verbose");
    assert!(all.len() > 6, "{all:#?}");
    assert_eq!(short.len(), 7, "one line of tables, five notes, and how many more there are: {short:#?}");
    assert!(short[0].starts_with("not filled: product_inventory"), "{short:#?}");
    assert_eq!(short[6], format!("{} more: --verbose prints them all", all.len() - 6));
    assert!(short[..6].iter().all(|note| all.contains(note)), "{short:#?} {all:#?}");
}
