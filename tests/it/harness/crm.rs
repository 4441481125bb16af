//! The built binary, in a directory and an environment of its own.

use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::leavings;

/// The note that `generate` leaves of what it wrote.
const NOTE: &str = ".crm-seed-files.json";
/// What keeps the local database out of git.
const IGNORED: &str = ".gitignore";
/// No command of a test takes longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// A working directory in which crm-seed is run.
pub struct Crm {
    root: TempDir,
    settings: Vec<(String, String)>,
}

/// A command that is running.
pub struct Running {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
    line: String,
}

/// What a command did.
#[derive(Debug)]
pub struct Outcome {
    /// What was run, for messages.
    #[expect(dead_code, reason = "only printed")]
    line: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it told.
    pub stderr: String,
}

impl Crm {
    /// A fresh directory.
    pub fn new() -> Self {
        let root = TempDir::new_in(leavings::directory()).expect("a directory");
        for directory in ["home", "work"] {
            fs::create_dir(root.path().join(directory)).expect("a directory");
        }
        Self { root, settings: Vec::new() }
    }

    /// The working directory. HOME lies beside it.
    pub fn directory(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Sets a variable of the environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The command, with `arguments` parted by blanks.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crm-seed"));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("PG") || name == "DATABASE_URL" {
                command.env_remove(name);
            }
        }
        command
            .args(arguments.split_whitespace())
            .current_dir(self.directory())
            .env("HOME", self.root.path().join("home"));
        // Where a crm-seed that is killed leaves its socket. Short: a socket's path has a limit.
        command.env("TMPDIR", leavings::directory());
        // Most tests begin with an empty database; what it takes to say so has tests of its own.
        command.env("CRM_SEED_BUNDLED", "1");
        // The engine that is everywhere; the installed PostgreSQL as the local database has tests of its own.
        command.env("CRM_SEED_ENGINE", "embedded");
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        // A shell that runs the tests in the background has them, and so us, ignore Ctrl-C.
        // SAFETY: signal(2) may be called between fork and exec.
        #[allow(unsafe_code, reason = "the standard library cannot reset a signal")]
        unsafe {
            command.pre_exec(|| {
                libc::signal(libc::SIGINT, libc::SIG_DFL);
                Ok(())
            });
        }
        command.stdin(Stdio::null());
        command
    }

    /// Starts it.
    pub fn spawn(&self, arguments: &str) -> Running {
        self.start(self.command(arguments), arguments)
    }

    /// Runs it to its end with these arguments, in which blanks part nothing.
    #[track_caller]
    pub fn run_with(&self, arguments: &[impl AsRef<str>]) -> Outcome {
        let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
        let mut command = self.command("");
        command.args(&arguments);
        self.start(command, &format!("{arguments:?}")).wait()
    }

    /// Starts a command of this directory's.
    pub fn start(&self, mut command: Command, arguments: &str) -> Running {
        let output = |name: &str| {
            let (file, path) = tempfile::Builder::new()
                .prefix(name)
                .tempfile_in(self.root.path())
                .and_then(|file| file.keep().map_err(Into::into))
                .expect("a file for the output");
            (file, path)
        };
        let ((out, stdout), (err, stderr)) = (output("stdout-"), output("stderr-"));
        let child = command.stdout(out).stderr(err).spawn().expect("crm-seed");
        leavings::began(child.id());
        Running { child, stdout, stderr, line: format!("crm-seed {arguments}") }
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run(&self, arguments: &str) -> Outcome {
        self.spawn(arguments).wait()
    }

    /// Runs it, and expects it to be done.
    #[track_caller]
    pub fn ok(&self, arguments: &str) -> Outcome {
        self.run(arguments).exits(0)
    }

    /// Runs it with `--json`, and expects it to be done.
    #[track_caller]
    pub fn json(&self, arguments: &str) -> Value {
        self.ok(&format!("{arguments} --json")).json()
    }

    /// Runs it with `--json`, and gives the digest that it printed.
    #[track_caller]
    pub fn digest(&self, arguments: &str) -> String {
        let report = self.json(arguments);
        report["digest"].as_str().expect("a digest").to_owned()
    }

    /// Writes a file into the working directory and gives its path.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("its directory");
        fs::write(&path, text).expect("a file");
        path
    }

    /// The names in a directory below the working directory, sorted; none where it is not there. The note
    /// of what `generate` wrote and what git is told are not among them.
    pub fn names_in(&self, directory: &str) -> Vec<String> {
        names_in(&self.directory().join(directory))
    }
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| ![NOTE, IGNORED].contains(&name.as_str()));
    names.sort();
    names
}

impl Running {
    /// Sends it a signal: `INT`, `TERM`, `KILL`.
    pub fn signal(&self, name: &str) {
        let line = format!("kill -{name} {}", self.child.id());
        // A process that has ended gets none.
        let _ = Command::new("sh").args(["-c", &line]).stderr(Stdio::null()).status();
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        fs::read_to_string(&self.stdout).unwrap_or_default()
    }

    /// What it has told so far.
    pub fn told(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap_or_default()
    }

    /// Whether it is still at work.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("its status").is_none()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn wait(mut self) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        let mut pause = Duration::from_micros(500);
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("its status") {
                break status;
            }
            assert!(Instant::now() < deadline, "{} does not end", self.line);
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        };
        let read = |path| String::from_utf8_lossy(&fs::read(path).expect("the output")).into_owned();
        Outcome { line: self.line.clone(), status, stdout: read(&self.stdout), stderr: read(&self.stderr) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Where it has ended there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
        leavings::ended(self.child.id());
    }
}

impl Outcome {
    /// What a command does that runs crm-seed within something else.
    pub fn of(mut command: Command) -> Self {
        let line = format!("{command:?}");
        let output = command.stdin(Stdio::null()).output().expect("a command");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { line, status: output.status, stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Expects this exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "exit code of {self:#?}");
        self
    }

    /// Expects exactly one error, on stderr, and nothing on stdout.
    #[track_caller]
    pub fn fails(self, code: i32) -> Self {
        let outcome = self.exits(code);
        assert_eq!(outcome.stdout, "", "a failure prints nothing: {outcome:#?}");
        let errors = outcome.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        assert_eq!(errors, 1, "one error: {outcome:#?}");
        assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
        outcome
    }

    /// Expects `text` on stderr.
    #[track_caller]
    pub fn telling(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no `{text}` on stderr: {self:#?}");
        self
    }

    /// Expects `text` on stdout.
    #[track_caller]
    pub fn printing(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "no `{text}` on stdout: {self:#?}");
        self
    }

    /// Expects `text` nowhere.
    #[track_caller]
    pub fn silent_about(self, text: &str) -> Self {
        assert!(!self.stdout.contains(text) && !self.stderr.contains(text), "`{text}` in {self:#?}");
        self
    }

    /// Stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Whether a signal of this number ended it, or it told the shell's code for one.
    pub fn was_interrupted(&self, signal: i32) -> bool {
        self.status.code() == Some(130) || self.status.signal() == Some(signal)
    }
}

/// Whether the tests run as root, for whom no directory is closed.
pub fn is_run_by_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    tempfile::tempfile().and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.uid() == 0)
}
