//! Faults at any moment: crm-seed, the server's process that works for it, or the server is ended somewhere in the
//! middle. What is there afterwards is what was there before or what was asked for, what crm-seed says of it is
//! true, and the same command does its work when it is run again.
//!
//! `make faults` strikes two hundred times, `CRM_SEED_FAULTS=1000` so often; `CRM_SEED_FAULT=17` repeats one, as far
//! as a moment can be repeated.

mod scene;
mod stage;
mod strike;
mod verdict;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::harness::Server;
use crate::random_schemas::dice::Dice;
use scene::SCENES;
use stage::Stage;
use strike::Kind;
use verdict::Found;

/// How many strikes there are in the ordinary tests.
const ORDINARY: u64 = 20;
/// How many at the same time, each at a server of its own: a server that is ended ends for all.
const WORKERS: usize = 2;

/// A strike that is over.
struct Struck {
    scene: usize,
    kind: Kind,
    result: Result<Found, String>,
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

#[test]
fn a_fault_at_any_moment_leaves_the_old_state_or_the_new_one() {
    if Server::shared().is_none() {
        return;
    }
    let numbers = match number("CRM_SEED_FAULT") {
        Some(number) => number..number + 1,
        None => 0..number("CRM_SEED_FAULTS").unwrap_or(ORDINARY),
    };
    let (next, all) = (AtomicU64::new(numbers.start), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| work(&next, numbers.end, &all));
        }
    });
    let all = all.into_inner().expect("no worker panics");
    print!("{}", table(&all));
    let fails = |(number, struck): (&u64, &Struck)| {
        let why = struck.result.as_ref().err()?;
        Some(format!("strike {number}, {} of {}: {why}", struck.kind.name(), SCENES[struck.scene].name))
    };
    let failures: Vec<String> = all.iter().filter_map(fails).collect();
    assert!(
        failures.is_empty(),
        "{} of {} strikes fail:\n{}",
        failures.len(),
        all.len(),
        failures.join("\n")
    );
}

/// Strikes until there is no number left.
fn work(next: &AtomicU64, end: u64, all: &Mutex<BTreeMap<u64, Struck>>) {
    let mut server = stage::server();
    let mut stages: BTreeMap<usize, Box<dyn Stage>> = BTreeMap::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= end {
            return;
        }
        // In turn, so that few strikes meet many commands.
        let scene = number as usize % SCENES.len();
        let stage = stages.entry(scene).or_insert_with(|| stage::set(&server, &SCENES[scene]));
        let mut dice = Dice::new(number, "fault");
        let kind = *dice.pick(stage.kinds());
        let moment = stage.lasts().mul_f64(dice.below(1050) as f64 / 1000.0);
        let result = stage.strike(&mut server, kind, moment);
        let struck = Struck { scene, kind, result: result.map_err(|why| format!("after {moment:?}: {why}")) };
        all.lock().expect("no worker panics").insert(number, struck);
    }
}

/// How often each command was struck by what, and what was there afterwards.
fn table(all: &BTreeMap<u64, Struck>) -> String {
    let mut counts: BTreeMap<(usize, Kind), [u32; 4]> = BTreeMap::new();
    for struck in all.values() {
        let column = match struck.result {
            Ok(Found::Old) => 0,
            Ok(Found::Between) => 1,
            Ok(Found::New) => 2,
            Err(_) => 3,
        };
        counts.entry((struck.scene, struck.kind)).or_default()[column] += 1;
    }
    let heading = ["old", "between", "new", "violation"].map(|word| format!("{word:>10}")).concat();
    let mut text = format!("{:<24}{:<20}{heading}\n", "command", "struck by");
    let mut total = [0; 4];
    for ((scene, kind), row) in counts {
        let numbers = row.map(|count| format!("{count:>10}")).concat();
        text += &format!("{:<24}{:<20}{numbers}\n", SCENES[scene].name, kind.name());
        total.iter_mut().zip(row).for_each(|(total, count)| *total += count);
    }
    text + &format!("{:<44}{}\n", "all", total.map(|count| format!("{count:>10}")).concat())
}
