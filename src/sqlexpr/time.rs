//! Days, seconds and intervals in expressions. Time zones are not known: everything is in UTC.

use std::fmt::Write as _;

use jiff::civil;

use crate::calendar::{DAY, Day};
use crate::sqlexpr::value::Value;

/// Whether a date is not one of the two endless ones, which are kept as the ends of the type.
pub const fn is_finite(day: i32) -> bool {
    day != i32::MAX && day != i32::MIN
}

/// `2020-01-31`, `infinity`; also the date of a timestamp.
pub fn date(text: &str) -> Option<i32> {
    match text.trim() {
        "infinity" => return Some(i32::MAX),
        "-infinity" => return Some(i32::MIN),
        _ => {}
    }
    let text = text.trim();
    let shaped = text.get(..10).filter(|text| text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-')?;
    if text.len() > 10 {
        timestamp(text)?;
    }
    Some(Day::from_date(shaped.parse::<civil::Date>().ok()?).0)
}

/// `2020-01-31 10:00:00+02`, or a date. Not with a fraction of a second.
pub fn timestamp(text: &str) -> Option<i64> {
    let text = text.trim();
    let Some((day, rest)) = text.split_once([' ', 'T']) else {
        // What is longer than a date asks this function what it is.
        return if text.len() <= 10 { date(text).map(midnight) } else { None };
    };
    let day = if day.len() == 10 { date(day)? } else { return None };
    let (clock, offset) = match rest.find(['+', '-', 'Z']) {
        Some(at) => (&rest[..at], zone(&rest[at..])?),
        None => (rest, 0),
    };
    Some(midnight(day) + clock_seconds(clock)? - offset)
}

/// Seconds that `+05:30` lies before UTC.
fn zone(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut parts = text[1..].split(':').map(|part| part.parse::<i8>().ok().map(i64::from));
    let (hours, minutes) = (parts.next()??, parts.next().unwrap_or(Some(0))?);
    Some(sign * (hours * 3600 + minutes * 60))
}

/// `10:20`, `10:20:30`, `10:20:30.000`.
pub fn clock_seconds(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hours, minutes) = (parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u32>().ok()?);
    let seconds = match parts.next() {
        Some(text) => text.trim_end_matches('0').strip_suffix('.').unwrap_or(text).parse::<u32>().ok()?,
        None => 0,
    };
    let is_clock = parts.next().is_none() && minutes < 60 && seconds <= 60;
    is_clock.then(|| i64::from(hours) * 3600 + i64::from(minutes) * 60 + i64::from(seconds))
}

/// The time of day of a second: `10:20:30`.
pub fn clock(second: i64) -> String {
    let rest = second.rem_euclid(DAY);
    format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

/// The second at which a day begins.
pub const fn midnight(day: i32) -> i64 {
    match day {
        i32::MAX => i64::MAX,
        i32::MIN => i64::MIN,
        day => day as i64 * DAY,
    }
}

pub fn day_of(second: i64) -> Option<i32> {
    match second {
        i64::MAX => Some(i32::MAX),
        i64::MIN => Some(i32::MIN),
        second => i32::try_from(second.div_euclid(DAY)).ok(),
    }
}

/// The second of a day, of a time, or of the text of one.
pub fn second(value: &Value) -> Option<i64> {
    match value {
        Value::Date(day) => Some(midnight(*day)),
        Value::Timestamp(second) => Some(*second),
        Value::Text(text) => timestamp(text),
        _ => None,
    }
}

/// A span of time, its parts as the server keeps them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// Months, 12 a year.
    pub months: i64,
    pub days: i64,
    pub seconds: i64,
}

impl Interval {
    /// `1 year 2 mons -3 days 04:05:06`, and with any unit's name: no fractions.
    pub fn read(text: &str) -> Option<Self> {
        let mut interval = Self::default();
        let mut words = text.trim().trim_start_matches("@ ").split_whitespace();
        let mut is_empty = true;
        while let Some(word) = words.next() {
            is_empty = false;
            if word.contains(':') {
                let (sign, clock) = word.strip_prefix('-').map_or((1, word), |clock| (-1, clock));
                let seconds = sign * clock_seconds(clock.trim_start_matches('+'))?;
                interval.seconds = interval.seconds.checked_add(seconds)?;
                continue;
            }
            let amount: i64 = word.parse().ok()?;
            interval.add_unit(amount, words.next().unwrap_or("seconds"))?;
        }
        (!is_empty).then_some(interval)
    }

    fn add_unit(&mut self, amount: i64, unit: &str) -> Option<()> {
        let unit = unit.to_ascii_lowercase();
        let (part, size) = match unit.strip_suffix('s').unwrap_or(&unit) {
            "year" | "yr" | "y" => (&mut self.months, 12),
            "mon" | "month" => (&mut self.months, 1),
            "decade" => (&mut self.months, 120),
            "century" | "centurie" => (&mut self.months, 1200),
            "week" | "w" => (&mut self.days, 7),
            "day" | "d" => (&mut self.days, 1),
            "hour" | "hr" | "h" => (&mut self.seconds, 3600),
            "minute" | "min" | "m" => (&mut self.seconds, 60),
            "second" | "sec" | "" => (&mut self.seconds, 1),
            _ => return None,
        };
        *part = part.checked_add(amount.checked_mul(size)?)?;
        Some(())
    }

