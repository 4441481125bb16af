//! A database URL as libpq reads it. Its parameters are parted from the rest here, because sqlx passes
//! by what it does not know: a parameter that asks for safety which we cannot give must be refused.

use crate::error::{Error, Result};

/// Parameters that sqlx reads, and reads as libpq does.
const PASSED_ON: [&str; 5] = ["dbname", "user", "password", "application_name", "options"];

/// Parameters that [`Url::get`] is asked for, with the variable that stands in for each.
const READ: [(&str, &str); 22] = [
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
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

/// A database URL, split into its parts.
#[derive(Debug, PartialEq, Eq)]
pub struct Url {
    /// `user:password@`, or nothing.
    login: String,
    /// `/database`, or nothing.
    path: String,
    /// What stands behind the question mark; before that the host and the port, which are parameters, too.
    parameters: Vec<(String, String)>,
}

impl Url {
    /// Parts a URL.
    ///
    /// # Errors
    /// What is wrong with it, without repeating it: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let schemes = ["postgres://", "postgresql://"];
        let rest = schemes.iter().find_map(|scheme| text.strip_prefix(*scheme));
        let rest = rest.ok_or("it must start with postgres://")?;
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        // Or what follows, which we print, would be a piece of the password.
        let is_cut = |rest: &str| !authority.contains('@') && rest.contains('@');
        let mut keys = query.split('&').filter_map(|pair| pair.split('=').next());
        if is_cut(path) || keys.any(is_cut) || path.contains('#') {
            return Err("its user or password contains a / ? or #".into());
        }
        let (login, host) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        let mut parameters = place(host)?;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            parameters.push((known_as(&decode(key)?), decode(value)?));
        }
        Ok(Self { login: login.to_owned(), path: path.to_owned(), parameters })
    }

    /// The URL for sqlx, with what it reads as libpq does. It looks up the password of `host` and `port`.
    pub fn for_sqlx(&self, host: &str, port: u16) -> String {
        // Its parser asks for a host there, and takes that of the parameters.
        let mut url =
            format!("postgres://{}localhost{}?host={}&port={port}", self.login, self.path, encode(host));
        let is_passed_on =
            |key: &str| PASSED_ON.contains(&key) || key.starts_with("options[") && key.ends_with(']');
        for (key, value) in self.parameters.iter().filter(|(key, _)| is_passed_on(key)) {
            url.push_str(&format!("&{}={}", encode(key), encode(value)));
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

    /// The password, where the URL itself has one.
    pub fn password(&self) -> Option<String> {
        let named = self.parameters.iter().rfind(|(name, _)| name == "password");
        let login = || decode(self.login.strip_suffix('@')?.split_once(':')?.1).ok();
        named.map(|(_, value)| value.clone()).or_else(login).filter(|password| !password.is_empty())
    }

    /// What the URL itself says, by the variables through which libpq is told the same.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        let said = READ.iter().filter(|(key, variable)| !variable.is_empty() && self.has(key));
        said.filter_map(|(key, variable)| Some((*variable, self.get(key)?)))
    }

    /// Where the value of [`Url::get`] comes from, for messages: the parameter or the environment variable.
    pub fn source(&self, key: &str) -> String {
        match READ.iter().find(|(name, _)| *name == key) {
            Some((_, variable)) if !self.has(key) && !variable.is_empty() => (*variable).to_owned(),
            _ => format!("{key} of the database URL"),
        }
    }

    /// Whether the URL itself has the parameter.
    pub fn has(&self, key: &str) -> bool {
        self.parameters.iter().any(|(name, _)| name == key)
    }

    /// Parameters that are ignored because they are unknown.
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
                let said = if self.has(key) { key.to_owned() } else { self.source(key) };
                return Err(Error::usage(format!("{said}={value} is not supported: {why}")).with_hint(hint));
            }
        }
        // A slip in one of these would take safety away without a word.
        match self.ignored().iter().find(|key| key.starts_with("ssl") || key.starts_with("tls")) {
            None => Ok(()),
            Some(key) => Err(Error::usage(format!("unknown parameter {key} in the database URL"))
                .with_hint("the TLS parameters are sslmode, sslrootcert, sslcert, sslkey and sslcertmode")),
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
            "the client library (sqlx) does not support SCRAM-SHA-256-PLUS",
            "use channel_binding=prefer; to verify the server, add sslmode=verify-full&sslrootcert=system \
             (or a file)",
        )),
        ("sslaccept", _) => Some((
            "it is a Prisma parameter; libpq's is sslmode=verify-full",
            "use sslmode=verify-full&sslrootcert=system, or sslrootcert=FILE",
        )),
        ("sslpassword", _) => Some((
            "private keys with a passphrase cannot be read",
            "set sslkey to a key without a passphrase",
        )),
        ("service", _) => Some((
            "service and password files cannot be set in the URL",
            "use PGPASSFILE or ~/.pgpass, and write host, port, user and database in the URL",
        )),
        ("sslcrl" | "sslcrldir", _) => Some((
            "certificate revocation lists are not checked",
            "remove the parameter if you do not need it",
        )),
        ("gssencmode" | "require_auth" | "requirepeer", _) => Some((
            "the client library (sqlx) does not support it",
            "remove the parameter, or use TLS instead (sslmode)",
        )),
        ("channel_binding" | "sslcertmode" | "sslnegotiation", _)
        | ("ssl_min_protocol_version" | "ssl_max_protocol_version", _) => Some((
            "the client library supports only TLS 1.2 and 1.3 with PostgreSQL's own negotiation",
            "remove the parameter if you do not need it",
        )),
        _ => None,
    }
}

