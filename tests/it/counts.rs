//! Counts, dates and numbers that make no sense: wrong usage, told before anything is touched.

use crate::harness::Crm;

/// The arguments, for a seeding and for files alike, are wrong usage, told in one error that has
/// `message`; nothing is made.
#[track_caller]
fn is_wrong(arguments: &str, message: &str) {
    for command in ["", "generate --out files"] {
        let crm = Crm::new();
        crm.run(&format!("{command} {arguments}")).fails(2).telling(message);
        assert_eq!(crm.names_in(""), [""; 0], "{command} {arguments}");
    }
}

#[test]
fn counts_below_one_are_refused() {
    for flag in ["principals", "distributors", "customers", "opportunities", "scale"] {
        for count in ["0", "-1", "-99999999999999999999"] {
            is_wrong(&format!("--{flag} {count}"), "a whole number from 1");
            is_wrong(&format!("--{flag}={count}"), &format!("--{flag}"));
        }
    }
}

#[test]
fn counts_that_are_no_whole_numbers_are_refused() {
    for flag in ["principals", "distributors", "customers", "opportunities", "scale"] {
        for count in ["1.5", "1e3", "ten", "0x10", "1_000", "1,000", "٣"] {
            is_wrong(&format!("--{flag} {count}"), &format!("--{flag}"));
        }
    }
}

#[test]
fn counts_that_overflow_are_refused() {
    for flag in ["principals", "distributors", "customers", "opportunities", "scale"] {
        is_wrong(&format!("--{flag} 1000000001"), "1000000000");
        is_wrong(&format!("--{flag} 18446744073709551616"), &format!("--{flag}"));
    }
    is_wrong("--principals 10000001", "--principals 10000001 is out of range");
    is_wrong("--scale 1000000000", "--scale 1000000000");
    is_wrong("--customers 1000000 --scale 1001", "--customers 1001000000 is out of range");
}

#[test]
fn spreads_that_make_no_sense_are_refused() {
    for flag in ["contacts-per-customer", "products-per-principal"] {
        is_wrong(&format!("--{flag} 5..2"), "must not be larger");
        for spread in
            ["0..3", "-1..3", "1..1000", "18446744073709551616", "2..", "..5", "2...5", "a..b", "2-5"]
        {
            is_wrong(&format!("--{flag} {spread}"), "from 1 to 999, as in 2..5");
        }
    }
}

#[test]
fn nonsense_dates_are_refused() {
    for date in [
        "2026-02-30",
        "2025-02-29",
        "2026-13-01",
        "0000-00-00",
        "tomorrow",
        "20260101",
        "2026-1-1",
        "now",
        "-1",
    ] {
        is_wrong(&format!("--as-of={date}"), "not a date; write YYYY-MM-DD");
    }
    for date in ["1899-12-31", "2201-01-01", "9999-12-31"] {
        is_wrong(&format!("--as-of {date}"), "out of range");
    }
}

#[test]
fn nonsense_seeds_are_refused() {
    for seed in ["-1", "18446744073709551616", "1.5", "abc"] {
        is_wrong(&format!("--seed {seed}"), "--seed");
    }
}

#[test]
fn work_needs_a_thread_and_a_batch_a_row() {
    for jobs in ["0", "-1", "257", "many"] {
        is_wrong(&format!("--jobs {jobs}"), "--jobs");
    }
    for size in ["0", "-1", "10001", "all"] {
        is_wrong(&format!("--batch-size {size}"), "--batch-size");
    }
}

#[test]
fn unknown_flags_and_commands_are_refused() {
    Crm::new().run("--claen").fails(2).telling("--clean");
    Crm::new().run("generate").fails(2).telling("--out");
    Crm::new().run("frobnicate").fails(2).telling("frobnicate");
    Crm::new().run("--method load").fails(2).telling("copy");
    Crm::new().run("--wait -1").fails(2).telling("--wait");
}
