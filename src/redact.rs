//! Secrets taken out of what people read: passwords of database URLs, and the values of parameters that
//! are called like one, in URLs and in libpq's `key=value` strings.
//!
//! Nobody can tell for sure where a password ends that has `@`, `/`, `?` or a blank in it. So too much is
//! masked rather than too little: from the user's `:` to the last `@` that there is.

use std::ops::Range;

/// What stands in for a secret.
const MASK: &str = "***";
/// How our own texts show what a URL looks like: nobody's password.
const EXAMPLE: &str = "user:password@host";
/// Parts of the names of parameters whose values are secrets; the third is a common slip.
const SECRET: [&str; 5] = ["pass", "pwd", "pasw", "secret", "token"];
/// Parameters of a URL whose values are shown. Others may be a slip for `password`, or the rest of one.
const SHOWN: [&str; 17] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "connection_limit",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "pgbouncer",
    "port",
    "schema",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
    "user",
];

/// `text` without its secrets: a message, in which URLs and parameters stand among words.
pub fn text(text: &str) -> String {
    masked(text, Extent::Word)
}

/// `value` without its secrets, where all of it is one argument: there a blank parts nothing, and what
/// stands before an `@` may be the end of a password that the shell has cut at a blank.
pub fn argument(value: &str) -> String {
    if !value.contains("://")
        && !value.contains('=')
        && let Some((_, after)) = value.rsplit_once('@')
    {
        return format!("{MASK}@{after}");
    }
    masked(value, Extent::All)
}

/// Both are looked for in the text as it was given: a part of one may look like the other.
fn masked(text: &str, extent: Extent) -> String {
    let mut secrets = passwords(text, extent);
    secrets.extend(parameters(text, extent));
    secrets.extend(literals(text));
    secrets.extend(loose(text));
    secrets.sort_by_key(|secret| secret.start);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (at, Range { start, end }) in secrets.into_iter().enumerate() {
        if at == 0 || start > done {
            out.push_str(&text[done..start]);
            out.push_str(MASK);
        }
        done = done.max(end);
    }
    out.push_str(&text[done..]);
    out
}

/// Whether `value` names a database, as a URL or as libpq's `key=value` string.
pub fn is_database(value: &str) -> bool {
    let starts = |word: &str| value.split_whitespace().any(|part| part.starts_with(word));
    value.contains("postgres://")
        || value.contains("postgresql://")
        || value.contains("DATABASE_URL=")
        || ["host=", "dbname=", "password="].iter().any(|key| starts(key))
}

/// Whether an `@` in `url` stands so far behind that the password may have a `/`, `?` or `#` in it. Its
/// rest would be taken for the host, which is told and connected to.
pub fn is_torn(url: &str) -> bool {
    let Some((_, after)) = url.split_once("://") else { return false };
    let (authority, rest) = after.split_at(after.find(['/', '?', '#']).unwrap_or(after.len()));
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let is_value = |pair: &str| {
        let key = pair.split('=').next().unwrap_or_default();
        SHOWN.contains(&key) || SECRET.iter().any(|part| key.contains(part))
    };
    let is_loose = |pair: &str| pair.contains('@') && !is_value(pair);
    user.contains(':') && (path.contains('@') || query.split('&').any(is_loose))
}

/// How far a secret may reach whose end nothing tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// To the next blank.
    Word,
    /// Everything to the end of the text.
    All,
}

impl Extent {
    fn end(self, text: &str) -> usize {
        match self {
            Self::Word => text.find(char::is_whitespace).unwrap_or(text.len()),
            Self::All => text.len(),
        }
    }
}

/// Where the literals of SQL statements are that set a password: `PASSWORD 'secret'`.
fn literals(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut secrets = Vec::new();
    for (at, word) in lower.match_indices("password") {
        let behind = at + word.len();
        let rest = &text[behind..];
        let quote = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '=', 'E', 'e']).len();
        if quote > 0 && rest[quote..].starts_with('\'') {
            let start = behind + quote + 1;
            let length = text[start..].find('\'').unwrap_or(text.len() - start);
            secrets.push(start..start + length);
        }
    }
    secrets
}