    /// As the server writes it, near enough that [`Interval::read`] reads it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = write!(text, "{} mons {} days {} seconds", self.months, self.days, self.seconds);
        text
    }

    /// Its length as the server compares it: a month has 30 days and a day 24 hours.
    pub const fn length(&self) -> i128 {
        (self.months as i128 * 30 + self.days as i128) * DAY as i128 + self.seconds as i128
    }

    /// Every part times `factor`.
    pub fn times(&self, factor: i64) -> Option<Self> {
        Some(Self {
            months: self.months.checked_mul(factor)?,
            days: self.days.checked_mul(factor)?,
            seconds: self.seconds.checked_mul(factor)?,
        })
    }

    /// The sum; `None` on overflow.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_add(other.months)?,
            days: self.days.checked_add(other.days)?,
            seconds: self.seconds.checked_add(other.seconds)?,
        })
    }

    /// The second that is this much after `second`.
    pub fn after(&self, second: i64) -> Option<i64> {
        if second == i64::MAX || second == i64::MIN {
            return Some(second);
        }
        let day = Day(i32::try_from(second.div_euclid(DAY)).ok()?);
        let day = day.plus_months(i32::try_from(self.months).ok()?)?;
        let day = day.plus_days(i32::try_from(self.days).ok()?)?;
        day.midnight().checked_add(second.rem_euclid(DAY))?.checked_add(self.seconds)
    }

    /// From one second to another, in days and seconds.
    pub fn between(from: i64, to: i64) -> Option<Self> {
        let seconds = to.checked_sub(from)?;
        Some(Self { months: 0, days: seconds / DAY, seconds: seconds % DAY })
    }

    /// `age(to, from)`: whole months first, then days, then seconds.
    pub fn age(from: i64, to: i64) -> Option<Self> {
        if from > to {
            return Self::age(to, from)?.times(-1);
        }
        let (start, end) = (civil_of(from)?, civil_of(to)?);
        let mut months = (i64::from(end.0.year()) - i64::from(start.0.year())) * 12
            + i64::from(end.0.month())
            - i64::from(start.0.month());
        let mut days = i64::from(end.0.day()) - i64::from(start.0.day());
        let mut seconds = end.1 - start.1;
        if seconds < 0 {
            seconds += DAY;
            days -= 1;
        }
        if days < 0 {
            // The server borrows the length of the earlier date's month.
            days += i64::from(start.0.days_in_month());
            months -= 1;
        }
        Some(Self { months, days, seconds })
    }
}

/// The day and its second.
fn civil_of(second: i64) -> Option<(civil::Date, i64)> {
    let days = second.div_euclid(DAY);
    let date = civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    Some((date, second.rem_euclid(DAY)))
}

/// `EXTRACT(field FROM ...)` of a second.
pub fn part(field: &str, second: i64) -> Option<i64> {
    let (date, rest) = civil_of(second)?;
    let year = i64::from(date.year());
    Some(match field.to_ascii_lowercase().as_str() {
        "year" => year,
        "month" => i64::from(date.month()),
        "day" => i64::from(date.day()),
        "quarter" => i64::from((date.month() - 1) / 3 + 1),
        "dow" => i64::from(date.weekday().to_sunday_zero_offset()),
        "isodow" => i64::from(date.weekday().to_monday_one_offset()),
        "doy" => i64::from(date.day_of_year()),
        "week" => i64::from(date.iso_week_date().week()),
        "isoyear" => i64::from(date.iso_week_date().year()),
        "decade" => year.div_euclid(10),
        "century" => (year + 99).div_euclid(100),
        "hour" => rest / 3600,
        "minute" => rest / 60 % 60,
        "second" => rest % 60,
        "epoch" => second,
        _ => return None,
    })
}

/// `EXTRACT(field FROM ...)` of an interval. Its epoch has years of 365.25 days.
pub fn part_of_interval(field: &str, interval: &Interval) -> Option<i64> {
    let Interval { months, days, seconds } = *interval;
    Some(match field.to_ascii_lowercase().as_str() {
        "year" => months / 12,
        "month" => months % 12,
        "day" => days,
        "hour" => seconds / 3600,
        "minute" => seconds / 60 % 60,
        "second" => seconds % 60,
        "epoch" => {
            let years = (months / 12).checked_mul(DAY * 1461 / 4)?;
            years
                .checked_add(months % 12 * 30 * DAY)?
                .checked_add(days.checked_mul(DAY)?)?
                .checked_add(seconds)?
        }
        _ => return None,
    })
}

/// `date_trunc(field, ...)`.
pub fn truncated(field: &str, second: i64) -> Option<i64> {
    let (date, rest) = civil_of(second)?;
    let start = |date: civil::Date| Day::from_date(date).midnight();
    Some(match field.to_ascii_lowercase().as_str() {
        "second" | "seconds" => second,
        "minute" | "minutes" => second - rest % 60,
        "hour" | "hours" => second - rest % 3600,
        "day" | "days" => second - rest,
        "week" => second - rest - i64::from(date.weekday().to_monday_zero_offset()) * DAY,
        "month" => start(date.first_of_month()),
        "quarter" => start(civil::Date::new(date.year(), (date.month() - 1) / 3 * 3 + 1, 1).ok()?),
        "year" => start(date.first_of_year()),
        _ => return None,
    })
}
