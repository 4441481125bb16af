//! The local database as the installed PostgreSQL runs it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use crate::embedded::serve;
use crate::harness::{Binaries, Crm, Session, skipped};

/// A working directory whose local database the installed PostgreSQL runs; stopped at the end.
struct Local(Crm);

impl Local {
    fn new() -> Option<Self> {
        Self::of(Crm::new().with("CRM_SEED_ENGINE", "installed"))
    }

    fn of(crm: Crm) -> Option<Self> {
        let Some(_) = Binaries::find() else {
            skipped("no PostgreSQL is installed");
            return None;
        };
        // The server of root is another account's, which has to get there.
        let directory = crm.directory();
        for open in directory.ancestors().take_while(|directory| directory.parent() != Some(Path::new("/"))) {
            if fs::metadata(open).is_ok_and(|about| about.permissions().mode() & 0o777 == 0o700) {
                fs::set_permissions(open, fs::Permissions::from_mode(0o711))
                    .expect("a directory of the tests");
            }
        }
        Some(Self(crm))
    }

    fn postmaster(&self) -> Option<u32> {
        let text = fs::read_to_string(self.0.directory().join(".crm-seed/cluster/postmaster.pid")).ok()?;
        text.lines().next()?.parse().ok()
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.0.run("stop");
    }
}

fn kill(pid: u32) {
    let line = format!("kill -KILL {pid}");
    assert!(std::process::Command::new("sh").args(["-c", &line]).status().expect("sh").success());
}

#[test]
fn it_goes_on_when_the_command_has_ended_until_it_is_stopped() {
    let Some(local) = Local::new() else { return };
    let crm = &local.0;
    let outcome = crm.ok("--clean --seed 42");
    outcome.printing("organizations").printing("in local database in .crm-seed (PostgreSQL ");
    let first = local.postmaster().expect("it runs");
    let again = crm.json("--clean --seed 42");
    assert_eq!(local.postmaster(), Some(first), "the same server");
    assert_eq!(again["digest"], crm.json("generate --out files --seed 42")["digest"]);
    assert_eq!(crm.names_in(""), [".crm-seed", "files"]);
    assert_eq!(fs::read_to_string(crm.directory().join(".crm-seed/.gitignore")).expect("a file"), "*\n");
    crm.ok("stop").printing("stopped the local database, in .crm-seed");
    assert_eq!(local.postmaster(), None);
    crm.ok("stop").printing("the local database is not running, in .crm-seed");
    crm.ok("verify");
    assert!(local.postmaster().is_some_and(|pid| pid != first), "what was filled is there");
}

#[test]
fn an_app_has_as_many_connections_as_it_wants_while_tables_are_filled() {
    let Some(local) = Local::new() else { return };
    let crm = &local.0;
    crm.ok("--seed 42");
    let server = local.postmaster();
    let (serving, db) = serve(crm);
    let mut sessions: Vec<Session> = (0..20).map(|_| Session::open(&db)).collect();
    for session in &mut sessions {
        assert_eq!(session.run("SELECT count(*) FROM organizations"), Some(vec!["28".to_owned()]));
    }
    crm.ok("--clean --seed 42 --scale 2");
    for session in &mut sessions {
        assert_eq!(session.run("SELECT count(*) FROM organizations"), Some(vec!["56".to_owned()]));
    }
    // What ran before goes on.
    serving.signal("INT");
    serving.wait().exits(0).telling("It ran before, and goes on after Ctrl-C.");
    assert_eq!(local.postmaster(), server);
}

#[test]
fn serve_stops_what_it_has_started() {
    let Some(local) = Local::new() else { return };
    let (serving, db) = serve(&local.0);
    assert_eq!(db.run("SELECT current_database(), current_user"), "crm\tpostgres");
    assert!(db.url().contains("127.0.0.1") && local.postmaster().is_some());
    serving.signal("INT");
    serving.wait().exits(0).telling("psql -h ").telling("Ctrl-C stops it.");
    assert_eq!(local.postmaster(), None);
}

