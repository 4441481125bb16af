//! The steps that a document takes, one after the other.

use super::part::Phase;
use crate::calendar::DAY;
use crate::infer::kinds::TableKind;
use crate::random::Slot;
use crate::sqlexpr::value::Value;

const HOUR: i64 = 3600;
/// The step at which it is paid.
pub const PAID: u8 = 9;
/// Days until an invoice is due.
pub(super) const DUE: i64 = 30;

/// The step at which it was seen.
const SEEN: u8 = 2;
/// The step at which it is confirmed.
const CONFIRMED: u8 = 3;
/// Hours between a step and the one before, least and most. Ordered, sent, seen, accepted, begun, shipped,
/// delivered, done, billed, paid.
const GAPS: [(i64, i64); PAID as usize + 1] =
    [(0, 0), (1, 20), (2, 40), (4, 60), (2, 30), (10, 60), (20, 90), (1, 60), (2, 40), (200, 500)];
/// Of a hundred rows those that came to a stand.
const STUCK: u64 = 14;
/// Of those the ones that ended there.
const DEAD: u64 = 65;
/// Days after which a document that still waits is given up: what is older came to an end.
const PATIENCE: i64 = 60;

/// How far one document came, and when it took each step.
#[derive(Clone, Copy, Debug)]
pub struct Timeline {
    slot: Slot,
    begun: i64,
    now: i64,
    is_mail: bool,
    last_before_end: u8,
}

impl Timeline {
    /// Of the document of a kind that was made at `begun`; seconds.
    pub fn new(slot: Slot, kind: TableKind, begun: i64, now: i64) -> Self {
        Self {
            slot,
            begun: begun.min(now),
            now,
            is_mail: kind == TableKind::Emails,
            last_before_end: if kind == TableKind::Orders { CONFIRMED } else { SEEN },
        }
    }

    /// When a step is taken, if it is.
    pub fn at(&self, step: u8) -> i64 {
        let gap = |step: u8| {
            let (least, most) = GAPS[usize::from(step.min(PAID))];
            let seconds = self.slot.child(u64::from(step)).between(least * HOUR, most * HOUR);
            // An e-mail arrives within minutes and is read within the day.
            if self.is_mail { seconds / 60 * i64::from(step.min(3)) } else { seconds }
        };
        (0..=step).fold(self.begun, |at, step| at + gap(step))
    }

    /// The last step that was taken.
    pub fn reached(&self) -> u8 {
        let far = (0..=PAID).rev().find(|step| self.at(*step) <= self.now).unwrap_or(0);
        // What ended before its time was neither accepted nor, if it is an order, shipped.
        let most = if self.is_dead() { far.min(self.last_before_end + 1) } else { far };
        match self.is_stuck() && most > 0 {
            true => self.slot.child(30).below(u64::from(most)) as u8,
            false => most,
        }
    }

    fn is_stuck(&self) -> bool {
        self.slot.child(31).chance(STUCK)
    }

    /// It ended before its time.
    pub fn is_dead(&self) -> bool {
        let is_old = self.begun < self.now - PATIENCE * DAY;
        self.is_stuck() && (is_old || self.slot.child(32).chance(DEAD))
    }

    /// When it is due, so many days after the first step.
    pub fn due(&self, days: i64) -> i64 {
        self.at(0) + days * DAY
    }

    /// The latest step.
    pub fn latest(&self) -> i64 {
        self.at(self.reached()).min(self.now)
    }

    /// The status that says how far it came.
    pub fn status(&self, statuses: &[(Value, Phase)]) -> Value {
        let reached = self.reached();
        let of = |wanted: Phase| -> Vec<&Value> {
            statuses.iter().filter(|(_, standing)| *standing == wanted).map(|(value, _)| value).collect()
        };
        let ends = of(Phase::Cancelled);
        if self.is_dead() && !ends.is_empty() {
            return (*self.slot.child(33).pick(&ends)).clone();
        }
        let late = of(Phase::Late);
        if reached < PAID && self.due(DUE) < self.now && !late.is_empty() {
            return late[0].clone();
        }
        let steps = || {
            statuses.iter().filter_map(|(value, standing)| match standing {
                Phase::At(step) => Some((*step, value)),
                _ => None,
            })
        };
        let taken = steps().filter(|(step, _)| *step <= reached).max_by_key(|(step, _)| *step);
        let first = || steps().min_by_key(|(step, _)| *step);
        taken.or_else(first).map_or(Value::Null, |(_, value)| value.clone())
    }
}
