//! Hours in which nobody wants a migration: `quiet_hours` in `[migrations]` of crm-seed.toml.

use serde::Deserialize;
use sqlx::{PgConnection, Row};

use crate::db::query::{self, fetch};
use crate::error::{Error, Result};
use crate::sql::quote_literal;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MINUTES_OF_DAY: u16 = 24 * 60;

/// Hours of some days: `Mon-Fri 08:00-18:00 America/Chicago`. Without days it is every day, without a zone UTC.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct QuietHours {
    text: String,
    /// First and last day, from Monday (0); the last may be before the first, over a Sunday.
    days: (u8, u8),
    /// Minutes of the day at which they begin and end; the end may be before the beginning, over midnight.
    minutes: (u16, u16),
    zone: String,
}

impl TryFrom<String> for QuietHours {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wanted =
            || format!("quiet_hours = \"{text}\" is not of the form \"Mon-Fri 08:00-18:00 America/Chicago\"");
        let mut words = text.split_whitespace().peekable();
        let days = match words.next_if(|word| word.starts_with(char::is_alphabetic)) {
            Some(days) => days_of(days).ok_or_else(wanted)?,
            None => (0, 6),
        };
        let minutes = words.next().and_then(minutes_of).ok_or_else(wanted)?;
        let zone = words.next().unwrap_or("UTC").to_owned();
        if is_offset(&zone) {
            return Err(format!(
                "quiet_hours = \"{text}\": {zone} is not the name of a time zone; name one, as America/Chicago"
            ));
        }
        match words.next() {
            None => Ok(Self { days, minutes, zone, text }),
            Some(_) => Err(wanted()),
        }
    }
}

/// Whether it is a difference from UTC, which servers read as POSIX does: `+02:00` is west of Greenwich to them.
fn is_offset(zone: &str) -> bool {
    let has_sign = zone
        .bytes()
        .zip(zone.bytes().skip(1))
        .any(|(sign, digit)| matches!(sign, b'+' | b'-') && digit.is_ascii_digit());
    !zone.starts_with(char::is_alphabetic) || has_sign && !zone.starts_with("Etc/")
}

fn days_of(text: &str) -> Option<(u8, u8)> {
    let day = |name: &str| DAYS.iter().position(|day| day.eq_ignore_ascii_case(name)).map(|at| at as u8);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((day(first)?, day(last)?))
}

fn minutes_of(text: &str) -> Option<(u16, u16)> {
    let minute = |text: &str| -> Option<u16> {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        let all = hour * 60 + minute;
        (hour <= 24 && minute < 60 && all <= MINUTES_OF_DAY).then_some(all)
    };
    let (begin, end) = text.split_once('-')?;
    Some((minute(begin)?, minute(end)?)).filter(|(begin, end)| begin != end)
}

impl QuietHours {
    /// Whether a minute of a day (Monday is 0) is among them.
    fn holds(&self, day: u8, minute: u16) -> bool {
        let is_day = |day: u8| match self.days {
            (first, last) if first <= last => (first..=last).contains(&day),
            (first, last) => day >= first || day <= last,
        };
        match self.minutes {
            (begin, end) if begin < end => is_day(day) && (begin..end).contains(&minute),
            // What goes on after midnight began the day before.
            (begin, end) => is_day(day) && minute >= begin || is_day((day + 6) % 7) && minute < end,
        }
    }

    /// Refuses to go on within these hours, by the server's clock.
    ///
    /// # Errors
    /// It is one of them; a time zone that the server does not know.
    pub async fn check(&self, connection: &mut PgConnection) -> Result<()> {
        let sql = format!(
            "SELECT extract(isodow FROM now)::int, (extract(hour FROM now) * 60 + extract(minute FROM now))::int
             FROM (SELECT clock_timestamp() AT TIME ZONE {} AS now) AS clock",
            quote_literal(&self.zone)
        );
        let rows = fetch(connection, &sql).await.map_err(|error| error.context("quiet_hours"))?;
        let row = rows.first().ok_or_else(|| Error::failed("the server returned no row"))?;
        let number = |at: usize| row.try_get::<i32, _>(at).map_err(query::error);
        let (day, minute) = (number(0)?, number(1)?);
        match self.holds((day - 1).clamp(0, 6) as u8, minute.clamp(0, 1440) as u16) {
            false => Ok(()),
            true => Err(Error::refused(format!("it is within the quiet hours ({})", self.text)).with_hint(
                "run it later, or now with --during-quiet-hours; [migrations] of crm-seed.toml says when they are",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> QuietHours {
        QuietHours::try_from(text.to_owned()).expect(text)
    }

    #[test]
    fn hours_are_of_days_and_go_over_midnight() {
        let work = hours("Mon-Fri 08:00-18:00 America/Chicago");
        assert!(work.holds(0, 8 * 60) && work.holds(4, 18 * 60 - 1));
        assert!(!work.holds(0, 18 * 60) && !work.holds(5, 12 * 60));
        let nights = hours("Sat-Sun 22:00-06:00");
        assert!(nights.holds(5, 23 * 60) && nights.holds(0, 5 * 60) && nights.holds(6, 60));
        assert!(!nights.holds(5, 5 * 60) && !nights.holds(0, 23 * 60));
        assert!(hours("00:00-24:00").holds(3, 0));
        hours("08:00-18:00 America/Port-au-Prince");
        hours("08:00-18:00 Etc/GMT+5");
        hours("08:00-18:00 EST5EDT");
        assert!(hours("sun 09:00-10:00 UTC").holds(6, 9 * 60));
    }

    #[test]
    fn what_is_no_hour_is_refused() {
        for text in [
            "",
            "Mon",
            "8-18",
            "08:00-08:00",
            "25:00-26:00",
            "Mon-Xyz 08:00-18:00",
            "08:00-18:00 UTC now",
            "08:00-18:00 +02:00",
            "08:00-18:00 UTC+2",
        ] {
            assert!(QuietHours::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
