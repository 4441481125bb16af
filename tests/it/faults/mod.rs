//! Faults at any moment: crm-seed, the server's process that works for it, or the server is ended somewhere in the
//! middle. What is there afterwards is what was there before or what was asked for, what crm-seed says of it is
//! true, and the same command does its work when it is run again.
//!
//! `make faults` strikes two hundred times, `CRM_SEED_FAULTS=1000` so often, `200..400` those; `CRM_SEED_FAULT=17`
//! repeats one, as far as a moment can be repeated; `CRM_SEED_SCENE=migrate` strikes those commands only.

mod scene;
mod stage;
mod strike;
mod verdict;

use std::collections::BTreeMap;

use crate::harness::Server;
use crate::harness::campaign::{self, Campaign};
use crate::random_schemas::dice::Dice;
use scene::{SCENES, Scene};
use stage::Stage;
use strike::Kind;
use verdict::Found;

/// How many strikes there are in the ordinary tests.
const ORDINARY: u64 = 20;
/// All of them.
const CAMPAIGN: Campaign<Worker, Struck> = Campaign {
    things: "strikes",
    worker: || Worker { server: stage::server(), stages: BTreeMap::new() },
    failure: |struck| struck.result.as_ref().err().map(String::as_str),
};

/// What strikes one after the other share: a server of their own, as one that is ended ends for all.
struct Worker {
    server: Server,
    stages: BTreeMap<usize, Box<dyn Stage>>,
}

/// A strike that is over.
struct Struck {
    scene: usize,
    kind: Kind,
    result: Result<Found, String>,
}

#[test]
fn a_fault_at_any_moment_leaves_the_old_state_or_the_new_one() {
    if Server::shared().is_none() {
        return;
    }
    let scene = std::env::var("CRM_SEED_SCENE").unwrap_or_default();
    assert!(SCENES.iter().any(|known| known.name.contains(&scene)), "no scene is called {scene}");
    let numbers = match campaign::only("CRM_SEED_FAULT") {
        Some(number) => number..number + 1,
        None => campaign::numbers("CRM_SEED_FAULTS", ORDINARY),
    };
    let numbers = numbers.filter(|number| scene_of(*number).1.name.contains(&scene));
    let all = CAMPAIGN.run(numbers, strike);
    print!("{}", table(&all));
    let fails = |(number, struck): (&u64, &Struck)| {
        let why = struck.result.as_ref().err()?;
        Some(format!("strike {number}, {why}"))
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

/// The command that is struck: each in turn, so that few strikes meet many commands.
fn scene_of(number: u64) -> (usize, &'static Scene) {
    let at = number as usize % SCENES.len();
    (at, &SCENES[at])
}

/// Strikes once.
fn strike(worker: &mut Worker, number: u64) -> Struck {
    let (scene, _) = scene_of(number);
    let Worker { server, stages } = worker;
    let stage = stages.entry(scene).or_insert_with(|| stage::set(server, &SCENES[scene]));
    let mut dice = Dice::new(number, "fault");
    let kind = *dice.pick(stage.kinds());
    let moment = stage.lasts().mul_f64(dice.below(1050) as f64 / 1000.0);
    let result = stage.strike(server, kind, moment);
    let result =
        result.map_err(|why| format!("{} of {} after {moment:?}: {why}", kind.name(), SCENES[scene].name));
    Struck { scene, kind, result }
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
