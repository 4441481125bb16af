//! Each gets one clear error, the right exit code, and an unchanged database.

use std::time::{Duration, Instant};

use crate::harness::{Crm, Database, Server};

const COMMANDS: [&str; 4] = ["--clean", "verify", "migrate up", "migrate status"];

#[test]
fn an_unreachable_server_is_told_by_its_place() {
    // Nobody listens on port 1, and no socket is there.
    for command in COMMANDS {
        let outcome =
            Crm::new().run(&format!("{command} --database-url postgres://app:open-sesame@127.0.0.1:1/crm"));
        outcome
            .fails(4)
            .telling("cannot connect to postgres://app@127.0.0.1:1/crm: connection refused")
            .telling("--wait SECONDS")
            .silent_about("open-sesame");
    }
    let url = "postgres://app:open-sesame@/crm?host=/nowhere/at/all";
    Crm::new()
        .run(&format!("--database-url {url}"))
        .fails(4)
        .telling("no such socket")
        .silent_about("open-sesame");
}

#[test]
fn a_wrong_password_is_never_shown() {
    let Some(server) = Server::shared() else { return };
    let db = server.database();
    // The one role that has to give a password; it belongs to the whole cluster.
    let made = db.try_run("CREATE ROLE locked SUPERUSER LOGIN PASSWORD 'open-sesame'");
    assert!(made.as_ref().err().is_none_or(|error| error.contains("already exists")), "{made:?}");
    let url = |password: &str| db.url().replace("postgres@", &format!("locked:{password}@"));
    for command in COMMANDS {
        let outcome = Crm::new().run(&format!("{command} --database-url {}", url("abracadabra%21")));
        outcome
            .fails(4)
            .telling("password authentication failed for user \"locked\"")
            .telling("hint: check the user and the password")
            .silent_about("abracadabra")
            .silent_about(&url("abracadabra%21"));
    }
    let crm = Crm::new().with("DATABASE_URL", &url("abracadabra"));
    crm.run("--wait 5").fails(4).silent_about("abracadabra");
    Crm::new().run(&format!("--database-url {}", url("").replace(":@", "@"))).fails(4);
    let outcome = Crm::new().ok(&format!("--database-url {}", url("open-sesame")));
    outcome.silent_about("open-sesame").printing("postgres://locked@127.0.0.1");
}

#[test]
fn a_wrong_password_is_not_waited_with() {
    let Some(db) = Database::empty() else { return };
    // `try_run`: another test may make the role first.
    let _ = db.try_run("CREATE ROLE locked SUPERUSER LOGIN PASSWORD 'open-sesame'");
    let url = db.url().replace("postgres@", "locked:wrong@");
    let started = Instant::now();
    Crm::new().run(&format!("--wait 60 --database-url {url}")).fails(4);
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_database_that_is_not_there_is_told_with_how_to_make_it() {
    let Some(db) = Database::empty() else { return };
    let url = db.url().replace(db.name(), "no_such_database");
    let outcome = Crm::new().run(&format!("--database-url {url}")).fails(4);
    outcome.telling("database \"no_such_database\" does not exist").telling("createdb no_such_database");
}

#[test]
fn a_database_of_something_else_says_how_to_map_its_tables() {
    let Some(db) = Database::empty() else { return };
    db.run("CREATE TABLE recipes (id int)");
    let before = db.schema();
    Crm::new()
        .run(&db.option())
        .fails(1)
        .telling("no table that looks like a CRM's")
        .telling("tables.NAME.is")
        .silent_about("migrate up");
    assert_eq!(db.schema(), before);
    Crm::new().ok(&format!("migrate up {}", db.option()));
    Crm::new().ok(&db.option());
}

#[test]
fn what_is_no_postgresql_url_is_wrong_usage() {
    for url in [
        "crm",
        "mysql://app:open-sesame@localhost/crm",
        "postgres:/app:open-sesame@localhost",
        "postgres://app:open-sesame@localhost:port/crm",
        "postgres://app:open-sesame@localhost:99999/crm",
        "postgres://app:1/open-sesame@localhost/crm",
    ] {
        let outcome = Crm::new().run(&format!("--database-url {url}")).fails(2);
        outcome.telling("--database-url is not a PostgreSQL URL").silent_about("open-sesame");
    }
    let crm = Crm::new();
    crm.write(".env", "DATABASE_URL=postgres://app:open sesame@localhost/crm\n");
    crm.run("").fails(2).telling(".env: line 1").silent_about("sesame");
}

#[test]
fn a_second_crm_seed_is_refused_while_the_first_one_works() {
    let Some(db) = Database::seeded("--seed 1") else { return };
    let crm = Crm::new();
    let running = crm.spawn(&format!("--clean --seed 2 --scale 2000 {}", db.option()));
    db.wait_until_loading();
    for command in ["--clean", "--append", "--if-empty", "migrate up", "migrate down"] {
        let outcome = Crm::new().run(&format!("{command} {}", db.option()));
        outcome.fails(3).telling("another crm-seed is working on this database");
    }
    running.signal("INT");
    running.wait().exits(130);
    db.wait_until_left();
    Crm::new().ok(&format!("--clean {}", db.option()));
}

#[test]
fn waiting_helps_with_a_server_that_starts_late() {
    let Some(mut server) = Server::prepare() else { return };
    let crm = Crm::new();
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port());
    Crm::new().run(&format!("--database-url {url}")).fails(4);
    let running = crm.spawn(&format!("--wait 60 --json --database-url {url}"));
    std::thread::sleep(Duration::from_secs(2));
    let port = server.port();
    server.run();
    if server.port() != port {
        // Somebody else has taken the port: nothing to be seen here.
        return;
    }
    assert_eq!(running.wait().exits(0).json()["changed"], true);
}

#[test]
fn waiting_ends() {
    let started = Instant::now();
    Crm::new().run("--wait 1 --database-url postgres://app@127.0.0.1:1/crm").fails(4);
    let waited = started.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_secs(20)).contains(&waited), "{waited:?}");
}

#[test]
fn an_empty_database_url_is_not_taken_for_none() {
    let crm = Crm::new().with("DATABASE_URL", "");
    crm.run("--clean").fails(2).telling("DATABASE_URL is set but empty");
}

#[test]
fn lines_of_other_tools_in_a_dotenv_are_passed_by() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(".env", &format!("FOO=bar baz\nDATABASE_URL={}\n", db.url()));
    crm.ok("--clean");
    assert_eq!(db.number("SELECT count(*) FROM organizations"), 28);
}
