//! `--into NAME --template`: a database for each worker of a test runner.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Crm, Database, Server, Session};

/// What makes the database `name` of the schema that `source` has.
fn into(source: &Database, name: &str) -> String {
    format!("--scenario multi-stakeholder --into {name} --template {}", source.option())
}

/// A name that no other test uses.
fn name(source: &Database, end: &str) -> String {
    format!("{}_{end}", source.name())
}

/// Another database of the server.
fn beside(source: &Database, name: &str) -> Database {
    Database::at(&source.url().replace(&format!("/{}", source.name()), &format!("/{name}")))
        .expect("a server")
}

fn templates(source: &Database) -> Vec<String> {
    let sql = format!(
        "SELECT datname FROM pg_database WHERE starts_with(datname, 'crm_seed_template_{}_') ORDER BY 1",
        source.name()
    );
    source.run(&sql).lines().map(str::to_owned).collect()
}

/// Databases that were begun and not finished.
fn unfinished(source: &Database) -> i64 {
    let comment = format!("%\"source\":\"{}\"%", source.name());
    source.number(&format!(
        "SELECT count(*) FROM pg_database WHERE starts_with(datname, 'crm_seed_unfinished_')
         AND shobj_description(oid, 'pg_database') LIKE '{comment}'"
    ))
}

#[test]
fn a_copy_has_the_rows_that_a_run_makes_and_the_source_has_none() {
    let Some(source) = Database::migrated() else { return };
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    let before = source.digests();
    let first = crm.json(&format!("{} --handles ids.json", into(&source, &test)));
    let usual = Database::migrated().expect("a server");
    let run = crm.json(&format!("--scenario multi-stakeholder --handles usual.json {}", usual.option()));
    for key in ["digest", "rows", "scenarios", "seed", "as_of"] {
        assert_eq!(first[key], run[key], "{key}");
    }
    assert_eq!(beside(&source, &test).digests(), usual.digests());
    let file = |name: &str| std::fs::read_to_string(crm.directory().join(name)).expect("a file");
    assert_eq!(file("ids.json"), file("usual.json"));
    assert_eq!(source.digests(), before);

    let template = &first["template"];
    assert_eq!(template["database"], Value::from(test.as_str()));
    assert_eq!(template["made"], Value::from(true));
    assert_eq!(templates(&source), [template["name"].as_str().expect("a name")]);
    assert!(first["target"].as_str().is_some_and(|url| url.ends_with(&format!("/{test}"))), "{first}");

    // Whatever a test did is gone, and the template is the same.
    beside(&source, &test).run("DELETE FROM contacts");
    let again = crm.json(&format!("{} --handles again.ts", into(&source, &test)));
    assert_eq!(again["template"]["made"], Value::from(false));
    assert_eq!((&again["digest"], &again["tables"]), (&first["digest"], &first["tables"]));
    assert_eq!(beside(&source, &test).digests(), usual.digests());
    assert!(file("again.ts").contains("\"complex-deal\""), "{}", file("again.ts"));
    assert_eq!(unfinished(&source), 0);
}

#[test]
fn people_are_told_of_the_rows_once() {
    let Some(source) = Database::migrated() else { return };
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    let how = |how: &str| format!("database {test}, copied from crm_seed_template_{}_", source.name()) + how;
    crm.ok(&into(&source, &test))
        .printing(&how(""))
        .printing("(made by this run)")
        .printing("organizations  ");
    let outcome = crm.ok(&into(&source, &test));
    outcome.printing("(already there)").printing("  total ").printing("  scenario multi-stakeholder: ");
    let outcome = crm.ok(&into(&source, &test)).silent_about("organizations ");
    assert_eq!(outcome.stderr, "");
    assert_eq!(crm.ok(&format!("{} --quiet", into(&source, &test))).stdout, "");
}

