//! Where a database URL leads, found as libpq finds it, and whether that is this machine. A name proves
//! nothing: a hosts file or a variable may lead it elsewhere. The address that is really connected to decides.

use std::fmt::{self, Display};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::db::connect;
use crate::db::url::Url;
use crate::error::{Error, Result};

/// Where servers put their sockets: that of Debian's packages, then that of PostgreSQL itself.
const SOCKET_DIRECTORIES: [&str; 2] = ["/var/run/postgresql", "/tmp"];

const DEFAULT_PORT: u16 = 5432;

/// The endpoint to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Endpoint {
    /// The directory of a socket.
    Socket(PathBuf),
    Ip(IpAddr),
    /// A name that is yet to be resolved.
    Name(String),
}

/// The server that a URL leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    endpoint: Endpoint,
    /// What `host` says where `hostaddr` says where to connect: the name in certificates and password files.
    name: Option<String>,
    port: u16,
}

impl Address {
    /// What `url` and the variables that stand in for its parts say: `hostaddr` before `host`, and where
    /// there is neither the default socket, if a server has put it there, else `localhost`.
    ///
    /// # Errors
    /// Usage: no address, no port, several hosts, or a service that only its file knows.
    pub fn of(url: &Url) -> Result<Self> {
        for key in ["host", "hostaddr", "port"] {
            if url.get(key).is_some_and(|value| value.contains(',')) {
                return Err(Error::usage(format!(
                    "{} lists several servers, which is not supported",
                    url.source(key)
                ))
                .with_hint("give one server only: the primary"));
            }
        }
        let port = url.get("port").map_or(Ok(DEFAULT_PORT), |text| port(&text, url))?;
        let host = url.get("host").map(|host| host.trim_matches(['[', ']']).to_owned());
        if let Some(text) = url.get("hostaddr") {
            let ip = text.trim_matches(['[', ']']).parse().map_err(|_| {
                Error::usage(format!("{} is not an IP address", url.source("hostaddr")))
                    .with_hint("put a host name into host instead")
            })?;
            return Ok(Self { endpoint: Endpoint::Ip(ip), name: host, port });
        }
        let endpoint = match host {
            Some(host) => endpoint(host),
            None if std::env::var_os("PGSERVICE").is_some_and(|service| !service.is_empty()) => {
                return Err(Error::usage("PGSERVICE is not supported")
                    .with_hint("put the host into the database URL, or unset PGSERVICE"));
            }
            None => default_socket(port).map_or_else(|| endpoint("localhost".into()), Endpoint::Socket),
        };
        Ok(Self { endpoint, name: None, port })
    }

    /// The host by which passwords are looked up in password files.
    pub fn host(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.endpoint.to_string())
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where `options`, which connect to it, lead; with its name, where they have its address alone.
    pub fn describe(&self, options: &PgConnectOptions) -> String {
        let place = connect::describe(options);
        match &self.name {
            Some(name) => format!("{place} (host {name} at {})", self.endpoint),
            None => place,
        }
    }

    /// `options` that connect to it.
    pub fn applied(&self, options: PgConnectOptions) -> PgConnectOptions {
        match &self.endpoint {
            Endpoint::Socket(directory) => options.socket(directory),
            endpoint => options.host(&endpoint.to_string()),
        }
    }

    /// Refuses to check a certificate against a name that sqlx cannot be told: it knows only what it
    /// connects to.
    ///
    /// # Errors
    /// Usage, where `sslmode=verify-full` meets `hostaddr` beside another name.
    pub fn check_certificate_name(&self, attempts: &[PgConnectOptions]) -> Result<()> {
        let is_full = attempts.iter().any(|way| matches!(way.get_ssl_mode(), PgSslMode::VerifyFull));
        match &self.name {
            Some(name) if is_full && *name != self.endpoint.to_string() => {
                Err(Error::usage(format!("sslmode=verify-full with hostaddr is not supported (host {name})"))
                    .with_hint(
                        "remove hostaddr, or use sslmode=verify-ca, which does not check the host name",
                    ))
            }
            _ => Ok(()),
        }
    }

