//! The places where commands are struck: what was there before, fresh for each strike, and the means to tell
//! whether what is there afterwards is that, or what was asked for.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::scene::{Place, Scene};
use super::strike::{self, Kind};
use super::verdict::{self, Found};
use crate::harness::{Crm, Database, Server, wait_for};

/// Where one command is struck.
pub trait Stage {
    /// What can be done to it.
    fn kinds(&self) -> &'static [Kind];

    /// How long the command takes where nothing is done to it.
    fn lasts(&self) -> Duration;

    /// Runs the command and strikes at this moment after its start.
    ///
    /// # Errors
    /// What should not be.
    fn strike(&self, server: &mut Server, kind: Kind, moment: Duration) -> Result<Found, String>;
}

/// A server that keeps what it says is committed, however it ends.
pub fn server() -> Server {
    let mut server = Server::prepare().expect("a server is installed");
    server.set("synchronous_commit = on\nrestart_after_crash = on");
    server.run();
    server
}

/// Makes a stage ready.
pub fn set(server: &Server, scene: &'static Scene) -> Box<dyn Stage> {
    match scene.place {
        Place::Database(commands, sql) => Box::new(InDatabase::set(server, scene, commands, sql)),
        Place::Files(before) => Box::new(InFiles::set(scene, before)),
        Place::Draft(before) => Box::new(Draft::set(server, scene, before)),
        Place::Local(commands) => Box::new(Local::set(scene, commands)),
    }
}

/// What may be there: the old state, those between, the new one.
struct States(Vec<String>);

impl States {
    fn find(&self, state: &str) -> Option<Found> {
        let at = self.0.iter().rposition(|known| known == state)?;
        Some(match at {
            _ if at + 1 == self.0.len() => Found::New,
            0 => Found::Old,
            _ => Found::Between,
        })
    }

    fn is_old(&self, state: &str) -> bool {
        self.0[0] == state
    }

    fn is_new(&self, state: &str) -> bool {
        self.0.last().is_some_and(|new| new == state)
    }

    /// The first line of `state` that the nearest known one has not.
    fn stray(&self, state: &str) -> String {
        let strays = self.0.iter().map(|known| {
            let lines: Vec<&str> = known.lines().collect();
            state.lines().filter(|line| !lines.contains(line)).take(5).collect::<Vec<_>>().join(" | ")
        });
        strays.min_by_key(String::len).unwrap_or_default()
    }
}

/// All that a command may change in a database and that is the same every time: rows, catalog, migrations,
/// records, counts.
fn fingerprint(db: &Database) -> String {
    let rows: String = db.digests().iter().map(|(table, digest)| format!("{table} {digest}\n")).collect();
    let records = db.run(
        "SELECT format('SELECT %L, count(*) FROM %s', c.oid::regclass, c.oid::regclass)
         FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
         WHERE relkind = 'r' AND nspname = 'crm_seed' ORDER BY 1 \\gexec
         SELECT 'SELECT ''ledger'', l->>''digest'' FROM (SELECT to_jsonb(l) AS l FROM crm_seed.ledger l) AS t ORDER BY 2'
         WHERE to_regclass('crm_seed.ledger') IS NOT NULL \\gexec
         SELECT 'SELECT migration_name, rolled_back_at IS NULL FROM migration_history ORDER BY id'
         WHERE to_regclass('migration_history') IS NOT NULL \\gexec
         SELECT sequencename, last_value FROM pg_sequences
         WHERE schemaname = 'public' AND sequencename NOT LIKE 'migration_history%' ORDER BY 1",
    );
    format!("{rows}{records}\n{}", db.schema())
}

struct InDatabase {
    scene: &'static Scene,
    commands: &'static [&'static str],
    sql: &'static str,
    states: States,
    lasts: Duration,
}

impl InDatabase {
    fn set(
        server: &Server,
        scene: &'static Scene,
        commands: &'static [&'static str],
        sql: &'static str,
    ) -> Self {
        let mut stage = Self { scene, commands, sql, states: States(Vec::new()), lasts: Duration::ZERO };
        let db = stage.before(server);
        stage.states.0.push(fingerprint(&db));
        for steps in 1..scene.steps {
            let db = stage.before(server);
            let command = scene.command.replace(&format!(" --count {}", scene.steps), "");
            Crm::new().ok(&format!("{command} --count {steps} {}", db.option()));
            stage.states.0.push(fingerprint(&db));
        }
        let started = Instant::now();
        Crm::new().ok(&format!("{} {}", scene.command, db.option()));
        stage.lasts = started.elapsed();
        stage.states.0.push(fingerprint(&db));
        stage
    }

    /// A database with what is there before. A copy would not do: what crm-seed made elsewhere is nobody's.
    fn before(&self, server: &Server) -> Database {
        let db = server.database();
        for command in self.commands {
            Crm::new().ok(&format!("{command} {}", db.option()));
        }
        db.run(self.sql);
        db
    }

    /// The command again, where it has not done all of its work.
    fn again(&self, crm: &Crm, db: &Database) -> Result<(), String> {
        let outcome = crm.run(&format!("{} {}", self.command(db), db.option()));
        let state = fingerprint(db);
        match outcome.status.success() && self.states.is_new(&state) {
            true => Ok(()),
            false => Err(format!(
                "run again it leaves something else, {}: {}; {}",
                outcome.status,
                outcome.stderr.trim_end(),
                self.states.stray(&state)
            )),
        }
    }

    /// What is left to do: so many of the steps were counted from what was there before.
    fn command(&self, db: &Database) -> String {
        let counted = format!(" --count {}", self.scene.steps);
        if !self.scene.command.contains(&counted) {
            return self.scene.command.to_owned();
        }
        let done = db.number("SELECT count(*) FROM migration_history WHERE rolled_back_at IS NOT NULL");
        let left = i64::from(self.scene.steps) - done;
        self.scene.command.replace(&counted, &format!(" --count {left}"))
    }
}

