//! No row that crm-seed did not make is lost, whatever the history of the database: histories made at random, each
//! the same for ever. An app writes, changes, replaces and deletes rows, people copy, restore and alter the
//! database, and in between crm-seed fills, cleans, loads and unloads. The app's rows bear marks, so that what is
//! lost does not hang on anything that crm-seed recorded.
//!
//! `CRM_SEED_HISTORIES=1000` tries so many instead of a few dozen, `300..600` those; `CRM_SEED_HISTORY=17` tries one, and prints all.

mod app;
mod commands;
mod ground;
mod history;
mod judge;

use std::collections::BTreeMap;

use crate::harness::campaign::{self, Campaign};
use ground::Ground;
use history::{Account, History};

/// How many are tried in the ordinary tests.
const ORDINARY: u64 = 25;
/// All of them.
const CAMPAIGN: Campaign<(), Account> =
    Campaign { things: "histories", worker: || (), failure: |account| account.failure.as_deref() };
/// Of how many failures the steps are printed.
const PRINTED: usize = 5;

#[test]
fn no_row_of_the_app_is_lost_whatever_the_history() {
    let Some(ground) = Ground::lay() else { return };
    if let Some(number) = campaign::only("CRM_SEED_HISTORY") {
        let account = History::begin(&ground, number).run();
        println!("{}", account.text(number));
        return assert_eq!(account.failure, None, "history {number} fails");
    }
    let accounts = CAMPAIGN.run(campaign::numbers("CRM_SEED_HISTORIES", ORDINARY), |(), number| {
        History::begin(&ground, number).run()
    });
    print!("{}", summary(&accounts));
    let is_failed = |(_, account): &(&u64, &Account)| account.failure.is_some();
    let failures: Vec<u64> = accounts.iter().filter(is_failed).map(|(number, _)| *number).collect();
    for number in failures.iter().take(PRINTED) {
        println!("{}", accounts[number].text(*number));
    }
    assert!(
        failures.is_empty(),
        "histories {failures:?} fail: replay one with CRM_SEED_HISTORY={}",
        failures[0]
    );
}

/// How often each command ended how, over all histories, and what failed.
fn summary(accounts: &BTreeMap<u64, Account>) -> String {
    let mut endings: BTreeMap<(&str, i32), u32> = BTreeMap::new();
    let (mut unasked, mut errors, mut failures) = (0, String::new(), String::new());
    for (number, account) in accounts {
        unasked += account.unasked;
        account.endings.iter().for_each(|ending| *endings.entry(*ending).or_default() += 1);
        account.errors.iter().for_each(|error| errors += &format!("    {number}: {error}\n"));
        if let Some(why) = &account.failure {
            failures += &format!("  history {number} fails: {why}\n");
        }
    }
    let mut text = format!("{} histories; {unasked} times --clean had to ask nothing\n", accounts.len());
    for ((command, code), times) in endings {
        text += &format!("  {command:<24} exit {code}: {times:>5} times\n");
    }
    text + &errors + &failures
}
