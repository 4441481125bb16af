//! Expectations: held inside the loading transaction.

use serde_json::{Value, json};

use crate::harness::{Crm, Database};
use crate::scenarios::{base, own};

/// A scenario of two deals with these expectations.
fn deals(crm: &Crm, expect: Value) {
    let deal =
        |amount: u32| json!({ "amount": amount, "customer_organization_id": "@shop", "stage": "new_lead" });
    let rows = json!({
        "organizations": { "shop": { "organization_type": "customer", "name": "Shop" } },
        "opportunities": { "small": deal(100), "large": deal(900) },
    });
    own(crm, "deals", &json!({ "rows": rows, "expect": expect }));
}

#[test]
fn expectations_that_hold_let_the_rows_in() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let both = "FROM opportunities WHERE id IN (@small, @large)";
    deals(
        &crm,
        json!([
            { "name": "a value", "sql": format!("SELECT count(*) {both}"), "equals": 2 },
            { "name": "a range", "sql": format!("SELECT sum(amount) {both}"), "at_least": 1000 },
            { "name": "the other end", "sql": format!("SELECT sum(amount) {both}"), "at_most": 1000.5 },
            { "name": "a list", "sql": format!("SELECT amount::int {both} ORDER BY 1"), "equals": [100, 900] },
            { "name": "objects", "sql": format!("SELECT amount::int AS a, stage::text {both} ORDER BY 1;"),
              "equals": [{ "a": 100, "stage": "new_lead" }, { "a": 900, "stage": "new_lead" }] },
            { "name": "nothing", "sql": "SELECT 1 WHERE false -- nothing", "equals": [] },
            { "name": "null", "sql": "SELECT NULL::int", "equals": null },
            { "name": "a text", "sql": "SELECT name FROM organizations WHERE id = @shop", "equals": "Shop" },
        ]),
    );
    crm.ok(&format!("-s deals.json {}", db.option()));
    assert_eq!(db.number("SELECT count(*) FROM opportunities"), 2);
}

#[test]
fn one_that_does_not_hold_undoes_everything() {
    let Some(db) = Database::seeded("") else { return };
    let crm = Crm::new();
    deals(&crm, json!([]));
    crm.ok(&format!("-s deals.json {}", db.option()));
    let before = (db.digests(), db.schema(), base(&db));
    let registry = "SELECT name, digest FROM crm_seed.scenario";
    let recorded = db.run(registry);
    deals(
        &crm,
        json!([
            { "name": "holds", "sql": "SELECT 1", "equals": 1 },
            { "name": "three deals", "sql": "SELECT count(*) FROM opportunities WHERE id IN (@small, @large)", "equals": 3 },
            { "name": "much money", "sql": "SELECT sum(amount)::int FROM opportunities WHERE id = @large", "at_least": 1000 },
            { "name": "in order", "sql": "SELECT amount::int FROM opportunities WHERE id IN (@small, @large) ORDER BY 1 DESC", "equals": [100, 900] },
        ]),
    );
    for more in ["", "--clean --yes", "--method insert", "--seed 7"] {
        let outcome = crm.run(&format!("-s deals.json {more} {}", db.option())).fails(5);
        outcome
            .telling("scenario deals: expectation \"three deals\" is not met\n  expected: 3\n  actual:   2")
            .telling("expectation \"much money\" is not met\n  expected: at least 1000\n  actual:   900")
            .telling("expectation \"in order\" is not met\n  expected: [100,900]\n  actual:   [900,100]")
            .telling("nothing was changed")
            .silent_about("\"holds\"");
        assert_eq!((db.digests(), db.schema(), base(&db)), before, "{more}");
        assert_eq!(db.run(registry), recorded, "{more}");
    }
    // On an empty database not even the schema is left.
    let empty = Database::empty().expect("a server");
    let nothing = empty.schema();
    crm.run(&format!("-s deals.json {}", empty.option())).fails(5);
    assert_eq!(empty.schema(), nothing);
}

#[test]
fn a_query_that_cannot_be_asked_is_told_and_changes_nothing() {
    let Some(db) = Database::seeded("") else { return };
    let before = (db.digests(), db.schema());
    let crm = Crm::new();
    let queries = [
        "SELECT nonsense",
        "SELECT",
        "SELECT 1; SELECT 1",
        "DELETE FROM opportunities",
        "WITH gone AS (DELETE FROM opportunities RETURNING 1) SELECT count(*) FROM gone",
        "SELECT 1) AS a; COMMIT; SELECT (1",
        "SELECT nextval('organizations_id_seq')",
        "SELECT 1/0",
        "COMMIT",
    ];
    for sql in queries {
        deals(&crm, json!([{ "name": "bad", "sql": sql, "equals": -1 }]));
        let outcome = crm.run(&format!("-s deals.json {}", db.option())).exits(5);
        outcome.telling("scenario deals: expectation \"bad\"").silent_about("panicked");
        assert_eq!((db.digests(), db.schema()), before, "{sql}");
    }
    // The next one is asked all the same.
    deals(
        &crm,
        json!([
            { "name": "bad", "sql": "SELECT 1/0", "equals": 1 },
            { "name": "next", "sql": "SELECT count(*) FROM opportunities WHERE id = @small", "equals": 7 },
        ]),
    );
    let outcome = crm.run(&format!("-s deals.json {}", db.option())).fails(5);
    outcome.telling("\"bad\" failed").telling("\"next\" is not met\n  expected: 7\n  actual:   1");
}

#[test]
fn a_query_sees_the_rows_as_they_will_be() {
    // Also those that are laid over earlier ones, to which the app's hold on.
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    deals(
        &crm,
        json!([{ "name": "amounts", "sql": "SELECT sum(amount)::int FROM opportunities WHERE id IN (@small, @large)", "equals": 1000 }]),
    );
    crm.ok(&format!("-s deals.json {}", db.option()));
    db.run(
        "INSERT INTO tasks (title, opportunity_id) SELECT 'Ours', max(id) FROM opportunities;
         UPDATE opportunities SET amount = 5",
    );
    crm.ok(&format!("-s deals.json {}", db.option()));
    assert_eq!(db.number("SELECT sum(amount)::int FROM opportunities"), 1000);
}

#[test]
fn those_of_several_scenarios_know_their_own_handles() {
    let Some(db) = Database::seeded("") else { return };
    let crm = Crm::new();
    deals(
        &crm,
        json!([{ "name": "own", "sql": "SELECT count(*) FROM opportunities WHERE id IN (@small, @enterprise-deal)", "equals": 2 }]),
    );
    crm.run(&format!("-s deals.json -s high-value-pipeline {}", db.option()))
        .fails(2)
        .telling("@enterprise-deal");
}
