//! PostgreSQL's regular expressions, which are those of POSIX with more escapes, in the language of the
//! `regex` crate.

use std::iter::Peekable;
use std::str::Chars;

type Source<'a> = Peekable<Chars<'a>>;

/// The same expression for the `regex` crate.
///
/// # Errors
/// What of it that crate does not have: look-around and references back.
pub fn translated(source: &str) -> Result<String, String> {
    if let Some(literal) = source.strip_prefix("***=") {
        return Ok(regex_syntax::escape(literal));
    }
    let source = source.strip_prefix("***:").unwrap_or(source);
    let (mut made, rest) = options(source)?;
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => escape(&mut chars, &mut made)?,
            '[' => bracket(&mut chars, &mut made)?,
            '(' if chars.next_if_eq(&'?').is_some() => match chars.next() {
                Some(':') => made.push_str("(?:"),
                _ => return Err("look-around in a pattern".into()),
            },
            '{' if chars.peek().is_some_and(char::is_ascii_digit) => {
                made.push('{');
                made.extend(std::iter::from_fn(|| chars.next_if(|c| c.is_ascii_digit() || *c == ',')));
            }
            // The end of what the arm above began: one by itself means itself to that crate, too.
            '}' => made.push('}'),
            '$' | '^' | '.' | '*' | '+' | '?' | '|' | '(' | ')' => made.push(c),
            c => made.push_str(&regex_syntax::escape(&c.to_string())),
        }
    }
    Ok(made)
}

/// The options at the beginning, `(?i)`, and what follows them.
fn options(source: &str) -> Result<(String, &str), String> {
    let none = (String::new(), source);
    let Some((letters, rest)) = source.strip_prefix("(?").and_then(|rest| rest.split_once(')')) else {
        return Ok(none);
    };
    if letters.is_empty() || !letters.bytes().all(|letter| letter.is_ascii_lowercase()) {
        return Ok(none);
    }
    let mut made = String::new();
    for letter in letters.chars() {
        match letter {
            'i' => made.push_str("(?i)"),
            'c' => made.push_str("(?-i)"),
            's' | 't' => {}
            _ => return Err(format!("the pattern option `{letter}`")),
        }
    }
    Ok((made, rest))
}

fn unknown(c: Option<char>) -> String {
    format!("`\\{}` in a pattern", c.map(String::from).unwrap_or_default())
}

/// An escape outside of brackets.
fn escape(chars: &mut Source, made: &mut String) -> Result<(), String> {
    let known = match chars.peek() {
        Some('d') => "[0-9]",
        Some('D') => "[^0-9]",
        Some('w') => r"\w",
        Some('W') => r"\W",
        Some('s') => r"\s",
        Some('S') => r"\S",
        Some('A') => r"\A",
        Some('Z') => r"\z",
        Some('y') => r"\b",
        Some('Y') => r"\B",
        Some('m') => r"\b{start}",
        Some('M') => r"\b{end}",
        _ => {
            made.push_str(&regex_syntax::escape(&character(chars)?.to_string()));
            return Ok(());
        }
    };
    chars.next();
    made.push_str(known);
    Ok(())
}

/// The character that an escape stands for.
fn character(chars: &mut Source) -> Result<char, String> {
    let c = chars.next();
    Ok(match c.ok_or_else(|| unknown(None))? {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'B' => '\\',
        'e' => '\u{1b}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '0' if !chars.peek().is_some_and(char::is_ascii_digit) => '\0',
        'u' => hex(chars, 4).ok_or_else(|| unknown(c))?,
        'U' => hex(chars, 8).ok_or_else(|| unknown(c))?,
        'x' => hex(chars, 255).ok_or_else(|| unknown(c))?,
        other if other.is_alphanumeric() => return Err(unknown(c)),
        other => other,
    })
}

fn hex(chars: &mut Source, most: usize) -> Option<char> {
    let digits = std::iter::from_fn(|| chars.next_if(char::is_ascii_hexdigit)).take(most);
    char::from_u32(u32::from_str_radix(&digits.collect::<String>(), 16).ok()?)
}

/// What may stand in brackets.
enum Item {
    One(char),
    Class(&'static str),
}

/// What stands behind `[`.
fn bracket(chars: &mut Source, made: &mut String) -> Result<(), String> {
    let open = || "an unclosed bracket in a pattern".to_owned();
    let rest: String = chars.clone().take(6).collect();
    for (edge, known) in [("[:<:]]", r"\b{start}"), ("[:>:]]", r"\b{end}")] {
        if rest == edge {
            chars.nth(5);
            made.push_str(known);
            return Ok(());
        }
    }
    made.push('[');
    if chars.next_if_eq(&'^').is_some() {
        made.push('^');
    }
    let mut is_first = true;
    loop {
        let c = chars.next().ok_or_else(open)?;
        if c == ']' && !is_first {
            made.push(']');
            return Ok(());
        }
        is_first = false;
        match item(c, chars)? {
            Item::Class(class) => made.push_str(class),
            Item::One(from) => {
                made.push_str(&inside(from));
                let mut ahead = chars.clone();
                if ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']') {
                    chars.next();
                    let c = chars.next().ok_or_else(open)?;
                    let Item::One(to) = item(c, chars)? else { return Err("a range in a pattern".into()) };
                    made.push('-');
                    made.push_str(&inside(to));
                }
            }
        }
    }
}

/// A character in brackets, where more of them mean something to that crate than to the server.
fn inside(c: char) -> String {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        format!("\\x{{{:x}}}", u32::from(c))
    } else {
        c.to_string()
    }
}

fn item(c: char, chars: &mut Source) -> Result<Item, String> {
    match c {
        '\\' => {
            let class = match chars.peek() {
                Some('d') => "0-9",
                Some('D') => "[^0-9]",
                Some('w') => r"\w",
                Some('W') => r"\W",
                Some('s') => r"\s",
                Some('S') => r"\S",
                _ => return character(chars).map(Item::One),
            };
            chars.next();
            Ok(Item::Class(class))
        }
        '[' => match chars.peek().copied() {
            Some(mark @ (':' | '.' | '=')) => named(mark, chars),
            _ => Ok(Item::One(c)),
        },
        c => Ok(Item::One(c)),
    }
}

/// `[:alpha:]`, `[.-.]`, `[=a=]`.
fn named(mark: char, chars: &mut Source) -> Result<Item, String> {
    chars.next();
    let name: String = std::iter::from_fn(|| chars.next_if(|c| *c != mark)).collect();
    chars.next();
    let mut letters = name.chars();
    if chars.next() != Some(']') {
        return Err("an unclosed bracket in a pattern".into());
    }
    if mark != ':' {
        return match (letters.next(), letters.next()) {
            (Some(c), None) => Ok(Item::One(c)),
            _ => Err(format!("`{name}` in a pattern")),
        };
    }
    Ok(Item::Class(match name.as_str() {
        "alpha" => r"\p{L}",
        "alnum" => r"\p{L}\p{N}",
        "digit" => "0-9",
        "upper" => r"\p{Lu}",
        "lower" => r"\p{Ll}",
        "word" => r"\w",
        "space" => r"\s",
        "blank" => r" \t",
        "cntrl" => r"\p{Cc}",
        "punct" => r"[[:punct:]\p{P}\p{S}]",
        "graph" => r"[^\s\p{C}]",
        "print" => r"[^\s\p{C}] ",
        "xdigit" => "0-9a-fA-F",
        _ => return Err(format!("`{name}` in a pattern")),
    }))
}
