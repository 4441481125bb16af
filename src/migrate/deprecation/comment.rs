//! The comment of a column that is deprecated.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

/// What the comment of a column says of its end: `Deprecated: 2025-01-27. Remove after 2025-02-27`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deprecation {
    /// The day on which it was deprecated.
    pub since: Date,
    /// The last day on which it stays.
    pub until: Date,
}

impl Deprecation {
    /// Whether it may be dropped on this day.
    pub fn is_over(self, today: Date) -> bool {
        self.until < today
    }
}

impl fmt::Display for Deprecation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deprecated: {}. Remove after {}", self.since, self.until)
    }
}

/// A comment that says something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotDeprecated;

impl FromStr for Deprecation {
    type Err = NotDeprecated;

    fn from_str(comment: &str) -> Result<Self, Self::Err> {
        let comment = comment.trim();
        let dates = comment.strip_prefix("Deprecated: ").and_then(|rest| rest.split_once(". Remove after "));
        let (since, until) = dates.ok_or(NotDeprecated)?;
        // People end a sentence with a full stop.
        let until = until.strip_suffix('.').unwrap_or(until);
        let date = |text: &str| text.parse::<Date>().ok().filter(|date| date.to_string() == text);
        Ok(Self { since: date(since).ok_or(NotDeprecated)?, until: date(until).ok_or(NotDeprecated)? })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_comment_is_written_and_read() {
        let deprecation = Deprecation { since: date(2025, 1, 27), until: date(2025, 2, 27) };
        assert_eq!(deprecation.to_string(), "Deprecated: 2025-01-27. Remove after 2025-02-27");
        assert_eq!(deprecation.to_string().parse(), Ok(deprecation));
        assert_eq!("Deprecated: 2025-01-27. Remove after 2025-02-27.\n".parse(), Ok(deprecation));
        for other in ["", "Deprecated", "Deprecated: soon. Remove after 2025-02-27", "Deprecated: 2025-01-27"]
        {
            assert_eq!(other.parse::<Deprecation>(), Err(NotDeprecated), "{other}");
        }
    }

    #[test]
    fn the_day_itself_is_not_after_it() {
        let deprecation = Deprecation { since: date(2025, 1, 27), until: date(2025, 2, 27) };
        assert!(!deprecation.is_over(date(2025, 2, 27)) && deprecation.is_over(date(2025, 2, 28)));
    }
}
