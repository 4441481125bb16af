//! Which database is meant, and whether it may be touched.

use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use crate::db::address::Address;
use crate::db::connect::{self, Made};
use crate::db::libpq::Environment;
use crate::db::local_database::{self, Engine};
use crate::db::pooler::{self, Answer, ConnectionOrigin, Pooler};
use crate::db::tls;
use crate::db::url::Url;
use crate::error::{Error, Result};
use crate::note::{Note, NoteKind};
use crate::project;
use crate::redact;
use crate::text_file;

/// The variable that names the database.
const VARIABLE: &str = "DATABASE_URL";
/// A password manager may serve `.env` as a pipe, and ask its user first; so long it is waited for.
const PIPE: Duration = Duration::from_secs(5);

/// What the user specified about the target.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `--database-url`.
    pub url: Option<String>,
    /// `--allow-remote`: remote hosts that are allowed.
    pub allow_remote: Vec<String>,
    /// `--wait`.
    pub wait: Duration,
    /// `--engine`.
    pub engine: Engine,
}

/// A connection and where it leads.
pub struct Target {
    /// The connection. Declared before the server, so that it closes first.
    pub connection: PgConnection,
    /// Where it leads, without the password.
    pub description: String,
    /// Whether it is the PostgreSQL inside the binary.
    pub is_embedded: bool,
    /// Whether it is the local database, in which tables are crm-seed's to make.
    pub is_own: bool,
    /// Whether it is on this machine.
    pub is_local: bool,
    /// Notes about ignored parameters of the database URL.
    pub notes: Vec<Note>,
    origin: ConnectionOrigin,
    /// The pooler that the address suggests.
    by_address: Option<&'static str>,
    /// What a second connection takes; `None` for the PostgreSQL inside, which has room for one.
    pub(super) again: Option<Again>,
    /// How PostgreSQL's own programs come to it; `None` for the PostgreSQL inside.
    pub for_libpq: Option<Environment>,
    #[cfg(feature = "embedded")]
    _server: Option<crate::db::embedded::Server>,
}

/// How to come to the same server again.
#[derive(Clone)]
pub(super) struct Again {
    attempts: Vec<PgConnectOptions>,
    timeout: Option<Duration>,
    /// The address of the server; `None` for a socket file.
    peer: Option<IpAddr>,
}

impl Again {
    /// A connection to the same server and database.
    ///
    /// # Errors
    /// Unreachable; a host name that has led to another server this time.
    pub(super) async fn connect(&self) -> Result<Made> {
        let made = connect::connect(&self.attempts, Duration::ZERO, self.timeout).await?;
        if made.origin.peer != self.peer {
            return Err(Error::failed("the host name now leads to another server"));
        }
        Ok(made)
    }
}

impl Target {
    /// A second connection to the same server and database, to look at what the first one waits for.
    ///
    /// # Errors
    /// Unreachable; the PostgreSQL inside, which takes one connection at a time; a host name that has led
    /// to another server this time.
    pub async fn again(&self) -> Result<PgConnection> {
        let Some(again) = &self.again else {
            return Err(Error::failed("the embedded PostgreSQL takes one connection at a time"));
        };
        let made = again.connect().await.map_err(|error| error.context(&self.description))?;
        Ok(made.connection)
    }

    /// Another database of the same server.
    ///
    /// # Errors
    /// As for [`again`](Self::again).
    pub async fn beside(&self, database: &str) -> Result<Self> {
        let Some(again) = &self.again else {
            return Err(Error::failed("the embedded PostgreSQL has one database"));
        };
        let attempts = again.attempts.iter().map(|way| way.clone().database(database)).collect();
        let again = Again { attempts, ..again.clone() };
        let Made { connection, origin } = again.connect().await?;
        let description = again.attempts.first().map(connect::describe).unwrap_or_default();
        Ok(Self {
            connection,
            description,
            is_embedded: false,
            is_own: false,
            is_local: self.is_local,
            notes: Vec::new(),
            origin,
            by_address: self.by_address,
            again: Some(again),
            // Of the first database, where that is dumped at all.
            for_libpq: None,
            #[cfg(feature = "embedded")]
            _server: None,
        })
    }

