//! The text of an expression in pieces.

/// A piece of the text.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A name or a key word.
    Word(String),
    /// A name in quotation marks.
    Quoted(String),
    /// A string constant, without its quotes.
    Text(String),
    /// The digits of a number.
    Number(String),
    /// An operator, a bracket, a comma.
    Symbol(String),
}

impl Token {
    /// As it stands in the text, to be told of.
    pub fn shown(&self) -> &str {
        match self {
            Self::Word(text)
            | Self::Quoted(text)
            | Self::Text(text)
            | Self::Number(text)
            | Self::Symbol(text) => text,
        }
    }
}

/// Splits SQL text into tokens.
///
/// # Errors
/// The part that is not a token.
pub fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(&c) = chars.get(at) {
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let (token, end) = token(&chars, at, c)?;
        tokens.push(token);
        at = end;
    }
    Ok(tokens)
}

fn token(chars: &[char], start: usize, c: char) -> Result<(Token, usize), String> {
    let open = || "an unclosed quotation mark".to_owned();
    let run = |is: &dyn Fn(char) -> bool| {
        chars[start..].iter().position(|c| !is(*c)).map_or(chars.len(), |length| start + length)
    };
    let piece = |end: usize| chars[start..end].iter().collect::<String>();
    let next = chars.get(start + 1).copied();
    if c == '\'' || c == '"' {
        let (content, end) = quoted(chars, start, c, false).ok_or_else(open)?;
        return Ok((if c == '\'' { Token::Text(content) } else { Token::Quoted(content) }, end));
    }
    if c == 'E' && next == Some('\'') {
        let (content, end) = quoted(chars, start + 1, '\'', true).ok_or("an escape string constant")?;
        return Ok((Token::Text(content), end));
    }
    if c.is_alphabetic() || c == '_' {
        let end = run(&|c| c.is_alphanumeric() || c == '_' || c == '$');
        return Ok((Token::Word(piece(end)), end));
    }
    if c.is_ascii_digit() || (c == '.' && next.is_some_and(|next| next.is_ascii_digit())) {
        let end = number_end(chars, start);
        return Ok((Token::Number(piece(end)), end));
    }
    if "()[],.".contains(c) {
        return Ok((Token::Symbol(c.to_string()), start + 1));
    }
    if c == ':' {
        let end = start + 1 + usize::from(next == Some(':'));
        return Ok((Token::Symbol(piece(end)), end));
    }
    let end = run(&|c| "<>=!~*+-/|&%^#@?`".contains(c));
    if end == start { Err(format!("`{c}`")) } else { Ok((Token::Symbol(piece(end)), end)) }
}

fn number_end(chars: &[char], start: usize) -> usize {
    let digits = |from: usize| {
        let rest = chars.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|c| c.is_ascii_digit() || **c == '.').count()
    };
    let end = digits(start);
    if !matches!(chars.get(end), Some('e' | 'E')) {
        return end;
    }
    let signed = end + 1 + usize::from(matches!(chars.get(end + 1), Some('+' | '-')));
    if chars.get(signed).is_some_and(char::is_ascii_digit) { digits(signed) } else { end }
}

/// What stands between quotation marks, doubled ones meaning one, and where it ends.
fn quoted(chars: &[char], start: usize, mark: char, has_escapes: bool) -> Option<(String, usize)> {
    let (mut content, mut at) = (String::new(), start + 1);
    loop {
        let c = *chars.get(at)?;
        let next = chars.get(at + 1).copied();
        if c == mark && next == Some(mark) {
            content.push(mark);
            at += 2;
        } else if c == mark {
            return Some((content, at + 1));
        } else if c == '\\' && has_escapes {
            let (escaped, end) = escaped(chars, at + 1)?;
            content.push(escaped);
            at = end;
        } else {
            content.push(c);
            at += 1;
        }
    }
}

/// The character that an escape stands for. Those of octal digits are not read.
fn escaped(chars: &[char], at: usize) -> Option<(char, usize)> {
    let hex = |digits: usize| {
        let text: String = chars.get(at + 1..at + 1 + digits)?.iter().collect();
        Some((char::from_u32(u32::from_str_radix(&text, 16).ok()?)?, at + 1 + digits))
    };
    Some(match *chars.get(at)? {
        'n' => ('\n', at + 1),
        't' => ('\t', at + 1),
        'r' => ('\r', at + 1),
        'b' => ('\u{8}', at + 1),
        'f' => ('\u{c}', at + 1),
        'x' => return hex(2),
        'u' => return hex(4),
        'U' => return hex(8),
        '0'..='7' => return None,
        c => (c, at + 1),
    })
}