impl Stage for InDatabase {
    fn kinds(&self) -> &'static [Kind] {
        strike::ALL
    }

    fn lasts(&self) -> Duration {
        self.lasts
    }

    fn strike(&self, server: &mut Server, kind: Kind, moment: Duration) -> Result<Found, String> {
        let own = self.before(server);
        let crm = Crm::new();
        let mut running = crm.spawn(&format!("{} {}", self.scene.command, own.option()));
        strike::strike(server, Some(&own), kind, moment, &mut running);
        let outcome = running.wait();
        // Where the server was started again it may listen elsewhere.
        let db = server.database_called(own.name());
        let working = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crm-seed' AND datname = '{}'",
            db.name()
        );
        // Where the server is not back yet it does not answer.
        wait_for("crm-seed's connections to end", || db.try_run(&working).ok().filter(|count| count == "0"));
        let state = fingerprint(&db);
        let (is_old, is_new) = (self.states.is_old(&state), self.states.is_new(&state));
        match self.states.find(&state) {
            Some(found) => {
                verdict::check(&outcome, found, is_old, is_new, kind)?;
                if !is_new {
                    self.again(&crm, &db)?;
                }
                Ok(found)
            }
            // A step that no transaction may be around can be half done; the next run does the rest.
            None if self.scene.steps > 1 && outcome.status.code() != Some(0) => {
                self.again(&crm, &db).map(|()| Found::Between)
            }
            None => Err(format!("neither old nor new, {}: {}", outcome.status, self.states.stray(&state))),
        }
    }
}

/// The files of a directory, by name; those that are not finished bear another one.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let read = |entry: std::fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        // The list of what was written is on its way to its new state with the files.
        let is_list = name.starts_with(".crm-seed");
        Some((name, std::fs::read(entry.path()).ok()?)).filter(|_| !is_list)
    };
    entries.filter_map(read).collect()
}

struct InFiles {
    scene: &'static Scene,
    before: &'static str,
    old: BTreeMap<String, Vec<u8>>,
    new: BTreeMap<String, Vec<u8>>,
    lasts: Duration,
}

impl InFiles {
    fn set(scene: &'static Scene, before: &'static str) -> Self {
        let crm = Crm::new();
        let write = |arguments: &str| {
            let started = Instant::now();
            crm.ok(&format!("generate --out files {arguments}"));
            (files(&crm.directory().join("files")), started.elapsed())
        };
        let (old, _) = write(before);
        let (new, lasts) = write(scene.command);
        Self { scene, before, old, new, lasts }
    }
}

impl Stage for InFiles {
    fn kinds(&self) -> &'static [Kind] {
        strike::CLIENT
    }

    fn lasts(&self) -> Duration {
        self.lasts
    }

    fn strike(&self, server: &mut Server, kind: Kind, moment: Duration) -> Result<Found, String> {
        let crm = Crm::new();
        crm.ok(&format!("generate --out files {}", self.before));
        let mut running = crm.spawn(&format!("generate --out files {}", self.scene.command));
        strike::strike(server, None, kind, moment, &mut running);
        let outcome = running.wait();
        let mut there = files(&crm.directory().join("files"));
        let unfinished: Vec<String> =
            there.keys().filter(|name| !self.new.contains_key(*name)).cloned().collect();
        unfinished.iter().for_each(|name| drop(there.remove(name)));
        if kind.is_asked() && !unfinished.is_empty() && outcome.status.code().is_some() {
            return Err(format!("it leaves {}", unfinished.join(", ")));
        }
        let (is_old, is_new) = (there == self.old, there == self.new);
        let is_whole =
            |(name, bytes): (&String, &Vec<u8>)| [&self.old[name], &self.new[name]].contains(&bytes);
        let found = match (is_old, is_new) {
            (true, _) => Found::Old,
            (_, true) => Found::New,
            // Each file takes its place at once, all of them one after the other.
            _ if there.len() == self.new.len() && there.iter().all(is_whole) => Found::Between,
            _ => return Err("a file is neither the old one nor the new one".into()),
        };
        verdict::check(&outcome, found, is_old, is_new, kind)?;
        crm.ok(&format!("generate --out files {}", self.scene.command));
        there = files(&crm.directory().join("files"));
        unfinished.iter().for_each(|name| drop(there.remove(name)));
        if there == self.new { Ok(found) } else { Err("run again it leaves something else".into()) }
    }
}

