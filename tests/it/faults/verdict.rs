//! Whether what is there after a strike may be there, and whether what crm-seed said of it is true.

use super::strike::Kind;
use crate::harness::Outcome;

/// What is there after a strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// What was there before.
    Old,
    /// Some of the steps of a command that is done in several.
    Between,
    /// What was asked for.
    New,
}

/// Words by which crm-seed says that nothing was done.
const UNDONE: [&str; 3] = ["rolled back", "is undone", "nothing was changed"];

/// Holds how the command ended to what was found. Where old and new are the same, both are true.
///
/// # Errors
/// What is not true.
pub fn check(outcome: &Outcome, found: Found, is_old: bool, is_new: bool, kind: Kind) -> Result<(), String> {
    let says_undone = UNDONE.iter().any(|word| outcome.stderr.contains(word));
    let told = outcome.stderr.trim_end();
    if outcome.stderr.contains("panicked") {
        return Err(format!("a panic: {told}"));
    }
    match outcome.status.code() {
        // Nobody is left to say anything.
        None => Ok(()),
        Some(0) if is_new => Ok(()),
        Some(0) => Err(format!("exit 0, and what is there is {found:?}")),
        Some(130) if !kind.is_asked() => Err(format!("exit 130, and nobody interrupted it: {told}")),
        Some(_) if says_undone && is_new && !is_old => {
            Err(format!("{}, and what is there is new: {told}", outcome.status))
        }
        Some(130) => Ok(()),
        Some(1 | 4) if !kind.is_asked() => Ok(()),
        Some(_) => Err(format!("{}: {told}", outcome.status)),
    }
}
