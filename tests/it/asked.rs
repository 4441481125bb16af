//! Numbers of rows and weights that are asked for by the names of tables: on the command line, in a scenario, and what
//! cannot be.

use serde_json::json;

use crate::drift::{broken, database};
use crate::harness::{Crm, Database};
use crate::scenarios::own;

const NOTES: &str =
    "CREATE TABLE notes (id bigserial PRIMARY KEY, opportunity_id bigint NOT NULL REFERENCES opportunities,
   mood text NOT NULL CHECK (mood IN ('good', 'bad', 'mixed')), body text NOT NULL);
 CREATE TABLE audit_log (id bigserial PRIMARY KEY, entry text NOT NULL);";

fn with_notes() -> Option<Database> {
    let db = Database::migrated()?;
    db.run(NOTES);
    Some(db)
}

fn clean(db: &Database) -> String {
    format!("--clean --yes {}", db.option())
}

#[test]
fn tables_get_exactly_the_rows_that_are_asked_for() {
    let Some(db) = with_notes() else { return };
    let crm = Crm::new();
    let rows = |table: &str| db.number(&format!("SELECT count(*) FROM {table}"));
    crm.ok(&format!("{} --rows contacts=137,products=61,notes=200 --rows opportunities=33", clean(&db)));
    let counts = (rows("contacts"), rows("products"), rows("notes"), rows("opportunities"));
    assert_eq!(counts, (137, 61, 200, 33));
    // Each customer has its share, and the notes are of many deals.
    let shares = "SELECT string_agg(DISTINCT n::text, ' ' ORDER BY n::text) FROM (
        SELECT count(*) AS n FROM contact_organizations WHERE is_primary GROUP BY organization_id) AS s";
    assert_eq!(db.run(shares), "6 7");
    assert!(db.number("SELECT count(DISTINCT opportunity_id) FROM notes") > 25);
    crm.ok(&format!("verify {}", db.option()));
    // A scale changes nothing that is told as it is.
    crm.ok(&format!("{} --rows contacts=200,notes=7 --scale 2", clean(&db)));
    assert_eq!((rows("contacts"), rows("notes"), rows("opportunities")), (200, 7, 100));
    crm.ok(&format!("{} --rows audit_log=5,notes=0 --rows customers=9", clean(&db)));
    assert_eq!((rows("audit_log"), rows("notes"), rows("organizations")), (5, 0, 17));
}

#[test]
fn more_rows_leave_those_that_were_there_as_they_were() {
    let Some(db) = with_notes() else { return };
    let crm = Crm::new();
    let notes = |most: i64| db.run(&format!("SELECT n::text FROM notes AS n WHERE id <= {most} ORDER BY id"));
    crm.ok(&format!("{} --rows notes=90,contacts=80", clean(&db)));
    let before = notes(90);
    db.run(
        "CREATE SCHEMA kept; CREATE TABLE kept.people AS SELECT id, name, email::text, title FROM contacts",
    );
    let others = db.digests();
    crm.ok(&format!("{} --rows notes=240,contacts=80", clean(&db)));
    assert_eq!(notes(90), before);
    let changed: Vec<String> = db
        .digests()
        .into_iter()
        .filter(|(table, digest)| others.get(table) != Some(digest))
        .map(|(table, _)| table)
        .collect();
    assert_eq!(changed, ["notes"]);
    crm.ok(&format!("{} --rows notes=90,contacts=130", clean(&db)));
    let gone = "SELECT count(*) FROM kept.people AS p WHERE NOT EXISTS (SELECT FROM contacts AS c
        WHERE (c.id, c.name, c.email::text, c.title) = (p.id, p.name, p.email, p.title))";
    assert_eq!((db.number("SELECT count(*) FROM contacts"), db.number(gone)), (130, 0));
}

