//! `crm-seed migrate new`: the files that it writes, and that each pattern runs up, down and up again on a database
//! with rows.

use std::fs;

use crate::harness::{Crm, Database};

/// Patterns with their arguments, on the bundled schema.
const PATTERNS: [&str; 12] = [
    "add_outlook --pattern add-column",
    "add_tier --pattern add-column --table organizations --values gold,silver,it's --default silver",
    "add_score --pattern add-column --table contacts --type integer --default -1",
    "add_Remark --pattern add-column --table tasks --column Remark --type text",
    "create_deal_items_table --pattern junction-table",
    "link --pattern junction-table --left contacts --right products",
    "add_labels --pattern jsonb-field",
    "create_pipeline --pattern materialized-view",
    "create_titles --pattern materialized-view --table contacts --column title --view contact_titles",
    "add_urgency --pattern enum-type",
    "more_priorities --pattern enum-type --add-value critical --before urgent",
    "add_sizes --pattern segment-column",
];

fn read(crm: &Crm, file: &str) -> String {
    fs::read_to_string(crm.directory().join(file)).expect(file)
}

#[test]
fn a_migration_gets_two_files_with_their_headers() {
    let crm = Crm::new();
    crm.write("../home/.gitconfig", "[user]\n\tname = Jo Doe\n");
    let files = crm.run_with(&["migrate", "new", "Add tier!", "--dir", "own"]).exits(0).stdout;
    let (up, down) = files.trim_end().split_once('\n').expect("two files");
    let name = up.strip_prefix("own/").and_then(|up| up.strip_suffix(".sql")).expect("a name");
    assert_eq!(down, format!("own/{name}.down.sql"));
    assert_eq!(&name[14..], "_add_tier");
    let date = format!("{}-{}-{}", &name[..4], &name[4..6], &name[6..8]);
    for (file, begin) in [(up, "-- Description: Add tier"), (down, "-- Description: Undo: Add tier")] {
        let text = read(&crm, file);
        let header = format!("-- Migration: {}\n{begin}\n-- Author: Jo Doe\n-- Date: {date}\n", &file[4..]);
        assert!(text.starts_with(&header), "{text}");
    }
    // As for git itself, the environment goes before the configuration.
    let other = Crm::new().with("GIT_AUTHOR_NAME", "Ann Lee");
    other.write("../home/.gitconfig", "[user]\n\tname = Jo Doe\n");
    let files = other.run_with(&["migrate", "new", "x", "--dir", "own"]).exits(0).stdout;
    assert!(read(&other, files.lines().next().expect("a path")).contains("-- Author: Ann Lee\n"));
    // The directory is left as it is where only one of two can be written, and what is there stays.
    let before = crm.names_in("own");
    crm.run_with(&["migrate", "new", "!?", "--dir", "own"]).fails(2).telling("is not a name for a migration");
    assert_eq!(crm.names_in("own"), before);
}

#[test]
fn the_author_is_who_the_environment_names_where_git_does_not_know() {
    for (variables, author) in [
        (vec![("GIT_AUTHOR_NAME", "Ann\nLee"), ("USER", "ann")], "Ann Lee"),
        (vec![("GIT_AUTHOR_NAME", ""), ("USER", ""), ("LOGNAME", "lee")], "lee"),
        (vec![("GIT_AUTHOR_NAME", ""), ("USER", ""), ("LOGNAME", ""), ("USERNAME", "")], "unknown"),
    ] {
        // No git is found there.
        let crm = variables
            .iter()
            .fold(Crm::new().with("PATH", "/nowhere"), |crm, (name, value)| crm.with(name, value));
        let arguments = ["migrate", "new", "x", "--dir", "own", "--description", "A\nb"];
        let files = crm.run_with(&arguments).exits(0).stdout;
        let text = read(&crm, files.lines().next().expect("a path"));
        assert!(text.contains(&format!("-- Author: {author}\n")), "{text}");
        assert!(text.contains("-- Description: A b\n"), "{text}");
    }
}

#[test]
fn a_new_migration_sorts_behind_all_that_are_there() {
    let crm = Crm::new();
    let new = |name: &str| crm.json(&format!("migrate new {name} --dir own"))[0]["name"].to_string();
    let (first, second) = (new("z"), new("a"));
    assert!(first < second, "{first} {second}");
    crm.write("own/29991231235959_future.sql", "SELECT 1;");
    assert_eq!(new("b"), "\"30000101000000_b\"");
    let pattern = crm.json("migrate new add_x --pattern jsonb-field --dir own");
    let names: Vec<_> =
        pattern.as_array().expect("migrations").iter().map(|one| one["name"].as_str()).collect();
    assert_eq!(names, [Some("30000101000001_add_x"), Some("30000101000002_add_x_index")]);
    crm.write("own/99991231235959_last.sql", "SELECT 1;");
    crm.run("migrate new c --dir own").fails(1).telling("there is no timestamp behind the last migration");
}

#[test]
fn the_directory_is_named_or_made_or_asked_for() {
    let crm = Crm::new();
    crm.run("migrate new x").fails(2).telling("no directory for migrations is set").telling("--dir DIR");
    crm.run("migrate new x --dir not/there").fails(2).telling("cannot create the directory not/there");
    crm.write("file", "");
    crm.run("migrate new x --dir file").fails(2).telling("cannot create the directory file");
    crm.write("odd/20250101_x.sql", "SELECT 1;");
    crm.run("migrate new x --dir odd").fails(2).telling("is not named YYYYMMDDHHMMSS");
    assert_eq!(crm.names_in("odd"), ["20250101_x.sql"]);
    crm.write("crm-seed.toml", "[migrations]\ndir = \"ours\"\n");
    crm.ok("migrate new x").printing("ours/");
    assert_eq!(crm.names_in("ours").len(), 2);
}