/// Where the passwords are in what was meant as a URL: `user:secret@host`.
fn loose(text: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut start = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let end = word.rfind('@');
        let colon = word.find(':').filter(|colon| !word[colon + 1..].starts_with("//"));
        if let (Some(colon), Some(end)) = (colon, end)
            && colon + 1 < end
            && !word.contains(EXAMPLE)
        {
            secrets.push(start + colon + 1..start + end);
        }
        start += word.len();
    }
    secrets
}

/// Where the passwords of URLs are.
fn passwords(text: &str, extent: Extent) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut done = 0;
    while let Some(at) = text[done..].find("://") {
        done += at + 3;
        if let Some(secret) = password(&text[done..], extent) {
            secrets.push(done + secret.start..done + secret.end);
            done += secret.end;
        }
    }
    secrets
}

/// Where the password is in what follows `://`.
fn password(after: &str, extent: Extent) -> Option<Range<usize>> {
    if after.starts_with(EXAMPLE) {
        return None;
    }
    let token = &after[..extent.end(after)];
    let user = user(token);
    let start = user + token[user..].find(':')? + 1;
    if token[..start - 1].ends_with(['\'', '"', '`']) {
        // The URL was quoted and has ended: the colon is that of a sentence.
        return None;
    }
    let line = match extent {
        Extent::All => after,
        Extent::Word => after.split('\n').next().unwrap_or_default(),
    };
    let rest = &line[start..];
    let is_port = is_port(rest);
    // `user@host:5432/name`: what follows the port in a sentence is no part of it.
    let is_over = is_port || rest.is_empty() || rest.starts_with(char::is_whitespace);
    let reach = if user > 0 && is_over { token } else { line };
    if let Some(at) = reach[start..].rfind('@') {
        return Some(start..start + at);
    }
    if is_over {
        return None;
    }
    // The end is missing: cut at a line's end, or by the shell.
    let end = after[start..].rfind('@').map_or(token.len(), |at| start + at);
    Some(start..end)
}

/// Where the host begins that stands behind a user without a password: `user@`, and the brackets of an
/// IPv6 address, whose colons are not those of a password. 0 where there is no such user.
fn user(token: &str) -> usize {
    let host = match (token.find('@'), token.find(':')) {
        (Some(at), Some(colon)) if at < colon => at + 1,
        _ => 0,
    };
    match token[host..].starts_with('[').then(|| token[host..].find(']')).flatten() {
        Some(end) => host + end,
        None => host,
    }
}

/// Whether `text` begins with a port, and not with a longer word that begins with digits.
fn is_port(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let ends = |c: char| c.is_whitespace() || "/?#,;:.)]'\"`".contains(c);
    (1..=5).contains(&digits) && text[digits..].chars().next().is_none_or(ends)
}

/// Where the values of parameters are that are secret.
fn parameters(text: &str, extent: Extent) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut done = 0;
    for (at, _) in text.match_indices('=') {
        if at < done {
            continue;
        }
        let (key, in_url) = key(&text[done..at]);
        let name = key.to_ascii_lowercase();
        let is_secret = SECRET.iter().any(|part| name.contains(part));
        let is_shown = !in_url || SHOWN.contains(&name.as_str());
        if is_shown && !is_secret {
            continue;
        }
        let value = &text[at + 1..];
        let blanks = if in_url { 0 } else { value.len() - value.trim_start_matches(' ').len() };
        let length = match (is_secret, in_url) {
            // What looks like the next parameter may be the rest of the password.
            (true, true) => extent.end(value),
            (true, false) => blanks + keyword_value(&value[blanks..], extent),
            (false, _) => value[..extent.end(value)].find('&').unwrap_or_else(|| extent.end(value)),
        };
        if length > blanks {
            done = at + 1 + length;
            secrets.push(at + 1..done);
        }
    }
    secrets
}

