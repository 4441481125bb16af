//! Days, points in time, times of day and lengths of time.

use super::rules::{ALWAYS_NULL, Rule, RuleContext, Tag, rule};
use crate::calendar::DAY;
use crate::sqlexpr::value::Value;

/// Points in time, most of them in the past.
pub(super) const TIMES: &[Rule] = &[
    rule(
        "~deleted|~archived|~cancelled|~canceled|~banned|~blocked|\
         ~locked|~suspended|~disabled|~deactivated|~failed|~bounced|~revoked|~trashed|~purged|\
         ~unsubscribed|~discarded|~expired|~dismissed|~snoozed|~rejected|~voided|~churned|~refunded|\
         ~terminated|~merged|~error",
        "when something went away",
        ALWAYS_NULL,
        past,
    ),
    rule(
        "recovery sent at|reauthentication sent at|\
         email change sent at|phone change sent at|invited at|confirmation sent at|token sent at|\
         reset sent at|phone confirmed at",
        "when a secret was sent",
        ALWAYS_NULL,
        past,
    ),
    rule("confirmed at|verified at|email verified|activated at", "when an address was confirmed", 0, after),
    rule("birthday|birth date|date of birth|dob|birthdate|born on|born at", "a birthday", 30, birthday),
    rule("anniversary|founded|founded at|founded on|established", "a day years ago", 30, long_ago),
    rule(
        "due|due at|due on|due date|due by|deadline|~scheduled|~next|\
         ~expected|~upcoming|~planned|~remind|reminder|~follow up|followup at|followup date|~target|\
         ~close by|~renewal|renews at|renews on|~estimated|~forecast|~anticipated",
        "a day to come",
        15,
        future,
    ),
    rule(
        "~expire|~expiry|~expiration|valid until|valid to|\
         valid through|effective to|effective until|~end|~ends|~until|~through|best before|\
         period end|end date|end at|to date|~stop",
        "when something ends",
        20,
        end,
    ),
    rule(
        "~start|valid from|effective from|effective|effective date|\
         ~begin|~since|from date|period start|hired at|hire date|hired on|joined at|join date|\
         joined on",
        "when something began",
        5,
        start,
    ),
    rule("~updated|~modified|~changed|~edited|~synced|~refreshed|~touched", "the latest change", 0, after),
    rule("~created|~inserted|~registered|~added|~recorded|~logged|~uploaded", "when it was made", 0, made),
    rule(
        "~completed|~sent|~opened|~clicked|~contacted|~last|~read|\
         ~seen|~closed|~won|~lost|~delivered|~shipped|~paid|~replied|~received|~resolved|~finished|\
         ~approved|~converted|~answered|~viewed|~accepted|~signed|~responded",
        "when something was done",
        30,
        after,
    )
    .tagged(Tag::WhenDone),
    rule("=date|order date|invoice date|quote date|issue date|issued at|issued on", "a day", 0, after),
];

/// Any other.
pub(super) const TIME: Rule = rule("", "a point in time", 15, after);

/// Between when the row was made and the present.
pub(super) fn after(draw: &RuleContext<'_>) -> Value {
    let (from, now) = (draw.created(), draw.context.now);
    draw.at(draw.slot.between(from, now))
}

fn made(draw: &RuleContext<'_>) -> Value {
    match draw.context.created {
        Some(created) => draw.at(created.min(draw.context.now)),
        None => after(draw),
    }
}

fn past(draw: &RuleContext<'_>) -> Value {
    after(draw)
}

fn start(draw: &RuleContext<'_>) -> Value {
    draw.at(draw.created() - draw.slot.between(0, 60) * DAY)
}

fn future(draw: &RuleContext<'_>) -> Value {
    working_hour(draw, draw.slot.between(1, 90))
}

fn end(draw: &RuleContext<'_>) -> Value {
    working_hour(draw, draw.slot.between(30, 90))
}

/// A full hour of a working day, in so many days.
fn working_hour(draw: &RuleContext<'_>, days: i64) -> Value {
    let today = draw.context.now.div_euclid(DAY);
    let hour = draw.slot.child(1).between(9, 16);
    draw.at(((today + days) * DAY + hour * 3600).min(draw.context.now + 90 * DAY))
}

pub(super) fn birthday(draw: &RuleContext<'_>) -> Value {
    let years = draw.slot.between(24, 63);
    let day = draw.context.now.div_euclid(DAY) - years * 365 - draw.slot.child(1).between(20, 384);
    draw.at(day * DAY)
}

fn long_ago(draw: &RuleContext<'_>) -> Value {
    let day = draw.context.now.div_euclid(DAY) - draw.slot.between(400, 15_000);
    draw.at(day * DAY)
}

/// Times of day.
pub(super) const CLOCKS: &[Rule] = &[
    rule("~open|~opens|~start|~starts|~begin|~from|~earliest|~opening", "when the day begins", 0, |draw| {
        clock(draw.slot.between(12, 18))
    }),
    rule(
        "~close|~closes|~end|~ends|~until|~to|~latest|~stop|~closing|~cutoff",
        "when the day ends",
        0,
        |draw| clock(draw.slot.between(32, 42)),
    ),
];

/// Any other.
pub(super) const CLOCK: Rule = rule("", "a time of day", 15, |draw| clock(draw.slot.between(18, 32)));

/// So many half hours after midnight.
fn clock(halves: i64) -> Value {
    format!("{:02}:{:02}:00", halves / 2, halves % 2 * 30).into()
}

/// Lengths of time.
pub(super) const INTERVALS: &[Rule] = &[
    rule("~lead|~shelf|~term|~notice|~retention|~cycle|~grace|~delivery", "some days", 15, |draw| {
        draw.word("7 days|14 days|30 days|45 days|60 days|90 days")
    }),
    rule("~frequency|~recurrence|~every|~cadence|~repeat", "how often", 15, |draw| {
        draw.word("1 day|7 days|14 days|1 mon")
    }),
];

/// Any other.
pub(super) const INTERVAL: Rule = rule("", "a length of time", 15, |draw| {
    draw.word("15 minutes|30 minutes|45 minutes|1 hour|90 minutes|2 hours")
});
