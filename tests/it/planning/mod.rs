//! Plans of schemas that nobody would write: none makes crm-seed fall over, and none keeps it busy for long. Those
//! at random are planned in process, without a database, and their rows are made.
//!
//! `CRM_SEED_SOAK=4000` tries so many instead of a few hundred; `CRM_SEED_PLAN=17` tries one, and prints it.

mod checks;
mod columns;
mod large;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crm_seed::calendar::Day;
use crm_seed::catalog::Schema;
use crm_seed::domain::dataset::{Dataset, Origin};
use crm_seed::infer::overrides::Overrides;
use crm_seed::infer::table_selection::ExistingRows;
use crm_seed::plan::Plan;
use crm_seed::scenario::Scenario;
use crm_seed::value::Batch;
use serde_json::{Value, json};

use crate::random_schemas::dice::Dice;

/// How many are tried in the ordinary tests.
const ORDINARY: u64 = 300;
/// Rows of each table that are made.
const ROWS: u64 = 40;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn dataset() -> Dataset {
    let Scenario { counts, weights, .. } = Scenario::default_scenario();
    Dataset::new(42, Day::DEFAULT_AS_OF, &counts, &weights, Origin::default()).expect("a world")
}

/// A schema of this number: the contacts of a CRM, and a table of theirs.
fn schema(number: u64) -> Value {
    let dice = &mut Dice::new(number, "odd columns");
    let mut id = columns::column(dice, "id", None);
    id.as_object_mut().expect("a column").extend([
        ("type".into(), "bigint".into()),
        ("base".into(), "int8".into()),
        ("category".into(), "N".into()),
        ("typmod".into(), (-1).into()),
        ("element".into(), Value::Null),
        ("labels".into(), Value::Null),
        ("default".into(), Value::Null),
        ("has_default".into(), false.into()),
    ]);
    let tables: Vec<Value> = [("contacts", 1), ("invoices", 2)]
        .into_iter()
        .map(|(name, oid)| table(dice, name, oid, &id))
        .collect();
    json!({
        "server": {
            "database": "odd", "role": "app", "version": "15.0", "superuser": true, "bypass_rls": true,
            "in_recovery": false, "read_only": false, "may_create": true,
        },
        "tables": tables,
        "foreign_keys": [{
            "name": "of_contact", "from": 2, "from_name": "invoices", "columns": ["contact_id"], "to": 1,
            "to_columns": ["id"], "deferrable": false, "deferred": false, "on_delete": "a",
        }],
        "view_sources": [],
    })
}

fn table(dice: &mut Dice, name: &str, oid: u32, id: &Value) -> Value {
    let count = 1 + dice.below(6);
    let mut names: Vec<&str> = (0..count).map(|_| *dice.pick(columns::NAMES)).collect();
    names.sort_unstable();
    names.dedup();
    let mut all = vec![id.clone()];
    if name == "invoices" {
        let mut link = id.clone();
        link["name"] = "contact_id".into();
        all.push(link);
    }
    for name in &names {
        let domain = dice.chance(10).then(|| vec![checks::check(dice, &["VALUE"])]);
        all.push(columns::column(dice, name, domain));
    }
    let checks: Vec<Value> = (0..dice.below(4))
        .map(|at| json!({"name": format!("check_{at}"), "definition": checks::check(dice, &names)}))
        .collect();
    let mut uniques = vec![unique("id", &["id"], true)];
    for at in 0..dice.below(3) {
        let columns: Vec<&str> = (0..1 + dice.below(2)).map(|_| *dice.pick(&names)).collect();
        uniques.push(unique(&format!("unique_{at}"), &columns, false));
    }
    json!({
        "oid": oid, "schema": "public", "name": name, "kind": "r", "visible": true, "owner": "app", "owned": true, "rls": false,
        "rls_forced": false, "may_insert": true, "may_select": true, "may_truncate": true, "may_update": true,
        "may_delete": true, "persistence": "p", "columns": all, "uniques": uniques, "checks": checks,
        "triggers": [], "policies": [], "inherits_from": [], "partition_key": null, "partitions": [],
        "partition_checks": [],
    })
}

fn unique(name: &str, columns: &[&str], primary: bool) -> Value {
    json!({
        "name": name, "columns": columns, "expressions": null, "predicate": null, "nulls_not_distinct": false,
        "primary": primary,
    })
}

/// Plans it and makes rows; how many and what is noted, or why not.
fn plan(schema: &Value) -> Result<(u64, Vec<String>), String> {
    let schema: Schema = serde_json::from_value(schema.clone()).expect("a schema");
    let dataset = dataset();
    let plan = Plan::of_target(&dataset, &schema, &Overrides::default(), &ExistingRows::new());
    let plan = plan.map_err(|error| format!("{error:#}"))?;
    let mut made = 0;
    for table in &plan.tables {
        let mut batch = Batch::default();
        table.source(&dataset).fill(0..table.rows.min(ROWS), &mut batch);
        made += batch.rows().count() as u64;
    }
    Ok((made, plan.unread_checks.into_iter().map(|note| note.text).collect()))
}

#[test]
fn no_column_type_and_no_check_makes_planning_fall_over() {
    if let Some(number) = number("CRM_SEED_PLAN") {
        println!("{:#}", schema(number));
        println!("{:#?}", plan(&schema(number)));
        return;
    }
    let (mut planned, mut fallen) = (0, Vec::new());
    for number in 0..number("CRM_SEED_SOAK").unwrap_or(ORDINARY) {
        match catch_unwind(AssertUnwindSafe(|| plan(&schema(number)))) {
            Ok(made) => planned += u64::from(made.is_ok()),
            Err(_) => fallen.push(number),
        }
    }
    assert_eq!(fallen, [0; 0], "try one with CRM_SEED_PLAN");
    assert!(planned > 20, "few can be filled: {planned}");
}

#[test]
fn what_is_planned_may_go_to_another_thread() {
    fn goes<T: Send + 'static>() {}
    goes::<Plan>();
    goes::<Dataset>();
    goes::<Schema>();
    goes::<Overrides>();
    goes::<ExistingRows>();
}
