//! Calls, meetings and other activities: done, or to come.

use super::lifecycle_words::LifecycleWords;
use super::part::{LifecycleField, Phase};
use crate::calendar::DAY;
use crate::infer::names;
use crate::infer::names::pattern::Pattern;
use crate::infer::scalar_type::ScalarType;
use crate::random::Slot;
use crate::sqlexpr::value::Value;

/// Of a hundred those that are done.
const DONE: u64 = 78;
/// Of a hundred of these those after which people go on.
const FOLLOWED: u64 = 45;
/// Days until those that are not.
const AHEAD: i64 = 21;

/// When one is, and whether it is done.
#[derive(Clone, Copy, Debug)]
pub struct Appointment {
    slot: Slot,
    made: i64,
    now: i64,
}

impl Appointment {
    /// The one that was written down at `made`; seconds.
    pub fn new(slot: Slot, made: i64, now: i64) -> Self {
        Self { slot, made: made.min(now), now }
    }

    /// Whether it has been.
    pub fn is_done(&self) -> bool {
        self.slot.child(1).chance(DONE)
    }

    /// When it begins.
    pub fn begins(&self) -> i64 {
        let hour = self.slot.child(3).between(18, 33) * 1800;
        if self.is_done() {
            // On a day between the two, within working hours where that leaves it between them.
            let day = self.slot.child(2).between(self.made, self.now.min(self.made + 14 * DAY));
            let at = day.div_euclid(DAY) * DAY + hour;
            return if (self.made..=self.now - self.lasts()).contains(&at) { at } else { self.made };
        }
        (self.now.div_euclid(DAY) + self.slot.child(2).between(1, AHEAD)) * DAY + hour
    }

    /// How long it takes, in seconds.
    pub fn lasts(&self) -> i64 {
        self.slot.child(4).between(1, 4) * 900
    }

    /// When it ends.
    pub fn ends(&self) -> i64 {
        self.begins() + self.lasts()
    }

    /// When it was done, if it was.
    pub fn done(&self) -> Option<i64> {
        self.is_done().then(|| self.ends().min(self.now))
    }

    /// When it was; of one to come when it was made.
    pub fn occurred(&self) -> i64 {
        if self.is_done() { self.begins() } else { self.made }
    }

    /// When people are reminded of it: half an hour before, or the day before; never before it was written down.
    pub fn reminds(&self) -> i64 {
        let before = if self.slot.child(7).chance(50) { 1800 } else { DAY };
        (self.begins() - before).max(self.made.min(self.begins()))
    }

    /// When people go on after it: days later, in working hours, if they do.
    pub fn follow_up(&self) -> Option<i64> {
        let day = self.ends().div_euclid(DAY) + self.slot.child(8).between(2, AHEAD);
        let at = day * DAY + self.slot.child(9).between(18, 33) * 1800;
        (self.is_done() && self.slot.child(10).chance(FOLLOWED)).then_some(at)
    }

    /// The status that says so.
    pub fn status(&self, statuses: &[(Value, Phase)]) -> Value {
        let of = |wanted: bool| -> Vec<&Value> {
            let fits = |standing: &Phase| matches!(standing, Phase::At(step) if (*step > 0) == wanted);
            statuses.iter().filter(|(_, standing)| fits(standing)).map(|(value, _)| value).collect()
        };
        let dead: Vec<&Value> = statuses
            .iter()
            .filter(|(_, standing)| *standing == Phase::Cancelled)
            .map(|(value, _)| value)
            .collect();
        let is_dead = !self.is_done() && self.slot.child(5).chance(15);
        let found = if is_dead && !dead.is_empty() { dead } else { of(self.is_done()) };
        match found.is_empty() {
            true => statuses.first().map_or(Value::Null, |(value, _)| value.clone()),
            false => (*self.slot.child(6).pick(&found)).clone(),
        }
    }
}

/// What a status says: done, or not yet.
pub(super) fn standing(text: &str) -> Option<Phase> {
    let appointment = &LifecycleWords::get().appointment;
    let name = names::words(text).join(" ");
    if Pattern::any(&appointment.cancelled, &name) {
        return Some(Phase::Cancelled);
    }
    if Pattern::any(&appointment.done, &name) {
        return Some(Phase::At(1));
    }
    Pattern::any(&appointment.planned, &name).then_some(Phase::At(0))
}

/// The part that a column tells.
pub(super) fn part(words: &[&str], scalar: ScalarType) -> Option<(LifecycleField, &'static str)> {
    let appointment = &LifecycleWords::get().appointment;
    let name = words.join(" ");
    let is = |patterns: &[Pattern]| Pattern::any(patterns, &name);
    match scalar {
        ScalarType::Bool if is(&appointment.is_done) => Some((LifecycleField::IsDone, "true if it is over")),
        ScalarType::Integer if is(&appointment.minutes) => {
            Some((LifecycleField::Minutes, "the duration in minutes"))
        }
        ScalarType::Date | ScalarType::Timestamp => match () {
            () if is(&appointment.is_done) => Some((LifecycleField::Done, "the time at which it was done")),
            () if is(&appointment.no_part) => None,
            () if is(&appointment.reminder) => Some((LifecycleField::Reminder, "shortly before it begins")),
            () if is(&appointment.follow_up) => {
                Some((LifecycleField::FollowUp, "some days after it, if at all"))
            }
            () if is(&appointment.ends) => Some((LifecycleField::Ends, "the end time")),
            () if is(&appointment.occurred) => {
                Some((LifecycleField::Occurred, "the time at which it took place"))
            }
            () if is(&appointment.begins) => Some((LifecycleField::Begins, "the start time")),
            () => None,
        },
        _ => None,
    }
}
