//! The consistency rules: they hold for what crm-seed makes, and each catches what breaks it.

use std::collections::BTreeMap;

use crm_seed::verify::RULES;

use crate::harness::{Crm, Database, Server};
use crate::violations::PLANTED;

/// Seeds with `arguments` and expects every rule to be checked, and to hold.
fn holds(arguments: &str) {
    let Some(db) = Database::seeded(arguments) else { return };
    let outcome = Crm::new().run(&format!("verify --json {}", db.option()));
    for rule in outcome.json().as_array().expect("an array") {
        assert!(rule["skipped"].is_null(), "`{arguments}`: {rule:#}");
        assert_eq!(rule["violations"], 0, "`{arguments}`: {rule:#}");
    }
    outcome.exits(0);
}

#[test]
fn every_rule_holds_at_the_default_counts() {
    holds("");
}

#[test]
fn every_rule_holds_at_twenty_times_the_default_counts() {
    holds("--scale 20");
}

#[test]
fn every_rule_holds_with_other_seeds() {
    for seed in ["0", "1", "7", "20250125", "18446744073709551615"] {
        holds(&format!("--seed {seed}"));
    }
}

#[test]
fn every_rule_holds_with_one_of_a_kind() {
    for arguments in [
        "--contacts-per-customer 1..1",
        "--products-per-principal 1..3",
        "--products-per-principal 1",
        "--customers 1",
        "--principals 1",
        "--distributors 1",
        "--opportunities 1",
        "--principals 1 --distributors 1 --customers 1 --opportunities 1",
    ] {
        holds(arguments);
    }
}

#[test]
fn every_rule_holds_with_many_children() {
    holds("--contacts-per-customer 1..40 --products-per-principal 90..200");
}

#[test]
fn every_rule_holds_on_other_days() {
    for day in ["2024-02-29", "1999-12-31", "1900-01-01", "2200-12-31", "today"] {
        holds(&format!("--as-of {day}"));
    }
}

/// Parts of the planted violations that are tried at the same time.
const PARTS: usize = 4;

/// Plants each violation of a part in a freshly seeded database of its own, and expects its rule
/// to find it.
fn catches(part: usize) {
    let Some(server) = Server::shared() else { return };
    let mut seeded: BTreeMap<&str, Database> = BTreeMap::new();
    for (rule, sql, arguments) in PLANTED.iter().skip(part).step_by(PARTS) {
        let template = seeded.entry(arguments).or_insert_with(|| {
            let db = server.database();
            Crm::new().ok(&format!("{arguments} {}", db.option()));
            db
        });
        let db = server.database_like(template);
        db.run(sql);
        let outcomes = Crm::new().run(&format!("verify --json {}", db.option())).exits(5).json();
        let found = outcomes.as_array().expect("an array").iter().find(|outcome| outcome["name"] == **rule);
        let found = found.unwrap_or_else(|| panic!("there is no rule {rule}"));
        assert!(found["violations"].as_i64().is_some_and(|n| n > 0), "planted {sql}: {found:#}");
        assert!(!found["examples"].as_array().expect("examples").is_empty(), "{found:#}");
    }
}

#[test]
fn planted_violations_of_the_first_part_are_caught() {
    catches(0);
}

#[test]
fn planted_violations_of_the_second_part_are_caught() {
    catches(1);
}

#[test]
fn planted_violations_of_the_third_part_are_caught() {
    catches(2);
}

#[test]
fn planted_violations_of_the_fourth_part_are_caught() {
    catches(3);
}

#[test]
fn every_rule_has_a_planted_violation() {
    assert!(!RULES.is_empty(), "there are no rules");
    for rule in RULES {
        let planted = PLANTED.iter().any(|(name, ..)| *name == rule.name);
        assert!(planted, "no violation of {} is planted", rule.name);
    }
}

#[test]
fn rules_are_named_once_and_cover_all_fifteen_numbers() {
    for number in 1..=15 {
        assert!(RULES.iter().any(|rule| rule.number == number), "no rule has number {number}");
    }
    for (position, rule) in RULES.iter().enumerate() {
        assert!(RULES[..position].iter().all(|other| other.name != rule.name), "{} twice", rule.name);
    }
}

#[test]
fn verify_reports_a_line_for_each_rule_and_changes_nothing() {
    let Some(db) = Database::seeded("") else { return };
    let before = db.digests();
    let outcome = Crm::new().ok(&format!("verify {}", db.option()));
    let held = outcome.stdout.lines().filter(|line| line.starts_with("ok "));
    assert_eq!(held.count(), RULES.len(), "{}", outcome.stdout);
    assert_eq!(db.digests(), before);
}

#[test]
fn a_broken_rule_is_told_with_an_example() {
    let Some(db) = Database::seeded("") else { return };
    db.run("UPDATE opportunities SET amount = amount + 1 WHERE id = 3");
    let outcome = Crm::new().run(&format!("verify {}", db.option())).exits(5).printing("FAIL");
    outcome.telling("rules violated").printing("violations");
}

#[test]
fn verify_goes_by_the_as_of_date_of_the_last_run() {
    let Some(db) = Database::seeded("--as-of 2031-05-05") else { return };
    Crm::new().ok(&format!("verify {}", db.option()));
    Crm::new().run(&format!("verify --as-of 2029-01-01 {}", db.option())).exits(5);
}

#[test]
fn a_database_where_nothing_can_be_checked_is_no_success() {
    let Some(db) = Database::empty() else { return };
    Crm::new().run(&format!("verify {}", db.option())).fails(1).telling("no rule could be checked");
}
