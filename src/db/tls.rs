//! `sslmode` as libpq means it. sqlx knows the words, but takes `allow` for `disable`, never checks a
//! certificate under `require`, does not go on unencrypted where `prefer` would, and reads no default files.

use std::path::{Path, PathBuf};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::db::url::Url;
use crate::error::{Error, Result};
use crate::text_file;

/// How the server is connected to, by libpq's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Mode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

const MODES: [(&str, Mode); 6] = [
    ("disable", Mode::Disable),
    ("allow", Mode::Allow),
    ("prefer", Mode::Prefer),
    ("require", Mode::Require),
    ("verify-ca", Mode::VerifyCa),
    ("verify-full", Mode::VerifyFull),
];

/// The authority that must have signed the server's certificate.
enum Root {
    /// None: the certificate is not checked.
    Nobody,
    /// An authority that the system trusts.
    System,
    /// An authority of this file.
    File(PathBuf),
}

/// The ways in which to connect, to be tried in this order.
///
/// # Errors
/// Usage: an unknown `sslmode`; a file that is missing.
pub fn attempts(options: &PgConnectOptions, url: &Url) -> Result<Vec<PgConnectOptions>> {
    if options.get_socket().is_some() || options.get_host().starts_with('/') {
        // Nothing that leaves the machine: libpq passes `sslmode` by, too.
        return Ok(vec![options.clone().ssl_mode(PgSslMode::Disable)]);
    }
    let named = match (url.get("sslmode"), url.get("ssl")) {
        (None, Some(ssl)) if ssl == "true" => Some("require".to_owned()),
        (named, _) => named,
    };
    let named = named.map(|name| mode(&name, url)).transpose()?;
    let (mode, root) = root(named, url)?;
    let options = with_client_certificate(with_root(options, &root), url)?;
    let way = |mode: PgSslMode| options.clone().ssl_mode(mode);
    let is_checked = !matches!(root, Root::Nobody);
    let encrypted = way(if is_checked { PgSslMode::VerifyCa } else { PgSslMode::Require });
    let plain = way(PgSslMode::Disable);
    Ok(match mode {
        Mode::Disable => vec![plain],
        Mode::Allow => vec![plain, encrypted],
        Mode::Prefer if is_checked => vec![encrypted, plain],
        Mode::Prefer => vec![way(PgSslMode::Prefer), plain],
        Mode::Require => vec![encrypted],
        Mode::VerifyCa => vec![way(PgSslMode::VerifyCa)],
        Mode::VerifyFull => vec![way(PgSslMode::VerifyFull)],
    })
}

fn mode(name: &str, url: &Url) -> Result<Mode> {
    let found = MODES.iter().find(|(known, _)| *known == name);
    found.map(|(_, mode)| *mode).ok_or_else(|| {
        // Not repeated: it may be a slip for something secret.
        Error::usage(format!("invalid value of {}", url.source("sslmode")))
            .with_hint("use disable, allow, prefer, require, verify-ca or verify-full")
    })
}

fn name(mode: Mode) -> &'static str {
    MODES.iter().find(|(_, known)| *known == mode).map_or("", |(name, _)| name)
}

/// The mode, and whom it trusts: `sslrootcert`, else the default file where that is there. Where there is
/// one, certificates are checked in any mode that encrypts.
fn root(named: Option<Mode>, url: &Url) -> Result<(Mode, Root)> {
    let file = url.get("sslrootcert");
    if file.as_deref() == Some("system") {
        return match named {
            None | Some(Mode::VerifyFull) => Ok((Mode::VerifyFull, Root::System)),
            Some(weak) => {
                let weak = name(weak);
                Err(Error::usage(format!("sslmode={weak} is too weak for sslrootcert=system")).with_hint(
                    "use sslmode=verify-full: anybody can get a certificate from a public authority",
                ))
            }
        };
    }
    let mode = named.unwrap_or(Mode::Prefer);
    let file = file.map(PathBuf::from).or_else(|| default_file("root.crt"));
    match file {
        Some(file) if file.is_file() => {
            if mode > Mode::Disable {
                check_root(&file)?;
                trust_nobody_else(&file);
            }
            Ok((mode, Root::File(file)))
        }
        file if mode >= Mode::VerifyCa => {
            let file =
                file.map_or_else(|| "~/.postgresql/root.crt".into(), |file| file.display().to_string());
            let why = format!("sslmode={} needs a root certificate, and {file} does not exist", name(mode));
            Err(Error::usage(why).with_hint(
                "set sslrootcert=FILE to the certificate of the authority, or sslrootcert=system to trust \
                 those of the system",
            ))
        }
        _ => Ok((mode, Root::Nobody)),
    }
}

/// sqlx trusts those whom the system trusts besides those of the file, which libpq does not: under
/// `verify-ca` anybody's certificate would do. What the system trusts is read from where this variable
/// says, as OpenSSL has it.
fn trust_nobody_else(file: &Path) {
    // SAFETY: variables are read by C code only to resolve the host's name, which comes after this, and
    // by Rust code under the standard library's lock.
    #[expect(unsafe_code, reason = "sqlx has no other way to leave out the system's authorities")]
    unsafe {
        std::env::set_var("SSL_CERT_FILE", file);
        std::env::remove_var("SSL_CERT_DIR");
    }
}

