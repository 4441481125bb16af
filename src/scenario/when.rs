//! Dates and times in files: fixed, or relative to the as-of date.

use crate::calendar::Day;
use crate::domain::explicit::When;
use crate::suggestion::quoted;

/// What a date looks like.
pub const A_DATE: &str = "a date such as \"2024-02-29\", \"as_of\" or \"as_of+30d\"";
/// What a time looks like.
pub const A_TIME: &str = "a time such as \"2024-02-29\", \"as_of-3d 14:30\" or \"2024-12-31T23:59:59-05:00\"";

/// Why a text is no date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It does not look like one.
    Shape,
    /// It looks like one, but no calendar or clock has it.
    Unreal,
    /// It is outside the years 1 to 9999.
    OutOfRange,
}

/// What is wrong with a `text` for `name`, which is `expected` to be a date or a time.
pub fn wrong(name: &str, expected: &str, text: &str, wrong: Wrong) -> String {
    let shown = quoted(text);
    match wrong {
        Wrong::Shape => format!("{name} must be {expected}, not the string {shown}"),
        Wrong::Unreal => format!("{name} {shown}: no such date or time"),
        Wrong::OutOfRange => format!("{name} {shown} is outside the years 1 to 9999"),
    }
}

/// Reads a date: `2024-02-29`, `as_of`, `as_of-1y+2m`.
pub fn date(text: &str) -> Result<When, Wrong> {
    let (when, rest) = day(text)?;
    if !rest.is_empty() {
        return Err(Wrong::Shape);
    }
    when.day(Day::DEFAULT_AS_OF).map(|_| when).ok_or(Wrong::OutOfRange)
}

/// A moment: a day and, where it is given, a time of it.
pub fn time(text: &str) -> Result<When, Wrong> {
    let (mut when, rest) = day(text)?;
    if let Some(clock) = rest.strip_prefix([' ', 'T']) {
        when.seconds = seconds(clock)?;
    } else if !rest.is_empty() {
        return Err(Wrong::Shape);
    }
    when.second(Day::DEFAULT_AS_OF).map(|_| when).ok_or(Wrong::OutOfRange)
}

/// A day and what stands behind it.
fn day(text: &str) -> Result<(When, &str), Wrong> {
    if let Some(rest) = text.strip_prefix("as_of") {
        return relative(rest);
    }
    let (date, rest) = text.split_at_checked(10).ok_or(Wrong::Shape)?;
    let shaped = date.bytes().enumerate().all(|(i, b)| match i {
        4 | 7 => b == b'-',
        _ => b.is_ascii_digit(),
    });
    if !shaped {
        return Err(Wrong::Shape);
    }
    let date: jiff::civil::Date = date.parse().map_err(|_| Wrong::Unreal)?;
    if date.year() < 1 {
        return Err(Wrong::OutOfRange);
    }
    Ok((When { day: Some(Day::from_date(date)), months: 0, days: 0, seconds: 0 }, rest))
}

/// Terms such as `+30d`, and what stands behind them.
fn relative(mut rest: &str) -> Result<(When, &str), Wrong> {
    let mut when = When { day: None, months: 0, days: 0, seconds: 0 };
    while let Some(term) = rest.strip_prefix(['+', '-']) {
        let sign = if rest.starts_with('-') { -1 } else { 1 };
        let digits = term.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = term.split_at(digits);
        if digits == 0 {
            return Err(Wrong::Shape);
        }
        let number: i32 = number.parse().map_err(|_| Wrong::OutOfRange)?;
        let (total, each) = match unit.bytes().next() {
            Some(b'd') => (&mut when.days, 1),
            Some(b'w') => (&mut when.days, 7),
            Some(b'm') => (&mut when.months, 1),
            Some(b'y') => (&mut when.months, 12),
            _ => return Err(Wrong::Shape),
        };
        let sum = number.checked_mul(sign * each).and_then(|n| total.checked_add(n));
        *total = sum.ok_or(Wrong::OutOfRange)?;
        rest = &unit[1..];
    }
    Ok((when, rest))
}

