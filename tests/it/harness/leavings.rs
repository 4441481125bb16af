//! What a test process leaves behind when it is killed: commands that run, files, a mount. A
//! watcher that outlives it clears them away.

use std::fmt::Display;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Hears which commands run until its standard input ends, as it does with the test process.
const WATCH: &str = r#"
running=" "
while read -r verb what; do
  case $verb in
    began) running="$running$what " ;;
    ended) running="${running%% $what *} ${running#* $what }" ;;
    owned) set -- "$@" "$what" ;;
  esac
done
[ "$running" = " " ] || kill -KILL $running
umount -l "$1"/disk-*
rm -rf "$@"
"#;

struct Watcher {
    directory: PathBuf,
    shell: Mutex<Child>,
}

fn watcher() -> &'static Watcher {
    static WATCHER: OnceLock<Watcher> = OnceLock::new();
    WATCHER.get_or_init(|| {
        let directory = tempfile::TempDir::with_prefix("crm-seed-it-").expect("a directory").keep();
        let mut command = Command::new("sh");
        command.args(["-c", WATCH, "watch"]).arg(&directory).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Watcher { directory, shell: Mutex::new(command.spawn().expect("sh")) }
    })
}

/// The directory for all files of the tests. What is called `disk-` in it may be mounted.
pub fn directory() -> &'static Path {
    &watcher().directory
}

fn tell(verb: &str, what: impl Display) {
    let shell = watcher().shell.lock().unwrap_or_else(PoisonError::into_inner);
    let mut stdin = shell.stdin.as_ref().expect("a pipe");
    writeln!(stdin, "{verb} {what}").expect("the watcher listens");
}

/// A command runs.
pub fn began(pid: u32) {
    tell("began", pid);
}

/// A directory elsewhere is the tests' own.
pub fn owned(directory: &Path) {
    tell("owned", directory.display());
}

/// A command has ended, and been waited for.
pub fn ended(pid: u32) {
    tell("ended", pid);
}
