//! crm-seed at work twice at once, beside an app that writes all the time: no row is lost that the server told the
//! app is committed, each run ends with a clear word, and nobody waits for ever.
//!
//! `CRM_SEED_ROUNDS=500` tries so many instead of a few dozen, `300..600` those.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::harness::campaign::{self, Campaign};
use crate::harness::{Crm, Database, MARK, Outcome, Server, Session, State};
use crate::random_schemas::dice::Dice;

/// How many rounds are made in the ordinary tests.
const ORDINARY: u64 = 50;
/// All of them.
const CAMPAIGN: Campaign<(), (usize, Result<Vec<String>, String>)> = Campaign {
    things: "rounds",
    worker: || (),
    failure: |(_, result)| result.as_ref().err().map(String::as_str),
};
/// Nobody waits longer for another.
const PATIENCE: Duration = Duration::from_secs(30);

/// What meets what.
struct Meeting {
    /// For whoever reads the summary.
    name: &'static str,
    /// What there is before: SQL, and then a command.
    before: (&'static str, &'static str),
    /// The commands that run at once.
    commands: &'static [&'static str],
    /// The app begins at most so many milliseconds after the first of them has come to the server.
    latest: usize,
}

/// Of a trigger that fires on what is loaded crm-seed cleared up behind, and took the app's rows for the trigger's.
const TRIGGER: &str = "
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.updated_at := coalesce(NEW.updated_at, now()); RETURN NEW; END';
  CREATE TRIGGER touch BEFORE INSERT ON organizations FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE TRIGGER touch BEFORE INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE TRIGGER touch BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION touch()";

const MEETINGS: [Meeting; 6] = [
    Meeting {
        name: "two --clean",
        before: ("", "--seed 1"),
        commands: &["--clean --seed 2 --scale 8", "--clean --seed 3 --scale 8 --wait 20"],
        latest: 100,
    },
    Meeting {
        name: "--clean and --append",
        before: ("", "--seed 1"),
        commands: &["--clean --seed 2 --scale 8", "--append --seed 3 --scale 4 --wait 20"],
        latest: 100,
    },
    Meeting {
        name: "plain, with triggers",
        before: (TRIGGER, ""),
        commands: &["--seed 2 --scale 12"],
        latest: 120,
    },
    Meeting {
        name: "--clean of empty tables",
        before: ("", ""),
        commands: &["--clean --seed 2 --scale 8", "--clean --seed 3 --scale 8 --wait 20"],
        latest: 120,
    },
    Meeting {
        name: "a scenario, again",
        before: ("", "--scenario high-value-pipeline"),
        commands: &["--scenario high-value-pipeline --seed 2", "--scenario high-value-pipeline --wait 20"],
        latest: 50,
    },
    Meeting {
        name: "a scenario goes",
        before: ("", "--seed 1 --scenario default --scenario task-inbox"),
        commands: &["scenario unload task-inbox"],
        latest: 50,
    },
];

/// The tables that the app writes, with the columns of the mark and of how often a row was changed, and what a row
/// refers to: the newest there is or the oldest, whoever made it.
const WRITTEN: [(&str, &str, &str, &str, &str); 4] = [
    ("organizations", "name", "phone", "organization_type", "'customer'"),
    ("contacts", "name", "title", "department", "NULL"),
    (
        "opportunities",
        "name",
        "description",
        "customer_organization_id",
        "(SELECT WHICH(id) FROM organizations)",
    ),
    ("tasks", "title", "notes", "opportunity_id", "(SELECT WHICH(id) FROM opportunities)"),
];

/// What the app has been told is committed: how often each row was changed, by table and mark.
type Committed = BTreeMap<(usize, String), u32>;

/// The app.
struct App {
    session: Session,
    dice: Dice,
    committed: Committed,
    marks: u32,
    slowest: Duration,
}

impl App {
    fn new(db: &Database, round: u64) -> Self {
        let dice = Dice::new(round, "app beside");
        Self {
            session: Session::open(db),
            dice,
            committed: Committed::new(),
            marks: 0,
            slowest: Duration::ZERO,
        }
    }

