//! A connection that stays open: psql that is spoken to one statement at a time. What it has answered is committed.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::database::Database;
use super::leavings;

/// The line behind each statement's answer.
const END: &str = "-- answered --";

/// A psql that listens.
pub struct Session {
    psql: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Session {
    /// Opens one. Statements that fail are passed by.
    pub fn open(database: &Database) -> Self {
        let mut command = database.program("psql");
        command.args(["-XqAt", "-F", "\t"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut psql = command.spawn().expect("psql");
        leavings::began(psql.id());
        let input = psql.stdin.take().expect("a pipe");
        let output = BufReader::new(psql.stdout.take().expect("a pipe")).lines();
        Self { psql, input, output }
    }

    /// Opens one that has run `script`, and holds what it took.
    #[track_caller]
    pub fn holding(database: &Database, script: &str) -> Self {
        let mut session = Self::open(database);
        session.run(script).expect("psql answers");
        session
    }

    /// Runs a statement, in a transaction of its own, and gives the lines that it returns: none where it fails.
    /// `None` where the connection is gone.
    pub fn run(&mut self, statement: &str) -> Option<Vec<String>> {
        // Where psql is gone the answer does not come either.
        let statement = statement.trim_end().trim_end_matches(';');
        writeln!(self.input, "{statement};\n\\echo {END}").and_then(|()| self.input.flush()).ok()?;
        let mut lines = Vec::new();
        loop {
            let line = self.output.next()?.ok()?;
            if line == END {
                return Some(lines);
            }
            lines.push(line);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Where it has ended there is nothing to kill.
        let _ = self.psql.kill();
        let _ = self.psql.wait();
        leavings::ended(self.psql.id());
    }
}