#[test]
fn eight_workers_that_begin_at_once_have_a_database_each_and_one_template() {
    let Some(source) = Database::migrated() else { return };
    let crm = Crm::new();
    let names: Vec<String> = (1..=8).map(|worker| name(&source, &format!("w{worker}"))).collect();
    for round in 0..2 {
        let workers: Vec<_> =
            names.iter().map(|name| crm.spawn(&format!("{} --json", into(&source, name)))).collect();
        let reports: Vec<Value> = workers.into_iter().map(|worker| worker.wait().exits(0).json()).collect();
        let made = reports.iter().filter(|report| report["template"]["made"] == true).count();
        assert_eq!(made, usize::from(round == 0));
        let digests: BTreeSet<String> = reports.iter().map(|report| report["digest"].to_string()).collect();
        assert_eq!(digests.len(), 1);
    }
    assert_eq!((templates(&source).len(), unfinished(&source)), (1, 0));
    let contents: BTreeSet<_> = names.iter().map(|name| beside(&source, name).digests()).collect();
    assert_eq!(contents.len(), 1, "all have the same rows");
}

#[test]
fn one_name_at_the_same_moment_is_made_by_one_after_the_other() {
    let Some(source) = Database::migrated() else { return };
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    let workers: Vec<_> = (0..3).map(|_| crm.spawn(&into(&source, &test))).collect();
    workers.into_iter().for_each(|worker| drop(worker.wait().exits(0)));
    assert_eq!(unfinished(&source), 0);
}

#[test]
fn what_crm_seed_did_not_make_is_not_replaced() {
    let Some(source) = Database::migrated() else { return };
    let (crm, own) = (Crm::new(), name(&source, "own"));
    source.run(&format!("CREATE DATABASE {own}"));
    let refused = |crm: &Crm| {
        let outcome = crm.run(&into(&source, &own)).fails(3);
        outcome.telling(&format!("database {own} exists, and crm-seed did not make it")).telling("hint: ");
    };
    refused(&crm);
    assert_eq!(templates(&source).len(), 0, "nothing is made before");
    source.run(&format!("COMMENT ON DATABASE {own} IS 'Made by crm-seed, I think'"));
    refused(&crm);
    // One that was made, and then became somebody's.
    let test = name(&source, "w1");
    crm.ok(&into(&source, &test));
    source.run(&format!("DROP DATABASE {own}; ALTER DATABASE {test} RENAME TO {own}"));
    refused(&crm);
    // The comment of another one.
    crm.ok(&into(&source, &test));
    let comment = source.run(&format!(
        "SELECT quote_literal(shobj_description(oid, 'pg_database')) FROM pg_database WHERE datname = '{test}'"
    ));
    source.run(&format!(
        "DROP DATABASE {test}; CREATE DATABASE {test}; COMMENT ON DATABASE {test} IS {comment}"
    ));
    crm.run(&into(&source, &test)).fails(3).telling("crm-seed did not make it");
}

#[test]
fn a_copy_that_is_in_use_is_left_alone() {
    let Some(source) = Database::migrated() else { return };
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    crm.ok(&into(&source, &test));
    let copy = beside(&source, &test);
    copy.run("UPDATE contacts SET first_name = 'Mine'");
    let session = Session::holding(&copy, "SET application_name = 'my app'");
    let outcome = crm.run(&into(&source, &test)).fails(3);
    outcome.telling(&format!("database {test} is in use by 1 session (my app)")).telling("--wait");
    assert_eq!(copy.number("SELECT count(*) FROM contacts WHERE first_name <> 'Mine'"), 0);
    assert_eq!(unfinished(&source), 0);
    drop(session);
    crm.ok(&into(&source, &test));
    assert_ne!(copy.number("SELECT count(*) FROM contacts WHERE first_name <> 'Mine'"), 0);
}

