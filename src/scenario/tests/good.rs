//! What files come to.

use super::{RULES, example, file};
use crate::domain::explicit::{CellValue, Fault, Nth, Reference, RowKind, Value};
use crate::scenario::check::{Checked, check};
use crate::scenario::location::Problems;
use crate::scenario::{AsOf, Document, Scenario, parse};

fn checked(text: &str) -> (Document, Checked) {
    let document = parse("x.json", text, &RULES).expect("a sound file");
    let checked = check(&document, true, &mut Problems::default());
    (document, checked)
}

#[test]
fn the_example_of_the_documentation_is_sound() {
    let document = parse("docs/overdue-renewal.json", example(), &RULES).expect("the example");
    let checked = check(&document, true, &mut Problems::default());
    let handles: Vec<&str> = checked.scenario_rows.rows.iter().map(|row| row.handle.as_str()).collect();
    assert_eq!(handles, ["diner", "renewal", "call"]);
    let renewal = &checked.scenario_rows.rows[1];
    assert_eq!(renewal.table, "opportunities");
    let reference = CellValue::Reference(Reference::Handle("diner".to_owned()));
    assert!(renewal.cells.contains(&("customer_organization_id", reference)));
    assert!(renewal.cells.contains(&("amount", CellValue::Value(Value::Cents(1_850_000)))));
    assert!(checked.scenario_rows.rows[2].cells.contains(&("completed_at", CellValue::Value(Value::Null))));
    assert!(document.expectations[0].handles().eq(["renewal"]));
}

#[test]
fn rows_are_repeated_with_their_numbers() {
    let (_, checked) = checked(&file(
        r#""rows": {
            "opportunities": {"deal": {"repeat": 3, "name": "Deal {n} of {n}", "created_at": "as_of-{n}d"}},
            "tasks": {"call": {"repeat": 2, "opportunity_id": "@deal-{n}"}},
            "contacts": {"jane": {"repeat": 1, "email": [{"value": "{n}@x.example", "n": 1.50}]}}}"#,
    ));
    let rows = &checked.scenario_rows.rows;
    let handles: Vec<&str> = rows.iter().map(|row| row.handle.as_str()).collect();
    assert_eq!(handles, ["deal-1", "deal-2", "deal-3", "call-1", "call-2", "jane-1"]);
    assert!(rows[2].cells.contains(&("name", CellValue::Value("Deal 3 of 3".into()))));
    let second = CellValue::Reference(Reference::Handle("deal-2".to_owned()));
    assert_eq!(rows[4].cells, [("opportunity_id", second)]);
    let email = Value::Json(r#"[{"value":"1@x.example","n":1.50}]"#.to_owned());
    assert_eq!(rows[5].cells, [("email", CellValue::Value(email))]);
}

#[test]
fn selectors_implied_rows_and_what_is_left_out() {
    let (document, checked) = checked(&file(
        r#""as_of": "today",
        "counts": {"principals": 1, "customers": 1, "contacts_per_customer": {"min": 1, "max": 1}},
        "rows": {
            "contacts": {"jane": {"organization": {"some": "customer"}, "without": []}},
            "opportunities": {"deal": {"without": ["products"]}},
            "tasks": {"call": {"contact_id": {"contact": 1, "of": 1}}},
            "opportunity_contacts": {"link": {"opportunity_id": "@deal", "contact_id": "@deal.customer.contact"}},
            "products": {"soup": {"principal_id": "@made.principal"}}}"#,
    ));
    let rows = &checked.scenario_rows.rows;
    assert_eq!(document.as_of.map(|date| date.value), Some(AsOf::Today));
    assert_eq!(rows[0].organization, Some(Reference::Some(RowKind::Customer)));
    assert_eq!(rows[1].without, ["products"]);
    let nth = Reference::Nth(Nth { kind: RowKind::Contact, number: 1, of: 1 });
    assert_eq!(rows[2].cells, [("contact_id", CellValue::Reference(nth))]);
}

#[test]
fn the_default_scenario_is_what_it_was() {
    let default = Scenario::default_scenario();
    assert_eq!((default.name.as_str(), default.counts.customers), ("default", 20));
    assert_eq!(default.weights["opportunities.stage"]["new_lead"], 19);
    assert!(default.scenario_rows.is_empty() && default.as_of.is_none());
}

#[test]
fn faults_are_told_at_their_rows_and_columns() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("overdue-renewal.json");
    std::fs::write(&path, example()).expect("written");
    let path = path.to_str().expect("a path").to_owned();
    let scenario = Scenario::load(&[path], None, &RULES, false, true).expect("the example");
    let fault = |handle: &str, column: Option<&str>| Fault {
        scenario_index: 0,
        handle: handle.to_owned(),
        column: column.map(str::to_owned),
        message: "no".to_owned(),
    };
    let faults = [
        fault("renewal.customer", Some("name")),
        fault("made.principal", None),
        fault("renewal", Some("amount")),
        fault("renewal", Some("name")),
    ];
    let told = scenario.faults(&faults).to_string();
    let told: Vec<&str> = told.lines().map(|line| line.split_once(".json").expect("a file").1).collect();
    let expected = [
        ":1:1: `made.principal`: no",
        ":12:7: `renewal.customer`: no",
        ":12:7: `renewal`: no",
        ":16:19: `renewal`: no",
    ];
    assert_eq!(told, expected);
}
