//! What functions make of texts.

use crate::sqlexpr::cast::text_of;
use crate::sqlexpr::numbers::whole;
use crate::sqlexpr::outcome::{EvalError, Outcome};
use crate::sqlexpr::pattern::{self, Pattern};
use crate::sqlexpr::value::Value;

/// The longest text that is made here: nobody's check needs more, and a typing error must not fill memory.
const LONGEST: usize = 1 << 20;

/// `char_length`.
pub fn count(text: &str) -> Outcome {
    Ok(Value::Number(text.chars().count().into()))
}

/// Its bytes; those of a `bytea` where it is written like one.
pub fn octets(text: &str) -> Outcome {
    let digits = text.strip_prefix("\\x").filter(|digits| digits.len().is_multiple_of(2));
    let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    Ok(Value::Number(digits.map_or(text.len(), |digits| digits.len() / 2).into()))
}

/// Character by character, as the server does it: none becomes two.
pub fn lower(text: &str) -> String {
    text.chars().map(|c| single(c, c.to_lowercase())).collect()
}

/// `upper`.
pub fn upper(text: &str) -> String {
    text.chars().map(|c| single(c, c.to_uppercase())).collect()
}

fn single(c: char, mut cased: impl Iterator<Item = char>) -> char {
    match (cased.next(), cased.next()) {
        (Some(cased), None) => cased,
        _ => c,
    }
}

/// `initcap`.
pub fn capitalized(text: &str) -> String {
    let mut is_within = false;
    let cased = text.chars().map(|c| {
        let cased = if is_within { single(c, c.to_lowercase()) } else { single(c, c.to_uppercase()) };
        is_within = c.is_alphanumeric();
        cased
    });
    cased.collect()
}

/// `btrim`, `ltrim`, `rtrim`: spaces, or any of the characters of the second argument.
///
/// # Errors
/// Where an argument is no text.
pub fn trimmed(arguments: &[Value], at_start: bool, at_end: bool) -> Outcome {
    let text = text_of(&arguments[0])?;
    let set = arguments.get(1).map_or(Ok(" ".to_owned()), text_of)?;
    let is_in = |c: char| set.contains(c);
    let mut text = text.as_str();
    if at_start {
        text = text.trim_start_matches(is_in);
    }
    if at_end {
        text = text.trim_end_matches(is_in);
    }
    Ok(Value::from(text))
}

/// The place of the first `part`, from 1; 0 where there is none.
pub fn position(text: &str, part: &str) -> Outcome {
    let at = text.find(part).map_or(0, |at| text[..at].chars().count() + 1);
    Ok(Value::Number(at.into()))
}

/// By place and length, or what a regex finds.
///
/// # Errors
/// Where an argument does not fit.
pub fn substring(arguments: &[Value]) -> Outcome {
    let text = text_of(&arguments[0])?;
    if let (Value::Text(source), 2) = (&arguments[1], arguments.len()) {
        let pattern = Pattern::of_row(source, false, false).map_err(|_| EvalError::Unsupported)?;
        return Ok(pattern.found(&text).map_or(Value::Null, Value::from));
    }
    let start = whole(&arguments[1])?;
    let end = match arguments.get(2).map(whole).transpose()? {
        Some(length) if length < 0 => return Err(EvalError::ServerError),
        Some(length) => start.saturating_add(length),
        None => i64::MAX,
    };
    let characters = (1_i64..).zip(text.chars()).filter(|(at, _)| (start..end).contains(at));
    Ok(Value::Text(characters.map(|(_, c)| c).collect()))
}

/// The first characters; without the last where the number is negative.
pub fn left(text: &str, number: i64) -> Outcome {
    Ok(Value::Text(text.chars().take(places(text, number)).collect()))
}

/// The last characters; without the first where the number is negative.
pub fn right(text: &str, number: i64) -> Outcome {
    let left_out = text.chars().count().saturating_sub(places(text, number));
    Ok(Value::Text(text.chars().skip(left_out).collect()))
}

fn places(text: &str, number: i64) -> usize {
    let size = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
    if number < 0 { text.chars().count().saturating_sub(size) } else { size }
}

/// `replace`.
///
/// # Errors
/// Where the text would be too long.
pub fn replaced(text: &str, from: &str, to: &str) -> Outcome {
    if text.len().saturating_mul(to.len().max(1)) > LONGEST {
        return Err(EvalError::Unsupported);
    }
    Ok(Value::Text(if from.is_empty() { text.to_owned() } else { text.replace(from, to) }))
}

/// `repeat`.
///
/// # Errors
/// Where the text would be too long.
pub fn repeated(text: &str, times: i64) -> Outcome {
    let times = usize::try_from(times.max(0)).unwrap_or(usize::MAX);
    if text.len().saturating_mul(times) > LONGEST {
        return Err(EvalError::Unsupported);
    }
    Ok(Value::Text(text.repeat(times)))
}

