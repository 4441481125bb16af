//! One history: its steps, drawn one after the other, each looked at when it is done.

use std::collections::BTreeMap;
use std::process::Command as Program;

use super::app::{self, Step};
use super::commands::{Command, Kind};
use super::ground::{Ground, SHAPES};
use super::judge::{ELSEWHERE, Judgement};
use crate::harness::{Crm, Database, State, directory_of_all};
use crate::random_schemas::dice::Dice;
use crate::whose_rows::swap_names;

/// Least and most steps.
const STEPS: (usize, usize) = (7, 15);

/// Chances with weights.
pub trait Draw {
    /// One of them, by its weight.
    fn weighted<'a, T>(&mut self, items: &'a [(u64, T)]) -> &'a T;
}

impl Draw for Dice {
    fn weighted<'a, T>(&mut self, items: &'a [(u64, T)]) -> &'a T {
        let total: u64 = items.iter().map(|(weight, _)| weight).sum();
        let mut at = self.below(total as usize) as u64;
        for (weight, item) in items {
            if at < *weight {
                return item;
            }
            at -= weight;
        }
        unreachable!("the weights add up to their total")
    }
}

/// A history that is being made.
pub struct History<'a> {
    /// What all of them share.
    pub ground: &'a Ground,
    /// Its number, on which all of it hangs.
    pub number: u64,
    /// Its chances.
    pub draw: Dice,
    /// How many marks the app has given.
    pub marks: usize,
    /// What tables are called by now, where it is not what they were called first.
    pub renamed: BTreeMap<(usize, String), String>,
    shape: usize,
    crm: Crm,
    database: Database,
    /// What it was restored or copied from.
    left: Vec<Database>,
    /// For each schema: all rows in the bundled tables that bear no mark are recorded to be crm-seed's.
    is_known: Vec<bool>,
    state: State,
    account: Account,
}

/// What became of a history.
#[derive(Default)]
pub struct Account {
    /// What was done, and how commands ended.
    pub steps: Vec<String>,
    /// What commands were run, and their exit codes.
    pub endings: Vec<(&'static str, i32)>,
    /// What those had to say that failed and did not refuse.
    pub errors: Vec<String>,
    /// How often all rows were crm-seed's, so that `--clean` had to go without a question.
    pub unasked: u32,
    /// What should not be.
    pub failure: Option<String>,
}

impl Account {
    /// All of it, for people.
    pub fn text(&self, number: u64) -> String {
        let steps: String = self.steps.iter().map(|step| format!("  {step}\n")).collect();
        let failure = self.failure.as_ref().map_or_else(|| "holds".into(), |why| format!("FAILS: {why}"));
        format!("history {number}:\n{steps}  {failure}\n")
    }
}

impl<'a> History<'a> {
    /// Its database, with nothing in it.
    pub fn begin(ground: &'a Ground, number: u64) -> Self {
        let mut draw = Dice::new(number, "history");
        let shape = draw.below(SHAPES.len());
        let database = ground.database(shape);
        let state = State::of(&database);
        let is_known = vec![true; SHAPES[shape].schemas.len()];
        Self {
            ground,
            number,
            draw,
            marks: 0,
            renamed: BTreeMap::new(),
            shape,
            crm: Crm::new(),
            database,
            left: Vec::new(),
            is_known,
            state,
            account: Account::default(),
        }
    }

    /// Makes all of its steps, until one fails.
    pub fn run(mut self) -> Account {
        let schemas = SHAPES[self.shape].schemas.join(" and ");
        self.account.steps.push(format!("a database with the bundled tables in {schemas}"));
        let steps = STEPS.0 + self.draw.below(STEPS.1 - STEPS.0 + 1);
        for step in 0..steps {
            if let Err(why) = self.step(step) {
                self.account.failure = Some(why);
                break;
            }
        }
        self.account
    }

    /// The name of a schema.
    pub fn schema(&self, at: usize) -> &'static str {
        SHAPES[self.shape].schemas[at]
    }

    /// Whether the schema has a table of notes.
    pub fn has_notes(&self, at: usize) -> bool {
        SHAPES[self.shape].noted.contains(&self.schema(at))
    }

    /// How many steps were made.
    pub fn steps(&self) -> usize {
        self.account.steps.len()
    }

    fn step(&mut self, step: usize) -> Result<(), String> {
        let at = self.draw.below(SHAPES[self.shape].schemas.len());
        // Most histories begin with rows of ours: whose they are is the question.
        let kind = match step {
            0 => self.draw.below(70),
            _ => self.draw.below(100),
        };
        match kind {
            0..55 => {
                let command = match step {
                    0 => self.command_of(Kind::Clean, at),
                    _ => self.command(at),
                };
                self.ask(&command)
            }
            55..95 => self.write(at),
            _ => self.move_elsewhere(),
        }
    }

