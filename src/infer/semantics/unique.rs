//! Texts that do not repeat.

use crate::infer::abbreviate::{abbreviate, is_host};

/// `base` with `number` in it, in at most `max_length` characters (of which there must be enough for the
/// digits).
///
/// Invariant: two numbers never share a text, whatever their bases are and whatever becomes of the case:
/// where the text ends in a digit, its last run of digits is the number, and a mark stands before it; else it is
/// a mailbox, and the run of digits before its last `@` is, or a host, and the one before its top level is.
pub fn unique_text(base: &str, number: u64, max_length: Option<usize>) -> String {
    let base = base.trim();
    let room = max_length.unwrap_or(usize::MAX);
    let plain = number.to_string();
    let made = match Form::of(base) {
        // Digits of its own would run into the number.
        Form::Mailbox(local, host) => around((local.trim_end_matches(is_digit), ""), &plain, host, '@', room),
        Form::Host(name, top) => around((name, "-"), &plain, top, '.', room),
        Form::Page => joined(base, "/", &plain, room),
        Form::Telephone => joined(base, " x", &plain, room)
            .filter(|text| text.starts_with(base))
            .or_else(|| abbreviate(&telephone(number)?, room, &[]).filter(|text| text.len() >= TEN)),
        Form::Token => token(base, &plain, room),
        Form::Slug => joined(base, "-", &plain, room),
        Form::Code => joined(base, "-", &format!("{number:04}"), room),
        Form::Words => joined(base, " ", &plain, room),
    };
    // No room for the shape: the number alone, which is shorter than any text above with the same digits.
    made.unwrap_or_else(|| bare(number, room))
}

/// Digits of a telephone number.
const TEN: usize = 10;
/// Telephone numbers that are reserved for fiction in an area code, and area codes.
const OF_AREA: u64 = 100;
const AREAS: u64 = 800;

/// The telephone number that says a number, where there are so many.
fn telephone(number: u64) -> Option<String> {
    let area = Some(number / OF_AREA).filter(|area| *area < AREAS)? + 1000 - AREAS;
    Some(format!("({area}) 555-01{:02}", number % OF_AREA))
}

/// What a text is.
enum Form<'a> {
    Mailbox(&'a str, &'a str),
    Host(&'a str, &'a str),
    Page,
    Telephone,
    /// A secret in hexadecimal digits.
    Token,
    Slug,
    Code,
    Words,
}

impl<'a> Form<'a> {
    fn of(base: &'a str) -> Self {
        let mailbox = base.rsplit_once('@').filter(|(local, domain)| {
            let is_one = !local.is_empty() && !local.contains(char::is_whitespace);
            is_one && domain.contains('.') && is_domain(domain)
        });
        match (mailbox, base.rsplit_once('.')) {
            (Some((local, domain)), _) => Self::Mailbox(local, domain),
            (None, Some((name, top))) if is_host(base) => Self::Host(name, top),
            _ if base.contains("://") => Self::Page,
            _ if is_telephone(base) => Self::Telephone,
            _ if is_token(base) => Self::Token,
            _ if is_slug(base) => Self::Slug,
            _ if is_code(base) => Self::Code,
            _ => Self::Words,
        }
    }
}

/// Letters that a token has at least, so that no word or number is taken for one.
const TOKEN: usize = 12;

fn is_token(text: &str) -> bool {
    let is_hexadecimal = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    text.len() >= TOKEN && text.chars().all(is_hexadecimal) && text.contains(is_digit)
}

/// The token with the number as its last digits, behind a letter.
fn token(base: &str, digits: &str, room: usize) -> Option<String> {
    let head = base.len().min(room).checked_sub(digits.len() + 1)?;
    Some(format!("{}f{digits}", &base[..head]))
}

/// A number at the end of a head, before a tail that stays.
fn around(
    (head, mark): (&str, &str),
    digits: &str,
    tail: &str,
    between: char,
    room: usize,
) -> Option<String> {
    let tail = format!("{between}{tail}");
    joined(head, mark, digits, room.checked_sub(tail.chars().count())?).map(|text| text + &tail)
}

/// A number behind a mark, and as much of a head before it as there is room for.
fn joined(head: &str, mark: &str, digits: &str, room: usize) -> Option<String> {
    let left = room.checked_sub(mark.len() + digits.len()).filter(|left| *left > 0)?;
    let head: String = head.chars().take(left).collect();
    let is_idle = |c: char| c.is_whitespace() || c == '-' || (mark.is_empty() && is_digit(c));
    let head = head.trim_end_matches(is_idle);
    Some(format!("{}{mark}{digits}", if head.is_empty() { "x" } else { head }))
}

/// The digits of `number`, the last ones where there is no room for all.
fn bare(number: u64, room: usize) -> String {
    let digits = number.to_string();
    digits.get(digits.len().saturating_sub(room)..).unwrap_or_default().to_owned()
}

const fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn is_domain(text: &str) -> bool {
    // One that ended in a digit would make the text end as those of no mailbox do.
    text.ends_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
}

/// `(504) 555-0155`, and what is written like it.
fn is_telephone(text: &str) -> bool {
    let digits = text.chars().filter(|c| is_digit(*c)).count();
    let is_sign = |c: char| is_digit(c) || matches!(c, ' ' | '(' | ')' | '+' | '-' | '.');
    (10..=11).contains(&digits) && text.contains("555") && text.chars().all(is_sign)
}

fn is_slug(text: &str) -> bool {
    text.contains(['-', '_', '.'])
        && text.chars().any(|c| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
}

fn is_code(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
}