/// The first line of `now` that is not in `before`.
fn other(before: &[u8], now: &[u8]) -> String {
    let (before, now) = (String::from_utf8_lossy(before), String::from_utf8_lossy(now));
    let known: Vec<&str> = before.lines().collect();
    now.lines().find(|line| !known.contains(line)).unwrap_or("lines are missing").to_owned()
}

/// A configuration that is written for a database.
struct Draft {
    scene: &'static Scene,
    database: Database,
    new: BTreeMap<String, Vec<u8>>,
    lasts: Duration,
}

impl Draft {
    fn set(server: &Server, scene: &'static Scene, before: &str) -> Self {
        let (crm, database) = (Crm::new(), server.database());
        crm.ok(&format!("{before} {}", database.option()));
        let started = Instant::now();
        crm.ok(&format!("{} {}", scene.command, database.option()));
        Self { scene, database, new: files(&crm.directory()), lasts: started.elapsed() }
    }
}

impl Stage for Draft {
    fn kinds(&self) -> &'static [Kind] {
        strike::CLIENT
    }

    fn lasts(&self) -> Duration {
        self.lasts
    }

    fn strike(&self, server: &mut Server, kind: Kind, moment: Duration) -> Result<Found, String> {
        let crm = Crm::new();
        let option = server.database_called(self.database.name()).option();
        let mut running = crm.spawn(&format!("{} {option}", self.scene.command));
        strike::strike(server, None, kind, moment, &mut running);
        let outcome = running.wait();
        let there = files(&crm.directory());
        let finished = |(name, _): &(&String, &Vec<u8>)| self.new.contains_key(*name);
        let found = match there.iter().filter(finished).count() {
            0 => Found::Old,
            _ if self.new.iter().all(|(name, bytes)| there.get(name) == Some(bytes)) => Found::New,
            _ => return Err("the file is there and not whole".into()),
        };
        verdict::check(&outcome, found, found == Found::Old, found == Found::New, kind)?;
        crm.ok(&format!("{} --force {option}", self.scene.command));
        let again = files(&crm.directory());
        match again.iter().filter(finished).find(|(name, bytes)| self.new[*name] != **bytes) {
            None => Ok(found),
            Some((name, bytes)) => {
                Err(format!("run again it writes something else: {}", other(&self.new[name], bytes)))
            }
        }
    }
}

/// The local database of a directory.
struct Local {
    scene: &'static Scene,
    /// A directory with what was there before.
    template: Crm,
    states: States,
    lasts: Duration,
}

impl Local {
    fn set(scene: &'static Scene, commands: &[&str]) -> Self {
        let template = Crm::new();
        commands.iter().for_each(|command| drop(template.ok(command)));
        let crm = copied(&template);
        let old = rows(&copied(&template));
        let started = Instant::now();
        crm.ok(scene.command);
        let lasts = started.elapsed();
        Self { scene, template, states: States(vec![old, rows(&crm)]), lasts }
    }
}

/// A directory with a copy of another's local database.
fn copied(template: &Crm) -> Crm {
    let (crm, from) = (Crm::new(), template.directory().join(".crm-seed"));
    if from.is_dir() {
        let copy = Command::new("cp").arg("-a").arg(from).arg(crm.directory()).status();
        assert!(copy.expect("cp").success());
    }
    crm
}

/// The rows of a local database, as it is served.
fn rows(crm: &Crm) -> String {
    let (serving, db) = crate::embedded::serve(crm);
    let rows = db.digests().iter().map(|(table, digest)| format!("{table} {digest}\n")).collect();
    serving.signal("INT");
    serving.wait().exits(0);
    rows
}

impl Stage for Local {
    fn kinds(&self) -> &'static [Kind] {
        strike::CLIENT
    }

    fn lasts(&self) -> Duration {
        self.lasts
    }

    fn strike(&self, server: &mut Server, kind: Kind, moment: Duration) -> Result<Found, String> {
        let crm = copied(&self.template);
        let mut running = crm.spawn(self.scene.command);
        strike::strike(server, None, kind, moment, &mut running);
        let outcome = running.wait();
        let state = rows(&crm);
        let Some(found) = self.states.find(&state) else {
            return Err(format!("neither old nor new, {}: {}", outcome.status, self.states.stray(&state)));
        };
        verdict::check(&outcome, found, found == Found::Old, found == Found::New, kind)?;
        if found == Found::New {
            return Ok(found);
        }
        let again = crm.run(self.scene.command);
        match again.status.success() && self.states.is_new(&rows(&crm)) {
            true => Ok(found),
            false => Err(format!("run again it leaves something else, {}: {}", again.status, again.stderr)),
        }
    }
}
