//! A session of somebody else's, which holds what it has taken until it is told otherwise.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::database::Database;

/// A psql that stays connected.
pub struct Session {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Session {
    /// Connects, runs `script` and stays.
    pub fn open(database: &Database, script: &str) -> Self {
        let mut psql = database.program("psql");
        psql.args(["-XqAt"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = psql.spawn().expect("psql");
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().expect("its output"));
        let mut session = Self { child, stdin, stdout: BufReader::new(stdout) };
        session.run(script);
        session
    }

    /// Runs `script` to its end.
    #[track_caller]
    pub fn run(&mut self, script: &str) {
        self.send(&format!("{script}\n\\echo done here"));
        let mut line = String::new();
        while line.trim() != "done here" {
            line.clear();
            assert_ne!(self.stdout.read_line(&mut line).expect("its output"), 0, "psql ended in {script}");
        }
    }

    /// Sends `script` without waiting for its end.
    pub fn send(&mut self, script: &str) {
        let stdin = self.stdin.as_mut().expect("it is open");
        stdin.write_all(format!("{script}\n").as_bytes()).expect("psql reads");
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The end of its input ends psql.
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}