#[test]
fn the_command_line_speaks_before_the_scenario_and_that_before_the_configuration() {
    let Some(db) = with_notes() else { return };
    let crm = Crm::new();
    let notes = || db.number("SELECT count(*) FROM notes");
    let moods = || db.run("SELECT string_agg(DISTINCT mood, ' ' ORDER BY mood) FROM notes");
    crm.write(
        "crm-seed.toml",
        "[tables.notes]\nrows = 11\n[tables.notes.columns]\nmood = { weights = { good = 1 } }\n",
    );
    own(
        &crm,
        "sized",
        &json!({ "extends": "default", "counts": { "notes": 12, "contacts": 99 },
                 "weights": { "notes.mood": { "bad": 1 }, "opportunities.stage": { "closed_won": 1 } } }),
    );
    crm.ok(&clean(&db));
    assert_eq!((notes(), moods().as_str()), (11, "good"));
    crm.ok(&format!("-s sized {}", clean(&db)));
    assert_eq!((notes(), moods().as_str()), (12, "bad"));
    assert_eq!(db.number("SELECT count(*) FROM contacts"), 99);
    crm.ok(&format!("-s sized --rows public.notes=13 --weights notes.mood=mixed:2,good:0 {}", clean(&db)));
    assert_eq!((notes(), moods().as_str()), (13, "mixed"));
    // The same again is nothing to do; other numbers are another run.
    let asked = format!("-s sized --rows notes=13 --if-changed {}", clean(&db));
    crm.ok(&asked);
    crm.ok(&asked).printing("nothing to do");
    crm.ok(&asked.replace("=13", "=14"));
    assert_eq!(notes(), 14);
}

#[test]
fn names_are_those_of_the_domain_or_of_the_target() {
    let Some(db) = database("camel_case") else { return };
    let crm = Crm::new();
    let rows = |table: &str| db.number(&format!("SELECT count(*) FROM \"{table}\""));
    let stages = || {
        db.run(
            "SELECT string_agg(DISTINCT \"dealStage\"::text, ' ' ORDER BY \"dealStage\"::text) FROM \"Deal\"",
        )
    };
    crm.ok(&format!(
        "{} --rows Contact=77,public.Product=40,User=13 --weights Deal.dealStage=CLOSED_WON:1,CLOSED_LOST:1",
        clean(&db)
    ));
    assert_eq!((rows("Contact"), rows("Product"), rows("User")), (77, 40, 13));
    assert_eq!(stages(), "CLOSED_LOST CLOSED_WON");
    // What hangs on the stage agrees with it.
    crm.ok(&format!("verify {}", db.option()));
    crm.ok(&format!("{} --rows contacts=70 --weights opportunities.stage=new_lead:1", clean(&db)));
    assert_eq!((rows("Contact"), stages().as_str()), (70, "NEW_LEAD"));
    crm.ok(&format!(
        "{} --weights opportunities.dealStage=NEW_LEAD:1 --weights User.role=ADMIN:1",
        clean(&db)
    ));
    assert_eq!(db.run("SELECT string_agg(DISTINCT role::text, ' ') FROM \"User\""), "ADMIN");
}

#[test]
fn rows_of_lists_are_weighted_by_their_names() {
    let Some(db) = database("lookups") else { return };
    let crm = Crm::new();
    let stages = "SELECT string_agg(DISTINCT s.code, ' ' ORDER BY s.code) FROM opportunities o JOIN stages s ON s.id = o.stage_id";
    crm.ok(&format!("{} --weights opportunities.stage_id=closed_won:1", clean(&db)));
    assert_eq!(db.run(stages), "closed_won");
    crm.run(&format!("{} --weights opportunities.stage_id=closed_one:1", clean(&db)))
        .fails(2)
        .telling("closed_won");
}

#[test]
fn lists_that_the_domain_does_not_weigh_are_weighted_too() {
    let Some(db) = database("lookups") else { return };
    let crm = Crm::new();
    crm.ok(&clean(&db));
    let asked = [
        "--weights",
        "organizations.industry_id=Restaurants:3,grocery_retail:1",
        "--weights",
        "opportunities.stage_id=Closed: won:1",
    ];
    let target = ["--clean", "--yes", "--database-url", db.url()];
    crm.run_with(&[&asked[..], &target[..]].concat()).exits(0);
    let industries = "SELECT string_agg(DISTINCT i.code, ' ' ORDER BY i.code) FROM organizations o JOIN industries i ON i.id = o.industry_id";
    assert_eq!(db.run(industries), "grocery_retail restaurants");
    assert_eq!(db.number("SELECT count(*) FROM opportunities WHERE stage_id <> 90"), 0);
    for (weights, message) in [
        ("organizations.industry_id=Restuarants:3", "is called `Restuarants`; did you mean `Restaurants`?"),
        ("opportunities.stage_id=closed_won:1,Negotiation:1", "is called `Negotiation`"),
        ("contacts.organization_id=x:1", "it is a key"),
    ] {
        crm.run(&format!("--weights {weights} {}", clean(&db)))
            .fails(2)
            .telling("--weights")
            .telling(message);
    }
}

