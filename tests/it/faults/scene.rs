//! The commands that are struck, and what is there before.

/// Where a command works.
pub enum Place {
    /// In a database, in which these commands and then this SQL have run.
    Database(&'static [&'static str], &'static str),
    /// In a directory that holds what this command has written; the rest is in what the command itself writes.
    Files(&'static str),
    /// In a directory, beside a database in which this command has run.
    Draft(&'static str),
    /// In the local database of a directory, in which these commands have run.
    Local(&'static [&'static str]),
}

/// A command, and what is there before.
pub struct Scene {
    /// For whoever reads the table.
    pub name: &'static str,
    /// Where it works.
    pub place: Place,
    /// Its arguments.
    pub command: &'static str,
    /// It is done in so many steps, each of which is there or not: the same with `--count 1` is the first of them.
    pub steps: u32,
}

const fn whole(name: &'static str, place: Place, command: &'static str) -> Scene {
    Scene { name, place, command, steps: 1 }
}

/// All of them.
pub const SCENES: [Scene; 14] = [
    whole("seed --clean", Place::Database(&["--seed 1"], ""), "--clean --seed 2 --scale 16"),
    whole("seed --append", Place::Database(&["--seed 1"], ""), "--append --seed 2 --scale 16"),
    whole("seed, first", Place::Database(&[], ""), "--seed 2 --scale 8"),
    whole("--scenario", Place::Database(&["--seed 1"], ""), "--scenario big-customer"),
    whole(
        "--scenario, again",
        Place::Database(
            &["--seed 1", "--scenario big-customer"],
            "UPDATE opportunities SET amount = 7; DELETE FROM tasks WHERE id % 2 = 0",
        ),
        "--scenario big-customer",
    ),
    whole(
        "scenario unload",
        Place::Database(&["--seed 1", "--scenario big-customer"], ""),
        "scenario unload big-customer",
    ),
    Scene { name: "migrate up", place: Place::Database(&[], ""), command: "migrate up", steps: 9 },
    Scene {
        name: "migrate down",
        place: Place::Database(&["--seed 1"], ""),
        command: "migrate down --yes --count 6",
        steps: 6,
    },
    whole("verify", Place::Database(&["--seed 1 --scale 20"], ""), "verify"),
    whole("doctor", Place::Database(&["--seed 1"], ""), "doctor"),
    whole("generate", Place::Files("--seed 1"), "--seed 2 --scale 60"),
    whole("init", Place::Draft("--seed 1"), "init"),
    whole("local, first start", Place::Local(&[]), "--seed 2 --scale 8"),
    whole("local, seed --clean", Place::Local(&["--seed 1"]), "--clean --seed 2 --scale 16"),
];
