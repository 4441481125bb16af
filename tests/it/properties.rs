//! What holds for every seed, count and as-of date. In process, without a database.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crm_seed::calendar::Day;
use crm_seed::domain::TABLES;
use crm_seed::domain::counts::{CountRange, Counts};
use crm_seed::domain::dataset::{Dataset, Origin};
use crm_seed::domain::table::Table;
use crm_seed::scenario::Scenario;
use crm_seed::value::{Batch, Cell};
use proptest::prelude::*;

const CASES: u32 = 12;

/// A cell that owns its text.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Null,
    Bool(bool),
    Number(i64),
    Text(String),
}

impl Value {
    fn number(&self) -> i64 {
        let Self::Number(number) = self else { panic!("{self:?} is no number") };
        *number
    }

    fn text(&self) -> &str {
        let Self::Text(text) = self else { panic!("{self:?} is no text") };
        text
    }
}

fn value(batch: &Batch, cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => Value::Bool(value),
        Cell::Int(number) | Cell::Cents(number) | Cell::Timestamp(number) => Value::Number(number),
        Cell::Date(day) => Value::Number(day.into()),
        Cell::Word(word) => Value::Text(word.to_owned()),
        Cell::Text { start, end } | Cell::Json { start, end } => {
            Value::Text(batch.text(start, end).to_owned())
        }
    }
}

fn table(name: &str) -> &'static dyn Table {
    *TABLES.iter().find(|table| table.info().name == name).expect("a table")
}

/// Rows of a table, with these columns.
fn rows(dataset: &Dataset, name: &str, columns: &[&str], ordinals: Range<u64>) -> Vec<Vec<Value>> {
    let table = table(name);
    let known = table.columns();
    let position = |column: &&str| known.iter().position(|known| known.name == *column).expect("a column");
    let wanted: Vec<usize> = columns.iter().map(position).collect();
    let mut batch = Batch::default();
    table.source(dataset, &wanted).fill(ordinals, &mut batch);
    batch.rows().map(|row| row.iter().map(|cell| value(&batch, *cell)).collect()).collect()
}

/// All rows of a table, with these columns.
fn all(dataset: &Dataset, name: &str, columns: &[&str]) -> Vec<Vec<Value>> {
    rows(dataset, name, columns, 0..table(name).rows(dataset))
}

prop_compose! {
    fn spread(most: u64)(min in 1..=most, width in 0..=most) -> CountRange {
        CountRange { min, max: min + width }
    }
}

prop_compose! {
    fn counts()(
        principals in 1_u64..60, distributors in 1_u64..30, customers in 1_u64..400,
        opportunities in 1_u64..400, contacts_per_customer in spread(6),
        products_per_principal in spread(25),
    ) -> Counts {
        Counts { principals, distributors, customers, opportunities, contacts_per_customer, products_per_principal, ..Counts::NONE }
    }
}

/// What a dataset is made of: a failing case prints it.
#[derive(Clone, Copy, Debug)]
struct Spec {
    seed: u64,
    as_of: Day,
    counts: Counts,
}

impl Spec {
    fn dataset(self) -> Dataset {
        let mut scenario = Scenario::default_scenario();
        scenario.counts = self.counts;
        Dataset::new(self.seed, self.as_of, &scenario.counts, &scenario.weights, Origin::default())
            .expect("a world")
    }
}

prop_compose! {
    fn specs()(seed: u64, day in -25_000_i32..84_000, counts in counts()) -> Spec {
        Spec { seed, as_of: Day(day), counts }
    }
}

