//! What holds of explicit rows, whatever was given.

use proptest::prelude::*;

use super::facts::{columns, position, table_called};
use super::{CellValue, CompletedRow, Reference, Row, RowKind, ScenarioRows, Value, ids, with_rows};
use crate::calendar::{DAY, Day};
use crate::domain::TABLES;
use crate::domain::counts::{Counts, Weights};
use crate::domain::dataset::{Dataset, Origin};
use crate::value::Kind;

const FEW: Counts = Counts { principals: 2, distributors: 1, customers: 4, opportunities: 3, ..Counts::NONE };

fn dataset(seed: u64, as_of: Day, counts: &Counts, rows: Vec<Row>) -> Dataset {
    let part = ScenarioRows { rows, ..ScenarioRows::new("a-test".into()) };
    let dataset = Dataset::new(seed, as_of, counts, &Weights::new(), Origin::default()).expect("a world");
    with_rows(dataset, &[part]).expect("sound rows")
}

fn made(seed: u64, counts: &Counts, rows: Vec<Row>) -> Vec<CompletedRow> {
    dataset(seed, Day::DEFAULT_AS_OF, counts, rows).explicit
}

fn row(table: &'static str, handle: &str, cells: Vec<(&'static str, CellValue)>) -> Row {
    Row { table, handle: handle.into(), cells, own: Vec::new(), organization: None, without: Vec::new() }
}

fn text(value: &str) -> CellValue {
    CellValue::Value(value.into())
}

fn to(handle: &str) -> CellValue {
    CellValue::Reference(Reference::Handle(handle.into()))
}

fn of<'a>(rows: &'a [CompletedRow], handle: &str) -> &'a CompletedRow {
    rows.iter().find(|made| made.handle == handle).unwrap_or_else(|| panic!("no row {handle}"))
}

fn get<'a>(made: &'a CompletedRow, column: &str) -> &'a Value {
    &made.values[position(made.table, column)]
}

/// A value that a column may hold, by two numbers.
fn any_value(table: &'static str, column: usize, pick: u64) -> Option<CellValue> {
    let info = &columns(table_called(table))[column];
    if info.name == "id" || info.holds.refers_to.is_some() || pick.is_multiple_of(2) {
        return None;
    }
    let pick = pick / 2;
    let (low, high) = info.holds.range.unwrap_or((0, 1_000_000));
    let number = low + (pick % (high - low + 1) as u64) as i64;
    let value = match info.holds.kind {
        _ if !info.holds.not_null && pick.is_multiple_of(7) => Value::Null,
        Kind::Text if !info.holds.labels.is_empty() => {
            info.holds.labels[pick as usize % info.holds.labels.len()].into()
        }
        Kind::Text => {
            ["x", "Ünï cödé 🦑", "O'Brien & Söhne <b>", "--", " ", "مطعم"][pick as usize % 6].into()
        }
        Kind::Bool => Value::Bool(pick.is_multiple_of(2)),
        Kind::Int => Value::Int(number),
        Kind::Decimal => Value::Cents(number),
        Kind::Json => Value::Json("[]".into()),
        Kind::Date => Value::Date((pick % 60_000) as i32 - 20_000),
        Kind::Timestamp => Value::Timestamp((pick % 60_000) as i64 * DAY - 20_000 * DAY),
    };
    Some(CellValue::Value(value))
}

/// A row of any table with any values, referring to rows before it or to base rows.
fn any_row(before: &[Row], handle: String, table: u64, picks: &[u64]) -> Row {
    let table = TABLES[table as usize % TABLES.len()].info().name;
    let mut cells = Vec::new();
    for (column, info) in columns(table_called(table)).iter().enumerate() {
        let pick = picks[column % picks.len()].rotate_left(column as u32);
        cells.extend(any_value(table, column, pick).map(|given| (info.name, given)));
        let Some(wanted) = info.holds.refers_to else { continue };
        let others: Vec<&Row> = before.iter().filter(|row| row.table == wanted).collect();
        let is_end = TABLES[table_called(table)].info().key != ["id"];
        if !others.is_empty() && (info.holds.needed || is_end || pick.is_multiple_of(3)) {
            cells.push((info.name, to(&others[pick as usize % others.len()].handle)));
        } else if info.holds.needed {
            let kind =
                RowKind::ALL.into_iter().find(|kind| kind.table() == wanted).expect("a kind of base rows");
            cells.push((info.name, CellValue::Reference(Reference::Some(kind))));
        }
    }
    row(table, &handle, cells)
}

