//! A database URL as libpq reads it. Its parameters are parted from the rest here, because sqlx passes
//! by what it does not know: a parameter that asks for safety which we cannot give must be refused.

use crate::error::{Error, Result};

/// Parameters that sqlx reads, and reads as libpq does.
const PASSED_ON: [&str; 8] =
    ["host", "hostaddr", "port", "dbname", "user", "password", "application_name", "options"];

/// Parameters that [`Url::get`] is asked for, with the variable that stands in for each.
const READ: [(&str, &str); 19] = [
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslcertmode", "PGSSLCERTMODE"),
    ("sslcrl", "PGSSLCRL"),
    ("sslcrldir", "PGSSLCRLDIR"),
    ("sslpassword", ""),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    ("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("gssencmode", "PGGSSENCMODE"),
    ("require_auth", "PGREQUIREAUTH"),
    ("requirepeer", "PGREQUIREPEER"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    // Prisma's.
    ("schema", ""),
    ("sslaccept", ""),
    // Files that say more than the URL does.
    ("service", ""),
];

/// Parameters of libpq and of other clients that change nothing for us, and nothing of safety: which of
/// several hosts, how a dead connection is noticed, how an app pools its connections.
const HARMLESS: [&str; 24] = [
    "client_encoding",
    "fallback_application_name",
    "gssdelegation",
    "gsslib",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "ssl",
    "sslcompression",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
    "connection_limit",
    "pgbouncer",
    "pool_timeout",
    "socket_timeout",
    "statement_cache_size",
    "statement-cache-capacity",
    "prepareThreshold",
    "prepared_statements",
    "supa",
];

/// A URL without its parameters, and these.
#[derive(Debug, PartialEq, Eq)]
pub struct Url {
    base: String,
    parameters: Vec<(String, String)>,
}

impl Url {
    /// Parts a URL.
    ///
    /// # Errors
    /// What is wrong with it, without repeating it: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let scheme = ["postgres://", "postgresql://"].iter().find(|scheme| text.starts_with(**scheme));
        let Some(scheme) = scheme else { return Err("it does not begin with postgres://".into()) };
        let end = text[scheme.len()..].find(['/', '?', '#']).map_or(text.len(), |at| scheme.len() + at);
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        // Or what follows, which we print, would be a piece of the password.
        let is_cut = |rest: &str| !text[..end].contains('@') && rest.contains('@');
        let mut keys = query.split('&').filter_map(|pair| pair.split('=').next());
        if is_cut(&base[end.min(base.len())..]) || keys.any(is_cut) || base.contains('#') {
            return Err("a / ? or # stands in the user or the password".into());
        }
        let host = text[..end].rsplit('@').next().unwrap_or_default();
        if host.contains(',') {
            return Err("it names several hosts, and we go to one: that of the primary".into());
        }
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let parameters = pairs.map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((known_as(&decode(key)?), decode(value)?))
        });
        Ok(Self { base: base.to_owned(), parameters: parameters.collect::<Result<_, String>>()? })
    }

    /// The URL for sqlx, with what it reads as libpq does.
    pub fn for_sqlx(&self) -> String {
        let mut url = with_host(&self.base);
        let mut separator = '?';
        let is_passed_on =
            |key: &str| PASSED_ON.contains(&key) || key.starts_with("options[") && key.ends_with(']');
        for (key, value) in self.parameters.iter().filter(|(key, _)| is_passed_on(key)) {
            url.push_str(&format!("{separator}{}={}", encode(key), encode(value)));
            separator = '&';
        }
        url
    }

    /// The value of a parameter, else of the variable that stands in for it; the last one counts.
    pub fn get(&self, key: &str) -> Option<String> {
        let found = self.parameters.iter().rfind(|(name, _)| name == key);
        if let Some((_, value)) = found {
            return Some(value.clone()).filter(|value| !value.is_empty());
        }
        let (_, variable) = READ.iter().find(|(name, _)| *name == key)?;
        if variable.is_empty() {
            return None;
        }
        std::env::var(variable).ok().filter(|value| !value.is_empty())
    }

    /// Whether the URL itself has the parameter.
    pub fn has(&self, key: &str) -> bool {
        self.parameters.iter().any(|(name, _)| name == key)
    }

    /// The parameters that are passed by, as nobody here knows them.
    pub fn ignored(&self) -> Vec<String> {
        let is_known = |key: &str| {
            PASSED_ON.contains(&key)
                || HARMLESS.contains(&key)
                || key.starts_with("options[")
                || READ.iter().any(|(name, _)| *name == key)
        };
        let mut ignored: Vec<String> =
            self.parameters.iter().map(|(key, _)| key.clone()).filter(|key| !is_known(key)).collect();
        ignored.dedup();
        ignored
    }

    /// Refuses what asks for safety, or for another place, in a way that we cannot follow.
    ///
    /// # Errors
    /// Usage, with what can be said instead.
    pub fn check(&self) -> Result<()> {
        for (key, value) in READ.iter().filter_map(|(key, _)| Some((*key, self.get(key)?))) {
            if let Some((why, hint)) = cannot(key, &value) {
                return Err(Error::usage(format!("{key}={value} of the database URL cannot be kept: {why}"))
                    .with_hint(hint));
            }
        }
        // A slip in one of these would take safety away without a word.
        match self.ignored().iter().find(|key| key.starts_with("ssl") || key.starts_with("tls")) {
            None => Ok(()),
            Some(key) => {
                Err(Error::usage(format!("the database URL has a parameter {key}, which is unknown"))
                    .with_hint("those for TLS are sslmode, sslrootcert, sslcert, sslkey and sslcertmode"))
            }
        }
    }
}

