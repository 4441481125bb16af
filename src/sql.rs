//! Names and texts as SQL wants them.

/// `name` as SQL wants it: quoted unless it is plain lower case and no reserved word.
pub fn quote_identifier(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain && !is_reserved(name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// `text` as an SQL string literal.
pub fn quote_literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// PostgreSQL's fully reserved words, and those that only functions and types may bear
/// (Appendix C of its manual).
fn is_reserved(name: &str) -> bool {
    const RESERVED: &str = " all analyse analyze and any array as asc asymmetric authorization binary both case cast check \
collate collation column concurrently constraint create cross current_catalog current_date current_role \
current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except \
false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull \
join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order \
outer overlaps placing primary references returning right select session_user similar some symmetric \
system_user table tablesample then to trailing true union unique user using variadic verbose when where window with ";
    RESERVED.contains(&format!(" {name} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_literals_are_quoted_where_they_must_be() {
        assert_eq!(quote_identifier("created_at"), "created_at");
        assert_eq!(quote_identifier("order"), "\"order\"");
        assert_eq!(quote_identifier("camelCase"), "\"camelCase\"");
        assert_eq!(quote_identifier("a\"b"), "\"a\"\"b\"");
        assert_eq!(quote_literal("it's"), "'it''s'");
        assert_eq!(quote_literal("a\\'b"), "E'a\\\\''b'");
    }
}
