//! `Deprecated: 2025-01-27. Remove after 2025-02-27`: the comment of a column or table that is to go.

use jiff::civil::Date;

/// What such a comment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deprecation {
    pub since: Date,
    /// The last day on which it must still be there.
    pub remove_after: Date,
}

impl Deprecation {
    /// Reads a comment; none where it says something else.
    pub fn parse(comment: &str) -> Option<Self> {
        let (since, remove_after) =
            comment.trim().strip_prefix("Deprecated: ")?.split_once(". Remove after ")?;
        let date = |text: &str| text.trim_end_matches('.').parse().ok();
        Some(Self { since: date(since)?, remove_after: date(remove_after)? })
    }

    /// Whether it may be dropped on a day.
    pub fn is_over(self, today: Date) -> bool {
        today > self.remove_after
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn only_its_exact_form_deprecates() {
        let read =
            Deprecation::parse("Deprecated: 2025-01-27. Remove after 2025-02-27").expect("a deprecation");
        assert_eq!(read, Deprecation { since: date(2025, 1, 27), remove_after: date(2025, 2, 27) });
        assert!(!read.is_over(date(2025, 2, 27)) && read.is_over(date(2025, 2, 28)));
        for other in ["", "deprecated", "Deprecated: soon. Remove after 2025-02-27", "Deprecated: 2025-01-27"]
        {
            assert_eq!(Deprecation::parse(other), None, "{other}");
        }
    }
}