/// The last digit of a UPC-A: three times the digits at odd places and once those at even ones
/// add up to a multiple of ten with it. (GS1 General Specifications, 7.9.)
fn check_digit(digits: &str) -> u32 {
    let sum: u32 = digits
        .chars()
        .enumerate()
        .map(|(i, digit)| digit.to_digit(10).expect("a digit") * if i % 2 == 0 { 3 } else { 1 })
        .sum();
    (10 - sum % 10) % 10
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn organization_names_are_unique_ignoring_case(spec in specs()) {
        let dataset = spec.dataset();
        let rows = all(&dataset, "organizations", &["name"]);
        let names: HashSet<String> = rows.iter().map(|row| row[0].text().to_lowercase()).collect();
        prop_assert_eq!(names.len(), rows.len());
    }

    #[test]
    fn upcs_have_their_check_digit_and_are_unique(spec in specs()) {
        let dataset = spec.dataset();
        let rows = all(&dataset, "products", &["upc", "principal_id", "sku"]);
        let mut upcs = HashSet::new();
        let mut skus = HashSet::new();
        for row in &rows {
            let upc = row[0].text();
            prop_assert_eq!(upc.len(), 12, "{}", upc);
            prop_assert_eq!(upc[11..].parse::<u32>().ok(), Some(check_digit(&upc[..11])), "{}", upc);
            prop_assert!(upcs.insert(upc), "{} twice", upc);
            prop_assert!(skus.insert((row[1].number(), row[2].text())), "{:?} twice", row);
        }
    }

    #[test]
    fn the_amount_of_a_deal_is_the_sum_of_its_line_items(spec in specs()) {
        let dataset = spec.dataset();
        let mut sums: HashMap<i64, i64> = HashMap::new();
        let columns = ["opportunity_id", "quantity", "unit_price", "discount_percent"];
        for item in all(&dataset, "opportunity_products", &columns) {
            let [deal, quantity, price, discount] = [0, 1, 2, 3].map(|i| item[i].number());
            // The discount is a decimal: hundredths of a percent.
            let total = i128::from(quantity) * i128::from(price) * i128::from(10_000 - discount);
            prop_assert_eq!(total % 10_000, 0, "no whole cents: {:?}", item);
            *sums.entry(deal).or_default() += i64::try_from(total / 10_000).expect("an amount");
        }
        for deal in all(&dataset, "opportunities", &["id", "amount"]) {
            prop_assert_eq!(sums.get(&deal[0].number()), Some(&deal[1].number()), "{:?}", deal);
        }
    }

    #[test]
    fn rows_are_touched_after_they_are_made_and_before_the_as_of_date(spec in specs()) {
        let dataset = spec.dataset();
        for table in TABLES {
            let has = |name: &str| table.columns().iter().any(|column| column.name == name);
            let columns: Vec<&str> =
                ["created_at", "updated_at"].into_iter().filter(|column| has(column)).collect();
            for row in all(&dataset, table.info().name, &columns) {
                let (created, last) = (row[0].number(), row[row.len() - 1].number());
                prop_assert!(created <= last && last < dataset.now(), "{} {:?}", table.info().name, row);
            }
        }
    }

    #[test]
    fn any_range_of_rows_is_the_same_made_alone(spec in specs(), cuts in prop::collection::vec(0.0..1.0, 4)) {
        let dataset = spec.dataset();
        for table in TABLES {
            let name = table.info().name;
            let columns: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
            let count = table.rows(&dataset);
            let whole = rows(&dataset, name, &columns, 0..count);
            prop_assert_eq!(whole.len() as u64, count, "{}", name);
            let mut ends: Vec<u64> = cuts.iter().map(|cut| (cut * count as f64) as u64).collect();
            ends.extend([0, count]);
            ends.sort_unstable();
            for pair in ends.windows(2) {
                let part = rows(&dataset, name, &columns, pair[0]..pair[1]);
                prop_assert!(
                    part == whole[pair[0] as usize..pair[1] as usize],
                    "rows {}..{} of {}", pair[0], pair[1], name
                );
            }
        }
    }

    #[test]
    fn a_column_made_alone_is_the_same_as_among_all(spec in specs()) {
        let dataset = spec.dataset();
        for table in TABLES {
            let name = table.info().name;
            let columns: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
            let whole = all(&dataset, name, &columns);
            for (position, column) in columns.iter().enumerate() {
                let alone = all(&dataset, name, &[column]);
                prop_assert!(
                    whole.iter().zip(&alone).all(|(row, single)| row[position] == single[0]),
                    "{}.{}", name, column
                );
            }
        }
    }

    #[test]
    fn keys_are_unique_and_every_reference_has_its_row(spec in specs()) {
        let dataset = spec.dataset();
        let mut keys: HashMap<&str, HashSet<i64>> = HashMap::new();
        for table in TABLES {
            let (name, key) = (table.info().name, table.info().key);
            let rows = all(&dataset, name, key);
            let unique: HashSet<Vec<i64>> =
                rows.iter().map(|row| row.iter().map(Value::number).collect()).collect();
            prop_assert_eq!(unique.len(), rows.len(), "keys of {}", name);
            keys.insert(name, rows.iter().map(|row| row[0].number()).collect());
            for column in table.columns().iter().filter(|column| column.name.ends_with("_id")) {
                let parent = match column.name {
                    "contact_id" => "contacts",
                    "product_id" => "products",
                    "opportunity_id" => "opportunities",
                    _ => "organizations",
                };
                for row in all(&dataset, name, &[column.name]) {
                    let exists = row[0] == Value::Null || keys[parent].contains(&row[0].number());
                    prop_assert!(exists, "{}.{} {:?}", name, column.name, row[0]);
                }
            }
        }
    }
}

#[test]
fn two_hundred_thousand_customers_have_names_of_their_own() {
    let counts = Counts {
        principals: 2_000,
        distributors: 1_000,
        customers: 200_000,
        ..Scenario::default_scenario().counts
    };
    let dataset = Spec { seed: 42, as_of: Day::DEFAULT_AS_OF, counts }.dataset();
    let count = table("organizations").rows(&dataset);
    assert_eq!(count, 203_000);
    let mut names = HashSet::new();
    for start in (0..count).step_by(10_000) {
        let end = (start + 10_000).min(count);
        for row in rows(&dataset, "organizations", &["name"], start..end) {
            assert!(names.insert(row[0].text().to_lowercase()), "{:?} twice", row[0]);
        }
    }
}