#[test]
fn serve_ends_with_the_server() {
    let Some(local) = Local::new() else { return };
    let (serving, _) = serve(&local.0);
    local.0.ok("stop");
    serving.wait().exits(0).telling("the local database was stopped");
    let (serving, _) = serve(&local.0);
    kill(local.postmaster().expect("it runs"));
    serving.wait().exits(1).telling("has crashed").telling("the next command starts it again");
    local.0.ok("--seed 42");
}

#[test]
fn a_server_that_was_killed_is_started_again_with_what_was_committed() {
    let Some(local) = Local::new() else { return };
    let crm = &local.0;
    crm.ok("--seed 42");
    kill(local.postmaster().expect("it runs"));
    crm.ok("verify");
    let digest = crm.digest("--clean --seed 42");
    assert_eq!(digest, crm.digest("generate --out files --seed 42"));
}

#[test]
fn commands_that_begin_at_once_share_one_server() {
    let Some(local) = Local::new() else { return };
    let crm = &local.0;
    let commands: Vec<_> = (0..3).map(|_| crm.spawn("--seed 42 --if-changed --clean --wait 100")).collect();
    for command in commands {
        command.wait().exits(0);
    }
    crm.ok("verify");
}

#[test]
fn two_projects_have_two_servers() {
    let (Some(one), Some(other)) = (Local::new(), Local::new()) else { return };
    one.0.ok("--seed 1");
    other.0.ok("--seed 2");
    assert_ne!(one.postmaster().expect("it runs"), other.postmaster().expect("it runs"));
    one.0.ok("--if-changed --clean --seed 1").printing("nothing to do");
    let ((first, here), (second, there)) = (serve(&one.0), serve(&other.0));
    let names = "SELECT md5(string_agg(name, ',' ORDER BY name)) FROM organizations";
    assert_ne!(here.run(names), there.run(names));
    for serving in [first, second] {
        serving.signal("INT");
        serving.wait().exits(0);
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let Some(local) = Local::new() else { return };
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("its address").port();
    let told = format!("cannot listen on 127.0.0.1:{port}: it is in use");
    local.0.run(&format!("serve --port {port}")).fails(1).telling(&told);
    assert_eq!(local.postmaster(), None);
    local.0.ok("--seed 42");
}

#[test]
fn data_of_a_version_that_is_not_installed_is_left_alone() {
    let Some(local) = Local::new() else { return };
    local.0.ok("--seed 42");
    local.0.ok("stop");
    let file = local.0.directory().join(".crm-seed/cluster/PG_VERSION");
    let version = fs::read_to_string(&file).expect("a file");
    fs::write(&file, "7\n").expect("a file");
    for command in ["verify", "--clean --yes", "serve"] {
        local.0.run(command).fails(4).telling("(PostgreSQL 7)").telling("install that version of PostgreSQL");
    }
    fs::write(&file, version).expect("a file");
    local.0.ok("verify");
}

#[test]
fn what_the_embedded_postgresql_holds_is_used_further() {
    let Some(local) = Local::of(Crm::new().with("CRM_SEED_ENGINE", "auto")) else { return };
    let crm = &local.0;
    crm.ok("--seed 42 --engine embedded").printing("in embedded PostgreSQL in .crm-seed");
    crm.run("--seed 42").fails(3).telling("already contain");
    crm.ok("--clean --seed 42").printing("in embedded PostgreSQL in .crm-seed");
    assert_eq!(local.postmaster(), None);
    let fresh = Local::of(Crm::new().with("CRM_SEED_ENGINE", "auto")).expect("installed");
    fresh.0.ok("--seed 42").printing("in local database in .crm-seed (PostgreSQL ");
}

#[test]
fn it_stops_by_itself_when_nobody_uses_it() {
    let Some(local) = Local::new() else { return };
    local.0.ok("--seed 42");
    let (serving, db) = serve(&local.0);
    let session = Session::holding(&db, "SELECT 1");
    serving.signal("INT");
    serving.wait().exits(0);
    let mut watch = local.0.spawn(&format!(
        "watch-local-database --seconds 1 {}",
        local.0.directory().join(".crm-seed").display()
    ));
    std::thread::sleep(Duration::from_secs(3));
    assert!(watch.is_running() && local.postmaster().is_some(), "somebody is connected");
    drop(session);
    watch.wait().exits(0);
    assert_eq!(local.postmaster(), None);
    local.0.ok("verify");
}