    /// Says goodbye: the session ends sooner so than by itself.
    pub async fn close(self) {
        // What is not seen off is ended by the server.
        let _ = self.connection.close().await;
    }

    /// Whether there is a pooler, according to the probe.
    pub fn pooler(&self, answer: &Answer) -> Pooler {
        if self.is_embedded { Pooler::None } else { Pooler::detect(&self.origin, answer, self.by_address) }
    }

    /// The same, with a query of its own.
    pub async fn ask_pooler(&mut self) -> Result<Pooler> {
        if self.is_embedded {
            return Ok(Pooler::None);
        }
        let answer = pooler::ask(&mut self.connection).await?;
        Ok(answer.map_or(Pooler::Unknown, |answer| self.pooler(&answer)))
    }
}

/// A database URL, and where it was found.
struct Found {
    url: String,
    place: &'static str,
}

async fn find(wanted: &Wanted) -> Result<Option<Found>> {
    let found = look(wanted).await?;
    match found.as_ref().filter(|found| redact::is_torn(&found.url)) {
        None => Ok(found),
        Some(Found { place, .. }) => Err(Error::usage(format!(
            "{place} is not a PostgreSQL URL: there is an @ after the host; perhaps the password contains \
             a / ? or #"
        ))
        .with_hint("in a user or password, write @ as %40, / as %2F, ? as %3F and # as %23")),
    }
}

async fn look(wanted: &Wanted) -> Result<Option<Found>> {
    if let Some(url) = &wanted.url {
        return Ok(Some(Found { url: url.clone(), place: "--database-url" }));
    }
    match std::env::var(VARIABLE) {
        Ok(url) if url.trim().is_empty() => {
            return Err(Error::usage("DATABASE_URL is set but empty")
                .with_hint("unset it to use .env or the embedded PostgreSQL"));
        }
        Ok(url) => return Ok(Some(Found { url, place: "the environment variable DATABASE_URL" })),
        Err(std::env::VarError::NotUnicode(_)) => {
            return Err(Error::usage("DATABASE_URL is not valid UTF-8"));
        }
        Err(std::env::VarError::NotPresent) => {}
    }
    match project::find(".env")? {
        Some(file) => find_in(&file).await,
        None => Ok(None),
    }
}

