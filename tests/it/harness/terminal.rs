//! crm-seed on a terminal of its own, with somebody who answers.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::crm::Crm;
use super::{leavings, wait_for};

/// A command that runs on a terminal.
pub struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

/// A terminal: the end that a person has, and the one that programs have.
fn open() -> (OwnedFd, OwnedFd) {
    let (mut person, mut program) = (-1, -1);
    // SAFETY: openpty(3) writes two descriptors, and reads neither name nor settings where they are null.
    #[allow(unsafe_code, reason = "the standard library opens no terminals")]
    unsafe {
        let (name, settings, size) = (std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut());
        let result = libc::openpty(&raw mut person, &raw mut program, name, settings, size);
        assert_eq!(result, 0, "a terminal");
        // The person's end is not the program's to hold open.
        libc::fcntl(person, libc::F_SETFD, libc::FD_CLOEXEC);
        (OwnedFd::from_raw_fd(person), OwnedFd::from_raw_fd(program))
    }
}

impl Crm {
    /// Starts it on a terminal.
    pub fn on_terminal(&self, arguments: &str) -> Terminal {
        let (person, program) = open();
        let end = || program.try_clone().expect("a descriptor");
        let mut command = self.command(arguments);
        command.stdin(end()).stdout(end()).stderr(end());
        // SAFETY: setsid(2) and ioctl(2) may be called between fork and exec.
        #[allow(unsafe_code, reason = "the standard library begins no session")]
        unsafe {
            command.pre_exec(|| {
                libc::setsid();
                libc::ioctl(0, libc::TIOCSCTTY, 0);
                Ok(())
            });
        }
        let child = command.spawn().expect("crm-seed");
        leavings::began(child.id());
        let keyboard = File::from(person);
        let screen = Arc::new(Mutex::new(Vec::new()));
        let reader = std::thread::spawn({
            let (mut from, screen) = (keyboard.try_clone().expect("a descriptor"), Arc::clone(&screen));
            move || watch(&mut from, &screen)
        });
        Terminal { child, keyboard, screen, reader: Some(reader) }
    }
}

/// Keeps what appears on the screen until the last program has let go of the terminal.
fn watch(from: &mut File, screen: &Mutex<Vec<u8>>) {
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        screen.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&piece[..length]);
    }
}

impl Terminal {
    /// What is on the screen.
    pub fn screen(&self) -> String {
        let screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&screen).into_owned()
    }

    /// Waits for a question, and gives what is on the screen.
    #[track_caller]
    pub fn question(&mut self) -> String {
        wait_for("a question", || {
            let screen = self.screen();
            if let Some(status) = self.child.try_wait().expect("its status") {
                panic!("nothing was asked, {status}: {}", self.screen());
            }
            (screen.contains("[y/") && !screen.ends_with('\n')).then_some(screen)
        })
    }

    /// Types a line.
    pub fn answer(&mut self, line: &str) {
        self.keyboard.write_all(format!("{line}\n").as_bytes()).expect("a terminal");
    }

    /// Waits for its end, and gives its exit code and what is on the screen.
    #[track_caller]
    pub fn end(mut self) -> (Option<i32>, String) {
        let status = wait_for("crm-seed to end", || self.child.try_wait().expect("its status"));
        // The last of it may still be on its way.
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.reader.as_ref().is_some_and(|reader| !reader.is_finished()) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        (status.code(), self.screen())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Where it has ended there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
        leavings::ended(self.child.id());
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}