    /// Runs a statement that returns a row where it has done something. True where it did.
    fn run(&mut self, statement: &str) -> bool {
        let started = Instant::now();
        let answer = self.session.run(statement).expect("the app's connection lasts");
        self.slowest = self.slowest.max(started.elapsed());
        !answer.is_empty()
    }

    fn insert(&mut self, at: usize) -> bool {
        let (table, mark, version, column, value) = WRITTEN[at];
        self.marks += 1;
        let name = format!("{MARK}-0-{}", self.marks);
        let value = value.replace("WHICH", if self.dice.chance(20) { "max" } else { "min" });
        let done = self.run(&format!(
            "INSERT INTO {table} ({mark}, {version}, {column}) VALUES ('{name}', '0', {value}) RETURNING 1"
        ));
        if done {
            self.committed.insert((at, name), 0);
        }
        done
    }

    /// Writes a row, or changes or deletes one of its own.
    fn write(&mut self) {
        let own: Vec<(usize, String)> = self.committed.keys().cloned().collect();
        let what = self.dice.below(10);
        if what < 7 || own.is_empty() {
            let at = self.dice.below(WRITTEN.len());
            self.insert(at);
            return;
        }
        let key = self.dice.pick(&own).clone();
        let (table, mark, version, ..) = WRITTEN[key.0];
        let name = &key.1;
        if what < 9 {
            let next = self.committed[&key] + 1;
            let set = format!("UPDATE {table} SET {version} = '{next}' WHERE {mark} = '{name}' RETURNING 1");
            if self.run(&set) {
                self.committed.insert(key, next);
            }
        } else if table == "tasks" || table == "contacts" {
            // With an organization or a deal others of its rows would go.
            if self.run(&format!("DELETE FROM {table} WHERE {mark} = '{name}' RETURNING 1")) {
                self.committed.remove(&key);
            }
        }
    }

    /// Waits until a crm-seed has come to the server.
    fn wait_for_company(&mut self, is_over: &AtomicBool) {
        let find = "SELECT 1 FROM pg_stat_activity
                    WHERE application_name = 'crm-seed' AND datname = current_database()";
        while !is_over.load(Ordering::Relaxed) && !self.run(find) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The rows that it was told are committed and that are not there as it left them.
    fn lost(&self, db: &Database) -> Vec<String> {
        let mut there = Committed::new();
        for (at, (table, mark, version, ..)) in WRITTEN.iter().enumerate() {
            let rows = db.run(&format!("SELECT {mark}, {version} FROM {table} WHERE {mark} LIKE '{MARK}-%'"));
            let rows = rows.lines().filter_map(|line| line.split_once('\t'));
            there.extend(rows.map(|(mark, version)| ((at, mark.to_owned()), version.parse().unwrap_or(0))));
        }
        let is_lost = |(key, version): &(&(usize, String), &u32)| there.get(key) != Some(version);
        self.committed
            .iter()
            .filter(is_lost)
            .map(|((at, mark), _)| format!("{mark} of {}", WRITTEN[*at].0))
            .collect()
    }
}

/// A database with what there is before a meeting. A copy would not do: what crm-seed made elsewhere is nobody's.
fn prepared(server: &Server, migrated: &Database, meeting: &Meeting) -> Database {
    let db = server.database_like(migrated);
    db.run(meeting.before.0);
    if !meeting.before.1.is_empty() {
        Crm::new().ok(&format!("{} {}", meeting.before.1, db.option()));
    }
    db
}

/// A meeting in a database of its own. Gives how each command ended.
fn meet(server: &Server, migrated: &Database, meeting: &Meeting, round: u64) -> Result<Vec<String>, String> {
    let db = prepared(server, migrated, meeting);
    let mut app = App::new(&db, round);
    let begins = Duration::from_millis(app.dice.below(meeting.latest + 1) as u64);
    let is_over = AtomicBool::new(false);
    let started = Instant::now();
    let (outcomes, app) = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            app.wait_for_company(&is_over);
            std::thread::sleep(begins);
            while !is_over.load(Ordering::Relaxed) {
                app.write();
            }
            // And some more when nobody is at work any more.
            (0..20).for_each(|_| app.write());
            app
        });
        let crm = Crm::new();
        let commands = meeting.commands.iter();
        let running: Vec<_> =
            commands.map(|command| crm.spawn(&format!("{command} {}", db.option()))).collect();
        let outcomes: Vec<Outcome> = running.into_iter().map(crate::harness::Running::wait).collect();
        is_over.store(true, Ordering::Relaxed);
        (outcomes, writer.join().expect("the app does not panic"))
    });
    judge(&db, app, &outcomes, started.elapsed())
}

