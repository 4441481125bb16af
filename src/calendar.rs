//! Days and seconds, as PostgreSQL writes them.
//!
//! Dates are counted in days since 1970-01-01 and times in seconds since its midnight, UTC.
//! The formatting here is ours because it runs for every row; parsing and the present day,
//! which run once, are `jiff`'s.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// A day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i32);

impl Day {
    /// The as-of date of a run that names none: fixed, so that the same command gives the same
    /// bytes next year.
    pub const DEFAULT_AS_OF: Self = Self(20_454);

    /// Today in UTC.
    pub fn today() -> Self {
        Self::from_date(today())
    }

    /// The day of the calendar.
    pub fn from_date(date: Date) -> Self {
        let days = date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24;
        Self(i32::try_from(days).expect("jiff's years end at 9999"))
    }

    /// The day `days` later, within the years 1 to 9999.
    pub fn plus_days(self, days: i32) -> Option<Self> {
        let day = self.0.checked_add(days)?;
        (Self::FIRST..=Self::LAST).contains(&day).then_some(Self(day))
    }

    /// The same day of the month `months` later, or that month's last day where it has none such,
    /// within the years 1 to 9999.
    pub fn plus_months(self, months: i32) -> Option<Self> {
        let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(self.0)).ok()?;
        let date = date.checked_add(jiff::Span::new().try_months(months).ok()?).ok()?;
        Self::from_date(date).plus_days(0)
    }

    /// 0001-01-01 and 9999-12-31.
    const FIRST: i32 = -719_162;
    const LAST: i32 = 2_932_896;

    /// The second at which this day begins.
    pub const fn midnight(self) -> i64 {
        self.0 as i64 * DAY
    }
}

/// Today's date in UTC.
pub fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Year, month and day of month. (Howard Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`.)
fn civil(day: i32) -> (i64, u32, u32) {
    let z = i64::from(day) + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year, month as u32, (doy - (153 * mp + 2) / 5 + 1) as u32)
}

/// `00` to `99`, one after the other.
static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut i = 0;
    while i < 100 {
        pairs[i] = [b'0' + (i / 10) as u8, b'0' + (i % 10) as u8];
        i += 1;
    }
    pairs
};

/// Two digits of a number below 100.
#[inline]
const fn pair(value: u32) -> [u8; 2] {
    PAIRS[(value % 100) as usize]
}

#[inline]
fn date(day: i32) -> [u8; 10] {
    let (year, month, day) = civil(day);
    let year = year as u32;
    let ([a, b], [c, d], [e, f], [g, h]) = (pair(year / 100), pair(year), pair(month), pair(day));
    [a, b, c, d, b'-', e, f, b'-', g, h]
}

/// Appends `day` as `YYYY-MM-DD`.
#[inline]
pub fn write_date(out: &mut Vec<u8>, day: i32) {
    out.extend_from_slice(&date(day));
}

/// Appends `second` as `YYYY-MM-DD HH:MM:SS+00`.
#[inline]
pub fn write_timestamp(out: &mut Vec<u8>, second: i64) {
    let rest = second.rem_euclid(DAY) as u32;
    let ([a, b], [c, d], [e, f]) = (pair(rest / 3600), pair(rest / 60 % 60), pair(rest % 60));
    let mut text = [b' '; 22];
    text[..10].copy_from_slice(&date(second.div_euclid(DAY) as i32));
    text[11..].copy_from_slice(&[a, b, b':', c, d, b':', e, f, b'+', b'0', b'0']);
    out.extend_from_slice(&text);
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Why a text is no as-of date.
#[derive(Debug, thiserror::Error)]
pub enum ParseDayError {
    /// Not `YYYY-MM-DD`, or no day of the calendar.
    #[error("not a date; write YYYY-MM-DD, for example 2026-01-01, or `today`")]
    NoDate,
    /// Generated dates reach some years to both sides and must keep four-digit years.
    #[error("out of range; the as-of date must be from 1900-01-01 to 2200-12-31")]
    OutOfRange,
}

impl FromStr for Day {
    type Err = ParseDayError;

    fn from_str(text: &str) -> Result<Self, ParseDayError> {
        if text == "today" {
            return Ok(Self::today());
        }
        let shaped = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        let date: Date = match text.parse() {
            Ok(date) if shaped => date,
            _ => return Err(ParseDayError::NoDate),
        };
        if !(1900..=2200).contains(&date.year()) {
            return Err(ParseDayError::OutOfRange);
        }
        Ok(Self::from_date(date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_six_centuries_is_written_as_the_calendar_has_it() {
        for day in -70_000..150_000 {
            let date =
                jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(day)).expect("in range");
            let mut text = Vec::new();
            write_date(&mut text, day);
            assert_eq!(String::from_utf8(text).expect("ascii"), date.to_string());
            assert_eq!(Day(day).to_string(), date.to_string());
        }
    }

    #[test]
    fn times_are_written_in_utc() {
        let mut text = Vec::new();
        write_timestamp(&mut text, 86_400 + 3_661);
        assert_eq!(text, b"1970-01-02 01:01:01+00");
    }

    #[test]
    fn days_and_months_are_added_within_four_digit_years() {
        let day = |text: &str| text.parse::<Day>().expect("a date");
        assert_eq!(day("2024-01-31").plus_months(1), Some(day("2024-02-29")));
        assert_eq!(day("2024-02-29").plus_months(-12), Some(day("2023-02-28")));
        assert_eq!(day("2023-12-31").plus_days(1), Some(day("2024-01-01")));
        assert_eq!(Day(Day::LAST).to_string(), "9999-12-31");
        assert_eq!(Day(Day::FIRST).to_string(), "0001-01-01");
        assert_eq!(Day(Day::LAST).plus_days(1), None);
        assert_eq!(Day(Day::FIRST).plus_months(-1), None);
        assert_eq!(Day(0).plus_months(i32::MAX), None);
    }

    #[test]
    fn dates_are_read_strictly() {
        assert_eq!("1970-01-11".parse::<Day>().expect("a date"), Day(10));
        assert_eq!(Day::DEFAULT_AS_OF.to_string(), "2026-01-01");
        for bad in ["", "tomorrow", "2026-02-30", "2026-13-01", "26-01-01", "20260101", "2026-01-01T00:00"] {
            assert!(bad.parse::<Day>().is_err(), "{bad}");
        }
        assert!("9999-12-31".parse::<Day>().is_err());
    }
}
