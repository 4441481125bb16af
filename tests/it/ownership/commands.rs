//! What histories ask of crm-seed.

use super::ground::SCENARIOS;
use super::history::{Draw, History};
use super::judge::ELSEWHERE;

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Fills tables that must be empty.
    Plain,
    /// Fills them again.
    Clean,
    /// Adds to them.
    Append,
    /// Fills them if they are empty.
    IfEmpty,
    /// Fills them again if something is other than it was.
    IfChanged,
    /// Loads a scenario, perhaps once more.
    Load,
    /// Takes a scenario out.
    Unload,
    /// Says what would be done.
    DryRun,
}

impl Kind {
    /// What it is called in the summary.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Clean => "--clean",
            Self::Append => "--append",
            Self::IfEmpty => "--if-empty",
            Self::IfChanged => "--if-changed --clean",
            Self::Load => "--scenario",
            Self::Unload => "scenario unload",
            Self::DryRun => "--dry-run",
        }
    }
}

/// A command.
#[derive(Clone, Debug)]
pub struct Command {
    /// What it does.
    pub kind: Kind,
    /// The schema that it is about, by its position.
    pub at: usize,
    /// The arguments, but for the target.
    pub line: String,
    /// Rows of the app in the tables that it fills may go.
    pub has_yes: bool,
    /// Rows of tables that refer to those may go, if it names them.
    pub has_cascade: bool,
    /// It fills what it fills by itself.
    pub is_plain: bool,
    /// What it does is recorded.
    pub is_recorded: bool,
}

/// Counts that make a small CRM, quickly.
const SMALL: &str = "--customers 6 --opportunities 9 --principals 2 --distributors 2";

impl History<'_> {
    /// Draws a command for the schema at `at`.
    pub fn command(&mut self, at: usize) -> Command {
        let kind = *self.draw.weighted(&[
            (8, Kind::Plain),
            (34, Kind::Clean),
            (13, Kind::Append),
            (4, Kind::IfEmpty),
            (6, Kind::IfChanged),
            (19, Kind::Load),
            (10, Kind::Unload),
            (6, Kind::DryRun),
        ]);
        self.command_of(kind, at)
    }

    /// A command of this kind.
    pub fn command_of(&mut self, kind: Kind, at: usize) -> Command {
        let scenario = *self.draw.pick(&SCENARIOS);
        let line = match kind {
            Kind::Plain => String::new(),
            Kind::Clean | Kind::DryRun => "--clean".into(),
            Kind::Append => "--append".into(),
            Kind::IfEmpty => "--if-empty".into(),
            Kind::IfChanged => "--if-changed --clean".into(),
            Kind::Load => format!("--scenario {}", self.loaded(scenario)),
            Kind::Unload => format!("scenario unload {}", self.loaded(scenario)),
        };
        let mut command =
            Command { kind, at, line, has_yes: false, has_cascade: false, is_plain: true, is_recorded: true };
        if kind == Kind::Unload {
            if self.draw.chance(8) {
                command.add("--yes");
                command.has_yes = true;
            }
            return command;
        }
        self.answers(&mut command);
        self.data(&mut command);
        self.tables(&mut command);
        command
    }

    /// A scenario: mostly one of the small ones.
    fn loaded(&mut self, scenario: &'static str) -> &'static str {
        match self.draw.below(12) {
            0 => "empty-crm",
            1 => "no-opportunities",
            _ => scenario,
        }
    }

    fn answers(&mut self, command: &mut Command) {
        let cleans = matches!(command.kind, Kind::Clean | Kind::IfChanged | Kind::DryRun);
        if self.draw.chance(if cleans { 14 } else { 4 }) {
            command.add("--yes");
            command.has_yes = true;
        }
        if cleans && self.draw.chance(10) {
            command.add("--cascade");
            command.has_cascade = true;
        }
        if command.kind == Kind::Clean && self.draw.chance(10) {
            let scenario = *self.draw.pick(&SCENARIOS);
            command.add(&format!("--scenario {scenario}"));
        }
        if command.kind == Kind::DryRun {
            command.add("--dry-run");
        }
        if self.draw.chance(7) {
            command.add("--no-ledger");
            command.is_recorded = false;
        }
    }

    fn data(&mut self, command: &mut Command) {
        let seed = if self.draw.chance(70) { 42 } else { 43 };
        command.add(&format!("--seed {seed}"));
        if command.kind != Kind::Load && !command.line.contains("--scenario") {
            command.add(SMALL);
        }
        if self.draw.chance(10) {
            command.add("--method insert");
        }
        if self.draw.chance(8) {
            command.add("--triggers off");
        }
    }

    /// What is left out, and what is filled besides.
    fn tables(&mut self, command: &mut Command) {
        let tasks = self.called(command.at, "tasks");
        // Beside tables that are not the domain's nothing is appended, nor are scenarios loaded.
        let stands_beside = matches!(command.kind, Kind::Append | Kind::Load);
        if self.has_notes(command.at) && self.draw.chance(if stands_beside { 80 } else { 15 }) {
            command.add("--exclude notes");
            command.is_plain = false;
        }
        if self.draw.chance(6) {
            command.add(&format!("--exclude {tasks}"));
            command.is_plain = false;
        }
        if self.draw.chance(4) {
            command.add(&format!("--include {ELSEWHERE}"));
            command.is_plain = false;
        }
        if self.draw.chance(4) {
            // A name without a schema is that of tables anywhere.
            let own = ["organizations", "contacts", "contact_organizations"];
            let own = own.map(|table| format!("{}.{table}", self.schema(command.at)));
            command.add(&format!("--only {}", own.join(",")));
            command.is_plain = false;
        }
    }
}

impl Command {
    fn add(&mut self, argument: &str) {
        if !self.line.is_empty() {
            self.line.push(' ');
        }
        self.line.push_str(argument);
    }
}