/// What a `.env` says. Lines that are not ours may be in another tool's syntax: they are passed by.
async fn find_in(file: &Path) -> Result<Option<Found>> {
    let fault = |why: Error| Error::usage(format!("cannot read {}", file.display())).with_source(why);
    let bytes = text_file::bytes_or_piped(file, text_file::MOST_BYTES, PIPE).await.map_err(fault)?;
    let lines = dotenvy::from_read_iter(bytes.as_slice());
    for (key, url) in lines.filter_map(std::result::Result::ok) {
        if key == VARIABLE && !url.trim().is_empty() {
            return Ok(Some(Found { url, place: "DATABASE_URL in .env" }));
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    let names_it = |line: &str| {
        let line = line.trim_start();
        line.strip_prefix("export ").unwrap_or(line).trim_start().starts_with(VARIABLE)
    };
    match text.lines().position(names_it) {
        // The line itself is not repeated: it may hold a password.
        Some(at) => Err(fault(Error::usage(format!("line {} is not of the form NAME=value", at + 1)))
            .with_hint("put a value with spaces in quotes")),
        None => Ok(None),
    }
}

/// How to connect to a database URL.
struct Route {
    address: Address,
    /// The ways to try, the first one first: encrypted or not.
    attempts: Vec<PgConnectOptions>,
    /// `connect_timeout`.
    timeout: Option<Duration>,
    /// Parameters of the URL that are ignored.
    ignored: Vec<String>,
    for_libpq: Environment,
}

fn route(found: &Found) -> Result<Route> {
    let wrong = |why: String| {
        // The URL is not repeated: it may hold a password.
        Error::usage(format!("{} is not a PostgreSQL URL: {why}", found.place)).with_hint(
            "write postgres://user:password@host:5432/database; in a user or password, write @ as %40, : \
             as %3A and / as %2F",
        )
    };
    let url = Url::parse(found.url.trim()).map_err(wrong)?;
    url.check()?;
    let address = Address::of(&url)?;
    if url.has("options") {
        forget_options();
    }
    check_password_files()?;
    let text = url.for_sqlx(&address.host(), address.port());
    let options = PgConnectOptions::from_str(&text).map_err(|error| match error {
        sqlx::Error::Configuration(reason) => wrong(reason.to_string()),
        other => wrong(other.to_string()),
    })?;
    let attempts = tls::attempts(&settled(address.applied(options), &url), &url)?;
    address.check_certificate_name(&attempts)?;
    let for_libpq = attempts.first().map(|options| Environment::of(&url, options)).unwrap_or_default();
    Ok(Route { address, attempts, timeout: timeout(&url)?, ignored: url.ignored(), for_libpq })
}

/// sqlx reads the password files as soon as it reads a URL, and waits for ever for what a pipe may bring.
fn check_password_files() -> Result<()> {
    let named = std::env::var_os("PGPASSFILE").map(|file| ("PGPASSFILE ", file.into()));
    let usual = std::env::home_dir().map(|home| ("", home.join(".pgpass")));
    let is_nothing = |file: &Path| !file.exists() || file.is_dir() || file == Path::new("/dev/null");
    for (what, file) in named.into_iter().chain(usual).filter(|(_, file)| !is_nothing(file)) {
        text_file::check(&file)
            .map_err(|why| Error::usage(format!("cannot read {what}{}", file.display())).with_source(why))?;
    }
    Ok(())
}

/// libpq passes PGOPTIONS by where the URL has options of its own; sqlx sends both.
fn forget_options() {
    // SAFETY: variables are read by C code only to resolve the host's name, which comes after this, and
    // by Rust code under the standard library's lock.
    #[expect(unsafe_code, reason = "sqlx has no other way to leave out the variable")]
    unsafe {
        std::env::remove_var("PGOPTIONS");
    }
}

/// The connection options that crm-seed always sets.
fn settled(options: PgConnectOptions, url: &Url) -> PgConnectOptions {
    // Named prepared statements break on transaction poolers; PgBouncer lets nobody in who sends
    // extra_float_digits, which has been needless since PostgreSQL 12.
    let mut options = options.statement_cache_capacity(0).extra_float_digits(None);
    if options.get_application_name().is_none() {
        options = options.application_name("crm-seed");
    }
    // Prisma's word for the search path, which for `public` is as it is anyway.
    match url.get("schema").filter(|schema| schema != "public") {
        Some(schema) => options.options([("search_path", crate::sql::quote_identifier(&schema))]),
        None => options,
    }
}

/// `connect_timeout`: seconds, or none where it is 0 or less.
fn timeout(url: &Url) -> Result<Option<Duration>> {
    const FOREVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);
    let Some(text) = url.get("connect_timeout") else { return Ok(None) };
    let seconds: i64 = text.trim().parse().map_err(|_| {
        // Not repeated: it may be a slip for something secret.
        Error::usage(format!("{} is not a whole number of seconds", url.source("connect_timeout")))
            .with_hint("for example 10; 0 means no timeout")
    })?;
    let limit = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs);
    Ok(Some(limit.unwrap_or(FOREVER).min(FOREVER)))
}

/// Finds the database and connects to it.
///
/// # Errors
/// Usage, where the URL is none; refused, where it is remote and was not allowed; unreachable.
pub async fn connect(wanted: &Wanted) -> Result<Target> {
    let Some(found) = find(wanted).await? else {
        return match wanted.engine.is_installed(local_directory()) {
            true => installed(local_directory()).await,
            false => embedded(local_directory(), wanted.wait).await,
        };
    };
    reach(&found, wanted).await
}