    /// Refuses a remote server that was not allowed, as far as that can be told before connecting.
    ///
    /// # Errors
    /// Refused, with what allows it.
    pub async fn check(&self, allowed: &[String]) -> Result<()> {
        match &self.endpoint {
            Endpoint::Socket(_) => Ok(()),
            Endpoint::Ip(ip) if is_loopback(ip) || self.is_allowed(ip, allowed) => Ok(()),
            Endpoint::Ip(ip) => Err(self.refused(ip)),
            Endpoint::Name(name) if names(allowed, name) => Ok(()),
            // So that no password goes to where a hosts file leads this name.
            Endpoint::Name(name) if name.eq_ignore_ascii_case("localhost") => {
                let found = self.resolved().await;
                match found.first() {
                    Some(first) if !found.iter().any(|ip| self.may_be(ip, allowed)) => {
                        Err(self.refused(first))
                    }
                    _ => Ok(()),
                }
            }
            Endpoint::Name(_) if allowed.iter().all(|host| ip_of(host).is_none()) => Err(self.remote()),
            Endpoint::Name(_) => match self.resolved().await {
                found if found.iter().any(|ip| self.is_allowed(ip, allowed)) => Ok(()),
                _ => Err(self.remote()),
            },
        }
    }

    /// Whether the server is on this machine, by the address of the other end of the connection. Where that
    /// is not known, every address to which the name leads must do.
    ///
    /// # Errors
    /// Refused, where it is not and was not allowed.
    pub async fn check_peer(&self, peer: Option<IpAddr>, allowed: &[String]) -> Result<bool> {
        let peers = match (&self.endpoint, peer) {
            (Endpoint::Socket(_), _) => return Ok(true),
            (_, Some(peer)) => vec![peer],
            (Endpoint::Ip(ip), None) => vec![*ip],
            (Endpoint::Name(_), None) => self.resolved().await,
        };
        match peers.iter().find(|peer| !self.may_be(peer, allowed)) {
            Some(peer) => Err(self.refused(peer)),
            None => Ok(!peers.is_empty() && peers.iter().all(is_loopback)),
        }
    }

    fn may_be(&self, ip: &IpAddr, allowed: &[String]) -> bool {
        is_loopback(ip) || self.is_allowed(ip, allowed)
    }

    /// Whether `--allow-remote` names this address or the host.
    fn is_allowed(&self, ip: &IpAddr, allowed: &[String]) -> bool {
        names(allowed, &self.host())
            || allowed
                .iter()
                .filter_map(|host| ip_of(host))
                .any(|host| host.to_canonical() == ip.to_canonical())
    }

    /// The addresses to which its name leads; none where it leads nowhere, which connecting will tell.
    async fn resolved(&self) -> Vec<IpAddr> {
        let host = self.endpoint.to_string();
        let found = tokio::net::lookup_host((host.as_str(), self.port)).await;
        found.map_or_else(|_| Vec::new(), |found| found.map(|address| address.ip()).collect())
    }

    fn remote(&self) -> Error {
        let host = self.host();
        Error::refused(format!("refusing to write to remote host {host}"))
            .with_hint(format!("to allow it, add --allow-remote {host}"))
    }

    /// The refusal, naming both the host and the address `ip` that it resolves to.
    fn refused(&self, ip: &IpAddr) -> Error {
        let host = self.host();
        if host == ip.to_string() {
            return self.remote();
        }
        Error::refused(format!("refusing to write to remote host {ip} ({host} resolves to {ip})"))
            .with_hint(format!("to allow it, add --allow-remote {host} or --allow-remote {ip}"))
    }
}

impl Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(directory) => write!(f, "{}", directory.display()),
            Self::Ip(ip) => write!(f, "{ip}"),
            Self::Name(name) => write!(f, "{name}"),
        }
    }
}

fn endpoint(host: String) -> Endpoint {
    match host.parse() {
        _ if host.starts_with('/') => Endpoint::Socket(host.into()),
        Ok(ip) => Endpoint::Ip(ip),
        Err(_) => Endpoint::Name(host),
    }
}

fn port(text: &str, url: &Url) -> Result<u16> {
    let port = text.trim().parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| {
        Error::usage(format!("{} is not a number from 1 to 65535", url.source("port")))
            .with_hint("the default is 5432")
    })
}

fn default_socket(port: u16) -> Option<PathBuf> {
    let directory = SOCKET_DIRECTORIES.iter().map(Path::new);
    directory.map(Path::to_owned).find(|directory| directory.join(format!(".s.PGSQL.{port}")).exists())
}