#[test]
fn a_source_in_use_gives_its_schema_and_no_rows() {
    let Some(source) = Database::seeded("--seed 7") else { return };
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    source.run(
        "CREATE TABLE settings (name text PRIMARY KEY, value text); INSERT INTO settings VALUES ('a', 'b');
         CREATE TABLE schema_migrations (version text PRIMARY KEY); INSERT INTO schema_migrations VALUES ('1');
         CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TYPE mood AS ENUM ('good');
         CREATE MATERIALIZED VIEW shown AS SELECT count(*) FROM settings;",
    );
    source.run(&format!("ALTER DATABASE {} SET search_path = public, pg_temp", source.name()));
    let _app = Session::holding(&source, "BEGIN; SELECT * FROM contacts LIMIT 1");
    let before = source.digests();
    crm.ok(&into(&source, &test));
    let copy = beside(&source, &test);
    assert_eq!(copy.run("SELECT one() || 'good'::mood::text, count(*) FROM settings"), "1good\t0");
    assert_eq!(copy.run("SELECT count FROM shown; SHOW search_path"), "0\npublic, pg_temp");
    assert_eq!(copy.run("SELECT version FROM schema_migrations"), "1");
    assert_eq!(source.digests(), before);
    let with = format!("{} --with-rows settings", into(&source, &test));
    crm.ok(&with);
    assert_eq!(copy.run("SELECT value FROM settings"), "b");
    // Its rows are part of what the template is made of.
    source.run("UPDATE settings SET value = 'c'");
    assert_eq!(crm.json(&with)["template"]["made"], Value::from(true));
    assert_eq!(copy.run("SELECT value FROM settings"), "c");
    crm.run(&format!("{} --with-rows setings", into(&source, &test)))
        .fails(2)
        .telling("has no table `setings`")
        .telling("did you mean `settings`?");
}

#[test]
fn reference_data_comes_along_where_it_is_asked_for() {
    let Some(source) = crate::drift::database("lookups") else { return };
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    let line = format!("--into {test} --template {}", source.option());
    crm.ok(&line).printing("note: rows of the target that are not in the template: ").printing("countries");
    let made = crm.json(&format!("{line} --with-rows countries,stages,priorities,organization_types"));
    let usual = crm.json(&source.option());
    assert_eq!(made["digest"], usual["digest"]);
    let rows = |database: &Database| {
        database.run("SELECT string_agg(c::text, ' ' ORDER BY c::text) FROM countries c")
    };
    assert_eq!(rows(&beside(&source, &test)), rows(&source));
}

#[test]
fn a_template_is_made_anew_for_another_schema_and_the_old_one_goes() {
    let Some(source) = Database::migrated() else { return };
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    let made = |more: &str| {
        let report = crm.json(&format!("{} {more}", into(&source, &test)));
        (report["template"]["made"] == true, report["template"]["name"].to_string())
    };
    let (_, first) = made("");
    assert_eq!(made(""), (false, first.clone()));
    // Another seed is another template beside it.
    let (is_new, other) = made("--seed 7");
    assert!(is_new && other != first);
    assert_eq!(made(""), (false, first.clone()));
    assert_eq!(templates(&source).len(), 2);
    // Rows of the source say nothing of a template.
    crm.ok(&format!("--seed 3 {}", source.option()));
    assert_eq!(made(""), (false, first.clone()));
    source.run("ALTER TABLE contacts ADD nickname text");
    let (is_new, second) = made("");
    assert!(is_new && second != first);
    assert_eq!(templates(&source).len(), 1, "of another schema there is none left");
    // A scenario with another content takes the place of its earlier form.
    for customers in 1..4 {
        let text = format!(
            r#"{{"name": "own", "title": "Own", "description": "Own.", "counts": {{"customers": {customers}}}}}"#
        );
        crm.write("own.json", &text);
        let line = format!("--scenario own.json --into {test} --template {}", source.option());
        assert_eq!(crm.json(&line)["template"]["made"], Value::from(true));
        assert_eq!(crm.json(&line)["template"]["made"], Value::from(false));
        assert_eq!(templates(&source).len(), 2);
    }
}

