//! The question before rows are deleted that crm-seed did not make, on a terminal.

use crate::harness::{Crm, Database, MARK, Server, State};

fn write(db: &Database, rows: u32) {
    db.run(&format!(
        "INSERT INTO organizations (name, organization_type)
         SELECT '{MARK}-0-' || n, 'customer' FROM generate_series(1, {rows}) AS n"
    ));
}

/// Runs `--clean` on a terminal and answers the one question that it asks, which must name the table and how many
/// of its rows are the app's. Gives the exit code.
#[track_caller]
fn clean(db: &Database, rows: u32, answer: &str) -> Option<i32> {
    let crm = Crm::new();
    let mut terminal = crm.on_terminal(&format!("--clean {}", db.option()));
    let question = terminal.question();
    for word in ["organizations", &rows.to_string()] {
        assert!(question.contains(word), "no `{word}` in the question: {question}");
    }
    terminal.answer(answer);
    let (code, screen) = terminal.end();
    let asked = screen.to_lowercase().matches("[y/").count();
    assert_eq!(asked, 1, "it asks once: {screen}");
    assert!(!screen.contains("panicked"), "{screen}");
    code
}

/// Runs `--clean` on a terminal and expects it to ask nothing.
#[track_caller]
fn cleans_unasked(db: &Database) {
    let crm = Crm::new();
    let (code, screen) = crm.on_terminal(&format!("--clean {}", db.option())).end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(!screen.to_lowercase().contains("[y/"), "{screen}");
    assert_eq!(db.number("SELECT count(*) FROM organizations"), 28);
}

#[test]
fn no_is_an_answer_that_changes_nothing() {
    let Some(db) = Database::seeded("") else { return };
    write(&db, 37);
    let before = State::of(&db);
    // Whoever just presses the key has not agreed.
    for answer in ["n", "", "no", "what?"] {
        assert_eq!(clean(&db, 37, answer), Some(3), "`{answer}`");
        assert_eq!(before.difference(&State::of(&db)), None, "`{answer}`");
    }
}

#[test]
fn yes_is_an_answer_for_this_time() {
    let Some(db) = Database::seeded("") else { return };
    for rows in [37, 38] {
        write(&db, rows);
        assert_eq!(clean(&db, rows, "y"), Some(0));
        assert_eq!(db.number("SELECT count(*) FROM organizations"), 28);
    }
    cleans_unasked(&db);
}

#[test]
fn always_is_an_answer_for_this_database_and_no_copy_of_it() {
    let Some(server) = Server::shared() else { return };
    let db = server.database();
    Crm::new().ok(&db.option());
    write(&db, 37);
    assert_eq!(clean(&db, 37, "always"), Some(0));
    write(&db, 41);
    cleans_unasked(&db);
    write(&db, 43);
    // Another schema that bears the name by now.
    db.run("ALTER SCHEMA public RENAME TO aside; CREATE SCHEMA public");
    Crm::new().ok(&format!("migrate up {}", db.option()));
    db.run("INSERT INTO organizations (name, organization_type) VALUES ('Ours', 'customer')");
    Crm::new().run(&format!("--clean {}?schema=public", db.option())).fails(3).telling("organizations 1 row");
    db.run("DROP SCHEMA public CASCADE; ALTER SCHEMA aside RENAME TO public");
    let asking = Crm::new();
    let name = db.run("SELECT current_database()");
    asking.write("crm-seed.toml", &format!("[databases.{name}]\nclean = \"ask\"\n"));
    asking.run(&format!("--clean {}", db.option())).fails(3).telling("organizations 43 rows");
    Crm::new().ok(&format!("--clean {}", db.option()));

    write(&db, 47);
    let copy = server.database_like(&db);
    let before = State::of(&copy);
    // There even those of ours are not recorded.
    assert_eq!(clean(&copy, 28 + 47, "n"), Some(3));
    Crm::new().run(&format!("--clean {}", copy.option())).fails(3).telling("organizations");
    assert_eq!(before.difference(&State::of(&copy)), None);
}

#[test]
fn ctrl_c_is_an_answer_that_changes_nothing() {
    let Some(db) = Database::seeded("") else { return };
    write(&db, 37);
    let before = State::of(&db);
    let crm = Crm::new();
    let mut terminal = crm.on_terminal(&format!("--clean {}", db.option()));
    terminal.question();
    // What the key sends.
    terminal.answer("\u{3}");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(130), "{screen}");
    db.wait_until_left();
    assert_eq!(before.difference(&State::of(&db)), None);
}

#[test]
fn nobody_is_asked_where_nothing_of_the_app_s_would_go() {
    let Some(db) = Database::seeded("") else { return };
    cleans_unasked(&db);
    db.run("UPDATE organizations SET phone = 'changed'; DELETE FROM tasks");
    cleans_unasked(&db);
}