/// Connects to a database that is named.
async fn reach(found: &Found, wanted: &Wanted) -> Result<Target> {
    let Route { address, attempts, timeout, ignored, for_libpq } = route(found)?;
    let Some(options) = attempts.first() else {
        return Err(Error::failed("no server address to connect to"));
    };
    address.check(&wanted.allow_remote).await?;
    let Made { connection, origin } = connect::connect(&attempts, wanted.wait, timeout).await?;
    let is_local = address.check_peer(origin.peer, &wanted.allow_remote).await?;
    let notes = match ignored.is_empty() {
        true => Vec::new(),
        false => vec![Note::new(
            NoteKind::UrlParameterIgnored,
            format!("ignored unknown parameters of the database URL: {}", ignored.join(", ")),
        )],
    };
    Ok(Target {
        connection,
        description: address.describe(options),
        is_embedded: false,
        is_own: false,
        is_local,
        notes,
        origin,
        by_address: pooler::by_address(options),
        again: Some(Again { attempts, timeout, peer: origin.peer }),
        for_libpq: Some(for_libpq),
        #[cfg(feature = "embedded")]
        _server: None,
    })
}

/// The local database as the installed PostgreSQL runs it.
async fn installed(directory: &Path) -> Result<Target> {
    let started = local_database::start(directory, None).await?;
    let found = Found { url: started.socket_url(), place: "the address of the local database" };
    let target = reach(&found, &Wanted::default()).await?;
    let (version, port) = (started.version, started.running.port);
    let description =
        format!("local database in {} (PostgreSQL {version}, port {port})", directory.display());
    Ok(Target { description, is_own: true, is_local: true, ..target })
}

/// Where the local database keeps its data.
pub fn local_directory() -> &'static Path {
    Path::new(".crm-seed")
}

/// The PostgreSQL inside the binary, with its data in `directory`.
#[cfg(feature = "embedded")]
pub(super) async fn embedded(directory: &Path, wait: Duration) -> Result<Target> {
    let opened = crate::db::embedded::open(directory, wait).await?;
    let Made { connection, origin } = opened.made;
    let description = match opened.served_at {
        None => format!("embedded PostgreSQL in {}", directory.display()),
        Some(address) => format!("embedded PostgreSQL, served at {address}"),
    };
    Ok(Target {
        connection,
        description,
        is_embedded: true,
        is_own: true,
        is_local: true,
        notes: Vec::new(),
        origin,
        by_address: None,
        again: None,
        for_libpq: None,
        _server: opened.server,
    })
}

#[cfg(not(feature = "embedded"))]
pub(super) async fn embedded(_: &Path, _: Duration) -> Result<Target> {
    Err(Error::usage("no database URL given, and this build has no embedded PostgreSQL")
        .with_hint("set --database-url, or DATABASE_URL in the environment or .env"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(url: &str) -> Found {
        Found { url: url.into(), place: "--database-url" }
    }

    fn options(url: &str) -> Result<PgConnectOptions> {
        Ok(route(&found(url))?.attempts.remove(0))
    }

    #[test]
    fn a_wrong_url_is_told_without_repeating_it() {
        for url in ["secret", "mysql://app:secret@host/db", "postgres://app:secret@host:port/db"] {
            let error = options(url).expect_err("no URL").to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_url_may_name_a_socket_as_libpq_has_it() {
        let url = "postgres://app:a%40b@/crm?host=/run/pg&port=5999";
        let options = options(url).expect("a URL");
        assert_eq!(options.get_socket().map(|path| path.as_path()), Some(Path::new("/run/pg")));
        assert_eq!(connect::describe(&options), "postgres://app@/crm?host=/run/pg&port=5999");
    }

    #[test]
    fn an_ipv6_address_is_connected_to_without_its_brackets() {
        let options = options("postgres://app@[::1]:5433/crm").expect("a URL");
        assert_eq!(options.get_host(), "::1");
        assert_eq!(connect::describe(&options), "postgres://app@[::1]:5433/crm");
    }

    #[test]
    fn a_certificate_is_not_checked_against_an_address_in_place_of_its_name() {
        let url = "postgres://app@db.example.com/crm?sslmode=verify-full&hostaddr=10.0.0.5";
        let error = options(&format!("{url}&sslrootcert=system")).expect_err("it cannot be done");
        assert!(error.to_string().contains("hostaddr is not supported"), "{error}");
        options("postgres://app@db.example.com/crm?sslmode=require&hostaddr=10.0.0.5").expect("it can");
    }

    #[test]
    fn a_description_has_no_password() {
        let options = options("postgres://app:secret@localhost:5433/crm").expect("a URL");
        assert_eq!(connect::describe(&options), "postgres://app@localhost:5433/crm");
    }
}
