//! The events that columns tell of, and what a column tells of one: `fixtures/events.tsv`.

use std::sync::LazyLock;

use crate::fixture::{fixture, list, number};
use crate::infer::names;
use crate::infer::scalar_type::ScalarType;

/// What a column tells of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Whether it happened.
    Flag,
    /// When it happened.
    When,
    /// By whom, or with which other row.
    Who,
    /// For which reason.
    Why,
    /// Until when it holds.
    Until,
}

/// Something that happens to rows.
#[derive(Debug)]
pub struct EventWords {
    /// The first word for it.
    pub name: &'static str,
    /// Words of a name that say that it happened; each may be of several, parted by blanks.
    done: Vec<&'static str>,
    noun: Vec<&'static str>,
    verb: Vec<&'static str>,
    /// Of a hundred rows those to which it happened, where nothing else says so.
    pub percent: u64,
    /// It ends what the row is about.
    pub is_end: bool,
    /// The names of what cannot have happened as well.
    pub excludes: Vec<&'static str>,
}

/// All of them, in the order in which they are decided.
pub static EVENTS: LazyLock<Vec<EventWords>> = LazyLock::new(|| {
    let lines = fixture!("events.tsv", ["done", "noun", "verb", "percent", "ends", "excludes"]);
    let words = |field| if field == "-" { Vec::new() } else { list(field) };
    let events: Vec<EventWords> = lines
        .map(|[done, noun, verb, percent, ends, excludes]| EventWords {
            name: done.split('|').next().unwrap_or(done),
            done: list(done),
            noun: words(noun),
            verb: words(verb),
            percent: number(percent),
            is_end: ends == "yes",
            excludes: words(excludes),
        })
        .collect();
    for excluded in events.iter().flat_map(|event| &event.excludes) {
        assert!(
            events.iter().any(|event| event.name == *excluded),
            "fixtures/events.tsv: no event {excluded}"
        );
    }
    events
});

/// What is left of a name without `word`, where it stands in it.
fn without(name: &[String], word: &str) -> Option<Vec<String>> {
    let word: Vec<&str> = word.split(' ').collect();
    let at = name.windows(word.len()).position(|part| part.iter().eq(word.iter()))?;
    Some([&name[..at], &name[at + word.len()..]].concat())
}

const MOMENTS: [&str; 10] =
    ["at", "on", "date", "time", "datetime", "timestamp", "when", "ts", "date time", "at utc"];
const FLAGS: [&str; 13] = [
    "", "is", "has", "was", "been", "has been", "is been", "flag", "is flag", "required", "needed", "needs",
    "requires",
];
const REASONS: [&str; 14] = [
    "reason",
    "reason code",
    "reason text",
    "reason note",
    "reason detail",
    "note",
    "comment",
    "cause",
    "message",
    "remark",
    "explanation",
    "justification",
    "detail",
    "feedback",
];
const ENDS: [&str; 10] = [
    "until",
    "till",
    "expire",
    "expires",
    "expiry",
    "expire at",
    "expires at",
    "expires on",
    "end",
    "ends at",
];