/// Host and port of the URL as parameters.
fn place(text: &str) -> Result<Vec<(String, String)>, String> {
    let (host, port) = match text.strip_prefix('[').map(|text| text.split_once(']')) {
        Some(Some((host, rest))) => (host, rest.strip_prefix(':').or(rest.is_empty().then_some(""))),
        Some(None) => (text, None),
        None => {
            let (host, port) = text.split_once(':').unwrap_or((text, ""));
            (host, Some(port).filter(|port| !port.contains(':')))
        }
    };
    let port = port.ok_or("an IPv6 address must be in brackets: [::1]:5432")?;
    // Not repeated: where the host was left out, it is the password.
    if !port.is_empty() && !port.parse::<u16>().is_ok_and(|port| port > 0) {
        return Err("its port is not a number from 1 to 65535".into());
    }
    let parameters = [("host", host), ("port", port)].into_iter().filter(|(_, value)| !value.is_empty());
    parameters.map(|(key, value)| Ok((key.to_owned(), decode(value)?))).collect()
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
        bytes.push(byte.ok_or("it contains a % that is not followed by two hexadecimal digits")?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).map_err(|_| "it is not valid UTF-8".into())
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
    fn a_host_and_a_port_are_parameters_and_the_last_one_counts() {
        let part = |text: &str, key: &str| Url::parse(text).expect("a URL").get(key).unwrap_or_default();
        for (text, host, port) in [
            ("postgres://app@db:5433/crm", "db", "5433"),
            ("postgres://db", "db", ""),
            ("postgres://app:p@ss@db/crm", "db", ""),
            ("postgresql://[::1]:5433/crm", "::1", "5433"),
            ("postgresql://[::1]", "::1", ""),
            ("postgres://%2Frun%2Fpg:5433/crm", "/run/pg", "5433"),
            ("postgres:///crm?host=/run/pg&port=1", "/run/pg", "1"),
            ("postgres://one:1/crm?host=two&port=2", "two", "2"),
        ] {
            assert_eq!((part(text, "host"), part(text, "port")), (host.into(), port.into()), "{text}");
        }
        for text in ["postgres://::1/crm", "postgres://[::1/crm", "postgres://[::1]x/crm"] {
            assert!(Url::parse(text).is_err_and(|why| why.contains("brackets")), "{text}");
        }
    }

    #[test]
    fn sqlx_gets_what_it_reads_as_libpq_does() {
        let url = url("sslmode=disable&password=a+b%26c&x=1&options=-csearch_path%3Dsales&pgbouncer=true");
        let for_sqlx = url.for_sqlx("::1", 5433);
        assert_eq!(
            for_sqlx,
            "postgres://app@localhost/crm?host=%3A%3A1&port=5433\
             &password=a%2Bb%26c&options=-csearch_path%3Dsales"
        );
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
            ("sslmod=require", "unknown parameter sslmod"),
            ("sslaccept=strict", "verify-full"),
            ("sslcrl=revoked.pem", "revocation lists"),
            ("require_auth=scram-sha-256", "does not support it"),
            ("gssencmode=require", "does not support it"),
            ("ssl_min_protocol_version=TLSv1.3", "TLS 1.2 and 1.3"),
            ("sslnegotiation=direct", "PostgreSQL's own negotiation"),
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
            "postgres://app:secret/crm",
            "postgres://app:12/secret@localhost/crm",
            "postgres://app:12?secret@localhost/crm",
            "postgres://app:12#secret@localhost/crm",
            "postgres://app:12%secret@localhost/crm?user=%x",
        ] {
            let error = Url::parse(text).expect_err(text);
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
