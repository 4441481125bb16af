//! Where a database URL leads, as libpq finds it, and that what is really connected to decides whether it is
//! this machine.

use std::fs;
use std::net::{IpAddr, UdpSocket};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

use crm_seed::db::target::{self, Wanted};

use crate::harness::{Crm, Database, Outcome, Server, skipped};

/// An address of this machine that is not loopback; `None`, and it is told, where there is none.
pub fn other_address() -> Option<IpAddr> {
    // Nothing is sent: the system only says from where it would be.
    let socket = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    let own = socket.connect("203.0.113.1:9").and_then(|()| socket.local_addr()).ok().map(|own| own.ip());
    let own = own.filter(|own| !own.is_loopback() && !own.is_unspecified());
    if own.is_none() {
        skipped("this machine has no address but loopback");
    }
    own
}

/// A server that listens at `address` alone, lets everybody in, and logs their statements.
pub fn server_at(address: &str) -> Option<Server> {
    let mut server = Server::prepare()?;
    server.set(&format!("listen_addresses = '{address}'\nlog_connections = on\nlog_statement = all\n"));
    server.let_in("local all all trust\nhost all all all trust\n");
    server.run();
    Some(server)
}

/// Runs it where the hosts file is `hosts`; `None`, and it is told, where that is not permitted.
fn with_hosts(crm: &Crm, hosts: &str, arguments: &str) -> Option<Outcome> {
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", script, "sh"]);
        command
    };
    if !unshare("true").output().is_ok_and(|output| output.status.success()) {
        skipped("a hosts file of one's own is not permitted here");
        return None;
    }
    let file = crm.write("hosts", hosts);
    let script = "mount --bind \"$1\" /etc/hosts && shift && exec \"$@\"";
    let ours = crm.command(arguments);
    let mut command = unshare(script);
    command.arg(file).arg(ours.get_program()).args(ours.get_args()).current_dir(crm.directory());
    command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Some(Outcome::of(command))
}

#[test]
fn a_hosts_file_does_not_make_a_remote_server_local() {
    let Some(address) = other_address() else { return };
    let Some(server) = server_at(&address.to_string()) else { return };
    let crm = Crm::new();
    let url = format!("--database-url postgres://postgres@localhost:{}/postgres", server.port());
    let told = format!("refusing to write to remote host {address} (localhost resolves to {address})");
    // Told by the name alone; and, where it leads here as well, by where the connection came to.
    for hosts in [format!("{address} localhost\n"), format!("127.0.0.1 localhost\n{address} localhost\n")] {
        let Some(outcome) = with_hosts(&crm, &hosts, &format!("--clean --yes {url}")) else { return };
        outcome.fails(3).telling(&told).telling("--allow-remote localhost");
    }
    assert!(!server.log().contains("statement: "), "{}", server.log());
    let hosts = format!("127.0.0.1 localhost\n{address} localhost\n{address} db.example.com\n");
    for allowed in ["localhost".to_owned(), address.to_string()] {
        let arguments = format!("doctor --allow-remote {allowed} {url}");
        with_hosts(&crm, &hosts, &arguments).expect("permitted before").exits(0);
    }
    // A name that does not seem local may be allowed by its address, too.
    let url = url.replace("localhost", "db.example.com");
    let ask = |arguments: &str| with_hosts(&crm, &hosts, arguments).expect("permitted before");
    ask(&format!("doctor --allow-remote {address} {url}")).exits(0);
    let told = "refusing to write to remote host db.example.com\n";
    ask(&format!("doctor --allow-remote 203.0.113.9 {url}")).fails(3).telling(told);
}

#[test]
fn a_variable_does_not_make_a_remote_server_local() {
    for (variable, url) in [
        ("PGHOST", "postgres://app@/crm"),
        ("PGHOST", "postgres://app:open-sesame@:5433/crm"),
        ("PGHOSTADDR", "postgres://app@/crm"),
        ("PGHOSTADDR", "postgres://app@localhost/crm"),
        ("PGHOSTADDR", "postgres://app@/crm?host=/tmp"),
    ] {
        let outcome = Crm::new().with(variable, "203.0.113.9").run(&format!("--clean --database-url {url}"));
        outcome.fails(3).telling("remote host 203.0.113.9").telling("--allow-remote 203.0.113.9");
    }
    let url = "--database-url postgres://app@localhost/crm?hostaddr=203.0.113.9";
    let told = "refusing to write to remote host 203.0.113.9 (localhost resolves to 203.0.113.9)";
    Crm::new().run(url).fails(3).telling(told);
}

