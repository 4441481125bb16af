//! `sslmode` and its kin against real servers with certificates of an authority that the tests make.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::harness::{Crm, Outcome, Server, wait_for};

/// What `openssl ca` needs. Validity is said with each certificate, and hangs on no clock.
const AUTHORITY: &str = "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\nserial = serial\nnew_certs_dir = .
default_md = sha256\npolicy = any\nunique_subject = no\ncopy_extensions = copy\n[any]\ncommonName = supplied\n";
const VALID: (&str, &str) = ("20200101000000Z", "20990101000000Z");
const PAST: (&str, &str) = ("20200101000000Z", "20210101000000Z");

/// Who gets in how.
const HBA: &str = "local all all trust
hostssl all plain 127.0.0.1/32 reject
host all plain 127.0.0.1/32 trust
hostssl all encrypted 127.0.0.1/32 trust
host all encrypted 127.0.0.1/32 reject
hostssl all certified 127.0.0.1/32 cert
host all secret 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
";

#[track_caller]
fn openssl(directory: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    let output = command.args(arguments.split_whitespace()).current_dir(directory).output().expect("openssl");
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// An authority in a directory of its own, with the files of what it signs.
struct Authority(PathBuf);

impl Authority {
    fn new(directory: &Path, name: &str) -> Self {
        fs::create_dir(directory).expect("a directory");
        for (name, text) in [("ca.conf", AUTHORITY), ("index.txt", ""), ("serial", "01\n")] {
            fs::write(directory.join(name), text).expect("a file");
        }
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key";
        openssl(directory, &format!("req -x509 {key} -out ca.crt -days 3650 -subj /CN={name}"));
        Self(directory.to_owned())
    }

    /// Makes `NAME.crt` and `NAME.key`.
    fn sign(&self, name: &str, subject: &str, extension: &str, (from, to): (&str, &str)) {
        let key = format!("-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {name}.key");
        // Without one it is of X.509 version 1.
        let extension = if extension.is_empty() { String::new() } else { format!("-addext {extension}") };
        openssl(&self.0, &format!("req {key} -out {name}.csr -subj /CN={subject} {extension}"));
        let files = format!("-config ca.conf -cert ca.crt -keyfile ca.key -in {name}.csr -out {name}.crt");
        openssl(&self.0, &format!("ca -batch -notext {files} -startdate {from} -enddate {to}"));
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// A server with TLS, and what to ask of it.
struct Tls {
    server: Server,
    crm: Crm,
    ours: Authority,
    other: Authority,
}

impl Tls {
    fn start() -> Option<Self> {
        let mut server = Server::prepare()?;
        let crm = Crm::new();
        let ours = Authority::new(&crm.directory().join("ours"), "authority");
        let other = Authority::new(&crm.directory().join("other"), "stranger");
        ours.sign("server", "localhost", "subjectAltName=DNS:localhost", VALID);
        ours.sign("expired", "localhost", "subjectAltName=DNS:localhost", PAST);
        ours.sign("certified", "certified", "keyUsage=digitalSignature", VALID);
        ours.sign("ancient", "certified", "", VALID);
        for name in ["server.crt", "server.key", "expired.crt", "expired.key", "ca.crt"] {
            let file = server.root().join(name);
            fs::copy(ours.file(name), &file).expect("a copy");
            server.own(&file);
        }
        let file = |name: &str| server.root().join(name).display().to_string();
        server.set(&format!(
            "ssl = on\nlog_connections = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\nssl_ca_file = '{}'\n",
            file("server.crt"),
            file("server.key"),
            file("ca.crt")
        ));
        server.let_in(HBA);
        server.run();
        server.database_called("postgres").run(
            "CREATE ROLE plain LOGIN; CREATE ROLE encrypted LOGIN; CREATE ROLE certified LOGIN;
             CREATE ROLE secret LOGIN PASSWORD 'a%b+c d'",
        );
        Some(Self { server, crm, ours, other })
    }

    /// Has it show another certificate.
    fn shows(&self, name: &str) {
        let file = |end: &str| self.server.root().join(format!("{name}.{end}")).display().to_string();
        let db = self.server.database_called("postgres");
        db.run(&format!("ALTER SYSTEM SET ssl_cert_file = '{}'", file("crt")));
        db.run(&format!("ALTER SYSTEM SET ssl_key_file = '{}'", file("key")));
        db.run("SELECT pg_reload_conf()");
        wait_for("the certificate", || (db.run("SHOW ssl_cert_file") == file("crt")).then_some(()));
    }

    /// Asks it something as `user` at `host`.
    fn ask(&self, user: &str, host: &str, parameters: &str) -> Outcome {
        let url = format!("postgres://{user}@{host}:{}/postgres?{parameters}", self.server.port());
        self.crm.run(&format!("migrate status --database-url {url}"))
    }

    /// Expects to be let in, and tells whether it was with TLS: the server logs that.
    #[track_caller]
    fn encrypts(&self, user: &str, host: &str, parameters: &str) -> bool {
        static ASKED: AtomicU32 = AtomicU32::new(0);
        let name = format!("asked_{}_", ASKED.fetch_add(1, Ordering::Relaxed));
        self.ask(user, host, &format!("{parameters}&application_name={name}")).exits(0);
        let line = wait_for("the log", || {
            let log = self.server.log();
            let line = log.lines().find(|line| line.contains(&name) && line.contains("authorized"));
            line.map(str::to_owned)
        });
        line.contains("SSL enabled")
    }

    /// Expects not to be let in, for `reason`.
    #[track_caller]
    fn fails(&self, host: &str, parameters: &str, code: i32, reason: &str) {
        self.ask("postgres", host, parameters).fails(code).telling(reason).telling("  hint: ");
    }

    fn root(&self, authority: &Authority) -> String {
        format!("sslrootcert={}", authority.file("ca.crt").display())
    }
}

#[test]
fn each_sslmode_encrypts_as_libpq_has_it() {
    let Some(tls) = Tls::start() else { return };
    for (mode, is_encrypted) in
        [("", true), ("sslmode=disable", false), ("sslmode=allow", false), ("sslmode=prefer", true)]
    {
        assert_eq!(tls.encrypts("postgres", "localhost", mode), is_encrypted, "{mode}");
    }
    assert!(tls.encrypts("postgres", "127.0.0.1", "sslmode=require"));
    assert!(tls.encrypts("postgres", "127.0.0.1", "ssl=true"));
    // The other way, where the server lets nobody in this way.
    assert!(tls.encrypts("encrypted", "localhost", "sslmode=allow"));
    assert!(!tls.encrypts("plain", "localhost", "sslmode=prefer"));
    let refused = tls.ask("encrypted", "localhost", "sslmode=disable").fails(4);
    refused.telling("no encryption").telling("hint: the server requires TLS: use sslmode=require");
    tls.ask("plain", "localhost", "sslmode=require").fails(4).telling("pg_hba.conf rejects");
    tls.fails("localhost", "sslmode=sometimes", 2, "invalid value of sslmode of the database URL");
    // A socket is not encrypted, whatever is asked.
    let socket = format!("host={}&sslmode=verify-full", tls.server.root().display());
    assert!(!tls.encrypts("postgres", "localhost", &socket));
}

#[test]
fn certificates_are_checked_as_libpq_has_it() {
    let Some(tls) = Tls::start() else { return };
    let (ours, other) = (tls.root(&tls.ours), tls.root(&tls.other));
    assert!(tls.encrypts("postgres", "localhost", &format!("sslmode=verify-full&{ours}")));
    assert!(tls.encrypts("postgres", "127.0.0.1", &format!("sslmode=verify-ca&{ours}")));
    let full = format!("sslmode=verify-full&{ours}");
    tls.fails("127.0.0.1", &full, 4, "the server's certificate is not for 127.0.0.1");
    for mode in ["verify-ca", "verify-full", "require"] {
        let unknown = format!("sslmode={mode}&{other}");
        tls.fails("localhost", &unknown, 4, "is not signed by an authority in sslrootcert");
    }
    let namesake = Authority::new(&tls.crm.directory().join("namesake"), "authority");
    tls.fails(
        "localhost",
        &format!("sslmode=verify-ca&{}", tls.root(&namesake)),
        4,
        "not signed by an authority",
    );
    // Where there is an authority to ask, `require` does, and `prefer` would rather go without TLS.
    assert!(tls.encrypts("postgres", "127.0.0.1", &format!("sslmode=require&{ours}")));
    assert!(!tls.encrypts("postgres", "localhost", &format!("sslmode=prefer&{other}")));
    for mode in ["verify-ca", "verify-full"] {
        tls.fails("localhost", &format!("sslmode={mode}"), 2, "needs a root certificate");
        let missing = format!("sslmode={mode}&sslrootcert=nowhere.crt");
        tls.fails("localhost", &missing, 2, "nowhere.crt does not exist");
    }
    assert!(tls.encrypts("postgres", "localhost", "sslmode=require&sslrootcert=nowhere.crt"));
    tls.crm.write("empty.crt", "nothing\n");
    tls.fails("localhost", "sslmode=verify-ca&sslrootcert=empty.crt", 2, "it contains no certificate");
    tls.shows("expired");
    tls.fails("localhost", &format!("sslmode=verify-ca&{ours}"), 4, "certificate has expired");
    tls.fails("localhost", &format!("sslmode=verify-ca&{ours}"), 4, "renew it");
    assert!(tls.encrypts("postgres", "localhost", "sslmode=require"));
}

#[test]
fn the_default_files_and_the_variables_are_libpqs() {
    let Some(mut tls) = Tls::start() else { return };
    let home = tls.crm.directory().join("../home/.postgresql");
    fs::create_dir(&home).expect("a directory");
    fs::copy(tls.other.file("ca.crt"), home.join("root.crt")).expect("a copy");
    tls.fails("localhost", "sslmode=require", 4, "not signed by an authority");
    fs::copy(tls.ours.file("ca.crt"), home.join("root.crt")).expect("a copy");
    assert!(tls.encrypts("postgres", "localhost", "sslmode=verify-full"));
    tls.ask("certified", "localhost", "sslmode=require").fails(4).telling("certificate");
    for (from, to) in [("certified.crt", "postgresql.crt"), ("certified.key", "postgresql.key")] {
        fs::copy(tls.ours.file(from), home.join(to)).expect("a copy");
    }
    assert!(tls.encrypts("certified", "localhost", "sslmode=require"));
    fs::remove_dir_all(&home).expect("the files go");
    tls.crm = tls.crm.with("PGSSLMODE", "verify-full");
    tls.fails("localhost", "", 2, "needs a root certificate");
    assert!(!tls.encrypts("postgres", "localhost", "sslmode=disable"));
    let file = tls.ours.file("ca.crt").display().to_string();
    tls.crm = tls.crm.with("PGSSLROOTCERT", &file);
    assert!(tls.encrypts("postgres", "localhost", ""));
    tls.crm = tls.crm.with("PGCHANNELBINDING", "require");
    tls.fails("localhost", "", 2, "SCRAM-SHA-256-PLUS");
}

#[test]
fn a_named_authority_is_trusted_alone_and_the_systems_only_by_name() {
    let Some(mut tls) = Tls::start() else { return };
    // Where the system's are, as OpenSSL and our library have it.
    let system = tls.ours.file("ca.crt").display().to_string();
    tls.crm = tls.crm.with("SSL_CERT_FILE", &system);
    assert!(tls.encrypts("postgres", "localhost", "sslrootcert=system"));
    assert!(tls.encrypts("postgres", "localhost", "sslmode=verify-full&sslrootcert=system"));
    tls.fails("127.0.0.1", "sslrootcert=system", 4, "is not for 127.0.0.1");
    tls.fails("localhost", "sslmode=verify-ca&sslrootcert=system", 2, "too weak for sslrootcert=system");
    let other = tls.root(&tls.other);
    tls.fails("localhost", &format!("sslmode=verify-ca&{other}"), 4, "not signed by an authority");
}

#[test]
fn a_client_shows_its_certificate() {
    let Some(tls) = Tls::start() else { return };
    let certificate = tls.ours.file("certified.crt").display().to_string();
    let key = tls.ours.file("certified.key").display().to_string();
    let ours = format!("sslmode=require&sslcert={certificate}&sslkey={key}");
    assert!(tls.encrypts("certified", "localhost", &ours));
    // It is somebody's.
    tls.ask("encrypted", "localhost", &ours).exits(0);
    let without = tls.ask("certified", "localhost", "sslmode=require").fails(4);
    without.telling("hint: the server requires a client certificate: set sslcert and sslkey");
    tls.ask("certified", "localhost", &format!("{ours}&sslcertmode=disable")).fails(4);
    let ancient = ours.replace("certified.", "ancient.");
    tls.ask("certified", "localhost", &ancient).fails(4).telling("is X.509 version 1");
    tls.fails("localhost", "sslmode=require&sslcert=nowhere.crt", 2, "cannot read sslcert nowhere.crt");
}

#[test]
fn passwords_are_sent_and_never_told() {
    let Some(tls) = Tls::start() else { return };
    // The server offers channel binding too, which is not taken.
    for url in ["secret:a%25b+c%20d", "secret:a%25b%2Bc%20d"] {
        assert!(tls.encrypts(url, "localhost", "sslmode=require&channel_binding=prefer"));
    }
    assert!(tls.encrypts("secret", "localhost", "password=a%25b+c%20d"));
    let wrong = tls.ask("secret:hunter%402", "localhost", "").fails(4);
    wrong.telling("password authentication failed").silent_about("hunter").silent_about("%402");
    let refused = tls.ask("secret:hunter%402", "localhost", "channel_binding=require").fails(2);
    refused.telling("SCRAM-SHA-256-PLUS").telling("channel_binding=prefer").silent_about("hunter");
    let file = tls.crm.write("pgpass", "localhost:*:postgres:secret:a%b+c d\n");
    tls.server.own(&file);
    let told = tls.ask("secret", "localhost", "").fails(4);
    told.telling("PGPASSFILE");
}

#[test]
fn a_password_file_is_read() {
    let Some(mut tls) = Tls::start() else { return };
    let file = tls.crm.write("pgpass", "localhost:*:postgres:secret:a%b+c d\n");
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("its rights");
    tls.crm = tls.crm.with("PGPASSFILE", &file.display().to_string());
    assert!(tls.encrypts("secret", "localhost", "sslmode=require"));
}

#[test]
fn a_server_without_tls_is_told_and_not_gone_on_with() {
    let Some(db) = crate::harness::Database::empty() else { return };
    Crm::new().ok(&format!("migrate status {}?sslmode=prefer", db.option()));
    Crm::new().ok(&format!("migrate status {}?sslmode=allow", db.option()));
    for mode in ["require", "ssl=true"] {
        let parameter = if mode.contains('=') { mode.to_owned() } else { format!("sslmode={mode}") };
        let outcome = Crm::new().run(&format!("{}?{parameter}", db.option())).fails(4);
        outcome.telling("the server does not support TLS").telling("hint: ");
    }
    let outcome = Crm::new().run(&format!("{}?foo=1&pool=5", db.option())).exits(0);
    outcome.printing("note: ignored unknown parameters of the database URL: foo, pool");
    Crm::new()
        .run(&format!("{}?connect_timeout=soon", db.option()))
        .fails(2)
        .telling("connect_timeout of the database URL is not a whole number");
}

#[test]
fn an_answer_is_waited_for_as_long_as_connect_timeout_says() {
    // It takes connections and never says a word.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = silent.local_addr().expect("its address").port();
    let started = std::time::Instant::now();
    let url = format!("postgres://app@127.0.0.1:{port}/crm?connect_timeout=1");
    Crm::new().run(&format!("--database-url {url}")).fails(4).telling("no answer");
    assert!(started.elapsed() < std::time::Duration::from_secs(9));
}