/// Loopback addresses, IPv4-mapped IPv6 addresses included.
fn is_loopback(ip: &IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

fn ip_of(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}

fn names(allowed: &[String], host: &str) -> bool {
    allowed.iter().any(|allowed| allowed.trim_matches(['[', ']']).eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::of(&Url::parse(text).expect("a URL")).expect("an address")
    }

    /// What is said of `text` before connecting, and of the other end `peer` after it.
    fn judged(text: &str, peer: &str, allowed: &[&str]) -> Result<bool> {
        let address = address(text);
        let allowed: Vec<String> = allowed.iter().map(|host| (*host).to_owned()).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            address.check(&allowed).await?;
            address.check_peer(peer.parse().ok(), &allowed).await
        })
    }

    #[test]
    fn this_machine_is_known_by_its_address() {
        for (host, peer) in [
            ("localhost", "127.0.0.1"),
            ("LOCALHOST", "::1"),
            ("127.9.9.9", "127.9.9.9"),
            ("[::1]", "::1"),
            ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1"),
            ("%2Frun%2Fpostgresql", ""),
        ] {
            assert!(judged(&format!("postgres://{host}/crm"), peer, &[]).expect(host), "{host}");
        }
        for host in ["db.example.com", "10.0.0.1", "localhost.example.com", "0.0.0.0", "192.168.1.1"] {
            let error = judged(&format!("postgres://{host}/crm"), "127.0.0.1", &[]).expect_err(host);
            assert_eq!(error.to_string(), format!("refusing to write to remote host {host}"));
            assert_eq!(error.hint(), Some(format!("to allow it, add --allow-remote {host}").as_str()));
        }
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused_unless_it_or_the_address_is_allowed() {
        let url = "postgres://localhost/crm";
        let error = judged(url, "10.0.0.5", &[]).expect_err("remote");
        let told = "refusing to write to remote host 10.0.0.5 (localhost resolves to 10.0.0.5)";
        assert_eq!(error.to_string(), told);
        assert!(
            error.hint().is_some_and(|hint| hint.contains("--allow-remote localhost or --allow-remote 10."))
        );
        for allowed in ["localhost", "10.0.0.5", "::ffff:10.0.0.5"] {
            assert!(!judged(url, "10.0.0.5", &[allowed]).expect(allowed), "it is not local");
        }
        assert!(judged(url, "10.0.0.5", &["10.0.0.6"]).is_err());
    }

    #[test]
    fn what_hostaddr_says_counts_and_not_the_name_beside_it() {
        let url = "postgres://localhost/crm?hostaddr=10.0.0.5";
        let error = judged(url, "10.0.0.5", &[]).expect_err("remote");
        assert!(error.to_string().contains("(localhost resolves to 10.0.0.5)"), "{error}");
        assert!(!judged(url, "10.0.0.5", &["10.0.0.5"]).expect("allowed"));
        let tunnel = "postgres://prod/crm?hostaddr=127.0.0.1";
        assert!(judged(tunnel, "127.0.0.1", &[]).expect("local"));
        let options = address(tunnel).applied(PgConnectOptions::new_without_pgpass().username("app"));
        let described = address(tunnel).describe(&options);
        assert!(described.ends_with(" (host prod at 127.0.0.1)"), "{described}");
    }

    #[test]
    fn an_allowed_name_may_lead_anywhere() {
        let url = "postgres://db.example.com/crm";
        assert!(!judged(url, "10.0.0.5", &["DB.example.com"]).expect("allowed"));
        assert!(judged(url, "10.0.0.5", &["other.example.com"]).is_err());
    }

    #[test]
    fn what_is_no_address_is_told_without_repeating_it() {
        for text in [
            "postgres://host/crm?port=0",
            "postgres://host/crm?port=secret",
            "postgres://host/crm?hostaddr=secret",
            "postgres://app:secret@one,two/crm",
            "postgres://host/crm?host=one,two",
            "postgres://host/crm?port=1,2",
        ] {
            let error = Address::of(&Url::parse(text).expect("a URL")).expect_err(text);
            assert!(!format!("{error}{:?}", error.hint()).contains("secret"), "{error}");
        }
    }
}