/// What libpq and sqlx call `key`.
fn known_as(key: &str) -> String {
    let name = match key {
        "ssl-mode" => "sslmode",
        "ssl-root-cert" | "ssl-ca" => "sslrootcert",
        "ssl-cert" => "sslcert",
        "ssl-key" => "sslkey",
        "servicefile" | "passfile" => "service",
        key => key,
    };
    name.to_owned()
}

/// Why `key` cannot have `value` here, and what to do about it.
fn cannot(key: &str, value: &str) -> Option<(&'static str, &'static str)> {
    match (key, value) {
        ("channel_binding", "prefer" | "disable")
        | ("gssencmode", "prefer" | "disable")
        | ("sslnegotiation", "postgres")
        | ("sslcertmode", "allow" | "disable")
        | ("sslaccept", "accept_invalid_certs")
        | ("ssl_min_protocol_version", "TLSv1" | "TLSv1.1" | "TLSv1.2")
        | ("ssl_max_protocol_version", "TLSv1.3") => None,
        ("channel_binding", "require") => Some((
            "our client library (sqlx) has no SCRAM-SHA-256-PLUS",
            "channel_binding=prefer goes without; sslmode=verify-full&sslrootcert=system (or a file) also \
             makes sure that it is the server that is meant",
        )),
        ("sslaccept", _) => Some((
            "it is Prisma's word for what libpq calls sslmode=verify-full",
            "say that instead: sslmode=verify-full&sslrootcert=system, or sslrootcert=FILE",
        )),
        ("sslpassword", _) => {
            Some(("keys with a passphrase cannot be read", "name a key without one as sslkey"))
        }
        ("service", _) => Some((
            "service and password files are not read from the URL",
            "PGPASSFILE and ~/.pgpass are read; say all else in the URL",
        )),
        ("sslcrl" | "sslcrldir", _) => {
            Some(("revoked certificates cannot be told here", "leave it out if that will do"))
        }
        ("gssencmode" | "require_auth" | "requirepeer", _) => {
            Some(("our client library (sqlx) has no such thing", "leave it out if TLS will do: sslmode"))
        }
        ("channel_binding" | "sslcertmode" | "sslnegotiation", _)
        | ("ssl_min_protocol_version" | "ssl_max_protocol_version", _) => Some((
            "our client library speaks TLS 1.2 or 1.3, begun by PostgreSQL's own request, and knows no such value",
            "leave it out if that will do",
        )),
        _ => None,
    }
}

