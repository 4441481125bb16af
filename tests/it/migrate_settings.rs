//! What migration files SET ends with them, and the history is the login role's, in one schema.

use crate::harness::{Crm, Database};

const FIRST: &str = "own/20250301090000_first.sql";
const SECOND: &str = "own/20250302090000_second.sql";

fn tables(db: &Database) -> String {
    db.run(
        "SELECT string_agg(schemaname || '.' || tablename || ' ' || tableowner, E'\\n' ORDER BY schemaname, tablename)
         FROM pg_tables WHERE schemaname IN ('public', 'crm')",
    )
}

#[test]
fn the_baseline_of_a_dump_empties_its_search_path_only_for_itself() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(
        FIRST,
        "\\restrict abc\nSET statement_timeout = 0;\nSET lock_timeout = 0;\nSET row_security = off;
         SELECT pg_catalog.set_config('search_path', '', false);
         CREATE TABLE public.visits (id bigint);\n\\unrestrict abc\n",
    );
    crm.write(SECOND, "ALTER TABLE visits ADD city text;");
    crm.ok(&format!("migrate up --dir own {}", db.option())).printing("2 applied");
    assert_eq!(tables(&db), "public.migration_history postgres\npublic.visits postgres");
    crm.ok(&format!("migrate up --dir own {}", db.option())).printing("0 applied");
}

#[test]
fn the_history_stays_in_one_schema_whatever_files_set() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    db.run("CREATE SCHEMA crm");
    crm.write(FIRST, "SET search_path = crm;\nCREATE TABLE visits (id int);");
    crm.write(SECOND, "-- Transaction: none\nSET search_path = crm;\nCREATE TABLE more (id int);");
    crm.write("own/20250303090000_third.sql", "CREATE TABLE third (id int);");
    crm.write(
        "own/20250303090000_third.down.sql",
        "SET search_path = crm; SELECT 1; DROP TABLE public.third;",
    );
    crm.ok(&format!("migrate up --dir own {}", db.option())).printing("3 applied");
    let wanted =
        "crm.more postgres\ncrm.visits postgres\npublic.migration_history postgres\npublic.third postgres";
    assert_eq!(tables(&db), wanted);
    let status = crm.json(&format!("migrate status --dir own {}", db.option()));
    assert!(
        status.as_array().expect("an array").iter().all(|entry| entry["status"] == "applied"),
        "{status}"
    );
    crm.ok(&format!("migrate up --dir own {}", db.option())).printing("0 applied");
    crm.ok(&format!("migrate down --dir own {}", db.option())).printing("1 rolled back");
}

#[test]
fn the_history_and_the_next_file_are_the_login_roles() {
    for header in ["", "-- Transaction: none\n"] {
        let Some(db) = Database::empty() else { return };
        db.run("CREATE SCHEMA crm");
        let owner = db.role("GRANT CREATE ON SCHEMA crm TO ROLE; GRANT USAGE ON SCHEMA crm TO ROLE;");
        let role = db.role(&format!("GRANT {owner} TO ROLE; GRANT CREATE ON SCHEMA public TO ROLE;"));
        let crm = Crm::new();
        crm.write(FIRST, &format!("{header}SET ROLE {owner};\nCREATE TABLE crm.visits (id int);"));
        crm.write(SECOND, "CREATE TABLE public.more (id int);");
        crm.ok(&format!("migrate up --dir own --database-url {}", db.url_of(&role))).printing("2 applied");
        let wanted = format!("crm.visits {owner}\npublic.migration_history {role}\npublic.more {role}");
        assert_eq!(tables(&db), wanted);
    }
}

#[test]
fn what_only_psql_knows_is_refused_before_any_file_runs() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FIRST, "CREATE TABLE visits (id int);");
    crm.write(SECOND, "CREATE TABLE more (id int);\n\\connect other\n");
    let outcome = crm.run(&format!("migrate up --dir own {}", db.option())).fails(1);
    outcome.telling("own/20250302090000_second.sql:2:1: `\\connect other` is a psql command, not SQL");
    assert_eq!(db.run("SELECT to_regclass('visits')"), "");
}

#[test]
fn a_statement_that_wants_no_transaction_is_told_how_to_go_without() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FIRST, "CREATE TABLE visits (id int);\nCREATE INDEX CONCURRENTLY i ON visits (id);");
    let outcome = crm.run(&format!("migrate up --dir own {}", db.option())).fails(1);
    outcome
        .telling("cannot run inside a transaction block")
        .telling("hint: begin the file with the line `-- Transaction: none`");
    assert_eq!(db.run("SELECT to_regclass('visits')"), "");
}

#[test]
fn a_history_that_the_search_path_does_not_reach_is_not_taken_for_none() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let name = db.name();
    crm.write(FIRST, &format!("CREATE SCHEMA crm; ALTER DATABASE \"{name}\" SET search_path = crm;"));
    crm.write(SECOND, "CREATE TABLE visits (id int);");
    crm.ok(&format!("migrate up --dir own {}", db.option())).printing("2 applied");
    for command in ["status", "up", "down"] {
        crm.run(&format!("migrate {command} --dir own {}", db.option()))
            .fails(3)
            .telling("the history public.migration_history is in no schema of the search_path")
            .telling("ALTER TABLE public.migration_history SET SCHEMA crm");
    }
    db.run("ALTER TABLE public.migration_history SET SCHEMA crm");
    crm.ok(&format!("migrate up --dir own {}", db.option())).printing("0 applied");
}

#[test]
fn temporary_tables_of_a_file_do_not_stand_before_those_of_the_next() {
    for header in ["", "-- Transaction: none\n"] {
        let Some(db) = Database::empty() else { return };
        let crm = Crm::new();
        db.run("CREATE TABLE visits (id int)");
        crm.write(
            FIRST,
            &format!("{header}CREATE TEMP TABLE visits (id int); INSERT INTO visits VALUES (1);"),
        );
        crm.write(SECOND, "ALTER TABLE visits ADD COLUMN day date;");
        crm.write("own/20250302090000_second.down.sql", "ALTER TABLE visits DROP COLUMN day;");
        crm.ok(&format!("migrate up --dir own {}", db.option())).printing("2 applied");
        let columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'visits'";
        assert_eq!(db.number(columns), 2);
        crm.ok(&format!("migrate down --dir own {}", db.option())).printing("1 rolled back");
        assert_eq!(db.number(columns), 1);
    }
}

#[test]
fn rows_that_others_write_into_the_history_get_ids_of_their_own() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let by_hand = "INSERT INTO migration_history (migration_name, rollback_sql)
        VALUES ('20250228090000_by_hand', 'SELECT 1')";
    crm.write(FIRST, "CREATE TABLE visits (id int);");
    crm.ok(&format!("migrate up --dir own {}", db.option()));
    db.run(by_hand);
    crm.write(SECOND, "CREATE TABLE more (id int);");
    crm.ok(&format!("migrate up --dir own {}", db.option()));
    assert_eq!(db.number("SELECT count(DISTINCT id) FROM migration_history"), 3);
}
