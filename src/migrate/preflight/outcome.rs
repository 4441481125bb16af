//! What a check found.

use serde::Serialize;

/// Whether it stands against migrating.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Ok,
    /// To be judged by people.
    Warning,
    /// It stands against migrating now.
    Error,
}

/// A line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The check: `locks`.
    pub check: &'static str,
    pub level: Level,
    /// What was found.
    pub what: String,
    /// What to do about it; `None` where there is nothing to do.
    pub fix: Option<String>,
}

impl Outcome {
    /// Nothing stands against it.
    pub fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, level: Level::Ok, what: what.into(), fix: None }
    }

    /// Something that people have to judge.
    pub fn warning(check: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, level: Level::Warning, what: what.into(), fix: Some(fix.into()) }
    }

    /// Something that stands against it.
    pub fn error(check: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, level: Level::Error, what: what.into(), fix: Some(fix.into()) }
    }
}

/// All that was found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The migrations that would be applied.
    pub pending: Vec<String>,
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// How many lines are as bad as this.
    pub fn count(&self, level: Level) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.level == level).count()
    }
}

/// A number of bytes, for people.
pub fn bytes(number: i64) -> String {
    const UNITS: [&str; 6] = ["bytes", "kB", "MB", "GB", "TB", "PB"];
    let (mut rest, mut unit) = (number.max(0), 0);
    while rest >= 10 * 1024 && unit + 1 < UNITS.len() {
        rest /= 1024;
        unit += 1;
    }
    format!("{rest} {}", UNITS[unit])
}

/// A time in seconds, for people.
pub fn duration(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_told_with_two_digits_at_least() {
        assert_eq!(
            (bytes(10_239), bytes(10_240), bytes(-1)),
            ("10239 bytes".into(), "10 kB".into(), "0 bytes".into())
        );
        assert_eq!(bytes(i64::MAX), "8191 PB");
        assert_eq!(
            (duration(119), duration(420), duration(7200)),
            ("119 s".into(), "7 min".into(), "2 h".into())
        );
        assert_eq!(duration(200_000), "2 days");
    }
}
