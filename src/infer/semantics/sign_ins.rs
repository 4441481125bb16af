//! How often a user has signed in, and when: everybody has, some minutes ago or some weeks.

use super::context::RuleContext;
use crate::calendar::DAY;
use crate::sqlexpr::value::Value;

/// What a column tells of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum SignInPart {
    /// How often: once at least.
    Count,
    /// When the user did last.
    Current,
    /// The time before that.
    Last,
}

/// The most days since somebody has signed in last, and between that and the time before.
const WITHIN: i64 = 45;
const APART: i64 = 9;

impl SignInPart {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "count" => Self::Count,
            "current" => Self::Current,
            "last" => Self::Last,
            _ => return None,
        })
    }

    pub(super) fn of(self, draw: &RuleContext<'_>) -> Value {
        let hidden = draw.context.hidden;
        let (created, now) = (draw.created(), draw.context.now);
        let current = hidden.child(60).between(created.max(now - WITHIN * DAY), now);
        match self {
            // Two at least, as there was a time before the last.
            Self::Count => hidden.child(61).between(2, 260).into(),
            Self::Current => draw.at(current),
            Self::Last => draw.at(hidden.child(62).between(created.max(current - APART * DAY), current)),
        }
    }
}