/// libpq takes a URL without a host (`postgres://user@/crm?host=/run/postgresql`); sqlx asks for
/// one, which a socket's directory in the parameters then overrides.
fn with_host(url: &str) -> String {
    let Some(start) = url.find("://").map(|at| at + 3) else { return url.to_owned() };
    let end = url[start..].find(['/', '?']).map_or(url.len(), |at| start + at);
    let host = url[start..end].rfind('@').map_or(start, |at| start + at + 1);
    if host == end || url[host..].starts_with(':') {
        format!("{}localhost{}", &url[..host], &url[host..])
    } else {
        url.to_owned()
    }
}

/// Undoes `%40`. A `+` is a plus, as libpq has it; web forms and sqlx take it for a blank.
fn decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first != b'%' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(byte.ok_or("a % in it is not followed by two hexadecimal digits")?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).map_err(|_| "it is no UTF-8 text".into())
}

fn encode(text: &str) -> String {
    let as_it_is = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    let mut encoded = String::new();
    for byte in text.as_bytes() {
        match as_it_is(byte) {
            true => encoded.push(char::from(*byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(parameters: &str) -> Url {
        Url::parse(&format!("postgres://app@localhost/crm?{parameters}")).expect("a URL")
    }

    #[test]
    fn a_url_without_a_host_gets_one() {
        assert_eq!(with_host("postgres://a@b/c"), "postgres://a@b/c");
        assert_eq!(with_host("postgres:///c"), "postgres://localhost/c");
    }

    #[test]
    fn sqlx_gets_what_it_reads_as_libpq_does() {
        let url = url("sslmode=disable&password=a+b%26c&x=1&options=-csearch_path%3Dsales&pgbouncer=true");
        let for_sqlx = url.for_sqlx();
        assert_eq!(for_sqlx, "postgres://app@localhost/crm?password=a%2Bb%26c&options=-csearch_path%3Dsales");
        assert_eq!(url.get("sslmode").as_deref(), Some("disable"));
        assert_eq!(url.ignored(), ["x"]);
    }

    #[test]
    fn what_others_say_in_a_url_does_no_harm() {
        let url = url(
            "pgbouncer=true&connection_limit=1&schema=public&sslaccept=accept_invalid_certs&keepalives=1\
             &target_session_attrs=read-write&gssencmode=prefer&channel_binding=prefer&connect_timeout=3",
        );
        url.check().expect("nothing against it");
        assert_eq!(url.ignored(), [""; 0]);
    }

    #[test]
    fn safety_that_cannot_be_given_is_refused() {
        for (parameter, reason) in [
            ("channel_binding=require", "SCRAM-SHA-256-PLUS"),
            ("sslmod=require", "a parameter sslmod, which is unknown"),
            ("sslaccept=strict", "verify-full"),
            ("sslcrl=revoked.pem", "revoked"),
            ("require_auth=scram-sha-256", "no such thing"),
            ("gssencmode=require", "no such thing"),
            ("ssl_min_protocol_version=TLSv1.3", "TLS 1.2 or 1.3"),
            ("sslnegotiation=direct", "begun by PostgreSQL's own request"),
            ("passfile=secrets", "PGPASSFILE"),
        ] {
            let error = url(parameter).check().expect_err(parameter);
            let told = format!("{error} {}", error.hint().unwrap_or_default());
            assert!(told.contains(reason), "{told}");
        }
    }

    #[test]
    fn no_piece_of_a_password_is_taken_for_something_else() {
        for text in [
            "postgres://app:12/secret@localhost/crm",
            "postgres://app:12?secret@localhost/crm",
            "postgres://app:12#secret@localhost/crm",
            "postgres://app:12%secret@localhost/crm?user=%x",
            "postgres://app:secret@one,two/crm",
        ] {
            let error = Url::parse(text).expect_err(text);
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
