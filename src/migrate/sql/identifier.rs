//! Names of tables, columns and types as a user writes them on the command line, and as SQL wants them.

use crate::error::{Error, Result};
use crate::sql::quote_identifier;

/// The most bytes of a name; the server cuts off what is longer.
pub const MOST_BYTES: usize = 63;

/// Hexadecimal digits that tell apart names which were cut.
const DIGITS: usize = 6;

/// A name, perhaps with its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    pub schema: Option<String>,
    pub name: String,
}

impl Identifier {
    /// Reads `table` or `schema.table`. A part is taken as it is written, in its case; a dot that belongs to it
    /// stands in double quotes.
    ///
    /// # Errors
    /// It is empty, has more parts, or a part that the server would not take.
    pub fn parse(text: &str, option: &str) -> Result<Self> {
        let mut parts = parts(text, option)?;
        match (parts.pop(), parts.pop(), parts.pop()) {
            (Some(name), schema, None) => Ok(Self { schema, name }),
            _ => Err(Error::usage(format!("{option} {text}: expected TABLE or SCHEMA.TABLE"))),
        }
    }

    /// Another name in the same schema.
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        Self { schema: self.schema.clone(), name: name.into() }
    }

    /// As SQL wants it.
    pub fn sql(&self) -> String {
        let name = quote_identifier(&self.name);
        match &self.schema {
            Some(schema) => format!("{}.{name}", quote_identifier(schema)),
            None => name,
        }
    }
}

/// The parts of a dotted name.
///
/// # Errors
/// A quote that is not closed; an empty part, or one that the server would not take.
pub fn parts(text: &str, option: &str) -> Result<Vec<String>> {
    let (mut parts, mut part, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.next_if_eq(&'"').is_some() => part.push('"'),
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    parts.push(part);
    if is_quoted {
        return Err(Error::usage(format!("{option} {text}: a double quote is not closed")));
    }
    parts.iter().try_for_each(|part| check(part, option))?;
    Ok(parts)
}

/// Checks a name that is used as it is written.
///
/// # Errors
/// It is empty, too long, or has characters that make no name.
pub fn check(name: &str, option: &str) -> Result<()> {
    let fault = |why: String| Err(Error::usage(format!("{option}: {why}")));
    match name {
        "" => fault("a name is empty".to_owned()),
        name if name.len() > MOST_BYTES => {
            fault(format!("{name} has {} bytes; PostgreSQL takes {MOST_BYTES}", name.len()))
        }
        name if name.chars().any(char::is_control) => fault("a name contains a control character".to_owned()),
        _ => Ok(()),
    }
}

/// A name that is put together, within the length that the server takes: what is longer is cut, and ends with a
/// fingerprint of the whole, so that two of them stay two.
pub fn fitted(name: &str) -> String {
    fitted_with(name, "")
}

/// `name` and `end` together, within the length that the server takes; it is the name that gives way.
pub fn fitted_with(name: &str, end: &str) -> String {
    if name.len() + end.len() <= MOST_BYTES {
        return format!("{name}{end}");
    }
    let fingerprint = blake3::hash(name.as_bytes()).to_hex();
    let mut length = MOST_BYTES - end.len() - DIGITS - 1;
    while !name.is_char_boundary(length) {
        length -= 1;
    }
    format!("{}_{}{end}", &name[..length], &fingerprint[..DIGITS])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_as_it_is_written() {
        let sql = |text: &str| Identifier::parse(text, "--table").map(|name| name.sql());
        assert_eq!(sql("organizations").expect("a name"), "organizations");
        assert_eq!(sql("crm.User").expect("a name"), "crm.\"User\"");
        assert_eq!(sql("\"a.b\".\"c\"\"d\"").expect("a name"), "\"a.b\".\"c\"\"d\"");
        for bad in ["", "a.", ".a", "a.b.c", "\"a", "a\nb"] {
            assert!(sql(bad).is_err(), "{bad}");
        }
        assert!(sql(&"a".repeat(64)).is_err());
    }

    #[test]
    fn what_is_put_together_fits() {
        assert_eq!(fitted("idx_a_b"), "idx_a_b");
        let (one, two) = (format!("{}1", "ä".repeat(40)), format!("{}2", "ä".repeat(40)));
        assert!(fitted(&one).len() <= MOST_BYTES && fitted(&one) != fitted(&two));
        let deprecated = fitted_with(&"x".repeat(60), "_deprecated");
        assert!(deprecated.len() <= MOST_BYTES && deprecated.ends_with("_deprecated"), "{deprecated}");
    }
}
