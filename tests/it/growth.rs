//! D4: asking for more leaves what was there. Each count grows by about a twentieth, alone.

use std::collections::BTreeMap;

use crate::harness::{Rows, read_rows};

const BASE: &str = "--seed 5 --principals 40 --distributors 40 --customers 400 --opportunities 800";

/// A table whose rows may move with a reference, and the columns that follow from it.
type Moves = (&'static str, &'static [&'static str]);

/// All of a row: its key is made of references.
const ALL: &[&str] = &["*"];

const BY_PRINCIPAL: &[Moves] = &[
    ("opportunities", &["name", "description", "amount", "principal_organization_id", "next_action"]),
    ("opportunity_participants", &["organization_id", "created_at", "updated_at"]),
    ("opportunity_products", ALL),
    ("tasks", &["title", "notes"]),
];
const BY_DISTRIBUTOR: &[Moves] = &[
    ("opportunities", &["description", "distributor_organization_id", "next_action"]),
    ("opportunity_participants", &["organization_id", "created_at", "updated_at"]),
    ("tasks", &["title", "notes"]),
];
// A deal is not older than its customer, nor than the tie of its contact to it.
const BY_CUSTOMER: &[Moves] = &[
    ("contact_organizations", &["organization_id", "created_at", "updated_at"]),
    (
        "opportunities",
        &[
            "name",
            "description",
            "amount",
            "customer_organization_id",
            "distributor_organization_id",
            "next_action",
            "created_at",
            "updated_at",
            "estimated_close_date",
            "actual_close_date",
        ],
    ),
    ("opportunity_contacts", ALL),
    ("opportunity_participants", &["organization_id", "created_at", "updated_at"]),
    // A deal is of a size that its customer can pay.
    ("opportunity_products", &["quantity", "created_at"]),
    ("tasks", BY_CONTACT[1].1),
];
const BY_CONTACT: &[Moves] = &[
    ("opportunity_contacts", ALL),
    ("tasks", &["title", "notes", "contact_id", "due_date", "completed_at", "created_at", "updated_at"]),
];
const BY_PRODUCT: &[Moves] = &[
    ("opportunities", &["name", "description", "amount", "next_action"]),
    ("opportunity_products", ALL),
    ("tasks", &["title", "notes"]),
];

/// For each table, how many rows of `before` are not in `after`, and how many have another value
/// in each column.
fn moved(before: &Rows, after: &Rows) -> BTreeMap<String, (usize, BTreeMap<String, usize>)> {
    let mut tables = BTreeMap::new();
    for (table, rows) in before {
        let mut gone = 0;
        let mut changed: BTreeMap<String, usize> = BTreeMap::new();
        for (key, row) in rows {
            let Some(other) = after[table].get(key) else {
                gone += 1;
                continue;
            };
            for (column, _) in row.iter().filter(|(column, value)| other[*column] != **value) {
                *changed.entry(column.clone()).or_default() += 1;
            }
        }
        tables.insert(table.clone(), (gone, changed));
    }
    tables
}

/// Growing from `base` to `grown` moves nothing but `allowed`, and of that less than two fifths.
#[track_caller]
fn grows(base: &str, grown: &str, allowed: &[Moves]) {
    let (before, after) = (read_rows(base), read_rows(grown));
    let total = |rows: &Rows| rows.values().map(BTreeMap::len).sum::<usize>();
    assert!(total(&after) > total(&before), "{grown} makes no more rows than {base}");
    for (table, (gone, changed)) in moved(&before, &after) {
        let columns = allowed.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, columns)| columns);
        let most = before[&table].len() * 2 / 5;
        if columns == ALL {
            let changed = changed.values().max().copied().unwrap_or(0);
            assert!(gone.max(changed) < most, "{grown}: {gone} rows of {table} move");
            continue;
        }
        assert_eq!(gone, 0, "{grown}: {gone} rows of {table} are gone");
        for (column, count) in changed {
            assert!(columns.contains(&column.as_str()), "{grown}: {count} values of {table}.{column} change");
            assert!(count < most, "{grown}: {count} values of {table}.{column} change");
        }
    }
}

fn grown(flag: &str, from: u32, to: u32) -> String {
    let (before, after) = (format!("--{flag} {from}"), format!("--{flag} {to}"));
    assert!(BASE.contains(&before));
    BASE.replace(&before, &after)
}

#[test]
fn more_principals_leave_what_was_there() {
    grows(BASE, &grown("principals", 40, 42), BY_PRINCIPAL);
}

#[test]
fn more_distributors_leave_what_was_there() {
    grows(BASE, &grown("distributors", 40, 42), BY_DISTRIBUTOR);
}

#[test]
fn more_customers_leave_what_was_there() {
    grows(BASE, &grown("customers", 400, 420), BY_CUSTOMER);
}

#[test]
fn more_opportunities_change_nothing_that_was_there() {
    grows(BASE, &grown("opportunities", 800, 840), &[]);
    grows(BASE, &grown("opportunities", 800, 2000), &[]);
}

#[test]
fn more_contacts_for_each_customer_leave_what_was_there() {
    grows(BASE, &format!("{BASE} --contacts-per-customer 2..6"), BY_CONTACT);
    grows(BASE, &format!("{BASE} --contacts-per-customer 3..6"), BY_CONTACT);
}

#[test]
fn more_products_of_each_principal_leave_what_was_there() {
    grows(BASE, &format!("{BASE} --products-per-principal 10..21"), BY_PRODUCT);
    grows(BASE, &format!("{BASE} --products-per-principal 11..21"), BY_PRODUCT);
}

#[test]
fn a_larger_scale_leaves_what_was_there() {
    let columns = |table: &str| -> Vec<&'static str> {
        let lists = [BY_PRINCIPAL, BY_DISTRIBUTOR, BY_CUSTOMER].concat();
        lists.iter().filter(|(name, _)| *name == table).flat_map(|(_, columns)| columns.to_vec()).collect()
    };
    let (opportunities, tasks) = (columns("opportunities"), columns("tasks"));
    let links = &["organization_id", "created_at", "updated_at"];
    let allowed: &[Moves] = &[
        ("contact_organizations", links),
        ("opportunities", opportunities.leak()),
        ("opportunity_contacts", ALL),
        ("opportunity_participants", links),
        ("opportunity_products", ALL),
        ("tasks", tasks.leak()),
    ];
    grows("--scale 20", "--scale 21", allowed);
}

#[test]
fn own_values_stay_however_much_the_pools_grow() {
    let (before, after) = (read_rows(""), read_rows("--scale 40"));
    for (table, (gone, changed)) in moved(&before, &after) {
        if ["organizations", "contacts", "products", "product_inventory"].contains(&table.as_str()) {
            assert_eq!((gone, changed.len()), (0, 0), "{table}: {changed:?}");
        }
        if table == "opportunities" {
            for own in ["stage", "status", "priority", "category", "probability", "forecast_category"] {
                assert!(!changed.contains_key(own), "{own}");
            }
            for own in ["competition", "decision_criteria", "next_action_date"] {
                assert!(!changed.contains_key(own), "{own}");
            }
        }
    }
}