#[test]
fn a_tunnel_is_local_and_both_of_its_ends_are_told() {
    let Some(server) = Server::shared() else { return };
    let database = server.database();
    let url = format!("postgres://postgres@prod:{}/{}", server.port(), database.name());
    let crm = Crm::new();
    let told = "(host prod at 127.0.0.1)";
    let outcome = crm.ok(&format!("migrate up --database-url {url}?hostaddr=127.0.0.1"));
    outcome.printing(told);
    // What the URL says comes before the variables.
    let crm = crm.with("PGHOSTADDR", "203.0.113.9").with("PGHOST", "203.0.113.9");
    crm.ok(&format!("migrate down --database-url {url}?hostaddr=127.0.0.1")).printing(told);
}

#[test]
fn the_password_of_a_tunnel_is_that_of_its_name() {
    let Some(server) = Server::shared() else { return };
    let database = server.database();
    // Another test may have made it.
    let _ = database.try_run("CREATE ROLE locked SUPERUSER LOGIN PASSWORD 'open-sesame'");
    let crm = Crm::new();
    let file = crm.write("pgpass", "127.0.0.1:*:*:*:wrong\nprod:*:*:locked:open-sesame\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("its rights");
    let crm = crm.with("PGPASSFILE", &file.display().to_string());
    let place = format!("{}/{}", server.port(), database.name());
    crm.ok(&format!("migrate status --database-url postgres://locked@prod:{place}?hostaddr=127.0.0.1"));
    let wrong = format!("migrate status --database-url postgres://locked@127.0.0.1:{place}");
    crm.run(&wrong).fails(4).telling("password authentication failed");
}

/// A link in the default directory to a server's socket, which goes with it.
struct Link(PathBuf);

impl Link {
    fn to(server: &Server) -> Self {
        let name = format!(".s.PGSQL.{}", server.port());
        let link = PathBuf::from("/tmp").join(&name);
        symlink(server.root().join(name), &link).expect("a link");
        Self(link)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Where it is gone, it need not go.
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn what_the_url_leaves_out_is_as_libpq_has_it() {
    let Some(server) = server_at("127.0.0.1") else { return };
    let postgres = server.database_called("postgres");
    postgres.run("CREATE ROLE somebody LOGIN");
    postgres.run("CREATE DATABASE theirs OWNER somebody");
    let port = server.port().to_string();
    let crm = || {
        let crm = Crm::new().with("PGPORT", &port).with("PGUSER", "somebody").with("PGDATABASE", "theirs");
        crm.with("PGPASSWORD", "needless")
    };
    let at = |crm: Crm, url: &str| crm.ok(&format!("doctor --json --database-url {url}")).stdout;
    let has = |told: String, place: &str| assert!(told.contains(place), "no {place} in {told}");
    // Where no server has put its socket there, by TCP.
    has(at(crm(), "postgres://"), &format!("postgres://somebody@localhost:{port}/theirs"));
    let root = server.root().display().to_string();
    has(at(crm().with("PGHOST", &root), "postgres://"), &format!("postgres://somebody@/theirs?host={root}"));
    let link = Link::to(&server);
    has(at(crm(), "postgres://"), "postgres://somebody@/theirs?host=/tmp&port=");
    has(at(crm(), "postgres:///?host="), "postgres://somebody@/theirs?host=/tmp&port=");
    has(at(crm().with("PGHOST", "127.0.0.1"), "postgres://"), "postgres://somebody@127.0.0.1:");
    has(at(crm().with("PGHOST", "203.0.113.9"), "postgres://localhost"), "postgres://somebody@localhost:");
    has(at(crm(), "postgres://postgres@/postgres"), "postgres://postgres@/postgres?host=/tmp&port=");
    drop(link);
    for (variable, value) in [("PGPORT", "none"), ("PGHOST", "one,two"), ("PGSERVICE", "prod")] {
        crm().with(variable, value).run("--database-url postgres://").fails(2).telling(variable);
    }
}

#[test]
fn options_of_the_url_are_in_the_place_of_those_of_the_environment() {
    let Some(database) = Database::migrated() else { return };
    let crm = Crm::new().with("PGOPTIONS", "-c default_transaction_read_only=on");
    crm.run(&database.option()).fails(3).telling("read-only");
    crm.ok(&format!("{}?options=-cwork_mem%3D8MB", database.option()));
}

#[test]
fn a_target_is_connected_to_again() {
    let Some(database) = Database::empty() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let wanted = Wanted { url: Some(database.url().to_owned()), ..Wanted::default() };
    runtime.block_on(async {
        let target = target::connect(&wanted).await.expect("the server");
        let mut second = target.again().await.expect("the server");
        let query = "SELECT count(*)::text AS n FROM pg_stat_activity WHERE datname = current_database()";
        let rows = crm_seed::db::query::fetch(&mut second, query).await.expect("an answer");
        let count: String = sqlx::Row::get(&rows[0], "n");
        assert_eq!(count, "2");
    });
}
