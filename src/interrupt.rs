//! Ctrl-C and SIGTERM: when they end the process at once, and when the answer of the server comes first.
//!
//! Until COMMIT is sent, a signal ends the work and the server undoes it. From then on nobody but the server
//! knows what became of it: the signal waits, and what is told is what is so.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A process has one terminal and one set of signals: they are no argument of anything.
static OPEN: AtomicBool = AtomicBool::new(false);
static COMMITTING: AtomicBool = AtomicBool::new(false);
static SIGNALLED: AtomicBool = AtomicBool::new(false);
static SIGNAL: Notify = Notify::const_new();
static RELEASED: Notify = Notify::const_new();

/// What a signal met, in the words of the error.
pub fn told() -> &'static str {
    match OPEN.load(Ordering::SeqCst) {
        true => "cancelled; the transaction was rolled back",
        false => "cancelled",
    }
}

/// A transaction was opened, which ends with the process.
pub fn opened() {
    OPEN.store(true, Ordering::SeqCst);
}

/// While it lives, a signal waits. Work that is done with its COMMIT keeps it to its end; work that goes on after one
/// lets go of it, and a signal that waits ends it there.
#[must_use = "the signal waits while it lives"]
pub struct Committing(());

/// COMMIT is about to be sent.
pub fn committing() -> Committing {
    COMMITTING.store(true, Ordering::SeqCst);
    Committing(())
}

impl Drop for Committing {
    fn drop(&mut self) {
        COMMITTING.store(false, Ordering::SeqCst);
        if SIGNALLED.load(Ordering::SeqCst) {
            RELEASED.notify_one();
        }
    }
}

/// Whether a signal has to wait for the server's answer.
pub fn is_committing() -> bool {
    COMMITTING.load(Ordering::SeqCst)
}

/// Ends when the signal that waits may end the work.
pub async fn released() {
    RELEASED.notified().await;
}

/// A signal came, and waits.
pub fn signalled() {
    SIGNALLED.store(true, Ordering::SeqCst);
    SIGNAL.notify_waiters();
}

/// Ends when a signal waits: what follows a COMMIT and may be left out is left out then.
pub async fn wanted() {
    let notified = SIGNAL.notified();
    tokio::pin!(notified);
    notified.as_mut().enable();
    if !SIGNALLED.load(Ordering::SeqCst) {
        notified.await;
    }
}
