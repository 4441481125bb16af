//! One thing tried many times, each time another way that its number decides: how many an environment variable
//! says, two at once, and told while it goes on, so that a campaign of an hour that is cut off is not lost.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many are tried at the same time.
const WORKERS: usize = 2;
/// After how many a line says how far it is.
const STRIDE: usize = 50;

/// Which numbers are tried: `variable` holds a number of them, `1000`, or some of them, `300..600`.
///
/// # Panics
/// Where it holds something else.
pub fn numbers(variable: &str, ordinary: u64) -> Range<u64> {
    let Ok(text) = std::env::var(variable) else { return 0..ordinary };
    let number = |text: &str| -> u64 {
        text.parse().unwrap_or_else(|_| panic!("{variable} is neither a number nor 300..600: {text}"))
    };
    match text.split_once("..") {
        Some((first, end)) => number(first)..number(end),
        None => 0..number(&text),
    }
}

/// The only number to try, where `variable` holds one.
///
/// # Panics
/// Where it holds something else.
pub fn only(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

/// A campaign.
pub struct Campaign<Worker, Outcome> {
    /// What is tried, in the plural.
    pub things: &'static str,
    /// What each of those who try keeps between two numbers.
    pub worker: fn() -> Worker,
    /// Why an outcome is a failure.
    pub failure: fn(&Outcome) -> Option<&str>,
}

impl<Worker, Outcome: Send> Campaign<Worker, Outcome> {
    /// Tries all of `numbers`.
    pub fn run(
        &self,
        numbers: impl IntoIterator<Item = u64>,
        attempt: impl Fn(&mut Worker, u64) -> Outcome + Sync,
    ) -> BTreeMap<u64, Outcome> {
        let numbers: Vec<u64> = numbers.into_iter().collect();
        let (next, all) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
        let work = || {
            let mut worker = (self.worker)();
            loop {
                let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)).copied() else { return };
                let outcome = attempt(&mut worker, number);
                let mut all = all.lock().expect("no worker panics");
                all.insert(number, outcome);
                self.tell(&all, number, numbers.len());
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(work);
            }
        });
        all.into_inner().expect("no worker panics")
    }

    /// A line for a failure at once, and for every fifty.
    fn tell(&self, all: &BTreeMap<u64, Outcome>, number: u64, count: usize) {
        let things = self.things;
        if let Some(why) = (self.failure)(&all[&number]) {
            eprintln!("{things}: number {number} fails: {why}");
        }
        if all.len().is_multiple_of(STRIDE) {
            let failed = all.values().filter(|outcome| (self.failure)(outcome).is_some()).count();
            eprintln!("{things}: {} of {count}, {failed} failed", all.len());
        }
    }
}