impl EventWords {
    /// What a column of a name tells of it.
    fn part(&self, words: &[String], scalar: ScalarType) -> Option<Part> {
        let is_time = matches!(scalar, ScalarType::Date | ScalarType::Timestamp);
        let of =
            |forms: &[&str]| forms.iter().find_map(|form| without(words, form)).map(|rest| rest.join(" "));
        let singular = |rest: &str| rest.split(' ').map(names::singular).collect::<Vec<_>>().join(" ");
        let is_reason = |rest: &str| scalar == ScalarType::Text && REASONS.contains(&singular(rest).as_str());
        if let Some(rest) = of(&self.done) {
            let is_flag = matches!(scalar, ScalarType::Bool | ScalarType::Integer);
            let begins = |words: &[&str]| words.iter().any(|word| rest.split(' ').next() == Some(word));
            return match rest.as_str() {
                rest if is_time && (rest.is_empty() || rest == "is" || MOMENTS.contains(&rest)) => {
                    Some(Part::When)
                }
                rest if is_time && ENDS.contains(&rest) => Some(Part::Until),
                rest if is_flag && FLAGS.contains(&rest) => Some(Part::Flag),
                rest if is_reason(rest) => Some(Part::Why),
                _ if begins(&["by"]) && !is_time && scalar != ScalarType::Bool => Some(Part::Who),
                _ if begins(&["into", "to", "from", "with", "as"]) && !is_time && words.last()? == "id" => {
                    Some(Part::Who)
                }
                // `converted_contact_id`
                rest if rest.ends_with(" id")
                    && words.first().is_some_and(|word| self.done.contains(&word.as_str())) =>
                {
                    Some(Part::Who)
                }
                _ => None,
            };
        }
        if let Some(rest) = of(&self.noun) {
            return match rest.as_str() {
                rest if is_time && MOMENTS.contains(&rest) => Some(Part::When),
                rest if is_time && ENDS.contains(&rest) => Some(Part::Until),
                rest if is_reason(rest) => Some(Part::Why),
                rest if rest.split(' ').next() == Some("by") && !is_time => Some(Part::Who),
                _ => None,
            };
        }
        let rest = of(&self.verb)?;
        match rest.as_str() {
            rest if is_time && ENDS.contains(&rest) => Some(Part::Until),
            rest if is_reason(rest) => Some(Part::Why),
            _ => None,
        }
    }

    /// Whether a label of a status says that it happened.
    pub fn is_said_by(&self, label: &str) -> bool {
        let words = names::words(label);
        self.done.iter().any(|form| without(&words, form).is_some())
            && !words.iter().any(|word| matches!(word.as_str(), "not" | "un" | "partially" | "pending"))
    }
}

/// The event of which a column tells, by its place among all, and what it tells.
pub fn told(column: &str, scalar: ScalarType) -> Option<(usize, Part)> {
    let words = names::words(column);
    EVENTS.iter().enumerate().find_map(|(at, event)| Some((at, event.part(&words, scalar)?)))
}

/// The same of an event to a part of the row, and what that is: the `email` of `email_verified_at`.
pub fn told_of_part(column: &str, scalar: ScalarType) -> Option<(usize, Part, String)> {
    let words = names::words(column);
    let is_silent = |word: &&String| matches!(word.as_str(), "is" | "has" | "was");
    let words = &words[words.iter().take_while(is_silent).count()..];
    (1..words.len()).find_map(|from| {
        let (of, tail) = words.split_at(from);
        let begins = |event: &EventWords| {
            event.done.iter().any(|form| form.split(' ').eq(tail.iter().take(form.split(' ').count())))
        };
        let mut events = EVENTS.iter().enumerate().filter(|(_, event)| begins(event));
        let (at, part) = events.find_map(|(at, event)| Some((at, event.part(tail, scalar)?)))?;
        // A number is none of a flag, but of how many there were.
        (part != Part::Flag || scalar == ScalarType::Bool).then(|| (at, part, of.join(" ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_tell_of_events() {
        use Part::{Flag, Until, When, Who, Why};
        let time = ScalarType::Timestamp;
        for (column, scalar, name, part) in [
            ("deleted_at", time, "deleted", When),
            ("deletedById", ScalarType::Uuid, "deleted", Who),
            ("isDeleted", ScalarType::Bool, "deleted", Flag),
            ("ban_reason", ScalarType::Text, "banned", Why),
            ("banExpires", time, "banned", Until),
            ("do_not_email", ScalarType::Bool, "do not email", Flag),
            ("do_not_email_at", time, "do not email", When),
            ("cancellation_reason", ScalarType::Text, "cancelled", Why),
            ("merged_into_id", ScalarType::Integer, "merged", Who),
            ("converted_contact_id", ScalarType::Integer, "converted", Who),
            ("approval_date", ScalarType::Date, "approved", When),
        ] {
            let found = told(column, scalar).map(|(at, part)| (EVENTS[at].name, part));
            assert_eq!(found, Some((name, part)), "{column}");
        }
        for (column, scalar) in [
            ("close_date", ScalarType::Date),
            ("payment_date", ScalarType::Date),
            ("created_by", ScalarType::Integer),
            ("sent_to", ScalarType::Text),
            ("approved_amount", ScalarType::Decimal),
            ("time_to_close", ScalarType::Integer),
        ] {
            assert!(told(column, scalar).is_none(), "{column}");
        }
    }
}