/// The name that ends `before`, with blanks behind it as libpq has it, and whether it stands in a URL.
fn key(before: &str) -> (&str, bool) {
    let before = before.trim_end_matches(' ');
    let is_part = |c: char| c.is_alphanumeric() || "_-.%[]".contains(c);
    let start = before.rfind(|c| !is_part(c)).map_or(0, |at| at + char_length(before, at));
    (&before[start..], before[..start].ends_with(['?', '&']))
}

fn char_length(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// How long a value of a `key=value` string is: a word, or what stands in quotes.
fn keyword_value(value: &str, extent: Extent) -> usize {
    let Some(quote) = value.chars().next().filter(|c| ['\'', '"'].contains(c)) else {
        return extent.end(value);
    };
    let mut escaped = false;
    for (at, c) in value.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + extent.end(&value[at..]),
            _ => {}
        }
    }
    value.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn passwords_of_urls_are_masked() {
        for (given, wanted) in [
            ("at postgres://u:s3cret@h:5432/db: no", "at postgres://u:***@h:5432/db: no"),
            ("'postgres://u:a@b/c?d#e f'g@h/db' found", "'postgres://u:***@h/db' found"),
            ("postgres://:s3cret@h", "postgres://:***@h"),
            ("postgres://me@corp:s3cret@h/db", "postgres://me@corp:***@h/db"),
            ("postgres://u:12345@h", "postgres://u:***@h"),
            ("postgres://u:12/s3cret@h/db", "postgres://u:***@h/db"),
            ("postgres://u:a://b@h", "postgres://u:***@h"),
            ("mysql://u:s3cret@h and http://x:y@z", "mysql://u:***@z"),
            // The shell has cut it at a blank, or a line has ended in it.
            ("'postgres://u:s3cret' found", "'postgres://u:*** found"),
            ("postgres://u:s3\ncret@h/db", "postgres://u:***@h/db"),
        ] {
            assert_eq!(text(given), wanted);
        }
    }

    #[test]
    fn texts_without_a_secret_stay_as_they_are() {
        for given in [
            "cannot connect to postgres://app@127.0.0.1:5432/crm: no answer from me@example.com",
            "cannot connect to postgres://app@[::1]:5433/crm: connection refused",
            "postgres://app@/crm?host=/run/pg&port=5999: role me@example.com is not there",
            "postgres://localhost:5432/crm: connection refused",
            "postgres://[::1]:5432/crm",
            "see https://example.com/docs, and 'postgres://h/db': both",
            "it looks like postgres://user:password@host:5432/database; characters such as @ : / in it",
            "sslmode=verify-full&sslrootcert=system also makes sure",
            "password authentication failed for user \"locked\"",
            "add ?options=-cdefault_transaction_read_only%3Doff to the database URL",
            "rows = 3 of a = b",
        ] {
            assert_eq!(text(given), given);
        }
    }

    #[test]
    fn parameters_called_like_a_password_are_masked() {
        for (given, wanted) in [
            ("postgres://h/db?sslpassword=a&b no", "postgres://h/db?sslpassword=*** no"),
            ("postgres://h/db?host=x&pasword=a b", "postgres://h/db?host=x&pasword=*** b"),
            ("postgres://h/db?sslmode=x&pw=a&port=1", "postgres://h/db?sslmode=x&pw=***&port=1"),
            ("host=h password='a \\' b' user=u", "host=h password=*** user=u"),
            ("host=h password = abc user=u", "host=h password =*** user=u"),
            ("sslpassword=abc of the URL", "sslpassword=*** of the URL"),
            ("PGPASSWORD=abc", "PGPASSWORD=***"),
            ("password='never closed", "password=***"),
        ] {
            assert_eq!(text(given), wanted);
        }
    }

    #[test]
    fn an_argument_is_masked_as_a_whole() {
        for (given, wanted) in [
            ("postgres://u:s3\ncr et@h/db", "postgres://u:***@h/db"),
            ("postgres://u:s3 cret", "postgres://u:***"),
            ("cret@h/db", "***@h/db"),
            ("host=h password=two words", "host=h password=***"),
            ("DATABASE_URL=postgres://u:a@h/b@h/db", "DATABASE_URL=postgres://u:***@h/db"),
            ("--seed", "--seed"),
            ("postgres://app@[::1]:5433/crm", "postgres://app@[::1]:5433/crm"),
        ] {
            assert_eq!(argument(given), wanted);
        }
        assert!(is_database("postgres://h") && is_database("host=h user=u") && !is_database("demo"));
    }

    #[test]
    fn a_torn_password_is_noticed() {
        for url in ["p://u:a@b/c@h/db", "p://u:a@b?c@h/db", "p://u:a@b#c@h", "p://u:a@b?x=c@h/db"] {
            assert!(is_torn(url), "{url}");
        }
        for url in [
            "p://u:a@b@h/db",
            "p://u@h/d@b",
            "p://h/db?user=me@corp&password=a@b",
            "p://u:p@h/db?user=me@corp&sslmode=require",
            "p://u:p@h/d%40b",
        ] {
            assert!(!is_torn(url), "{url}");
        }
    }

    /// What cannot be told from the rest of the text, wherever it comes from.
    fn is_plain(secret: &str, rest: &str) -> bool {
        secret.len() < 4 || rest.contains(secret) || MASK.contains(secret)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn no_password_is_left_in_a_url(
            secret in "[a-z0-9@/?#:&=%'\"$!~ é-]{4,20}",
            scheme in "postgres(ql)?|mysql|https",
            user in "[a-z0-9_.%-]{0,8}",
            host in "([a-z.]{1,12}|\\[::1\\]|10\\.0\\.0\\.1)(:[0-9]{2,5})?",
            tail in "(/[a-z_]{0,8})?(\\?sslmode=require)?",
            (before, after) in prop_oneof![
                Just(("error: unexpected argument '", "' found\n\nUsage: crm-seed\n")),
                Just(("cannot read ", ": No such file")),
                Just(("", "")),
            ],
        ) {
            let rest = format!("{before}{scheme}://{user}:@{host}{tail}{after}");
            let url = format!("{scheme}://{user}:{secret}@{host}{tail}");
            prop_assume!(!is_plain(&secret, &rest) && !format!("{user}:{secret}@{host}").starts_with(EXAMPLE));
            let told = text(&format!("{before}{url}{after}"));
            prop_assert!(!told.contains(&secret), "{}", told);
            prop_assert!(!argument(&url).contains(&secret));
            prop_assert!(told.ends_with(after.trim_start_matches(['\'', ':'])), "{}", told);
        }

        #[test]
        fn no_password_is_left_in_a_parameter(
            secret in "[a-zA-Z0-9@/?#:&=%'\"$!~é-]{4,20}",
            key in "(ssl)?password|PGPASSWORD|pasword|access_token",
            before in "postgres://(u@)?h(:[0-9]{4})?/db\\?(sslmode=require&)?",
        ) {
            let rest = format!("{before}{key}= found");
            prop_assume!(!is_plain(&secret, &rest));
            let told = text(&format!("{before}{key}={secret} found"));
            prop_assert!(!told.contains(&secret), "{}", told);
            let given = format!("{before}{key}={secret}");
            prop_assert!(!argument(&given).contains(&secret));
        }

        #[test]
        fn no_password_is_left_in_a_keyword_string(
            secret in "[a-z0-9@/?#:&=%'\"$!~ é\\\\-]{4,20}",
            blanks in "( ?= ?)",
        ) {
            let value = format!("'{}'", secret.replace('\\', "\\\\").replace('\'', "\\'"));
            let told = text(&format!("invalid value 'host=h password{blanks}{value} user=u' for it"));
            prop_assume!(!is_plain(&secret, "invalid value 'host=h password = user=u' for it"));
            let inner = &value[1..value.len() - 1];
            prop_assert!(!told.contains(inner) && !told.contains(&secret), "{}", told);
        }

        #[test]
        fn any_text_is_taken(given in any::<String>()) {
            text(&given);
            argument(&given);
        }
    }
}