#[test]
fn every_pattern_runs_up_and_down_and_up_again_on_a_database_with_rows() {
    let Some(db) = Database::seeded("") else { return };
    for (number, pattern) in PATTERNS.iter().enumerate() {
        let crm = Crm::new();
        let own = format!("--dir own {}", db.option());
        let written = crm.json(&format!("migrate new {pattern} --dir own"));
        let count = written.as_array().expect("migrations").len();
        let before = db.schema();
        crm.ok(&format!("migrate up {own}")).printing(&format!("{count} applied"));
        let above = db.schema();
        assert_ne!(above, before, "{pattern}");
        let invalid = "SELECT count(*) FROM pg_constraint WHERE NOT convalidated";
        assert_eq!(db.number(invalid), 0, "{pattern}");
        crm.ok(&format!("migrate down --yes --count {count} {own}"));
        assert_eq!(db.schema(), before, "{pattern}");
        crm.ok(&format!("migrate up {own}")).printing(&format!("{count} applied"));
        assert_eq!(db.schema(), above, "{pattern}");
        // Step by step each rollback restores what its own migration found.
        if count == 2 && number > 0 {
            crm.ok(&format!("migrate down --yes {own}"));
            crm.ok(&format!("migrate up {own}")).printing("1 applied");
            assert_eq!(db.schema(), above, "{pattern}");
        }
    }
    // The database is used: what was generated holds rows.
    assert_eq!(db.number("SELECT count(*) FROM opportunities WHERE outlook IS DISTINCT FROM 'pipeline'"), 0);
    assert_eq!(db.number("SELECT count(*) FROM contacts WHERE score IS DISTINCT FROM -1"), 0);
    let differ = "(size IS NULL) <> (employee_count IS NULL) OR (size = 'startup') <> (employee_count <= 10)";
    assert_eq!(db.number(&format!("SELECT count(*) FROM organizations WHERE {differ}")), 0);
    assert!(db.number("SELECT count(*) FROM pipeline") > 0);
}

#[test]
fn the_bundled_examples_are_what_a_pattern_makes_without_more() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.ok(&format!("migrate up --count 2 {}", db.option()));
    let before = db.schema();
    for name in [
        "add_forecast_category --pattern add-column",
        "create_opportunity_products_table --pattern junction-table",
        "add_custom_attributes --pattern jsonb-field",
        "create_opportunity_pipeline_summary --pattern materialized-view",
        "add_priority --pattern enum-type",
        "add_critical --pattern enum-type --add-value critical --before urgent",
        "add_customer_segments --pattern segment-column",
    ] {
        crm.ok(&format!("migrate new {name} --dir own"));
    }
    crm.ok(&format!("migrate up --dir own {}", db.option())).printing("10 applied");
    let columns = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND column_name IN
        ('forecast_category', 'unit_price', 'custom_attributes', 'unique_customers', 'priority', 'customer_segment')";
    assert!(db.number(columns) >= 5);
    assert_eq!(db.run("SELECT enum_range(NULL::task_priority)"), "{critical,urgent,high,medium,low}");
    crm.ok(&format!("migrate down --yes --count 10 --dir own {}", db.option()));
    assert_eq!(db.schema(), before);
}

#[test]
fn a_value_that_rows_have_stays_in_its_type() {
    let Some(db) = Database::seeded("") else { return };
    let crm = Crm::new();
    db.run(
        "COMMENT ON TYPE task_priority IS 'how soon'; ALTER TABLE tasks ADD COLUMN others task_priority[]",
    );
    db.run("ALTER TABLE tasks DROP COLUMN others");
    crm.ok("migrate new more --pattern enum-type --add-value critical --dir own");
    let before = db.schema();
    crm.ok(&format!("migrate up --dir own {}", db.option()));
    db.run("UPDATE tasks SET priority = 'critical' WHERE id = (SELECT min(id) FROM tasks)");
    let outcome = crm.run(&format!("migrate down --yes --dir own {}", db.option())).fails(1);
    outcome.telling("invalid input value for enum").telling("critical");
    db.run("UPDATE tasks SET priority = 'high' WHERE priority = 'critical'");
    crm.ok(&format!("migrate down --yes --dir own {}", db.option()));
    assert_eq!(db.schema(), before);
}

#[test]
fn a_junction_table_is_for_signed_in_users_where_there_are_such() {
    let Some(db) = Database::migrated() else { return };
    let crm = Crm::new();
    crm.ok("migrate new link --pattern junction-table --left contacts --right products --dir own");
    crm.ok(&format!("migrate up --dir own {}", db.option()));
    assert_eq!(db.run("SELECT relrowsecurity FROM pg_class WHERE oid = 'contact_products'::regclass"), "t");
    let policy = "SELECT policyname, cmd FROM pg_policies WHERE tablename = 'contact_products'";
    assert_eq!(db.run(policy), "authenticated_users_policy\tALL");
    let keys = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'contact_products'::regclass AND confdeltype = 'c'";
    assert_eq!(db.number(keys), 2);
}

#[test]
fn options_without_their_pattern_are_wrong_usage() {
    let crm = Crm::new();
    crm.run("migrate new x --dir own --table a").fails(2).telling("--table needs a pattern");
    crm.run("migrate new x --dir own --pattern jsonb-field --left a")
        .fails(2)
        .telling("--pattern jsonb-field does not take --left")
        .telling("it takes --table, --column");
    crm.run("migrate new x --dir own --pattern nowhere").fails(2).telling("junction-table");
    assert_eq!(crm.names_in("own"), [""; 0]);
}
