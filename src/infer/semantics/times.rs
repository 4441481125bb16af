//! Days, points in time and times of day.

use super::context::RuleContext;
use super::numbers::Numbers;
use crate::calendar::DAY;
use crate::sqlexpr::value::Value;

/// Between when the row was made and the present.
pub(super) fn since_created(draw: &RuleContext<'_>) -> Value {
    let (from, now) = (draw.created(), draw.context.now);
    draw.at(draw.slot.between(from, now))
}

/// The last change of the row: the same in all columns that tell of it.
pub(super) fn last_change(draw: &RuleContext<'_>) -> Value {
    let (from, now) = (draw.created(), draw.context.now);
    match (draw.context.certain)("updated_at") {
        Some(Value::Timestamp(second)) => draw.at(second.clamp(from, now)),
        _ => draw.at(draw.context.hidden.child(40).between(from, now)),
    }
}

/// When the row was made.
pub(super) fn created(draw: &RuleContext<'_>) -> Value {
    match draw.context.created {
        Some(created) => draw.at(created.min(draw.context.now)),
        None => since_created(draw),
    }
}

/// So many days before the row was made.
pub(super) fn before_created(draw: &RuleContext<'_>, days: &Numbers) -> Value {
    draw.at(draw.created() - days.whole(draw.slot) * DAY)
}

/// A full hour of a working day, in so many days, of which none is beyond a quarter of a year.
pub(super) fn days_ahead(draw: &RuleContext<'_>, days: &Numbers) -> Value {
    let day = draw.context.now.div_euclid(DAY) + days.whole(draw.slot);
    let hour = draw.slot.child(1).between(9, 16);
    draw.at((day * DAY + hour * 3600).min(draw.context.now + 90 * DAY))
}

/// A day so many days ago.
pub(super) fn days_ago(draw: &RuleContext<'_>, days: &Numbers) -> Value {
    draw.at((draw.context.now.div_euclid(DAY) - days.whole(draw.slot)) * DAY)
}

/// A birthday of somebody of so many years.
pub(super) fn birthday(draw: &RuleContext<'_>, years: &Numbers) -> Value {
    let days = years.whole(draw.slot) * 365 + draw.slot.child(1).between(20, 384);
    draw.at((draw.context.now.div_euclid(DAY) - days) * DAY)
}

/// A year so many years ago.
pub(super) fn year(draw: &RuleContext<'_>, years: &Numbers) -> Value {
    const YEAR: i64 = 31_556_952;
    (1970 + draw.context.now.div_euclid(YEAR) - years.whole(draw.slot)).into()
}

/// Half hours after midnight, as `06:00..09:30` is written.
pub(super) fn half_hours(text: &str) -> Option<(i64, i64)> {
    let halves = |clock: &str| {
        let (hours, minutes) = clock.split_once(':')?;
        let half = ["00", "30"].iter().position(|half| *half == minutes)?;
        Some(hours.parse::<i64>().ok().filter(|hours| (0..24).contains(hours))? * 2 + half as i64)
    };
    let (low, high) = text.split_once("..")?;
    Some((halves(low)?, halves(high)?)).filter(|(low, high)| low < high)
}

/// A full or half hour of the day.
pub(super) fn clock(draw: &RuleContext<'_>, (low, high): (i64, i64)) -> Value {
    let halves = draw.slot.between(low, high);
    format!("{:02}:{:02}:00", halves / 2, halves % 2 * 30).into()
}