/// `lpad` and `rpad`: filled to so many characters, or cut to them.
///
/// # Errors
/// Where the text would be too long.
pub fn padded(arguments: &[Value], at_start: bool) -> Outcome {
    let text = text_of(&arguments[0])?;
    let length = usize::try_from(whole(&arguments[1])?.max(0)).unwrap_or(usize::MAX);
    let fill = arguments.get(2).map_or(Ok(" ".to_owned()), text_of)?;
    if length > LONGEST {
        return Err(EvalError::Unsupported);
    }
    let room = length.saturating_sub(text.chars().count());
    let fill: String = fill.chars().cycle().take(if fill.is_empty() { 0 } else { room }).collect();
    let kept: String = text.chars().take(length).collect();
    Ok(Value::Text(if at_start { fill + &kept } else { kept + &fill }))
}

/// `split_part`, from the end where the number is negative.
///
/// # Errors
/// Where the number is 0.
pub fn split_part(text: &str, between: &str, number: i64) -> Outcome {
    let parts: Vec<&str> = if between.is_empty() { vec![text] } else { text.split(between).collect() };
    let size = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
    let at = match number {
        0 => return Err(EvalError::ServerError),
        1.. => size - 1,
        _ => parts.len().wrapping_sub(size),
    };
    Ok(Value::from(parts.get(at).copied().unwrap_or_default()))
}

/// `string_to_array`.
pub fn split(text: &str, between: &str) -> Outcome {
    Ok(Value::List(match (text, between) {
        ("", _) => Vec::new(),
        (_, "") => vec![Value::from(text)],
        _ => text.split(between).map(Value::from).collect(),
    }))
}

/// Those that are not NULL, with `between` between them.
///
/// # Errors
/// Where one of them has no certain text.
pub fn joined(items: &[Value], between: &str) -> Outcome {
    let texts = items.iter().filter(|item| !item.is_null()).map(shown);
    Ok(Value::Text(texts.collect::<Result<Vec<_>, _>>()?.join(between)))
}

/// These functions write values as they are printed, where truth is a letter.
fn shown(value: &Value) -> Result<String, EvalError> {
    match value {
        Value::Bool(value) => Ok(if *value { "t" } else { "f" }.to_owned()),
        other => text_of(other),
    }
}

/// `regexp_replace(text, pattern, to[, flags])`.
///
/// # Errors
/// Where the pattern or a flag cannot be read.
pub fn regexp_replace(arguments: &[Value]) -> Outcome {
    let flags = arguments.get(3).map_or(Ok(String::new()), text_of)?;
    if flags.contains(|flag| !"gi".contains(flag)) {
        return Err(EvalError::Unsupported);
    }
    let pattern = Pattern::of_row(&text_of(&arguments[1])?, false, flags.contains('i'))
        .map_err(|_| EvalError::Unsupported)?;
    let (text, to) = (text_of(&arguments[0])?, text_of(&arguments[2])?);
    pattern.replaced(&text, &to, flags.contains('g')).map(Value::Text).ok_or(EvalError::Unsupported)
}

/// `regexp_like(text, pattern[, flags])`.
///
/// # Errors
/// Where the pattern or a flag cannot be read.
pub fn regexp_like(arguments: &[Value]) -> Outcome {
    let flags = arguments.get(2).map_or(Ok(String::new()), text_of)?;
    if flags.contains(|flag| flag != 'i') {
        return Err(EvalError::Unsupported);
    }
    let pattern =
        Pattern::of_row(&text_of(&arguments[1])?, false, flags == "i").map_err(|_| EvalError::Unsupported)?;
    Ok(Value::Bool(pattern.matches(&text_of(&arguments[0])?)))
}

/// The regex of a pattern of SIMILAR TO.
///
/// # Errors
/// Where it has an escape of its own.
pub fn similar(arguments: &[Value]) -> Outcome {
    if arguments.get(1).is_some_and(|escape| escape.as_text() != Some("\\")) {
        return Err(EvalError::Unsupported);
    }
    Ok(Value::Text(pattern::similar(&text_of(&arguments[0])?)))
}

/// A pattern of LIKE whose escape is a backslash, as it is where nothing else is said.
///
/// # Errors
/// Where the escape is not one character.
pub fn like_escape(source: &str, escape: &str) -> Outcome {
    let mut given = escape.chars();
    let escape = match (given.next(), given.next()) {
        (escape, None) => escape,
        _ => return Err(EvalError::ServerError),
    };
    let (mut made, mut chars) = (String::new(), source.chars());
    while let Some(c) = chars.next() {
        if Some(c) == escape {
            made.push('\\');
            made.extend(chars.next());
        } else if c == '\\' {
            made.push_str("\\\\");
        } else {
            made.push(c);
        }
    }
    Ok(Value::Text(made))
}
