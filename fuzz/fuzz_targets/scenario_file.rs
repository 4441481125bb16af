//! Whatever a scenario file has, reading it ends, does not panic, and tells of places that are in it.

#![no_main]

use crm_seed::scenario::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(problems) = parse("overdue-renewal.json", bytes, &["tasks-done-in-time"]) {
        assert!(!problems.is_empty());
        let lines = String::from_utf8_lossy(bytes).split('\n').count();
        assert!(problems.iter().all(|problem| (1..=lines).contains(&(problem.place.line as usize))));
    }
});