fn judge(db: &Database, mut app: App, outcomes: &[Outcome], took: Duration) -> Result<Vec<String>, String> {
    let lost = app.lost(db);
    if !lost.is_empty() {
        let (rows, all) = (lost.len(), app.committed.len());
        let codes: Vec<_> = outcomes.iter().map(|outcome| outcome.status.code()).collect();
        return Err(format!(
            "exit {codes:?}, and {rows} of the app's {all} rows are lost: {}",
            lost.join(", ")
        ));
    }
    for outcome in outcomes {
        let errors = outcome.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        let is_clear = match outcome.status.code() {
            Some(0) => errors == 0,
            Some(1 | 3) => errors == 1,
            _ => false,
        };
        if !is_clear || outcome.stderr.contains("panicked") {
            return Err(format!("no clear end: {outcome:#?}"));
        }
    }
    if took > PATIENCE || app.slowest > PATIENCE {
        return Err(format!("it took {took:?}, and the app waited for {:?}", app.slowest));
    }
    let sequences = State::of(db).sequences;
    let is_behind = |(table, ..): &&(&str, &str, &str, &str, &str)| {
        sequences.get(&format!("public.{table}")).is_none_or(|sequence| sequence.is_behind())
    };
    if let Some((table, ..)) = WRITTEN.iter().find(is_behind) {
        return Err(format!("the count of {table} stands behind its rows"));
    }
    match (0..WRITTEN.len()).find(|at| !app.insert(*at)) {
        Some(at) => Err(format!("afterwards the app cannot insert into {}", WRITTEN[at].0)),
        None => Ok(outcomes.iter().map(ending).collect()),
    }
}

/// The exit code, and why it is not 0: without the numbers, which differ from round to round.
fn ending(outcome: &Outcome) -> String {
    let code = outcome.status.code().unwrap_or(-1);
    let error = outcome.stderr.lines().find_map(|line| line.strip_prefix("error: ")).unwrap_or_default();
    let words: String = error.chars().filter(|c| !c.is_ascii_digit()).take(70).collect();
    format!("{code} {words}").trim_end().to_owned()
}

#[test]
fn no_committed_row_is_lost_beside_an_app_that_writes() {
    let Some(server) = Server::shared() else { return };
    let rounds = campaign::numbers("CRM_SEED_ROUNDS", ORDINARY);
    let migrated = Database::migrated().expect("a server");
    let ended = CAMPAIGN.run(rounds, |(), round| {
        let at = round as usize % MEETINGS.len();
        (at, meet(server, &migrated, &MEETINGS[at], round))
    });
    let rounds = ended.len();
    let (mut endings, mut failures) = (BTreeMap::<_, u32>::new(), Vec::new());
    for (round, (at, result)) in ended {
        match result {
            Ok(codes) => *endings.entry((at, codes)).or_default() += 1,
            Err(why) => failures.push(format!("round {round}, {}: {why}", MEETINGS[at].name)),
        }
    }
    for ((at, endings), times) in endings {
        println!("{:<24} {times:>4} times: {}", MEETINGS[at].name, endings.join(" / "));
    }
    assert!(failures.is_empty(), "{} of {rounds} rounds fail:\n{}", failures.len(), failures.join("\n"));
}