fn check_root(file: &Path) -> Result<()> {
    let fault =
        |why: Error| Error::usage(format!("sslrootcert {} cannot be used", file.display())).with_source(why);
    let text = text_file::bytes(file, text_file::MOST_BYTES).map_err(fault)?;
    if String::from_utf8_lossy(&text).contains("-----BEGIN CERTIFICATE-----") {
        return Ok(());
    }
    Err(fault(Error::usage("it contains no certificate"))
        .with_hint("a certificate in PEM format begins with -----BEGIN CERTIFICATE-----"))
}

fn with_root(options: &PgConnectOptions, root: &Root) -> PgConnectOptions {
    match root {
        Root::File(file) => options.clone().ssl_root_cert(file),
        // sqlx has read PGSSLROOTCERT, which may say `system` or name a file that is not there.
        Root::Nobody | Root::System => options.clone().ssl_root_cert_from_pem(Vec::new()),
    }
}

/// The client's certificate and key: those that are named, else those in the default place.
fn with_client_certificate(options: PgConnectOptions, url: &Url) -> Result<PgConnectOptions> {
    if url.get("sslcertmode").as_deref() == Some("disable") {
        return Ok(options);
    }
    let named = url.get("sslcert").map(PathBuf::from);
    let is_named = named.is_some();
    let certificate = named.or_else(|| default_file("postgresql.crt"));
    let Some(certificate) = certificate.filter(|file| is_named || file.is_file()) else {
        return Ok(options);
    };
    let key = url.get("sslkey").map(PathBuf::from).or_else(|| default_file("postgresql.key"));
    let key = key.unwrap_or_else(|| PathBuf::from("postgresql.key"));
    for (what, file) in [("sslcert", &certificate), ("sslkey", &key)] {
        text_file::bytes(file, text_file::MOST_BYTES).map_err(|why| {
            Error::usage(format!("cannot read {what} {}", file.display()))
                .with_source(why)
                .with_hint("a client certificate needs its key: set both sslcert=FILE and sslkey=FILE")
        })?;
    }
    Ok(options.ssl_client_cert(certificate).ssl_client_key(key))
}

/// A file in the place where libpq looks for it.
fn default_file(name: &str) -> Option<PathBuf> {
    let directory = match cfg!(windows) {
        true => PathBuf::from(std::env::var_os("APPDATA")?).join("postgresql"),
        false => std::env::home_dir()?.join(".postgresql"),
    };
    Some(directory.join(name))
}

/// What a failed handshake means, and what to do about it; `None` where `error` is something else.
///
/// sqlx hands out what rustls says as a boxed error, whose type is no dependency of ours to ask for: it is read from
/// the names of rustls' variants, which its text has in English always. One that is not known is told as it is.
pub fn reason(error: &sqlx::Error, options: &PgConnectOptions) -> Option<(String, &'static str)> {
    let text = match error {
        sqlx::Error::Tls(why) if why.to_string().contains("does not support TLS") => {
            let why = "the server does not support TLS, which sslmode requires".to_owned();
            return Some((
                why,
                "set ssl = on in postgresql.conf, or use sslmode=prefer to allow an unencrypted connection",
            ));
        }
        sqlx::Error::Tls(why) => why.to_string(),
        sqlx::Error::Io(io) if io.get_ref().is_some() => io.to_string(),
        _ => return None,
    };
    let host = options.get_host();
    let has = |word: &str| text.contains(word);
    Some(if has("Expired") || has("expired") {
        ("the server's certificate has expired".into(), "renew it on the server")
    } else if has("NotYetValid") || has("not valid yet") {
        ("the server's certificate is not valid yet".into(), "check the clock of this machine")
    } else if has("not valid for name") || has("NotValidForName") {
        (
            format!("the server's certificate is not for {host}"),
            "use a host name listed in the certificate's subjectAltName (the common name does not count), \
             or sslmode=verify-ca, which does not check the host name",
        )
    } else if has("UnknownIssuer") || has("BadSignature") {
        (
            "the server's certificate is not signed by an authority in sslrootcert".into(),
            "set sslrootcert=FILE to the certificate of the authority that signed it",
        )
    } else if has("CaUsedAsEndEntity") {
        (
            "the server's certificate is a CA certificate, which is not accepted for a server".into(),
            "create a certificate for the server that is signed by that authority (basicConstraints \
             CA:FALSE)",
        )
    } else if has("UnsupportedCertVersion") {
        (
            "a certificate is X.509 version 1, which the TLS library does not support".into(),
            "create a version 3 certificate (with an extension such as subjectAltName)",
        )
    } else if has("CertificateRequired") || has("HandshakeFailure") || has("BadCertificate") {
        (
            format!("the server rejected the client certificate: {text}"),
            "set sslcert and sslkey to a certificate that the server accepts",
        )
    } else if has("certificate") || matches!(error, sqlx::Error::Tls(_)) {
        (format!("TLS failed: {text}"), "check sslmode and sslrootcert of the database URL")
    } else {
        return None;
    })
}