#[test]
fn what_belongs_together_still_does_whatever_the_numbers() {
    let Some(db) = database("documents") else { return };
    let crm = Crm::new();
    crm.ok(&format!(
        "{} --rows order_lines=211,notes=300,price_lists=200,user_profiles=5,quotes=12 --rows comments=77",
        clean(&db)
    ));
    let rows = |table: &str| db.number(&format!("SELECT count(*) FROM {table}"));
    assert_eq!(
        (rows("order_lines"), rows("notes"), rows("user_profiles"), rows("quotes")),
        (211, 300, 5, 12)
    );
    assert_eq!(broken(&db, "documents"), [""; 0]);
    let lines =
        "SELECT string_agg(t::text, ' ' ORDER BY order_id, line_no) FROM order_lines AS t WHERE line_no <= 4";
    let before = db.run(lines);
    crm.ok(&format!(
        "{} --rows order_lines=400,notes=300,price_lists=200,user_profiles=5,quotes=12 --rows comments=77",
        clean(&db)
    ));
    assert_eq!(db.run(lines), before);
    assert_eq!(broken(&db, "documents"), [""; 0]);
}

#[test]
fn every_row_that_is_asked_for_is_of_a_row_that_such_rows_are_made_for() {
    let Some(db) = Database::migrated() else { return };
    db.run(
        "CREATE TABLE notes (id bigserial PRIMARY KEY, opportunity_id bigint REFERENCES opportunities,
           contact_id bigint REFERENCES contacts, organization_id bigint REFERENCES organizations, body text NOT NULL)",
    );
    let crm = Crm::new();
    crm.ok(&format!("{} --rows notes=400", clean(&db)));
    assert_eq!(db.number("SELECT count(*) FROM notes WHERE opportunity_id IS NULL"), 0);
    let strays = "SELECT count(*) FROM notes n JOIN opportunities o ON o.id = n.opportunity_id
        WHERE n.organization_id <> o.customer_organization_id";
    assert_eq!(db.number(strays), 0);
    // More deals take few notes from others.
    db.run("CREATE SCHEMA kept; CREATE TABLE kept.notes AS SELECT id, opportunity_id, body FROM notes");
    crm.ok(&format!("{} --rows notes=400,opportunities=55", clean(&db)));
    let moved = "SELECT count(*) FROM notes n JOIN kept.notes k USING (id) WHERE k.opportunity_id <> n.opportunity_id";
    assert!((1..100).contains(&db.number(moved)), "{}", db.number(moved));
    // Rows of others stay, and no others come.
    db.run("TRUNCATE notes; INSERT INTO notes (body) VALUES ('ours')");
    crm.run(&format!("{} --rows notes=3", clean(&db)))
        .fails(2)
        .telling("holds rows that crm-seed has no record of making");
}