    /// The app does something.
    fn write(&mut self, at: usize) -> Result<(), String> {
        let Step { what, script, counted, estranges } = self.app_step(at);
        let outcome = self.database.try_run(&script);
        let after = State::of(&self.database);
        let ending =
            outcome.as_ref().err().map_or_else(String::new, |error| format!(" -> {}", one_line(error)));
        self.account.steps.push(format!("{}: {}{ending}", self.schema(at), one_line(&what)));
        if estranges && outcome.is_ok() {
            self.is_known[at] = false;
        }
        let before = std::mem::replace(&mut self.state, after);
        let Err(error) = outcome else { return Ok(()) };
        let was_in_order =
            counted.is_some_and(|table| before.sequences.get(&table).is_some_and(|count| !count.is_behind()));
        let is_taken = error.contains("duplicate key");
        match is_taken {
            true if was_in_order => Err(format!("the app's next key is taken: {}", one_line(&error))),
            true => Ok(()),
            false => Err(format!("the history's own SQL fails: {}", one_line(&error))),
        }
    }

    /// crm-seed does something.
    fn ask(&mut self, command: &Command) -> Result<(), String> {
        let json = if command.kind == Kind::Unload { "" } else { "--json" };
        let line = format!("{} {json} {}", command.line, self.target(command.at));
        let outcome = self.crm.run(&line);
        let after = State::of(&self.database);
        let code = outcome.status.code().unwrap_or(-1);
        let ending = outcome.stderr.lines().next().unwrap_or_default();
        let told = format!("{}: crm-seed {} -> {code} {ending}", self.schema(command.at), command.line);
        self.account.steps.push(told);
        self.account.endings.push((command.kind.name(), code));
        if !matches!(code, 0 | 3) {
            self.account.errors.push(format!("{}: {}", command.line, one_line(&outcome.stderr)));
        }
        let judgement = Judgement {
            command,
            schema: self.schema(command.at),
            renamed: &self.renamed,
            before: &self.state,
            after: &after,
            outcome: &outcome,
        };
        if command.is_plain && !command.line.contains("--scenario") && self.is_all_ours(command) {
            self.account.unasked += 1;
            judgement.went_unasked()?;
        }
        judgement.pass()?;
        let has_filled = judgement.has_changed();
        if has_filled {
            self.learn(command);
        }
        let was_in_order = |(table, count): (&String, &crate::harness::Sequence)| {
            (!count.is_behind()).then(|| table.clone())
        };
        let counted: Vec<String> = self.state.sequences.iter().filter_map(was_in_order).collect();
        self.state = after;
        let probe = app::probe(self, command.at, &counted);
        self.database
            .try_run(&probe)
            .map(drop)
            .map_err(|error| format!("after that the app can not insert: {}", one_line(&error)))
    }

    /// What names the schema to crm-seed.
    fn target(&mut self, at: usize) -> String {
        let url = self.database.url();
        match self.schema(at) {
            // Prisma's way, and libpq's.
            schema if schema != "public" && self.draw.chance(50) => {
                format!("--database-url {url}?schema={schema}")
            }
            "public" => format!("--database-url {url}"),
            schema => format!("--database-url {url}?options=-csearch_path%3D{schema}"),
        }
    }

    /// Whether `--clean` deletes nothing but what crm-seed is recorded to have made here.
    fn is_all_ours(&self, command: &Command) -> bool {
        if !matches!(command.kind, Kind::Clean | Kind::IfChanged) || !self.is_known[command.at] {
            return false;
        }
        let schema = self.schema(command.at);
        let is_there = |table: &str| {
            table.strip_prefix(schema).is_some_and(|rest| rest.starts_with('.') && rest != ".audit_log")
        };
        let refers = command.at == 0 && self.state.rows(ELSEWHERE) > 0;
        !refers && !self.state.marked.iter().any(|marked| is_there(&marked.table))
    }

    /// What a command that filled tables makes of whose the rows are.
    fn learn(&mut self, command: &Command) {
        let is_clean = matches!(command.kind, Kind::Clean | Kind::IfChanged);
        if !command.is_recorded {
            self.is_known[command.at] = false;
        } else if is_clean && command.is_plain {
            self.is_known[command.at] = true;
        }
    }

    /// The database is copied, or dumped and restored; the history goes on with the copy.
    fn move_elsewhere(&mut self) -> Result<(), String> {
        let server = self.ground.server;
        let (what, copy) = match self.draw.below(3) {
            0 => ("copied as a template", server.database_like(&self.database)),
            way => {
                let copy = server.database();
                restore(&self.database, &copy)?;
                if way == 1 {
                    ("dumped and restored under another name", copy)
                } else {
                    swap_names(server, &self.database, &copy);
                    ("dumped and restored under its own name", copy)
                }
            }
        };
        // Where names were swapped, the one that bears our name is the copy already.
        match what.ends_with("its own name") {
            true => self.left.push(copy),
            false => self.left.push(std::mem::replace(&mut self.database, copy)),
        }
        self.account.steps.push(format!("the database is {what}"));
        self.is_known.fill(false);
        self.state = State::of(&self.database);
        Ok(())
    }
}

/// Dumps one database and restores it into another.
fn restore(from: &Database, to: &Database) -> Result<(), String> {
    let file = tempfile::Builder::new().suffix(".sql").tempfile_in(directory_of_all()).expect("a file");
    let run = |program: &mut Program| {
        let output = program.arg(file.path()).output().expect("a program of PostgreSQL's");
        match output.status.success() {
            true => Ok(()),
            false => Err(format!("not restored: {}", one_line(&String::from_utf8_lossy(&output.stderr)))),
        }
    };
    run(from.program("pg_dump").arg("-f"))?;
    run(to.program("psql").args(["-Xq", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f"]))
}

/// The text without its line ends, and no longer than one reads.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(400).collect()
}