fn any_rows() -> impl Strategy<Value = Vec<Row>> {
    let seeds = prop::collection::vec((any::<u64>(), prop::collection::vec(any::<u64>(), 3..9)), 1..14);
    seeds.prop_map(|seeds| {
        let mut rows: Vec<Row> = Vec::new();
        for (number, (table, picks)) in seeds.iter().enumerate() {
            let row = any_row(&rows, format!("row-{number}"), *table, picks);
            // Rows without an id of their own need an end in the scenario, and are told by their ends.
            if TABLES[table_called(row.table)].info().key == ["id"] {
                rows.push(row);
            }
        }
        rows
    })
}

/// Whether a value is one that its column may hold.
fn fits(made: &CompletedRow) -> Result<(), TestCaseError> {
    for (info, value) in columns(made.table).iter().zip(&made.values) {
        let told = format!("{}.{} = {value:?}", made.handle, info.name);
        prop_assert!(!info.holds.not_null || !value.is_null(), "{}", told);
        if let (Some((low, high)), Some(number)) = (info.holds.range, value.as_number()) {
            prop_assert!((low..=high).contains(&number), "{}", told);
        }
        if let Some(text) = value.as_text() {
            prop_assert!(info.holds.labels.is_empty() || info.holds.labels.contains(&text), "{}", told);
            prop_assert!(!text.contains('\0'));
        }
        if info.holds.kind == Kind::Json && !value.is_null() {
            let json = value.as_text().map(serde_json::from_str::<serde_json::Value>);
            prop_assert!(json.is_some_and(|json| json.is_ok()), "{}", told);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_rows_are_completed_with_values_that_fit(seed: u64, rows in any_rows(), with_base: bool) {
        // Selectors need base rows.
        let asks = rows.iter().flat_map(|row| &row.cells)
            .any(|(_, given)| matches!(given, CellValue::Reference(Reference::Some(_))));
        let counts = if with_base || asks { FEW } else { Counts::NONE };
        let part = ScenarioRows { rows: rows.clone(), ..ScenarioRows::new("a-test".into()) };
        let new = || Dataset::new(seed, Day::DEFAULT_AS_OF, &counts, &Weights::new(), Origin::default()).expect("a world");
        let all = match with_rows(new(), std::slice::from_ref(&part)) {
            Ok(dataset) => dataset.explicit,
            // Rows may contradict one another, but then it is told of which.
            Err(faults) => {
                prop_assert!(!faults.is_empty() && faults.iter().all(|fault| !fault.message.is_empty()));
                return Ok(());
            }
        };
        let first = ids::first("a-test");
        for made in &all {
            fits(made)?;
            if TABLES[made.table].info().key == ["id"] {
                let id = get(made, "id").as_number().expect("an id") as u64;
                prop_assert!((first + 1..first + ids::PLACES).contains(&id));
            }
            for (info, value) in columns(made.table).iter().zip(&made.values) {
                let (Some(table), Some(id)) = (info.holds.refers_to, value.as_number()) else { continue };
                let is_there = !ids::is_explicit(id as u64) || all.iter().any(|other| {
                    other.table == table_called(table) && get(other, "id").as_number() == Some(id)
                });
                prop_assert!(is_there, "{}.{} = {id}", made.handle, info.name);
            }
        }
        // What was given is what is there.
        for row in &rows {
            for (column, given) in &row.cells {
                if let CellValue::Value(value) = given {
                    prop_assert_eq!(get(of(&all, &row.handle), column), value, "{}.{}", row.handle, column);
                }
            }
        }
        prop_assert_eq!(with_rows(new(), &[part]).expect("the same").explicit, all);
    }
}

fn two_deals() -> Vec<Row> {
    let deal = |handle, amount| {
        row("opportunities", handle, vec![("amount", CellValue::Value(Value::Cents(amount)))])
    };
    vec![
        row("organizations", "buyer", vec![("name", text("Blue Plate Diner"))]),
        deal("one", 1_850_000),
        deal("two", 77_777_777),
        row("tasks", "call", vec![("opportunity_id", to("one"))]),
    ]
}

#[test]
fn an_amount_is_the_sum_of_its_line_items() {
    for seed in 0..40 {
        let all = made(seed, if seed % 2 == 0 { &FEW } else { &Counts::NONE }, two_deals());
        for deal in ["one", "two"] {
            let id = get(of(&all, deal), "id");
            let items = all.iter().filter(|made| {
                made.table == table_called("opportunity_products") && get(made, "opportunity_id") == id
            });
            let sum: i64 = items
                .map(|item| {
                    let number = |column| get(item, column).as_number().expect("a number");
                    number("quantity") * number("unit_price")
                })
                .sum();
            assert_eq!(Some(sum), get(of(&all, deal), "amount").as_number(), "seed {seed}, {deal}");
        }
    }
}

#[test]
fn another_column_or_row_moves_no_value() {
    let before = made(1, &Counts::NONE, two_deals());
    let mut rows = two_deals();
    rows[1].cells.push(("competition", text("Nobody")));
    rows.push(row("organizations", "bystander", Vec::new()));
    let after = made(1, &Counts::NONE, rows);
    for made in before.iter().filter(|made| !made.is_implied) {
        let mut now = of(&after, &made.handle).clone();
        if made.handle == "one" {
            assert_eq!(get(&now, "competition"), &Value::from("Nobody"));
            now.values[position(made.table, "competition")] = get(made, "competition").clone();
        }
        assert_eq!(&now, made);
    }
}

#[test]
fn another_seed_moves_values_and_no_id() {
    let (one, two) = (made(1, &FEW, two_deals()), made(2, &FEW, two_deals()));
    let keys = |rows: &[CompletedRow]| rows.iter().map(|made| made.handle.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&one), keys(&two));
    assert_ne!(one, two);
    for (one, two) in one.iter().zip(&two).filter(|(one, _)| TABLES[one.table].info().key == ["id"]) {
        assert_eq!(get(one, "id"), get(two, "id"));
    }
}

#[test]
fn another_as_of_date_shifts_dates_and_nothing_else() {
    let days = 400;
    let later = Day(Day::DEFAULT_AS_OF.0 + days);
    let before = dataset(3, Day::DEFAULT_AS_OF, &FEW, two_deals()).explicit;
    let after = dataset(3, later, &FEW, two_deals()).explicit;
    for (before, after) in before.iter().zip(&after) {
        for (one, two) in before.values.iter().zip(&after.values) {
            let shifted = match one {
                Value::Date(day) => Value::Date(day + days),
                Value::Timestamp(second) => Value::Timestamp(second + i64::from(days) * DAY),
                other => other.clone(),
            };
            assert_eq!(&shifted, two, "{}", before.handle);
        }
    }
}

#[test]
fn what_cannot_be_is_told_of_its_row() {
    let faults = |rows| {
        let part = ScenarioRows { rows, ..ScenarioRows::new("a-test".into()) };
        let dataset = Dataset::new(1, Day::DEFAULT_AS_OF, &Counts::NONE, &Weights::new(), Origin::default());
        with_rows(dataset.expect("a world"), &[part]).err().expect("faults")
    };
    let dangling = faults(vec![row("tasks", "call", vec![("opportunity_id", to("deal.customer"))])]);
    assert_eq!(
        (dangling[0].handle.as_str(), dangling[0].column.as_deref()),
        ("call", Some("opportunity_id"))
    );
    let many = (0..ids::PLACES).map(|n| row("organizations", &format!("o-{n}"), Vec::new())).collect();
    assert!(faults(many)[0].message.contains("more than 9999 rows"), "too many rows");
}

#[test]
fn every_column_is_made() {
    // Columns that are NULL in a row of which nothing was given, and should be.
    const NULL: [&str; 9] = [
        "organizations.deleted_at",
        "contacts.deleted_at",
        "products.deleted_at",
        "opportunities.deleted_at",
        "opportunities.actual_close_date",
        "opportunity_products.notes",
        "tasks.deleted_at",
        "tasks.completed_at",
        "tasks.notes",
    ];
    let mut rows = two_deals();
    rows.push(row("opportunities", "open", vec![("stage", text("new_lead"))]));
    rows.push(row("products", "sauce", Vec::new()));
    rows.push(row("product_inventory", "stock", vec![("product_id", to("sauce"))]));
    let all: Vec<CompletedRow> = (0..8).flat_map(|seed| made(seed, &Counts::NONE, rows.clone())).collect();
    for (table, domain) in TABLES.iter().enumerate() {
        let name = domain.info().name;
        assert!(all.iter().any(|made| made.table == table), "add a row of {name} to this test");
        for (position, info) in columns(table).iter().enumerate() {
            let name = format!("{}.{}", domain.info().name, info.name);
            let is_made = all.iter().any(|made| made.table == table && !made.values[position].is_null());
            assert!(
                is_made || NULL.contains(&name.as_str()),
                "{name} is left NULL: complete it in src/domain/explicit, or add it to NULL"
            );
        }
    }
}