#[test]
fn a_copy_knows_the_rows_of_its_run_as_crm_seeds() {
    let Some(source) = Database::migrated() else { return };
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    crm.ok(&into(&source, &test));
    let copy = beside(&source, &test);
    crm.ok(&format!("verify {}", copy.option()));
    crm.ok(&format!("scenario unload multi-stakeholder {}", copy.option()));
    assert_eq!(copy.number("SELECT count(*) FROM opportunities"), 0);
    crm.ok(&into(&source, &test));
    crm.ok(&format!("--clean --seed 3 {}", copy.option()));
}

#[test]
fn without_pg_dump_the_server_copies_the_source_while_nobody_uses_it() {
    let Some(source) = Database::seeded("--seed 7") else { return };
    source.run(
        "CREATE TABLE schema_migrations (version text PRIMARY KEY); INSERT INTO schema_migrations VALUES ('1');
         CREATE SEQUENCE numbers; SELECT nextval('numbers'), nextval('numbers')",
    );
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    let without = |line: &str| {
        let mut command = crm.command(line);
        command.env("PATH", crm.directory());
        crm.start(command, line).wait()
    };
    let session = Session::holding(&source, "SELECT 1");
    let outcome = without(&into(&source, &test)).fails(3);
    outcome.telling("pg_dump is not installed").telling("close the connections to ");
    assert_eq!((templates(&source).len(), unfinished(&source)), (0, 0));
    drop(session);
    without(&into(&source, &test)).exits(0);
    let copy = beside(&source, &test);
    let made = copy.digests();
    assert_eq!(copy.run("SELECT nextval('numbers'), version FROM schema_migrations"), "1\t1");
    // The two ways make the same.
    let [template] = &templates(&source)[..] else { panic!("one template") };
    source.run(&format!("DROP DATABASE {template}"));
    crm.ok(&into(&source, &test));
    assert_eq!(copy.digests(), made);
    assert_eq!(copy.run("SELECT nextval('numbers'), version FROM schema_migrations"), "1\t1");
}

#[test]
fn what_goes_wrong_leaves_no_database() {
    let Some(source) = Database::migrated() else { return };
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    source.run(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$;
         CREATE TRIGGER no BEFORE INSERT ON opportunities FOR EACH ROW EXECUTE FUNCTION no();",
    );
    let outcome = crm.run(&into(&source, &test)).fails(1);
    outcome.telling("seeding the template: ").telling("not today");
    let left = format!("SELECT count(*) FROM pg_database WHERE datname = '{test}'");
    assert_eq!((templates(&source).len(), unfinished(&source), source.number(&left)), (0, 0, 0));
    source.run("DROP TRIGGER no ON opportunities");
    // What a kill left is dropped by the next one.
    let comment = |oid: &str, source: &str| {
        format!(r#"{{"kind":"unfinished","oid":{oid},"name":"x","source":"{source}"}}"#)
    };
    let kill = name(&source, "killed");
    source.run(&format!("CREATE DATABASE crm_seed_unfinished_{kill}"));
    let oid =
        source.run(&format!("SELECT oid FROM pg_database WHERE datname = 'crm_seed_unfinished_{kill}'"));
    source.run(&format!(
        "COMMENT ON DATABASE crm_seed_unfinished_{kill} IS 'Made by crm-seed, which drops it without asking: {}'",
        comment(&oid, source.name())
    ));
    assert_eq!(unfinished(&source), 1);
    crm.ok(&into(&source, &test));
    assert_eq!(unfinished(&source), 0);
}

#[test]
fn a_signal_leaves_no_database() {
    let Some(source) = Database::migrated() else { return };
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    let running = crm.spawn(&format!("{} --scale 500", into(&source, &test)));
    crate::harness::wait_for("the template to be begun", || (unfinished(&source) == 1).then_some(()));
    running.signal("INT");
    let outcome = running.wait();
    assert!(outcome.was_interrupted(2), "{outcome:#?}");
    assert_eq!((templates(&source).len(), unfinished(&source)), (0, 0));
}

#[test]
fn names_and_flags_that_cannot_be_meant_are_told() {
    let Some(source) = Database::migrated() else { return };
    let crm = Crm::new();
    let long = "a".repeat(64);
    for (name, told) in [
        ("postgres", "this database is the server's own"),
        ("template0", "this database is the server's own"),
        ("a/b", "letters, digits, _ and -"),
        ("a\"b", "letters, digits, _ and -"),
        ("", "letters, digits, _ and -"),
        (&long, "letters, digits, _ and -"),
        ("crm_seed_template_x", "those of templates"),
        (source.name(), "this is the database that gives the schema"),
    ] {
        crm.run_with(&["--into", name, "--template", "--database-url", source.url()]).fails(2).telling(told);
    }
    crm.run(&format!("--into x {}", source.option())).fails(2).telling("--template");
    crm.run(&format!("--template {}", source.option())).fails(2).telling("--into");
    for flag in ["--clean", "--append", "--if-empty", "--if-changed", "--dry-run", "--no-ledger"] {
        crm.run(&format!("{} {flag}", into(&source, "x"))).fails(2).telling("cannot be used with");
    }
    let role = source.role("GRANT ALL ON ALL TABLES IN SCHEMA public TO ROLE;");
    let line = format!("--into x --template --database-url {}", source.url_of(&role));
    crm.run(&line)
        .fails(3)
        .telling("may not create databases")
        .telling(&format!("ALTER ROLE {role} CREATEDB"));
    assert_eq!(templates(&source).len(), 0);
}

#[test]
fn a_role_that_may_create_databases_needs_no_more() {
    let Some(server) = Server::shared() else { return };
    let source = server.database();
    let role = source.role("GRANT CREATE ON SCHEMA public TO ROLE;");
    source.run(&format!("ALTER USER {role} CREATEDB"));
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    crm.ok(&format!("migrate up --database-url {}", source.url_of(&role)));
    let line = format!(
        "--scenario multi-stakeholder --into {test} --template --database-url {}",
        source.url_of(&role)
    );
    crm.ok(&line);
    assert_eq!(crm.json(&line)["template"]["made"], Value::from(false));
}

#[test]
fn an_empty_source_gets_its_migrations_in_the_template() {
    let Some(source) = Database::empty() else { return };
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    crm.ok(&format!("{} --bundled", into(&source, &test)));
    assert_ne!(beside(&source, &test).number("SELECT count(*) FROM opportunities"), 0);
    assert_eq!(source.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), 0);
}

