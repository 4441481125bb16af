//! A terminal with somebody before it, who answers a question.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::process::{Command, Stdio};

/// Runs `command` on a terminal, answers its question with `answer`, and gives its exit code and all that
/// the terminal shows.
pub fn answer(mut command: Command, question: &str, answer: &str) -> (Option<i32>, String) {
    let (ours, theirs) = open();
    command.stdin(theirs.try_clone().expect("the terminal")).stderr(theirs).stdout(Stdio::null());
    let mut child = command.spawn().expect("crm-seed");
    // Only the child holds the other end now, so that reading ends with it.
    drop(command);
    let (mut terminal, mut shown, mut buffer) = (File::from(ours), String::new(), [0; 4096]);
    let mut is_answered = false;
    // Linux tells the end of a terminal's other side as an error.
    while let Some(length) = terminal.read(&mut buffer).ok().filter(|length| *length > 0) {
        shown.push_str(&String::from_utf8_lossy(&buffer[..length]));
        if !is_answered && shown.contains(question) {
            terminal.write_all(format!("{answer}\n").as_bytes()).expect("the terminal");
            is_answered = true;
        }
    }
    (child.wait().expect("its end").code(), shown)
}

/// Our end of a new terminal, and that of the program.
fn open() -> (OwnedFd, OwnedFd) {
    let (mut ours, mut theirs) = (-1, -1);
    // SAFETY: both are written before they are used; the other arguments may be null.
    #[allow(unsafe_code, reason = "the standard library opens no terminals")]
    let ends = unsafe {
        let null = std::ptr::null_mut();
        let done = libc::openpty(&raw mut ours, &raw mut theirs, null, null.cast(), null.cast());
        assert_eq!(done, 0, "a terminal");
        (OwnedFd::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs))
    };
    // SAFETY: the descriptor is open. The child must not inherit our end, or reading would never end.
    #[allow(unsafe_code, reason = "the standard library sets no flags of descriptors")]
    unsafe {
        libc::fcntl(ends.0.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC);
        libc::fcntl(ends.1.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC);
    }
    ends
}