/// Seconds after midnight UTC of `14:30`, `14:30:00` or `14:30:00-05:00`.
fn seconds(clock: &str) -> Result<i64, Wrong> {
    let (clock, offset) = match clock.find(['Z', '+', '-']) {
        Some(i) => (&clock[..i], offset(&clock[i..])?),
        None => (clock, 0),
    };
    let mut parts = clock.split(':');
    let (hour, minute) = (two_digits(parts.next())?, two_digits(parts.next())?);
    let second = if let Some(part) = parts.next() { two_digits(Some(part))? } else { 0 };
    if parts.next().is_some() {
        return Err(Wrong::Shape);
    }
    if hour > 23 || minute > 59 || second > 59 {
        return Err(Wrong::Unreal);
    }
    Ok(hour * 3600 + minute * 60 + second - offset)
}

/// Seconds that `Z` or `-05:00` are ahead of UTC.
fn offset(text: &str) -> Result<i64, Wrong> {
    if text == "Z" {
        return Ok(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) =
        text.strip_prefix(['+', '-']).and_then(|text| text.split_once(':')).ok_or(Wrong::Shape)?;
    let (hours, minutes) = (two_digits(Some(hours))?, two_digits(Some(minutes))?);
    // No clock on Earth was ever more than that from UTC, and PostgreSQL takes no more.
    if hours > 15 || minutes > 59 {
        return Err(Wrong::Unreal);
    }
    Ok(sign * (hours * 3600 + minutes * 60))
}

fn two_digits(text: Option<&str>) -> Result<i64, Wrong> {
    match text.unwrap_or_default().as_bytes() {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Ok(i64::from(a - b'0') * 10 + i64::from(b - b'0')),
        _ => Err(Wrong::Shape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(day: Option<&str>, months: i32, days: i32, seconds: i64) -> When {
        When { day: day.map(|day| day.parse().expect("a day")), months, days, seconds }
    }

    #[test]
    fn dates_and_times_are_read_as_documented() {
        assert_eq!(date("2024-02-29"), Ok(made(Some("2024-02-29"), 0, 0, 0)));
        assert_eq!(date("as_of"), Ok(made(None, 0, 0, 0)));
        assert_eq!(date("as_of-1y+2m"), Ok(made(None, -10, 0, 0)));
        assert_eq!(date("as_of+2w-1d"), Ok(made(None, 0, 13, 0)));
        assert_eq!(time("as_of-3d 14:30"), Ok(made(None, 0, -3, 52_200)));
        assert_eq!(time("2024-12-31T23:59:59-05:00"), Ok(made(Some("2024-12-31"), 0, 0, 86_399 + 18_000)));
        assert_eq!(time("2024-12-31 00:00Z"), Ok(made(Some("2024-12-31"), 0, 0, 0)));
        assert!(date("0001-01-01").is_ok() && date("9999-12-31").is_ok());
    }

    #[test]
    fn everything_else_is_refused() {
        let shape =
            ["", "as of", "as_of+", "as_of+d", "as_of+3", "as_of+3h", "as_of 14:30", "as_of+-3d", "AS_OF"];
        let more = ["tomorrow", "2024-2-29", "20240229", "2024-02-29 ", "+2024-01-01", "2024‐02‐29"];
        for text in shape.iter().chain(&more) {
            assert_eq!(date(text), Err(Wrong::Shape), "{text}");
        }
        for text in ["2023-02-29", "2024-13-01", "2024-00-10"] {
            assert_eq!(date(text), Err(Wrong::Unreal), "{text}");
        }
        for text in ["0000-01-01", "as_of+99999999999d", "as_of+2147483647y", "as_of+9000y", "as_of-2100y"] {
            assert_eq!(date(text), Err(Wrong::OutOfRange), "{text}");
        }
        for text in ["as_of 1:30", "as_of 14:30:00.5", "as_of 14", "as_of 14:30 ", "2024-01-01T10:00+5"] {
            assert_eq!(time(text), Err(Wrong::Shape), "{text}");
        }
        for text in ["as_of 24:00", "as_of 23:60", "as_of 23:59:60", "as_of 10:00+16:00"] {
            assert_eq!(time(text), Err(Wrong::Unreal), "{text}");
        }
        assert_eq!(time("0001-01-01T00:00:00+05:00"), Err(Wrong::OutOfRange));
        assert_eq!(time("9999-12-31T23:00:00-05:00"), Err(Wrong::OutOfRange));
    }
}