#[test]
fn what_cannot_be_is_told_before_anything_is_written() {
    let Some(db) = with_notes() else { return };
    db.run(
        "CREATE TABLE moods (id smallserial PRIMARY KEY, name text NOT NULL UNIQUE);
         CREATE TABLE tiny (id smallint PRIMARY KEY, opportunity_id bigint NOT NULL REFERENCES opportunities);
         CREATE TABLE deal_extras (opportunity_id bigint PRIMARY KEY REFERENCES opportunities, body text NOT NULL);",
    );
    let crm = Crm::new();
    crm.ok(&clean(&db));
    let before = db.digests();
    let cases: [(&str, &[&str]); 17] = [
        ("--rows notse=5", &["--rows notse: no such table in this database; did you mean `notes`?"]),
        (
            "--rows tasks=5",
            &["--rows tasks: rows of tasks follow from opportunities", "tables.tasks.is = \"\""],
        ),
        ("--rows organizations=50", &["here customers=42"]),
        (
            "--rows contacts=5",
            &["5 contacts cannot be: 20 customers have from 1 to 999 each, 20 to 19980 in all"],
        ),
        ("--rows contacts=5,contacts=6", &["--rows says twice how many contacts there are"]),
        ("--customers 5 --rows customers=6", &["both say how many customers"]),
        ("--rows notes=100000001", &["from 0 to 100000000"]),
        ("--rows notes", &["write TABLE=N"]),
        ("--rows tiny=40000", &["--rows tiny: the table cannot have 40000 rows", "allow 32767"]),
        ("--rows deal_extras=60", &["--rows deal_extras: the table cannot have 60 rows", "allow 50"]),
        ("--rows notes=5 --exclude notes", &["--rows notes: the table is excluded"]),
        ("--weights notes.mood=god:1", &["--weights notes.mood: no label `god`; did you mean `good`?"]),
        ("--weights notes.moo=good:1", &["notes has no column `moo`; did you mean `mood`?"]),
        ("--weights note.mood=good:1", &["no such table in this database; did you mean `notes`?"]),
        ("--weights opportunities.stage=won:1", &["--weights opportunities.stage: no label `won`"]),
        ("--weights opportunities.status=closed:1", &["follows from the stage"]),
        ("--rows notse=5 --weights notes.mood=god:1", &["notse", "god"]),
    ];
    for (arguments, texts) in cases {
        let outcome = crm.run(&format!("{arguments} {}", clean(&db))).fails(2);
        texts.iter().fold(outcome, |outcome, text| outcome.telling(text));
    }
    assert_eq!(db.digests(), before);
    own(
        &crm,
        "wrong",
        &json!({ "extends": "default", "counts": { "notse": 3 }, "weights": { "notes.mood": { "god": 1 } } }),
    );
    crm.run(&format!("-s wrong {}", clean(&db)))
        .fails(2)
        .telling("wrong.json:1:")
        .telling("notse: no such table in this database; did you mean `notes`?")
        .telling("notes.mood: no label `god`; did you mean `good`?");
    assert_eq!(db.digests(), before);
}

#[test]
fn without_a_database_the_names_of_the_app_are_taken_with_a_note() {
    let crm = Crm::new();
    own(
        &crm,
        "sized",
        &json!({ "extends": "default", "counts": { "notes": 12, "contacts": 99 }, "weights": { "deals.stage": { "won": 1 } } }),
    );
    let report = crm.json("generate --out files -s sized --rows products=64,Meeting=3");
    let rows = |table: &str| {
        let tables = report["tables"].as_array().expect("tables").iter();
        tables
            .filter(|line| line["name"] == table)
            .map(|line| line["rows"].as_i64().expect("a number"))
            .sum::<i64>()
    };
    assert_eq!((rows("contacts"), rows("products")), (99, 64));
    let notes = report["notes"].as_array().expect("notes");
    let told = |text: &str| {
        notes.iter().any(|note| {
            note["kind"] == "needs_database" && note["text"].as_str().is_some_and(|t| t.contains(text))
        })
    };
    assert!(
        told("the number of rows of notes") && told("of Meeting") && told("the weights of deals.stage"),
        "{notes:?}"
    );
    crm.ok("scenario check sized.json")
        .printing("the number of rows of notes can only be held against a database");
    crm.run("generate --out more --rows custmers=5").fails(2).telling("did you mean `customers`?");
    crm.run("generate --out more --rows tasks=5").fails(2).telling("rows of tasks follow from opportunities");
    crm.run("generate --out more --weights opportunities.stage=won:1")
        .fails(2)
        .telling("no label")
        .telling("closed_won");
    assert_eq!(crm.names_in("more"), [""; 0]);
}

#[test]
fn an_empty_database_is_asked_what_its_migrations_make_of_it() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.run(&format!("--bundled --rows notes=5 {}", db.option()))
        .fails(2)
        .telling("--rows notes: no such table");
    assert_eq!(db.number("SELECT count(*) FROM pg_class WHERE relname = 'contacts'"), 0);
    crm.ok(&format!("--bundled --rows contacts=45 {}", db.option()));
    assert_eq!(db.number("SELECT count(*) FROM contacts"), 45);
    crm.ok(&format!("doctor --rows contacts=46 {}", db.option()));
    crm.run(&format!("doctor --rows cotnacts=46 {}", db.option()))
        .fails(2)
        .telling("did you mean `contacts`?");
    crm.run(&format!("--dry-run --clean --rows contacts=46 {}", db.option())).exits(0).printing("46");
}