#[test]
#[cfg(feature = "embedded")]
fn the_embedded_database_is_refused() {
    let crm = Crm::new();
    let outcome = crm.run("--into x --template").fails(3);
    outcome.telling("the embedded PostgreSQL has one database").telling("--database-url");
}

#[test]
fn a_pooler_is_refused() {
    let Some(source) = Database::migrated() else { return };
    let Some(server) = Server::shared() else { return };
    let Some(pooler) = crate::harness::PgBouncer::start(server, "pool_mode = transaction") else { return };
    let crm = Crm::new();
    // It hands out a server process that it has.
    let line = format!("--into {} --template {}", name(&source, "w1"), pooler.option(source.name()));
    crm.run(&format!("verify {}", pooler.option(source.name())));
    crm.run(&line).fails(3).telling("seems to go through a pooler").telling("connect to the server directly");
}

/// How long the server alone takes.
#[test]
#[ignore = "a measurement"]
fn measure_a_second_copy() {
    let Some(source) = Database::migrated() else { return };
    let (crm, test) = (Crm::new(), name(&source, "w1"));
    crm.ok(&into(&source, &test));
    let [template] = &templates(&source)[..] else { panic!("one template") };
    let time = |mut command: Command| {
        let started = std::time::Instant::now();
        assert!(command.output().expect("a command").status.success());
        started.elapsed().as_millis()
    };
    for _ in 0..5 {
        let ours = time(crm.command(&into(&source, &test)));
        let mut psql = source.program("psql");
        psql.args(["-c", &format!("CREATE DATABASE {test}_psql TEMPLATE {template}")]);
        let server = time(psql);
        source.run(&format!("DROP DATABASE {test}_psql"));
        println!("crm-seed {ours} ms, psql {server} ms");
    }
}
