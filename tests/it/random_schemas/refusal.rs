//! Whether an error is a refusal that tells its cause, and of which kind.

use super::schema::Schema;

/// What the errors of a server say, and of work that was begun.
const TOO_LATE: [&str; 12] = [
    "violates",
    "duplicate key",
    "invalid input",
    "invalid byte",
    "out of range for type",
    "value too long",
    "malformed",
    "syntax error",
    "does not exist",
    "database error",
    "internal error",
    "server closed",
];

/// The error of a refusal.
///
/// # Errors
/// It is none: the server refused, or no table is named.
pub fn check(stderr: &str, schema: &Schema) -> Result<String, String> {
    let mut errors = stderr.lines().filter_map(|line| line.strip_prefix("error: "));
    let error = errors.next().ok_or_else(|| format!("it says no error: {stderr}"))?;
    if error.starts_with("loading ") || TOO_LATE.iter().any(|text| error.contains(text)) {
        return Err(format!("refused too late: {error}"));
    }
    if !schema.tables.iter().any(|table| error.contains(&table.name)) {
        return Err(format!("the error names no table: {error}"));
    }
    Ok(error.to_owned())
}

/// Of which kind an error is: what it says of any table.
pub fn kind(error: &str) -> &'static str {
    let has = |text: &str| error.contains(text);
    match () {
        () if has("would violate CHECK") => "a row would break a CHECK constraint",
        () if has("would be NULL") => "a row would lack a value",
        () if has("would have the same") => "two rows would have the same key",
        () if has("no way to make") => "nothing tells rows apart",
        () if has("cannot generate values for NOT NULL column") => {
            "a type that nobody knows must have a value"
        }
        () if has("form a cycle") => "foreign keys in a circle",
        () if has("is too large for") => "keys do not fit",
        () => "another reason",
    }
}
