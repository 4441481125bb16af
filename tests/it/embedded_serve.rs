//! `crm-seed serve` outlives its clients, whatever they do, and is believed only if it is the real one.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use crate::harness::{Crm, Running, wait_for};

/// A `crm-seed serve` at work.
struct Serve {
    running: Running,
    url: String,
    port: u16,
}

impl Serve {
    fn start(crm: &Crm, arguments: &str) -> Self {
        let mut running = crm.spawn(&format!("serve {arguments}"));
        let url = wait_for("a URL", || {
            assert!(running.is_running(), "serve has ended");
            Some(running.printed()).filter(|text| text.ends_with('\n'))
        });
        let authority = url.split("@127.0.0.1:").nth(1).expect("an address");
        let port = authority.split('/').next().and_then(|port| port.parse().ok()).expect("a port");
        Self { running, url: url.trim().to_owned(), port }
    }

    /// A connection on which nothing was said yet.
    fn connect(&self) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
        Client(stream)
    }

    /// A session that is ready for a query.
    fn session(&self) -> Client {
        let mut client = self.connect();
        client.send(&startup(&[("user", "postgres"), ("database", "postgres")]));
        client.until(b"Z\0\0\0\x05I");
        client
    }

    /// The answer to a query, as the text of the whole response.
    #[track_caller]
    fn ask(&self, query: &str) -> String {
        let mut client = self.session();
        client.query(query);
        let answer = client.until(b"Z\0\0\0\x05I");
        client.send(&message(b'X', b""));
        answer
    }

    #[track_caller]
    fn stop(self) {
        self.running.signal("INT");
        self.running.wait().exits(0);
    }
}

/// A client that says what it likes.
struct Client(TcpStream);

impl Client {
    fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).expect("it listens");
    }

    fn query(&mut self, query: &str) {
        self.send(&message(b'Q', format!("{query}\0").as_bytes()));
    }

    /// Reads until `end` has come.
    #[track_caller]
    fn until(&mut self, end: &[u8]) -> String {
        let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
        while !answer.windows(end.len()).any(|window| window == end) {
            let length = self.0.read(&mut buffer).expect("an answer");
            let so_far = String::from_utf8_lossy(&answer);
            assert!(length > 0, "hung up before {:?}: {so_far:?}", String::from_utf8_lossy(end));
            answer.extend(&buffer[..length]);
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Reads to the end.
    fn rest(&mut self) -> String {
        let mut answer = Vec::new();
        // A reset ends it, too.
        let _ = self.0.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Hangs up as a process does that is killed with unread answers.
    fn reset(self) {
        let socket = socket2::SockRef::from(&self.0);
        socket.set_linger(Some(Duration::ZERO)).expect("a socket");
    }
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], length(body).as_slice(), body].concat()
}

fn length(body: &[u8]) -> [u8; 4] {
    u32::try_from(body.len() + 4).expect("a short message").to_be_bytes()
}

/// A packet without a kind, as the first one is.
fn packet(code: u32, body: &[u8]) -> Vec<u8> {
    let body = [code.to_be_bytes().as_slice(), body].concat();
    [&length(&body), body.as_slice()].concat()
}

fn startup(parameters: &[(&str, &str)]) -> Vec<u8> {
    let text: String = parameters.iter().map(|(name, value)| format!("{name}\0{value}\0")).collect();
    packet(3 << 16, format!("{text}\0").as_bytes())
}

/// What a client does.
type Act = fn(&Serve);

/// What a client does that is no good one.
const ODD: [(&str, Act); 20] = [
    ("connects and resets", |serve| serve.connect().reset()),
    ("connects and closes", |serve| drop(serve.connect())),
    ("says nothing, and stays", |serve| std::mem::forget(serve.connect())),
    ("speaks HTTP", |serve| {
        let mut client = serve.connect();
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let answer = client.rest();
        assert!(answer.contains("FATAL") && answer.contains("08P01"), "{answer:?}");
    }),
    ("sends random bytes", |serve| {
        let mut client = serve.connect();
        client.send(
            &(0..999_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<_>>(),
        );
        client.reset();
    }),
    ("sends zeros", |serve| serve.connect().send(&[0; 400])),
    ("asks for TLS and closes", |serve| {
        let mut client = serve.connect();
        client.send(&packet(80_877_103, b""));
        client.until(b"N");
    }),
    ("begins with TLS nevertheless", |serve| {
        let mut client = serve.connect();
        client.send(&packet(80_877_103, b""));
        client.until(b"N");
        client.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
        assert!(client.rest().contains("FATAL"));
    }),
    ("sends half a startup packet", |serve| {
        let mut client = serve.connect();
        client.send(&startup(&[("user", "postgres")])[..12]);
        client.reset();
    }),
    ("cancels what nobody asked", |serve| serve.connect().send(&packet(80_877_102, &[0; 8]))),
    ("leaves before it is let in", |serve| {
        let mut client = serve.connect();
        client.send(&startup(&[("user", "postgres")]));
        client.reset();
    }),
    ("names no user", |serve| {
        let mut client = serve.connect();
        client.send(&startup(&[("database", "postgres")]));
        assert!(client.rest().contains("no PostgreSQL user name"));
    }),
    ("asks for a setting that there is not", |serve| {
        let mut client = serve.connect();
        client.send(&startup(&[("user", "postgres"), ("options", "-c nonsense=1")]));
        assert!(client.rest().contains("check the options"));
    }),
    ("speaks a newer protocol", |serve| {
        let mut client = serve.connect();
        client.send(&packet(3 << 16 | 2, b"user\0postgres\0database\0postgres\0\0"));
        client.until(b"Z\0\0\0\x05I");
    }),
    ("leaves in a transaction", |serve| {
        let mut client = serve.session();
        client.query("BEGIN; CREATE TABLE odd (id int)");
        client.until(b"Z\0\0\0\x05T");
        client.reset();
    }),
    ("leaves in the middle of an answer", |serve| {
        let mut client = serve.session();
        client.query("SELECT repeat('x', 1000) FROM generate_series(1, 50000)");
        client.until(b"xxxx");
        client.reset();
    }),
    ("leaves in the middle of a COPY", |serve| {
        let mut client = serve.session();
        client.query("CREATE TEMP TABLE odd (line text); COPY odd FROM stdin");
        client.until(b"G\0\0\0");
        client.send(&message(b'd', "line\n".repeat(1000).as_bytes()));
        client.reset();
    }),
    ("sends a message that is none", |serve| {
        let mut client = serve.session();
        client.send(b"Q\0\0\0\x02zz");
        client.0.shutdown(Shutdown::Write).expect("a socket");
        client.rest();
    }),
    ("begins a second time", |serve| {
        let mut client = serve.session();
        client.send(&startup(&[("user", "postgres")]));
        client.rest();
    }),
    ("overflows the stack", |serve| {
        let mut client = serve.session();
        let body = "BEGIN RETURN deep(level + 1); END";
        client.query(&format!(
            "CREATE FUNCTION deep(level int) RETURNS int LANGUAGE plpgsql AS '{body}'; SELECT deep(0)"
        ));
        assert!(client.rest().contains("FATAL"), "it is not left without a word");
    }),
];

#[test]
fn the_next_client_is_served_whatever_the_last_one_did() {
    let crm = Crm::new();
    let mut serve = Serve::start(&crm, "");
    for (what, odd) in ODD {
        odd(&serve);
        assert!(serve.ask("SELECT 'served ' || (40 + 2)").contains("served 42"), "after one that {what}");
        assert!(serve.running.is_running(), "after one that {what}");
    }
    assert!(
        !serve.ask("SELECT 'there: ' || to_regclass('odd')").contains("there: odd"),
        "it was rolled back"
    );
    serve.stop();
    assert_eq!(crm.names_in(".crm-seed"), ["lock", "postgres"]);
}

#[test]
fn a_server_that_does_not_come_back_ends_the_command() {
    let crm = Crm::new();
    let serve = Serve::start(&crm, "");
    let version = crm.directory().join(".crm-seed/postgres/tmp/pglite/base/PG_VERSION");
    let mut client = serve.session();
    fs::remove_file(&version).expect("a file");
    client.query("CREATE TEMP TABLE odd (line text); COPY odd FROM stdin");
    client.until(b"G\0\0\0");
    client.reset();
    let mut next = serve.connect();
    next.send(&startup(&[("user", "postgres"), ("database", "postgres")]));
    assert!(next.rest().contains("cannot restart"));
    serve.running.wait().exits(1).telling("cannot restart: its file PG_VERSION is missing");
    assert_eq!(crm.names_in(".crm-seed"), ["lock", "postgres"]);
    fs::write(&version, "17\n").expect("a file");
    crm.ok("--seed 1");
}

#[test]
fn a_second_client_waits_for_the_first_or_is_told() {
    let crm = Crm::new();
    let serve = Serve::start(&crm, "");
    let mut first = serve.session();
    let mut second = serve.connect();
    second.send(&startup(&[("user", "postgres"), ("database", "postgres")]));
    first.send(&message(b'X', b""));
    second.until(b"Z\0\0\0\x05I");
    let mut third = serve.connect();
    third.send(&startup(&[("user", "postgres"), ("database", "postgres")]));
    let answer = third.rest();
    assert!(answer.contains("C53300") && answer.contains("one connection at a time"), "{answer:?}");
    crm.run("--seed 1")
        .fails(4)
        .telling("takes one connection at a time")
        .telling("disconnect the other client");
    // Another run waits for its turn.
    let waiting = crm.spawn("--seed 1 --wait 60");
    std::thread::sleep(Duration::from_millis(100));
    drop(second);
    waiting.wait().exits(0).printing("served at");
    serve.stop();
}

#[test]
fn an_address_that_another_project_has_by_now_is_not_believed() {
    let (crm, other) = (Crm::new(), Crm::new());
    let serve = Serve::start(&crm, "");
    let left = fs::read_to_string(crm.directory().join(".crm-seed/served-at")).expect("served-at");
    serve.running.signal("KILL");
    let port = serve.port;
    serve.running.wait();
    let serve = Serve::start(&other, "");
    other.ok("--seed 1");
    // As if the system had given the port of the killed one to the other project's.
    let left = left.replace(&format!("127.0.0.1:{port}"), &format!("127.0.0.1:{}", serve.port));
    let served_at = crm.directory().join(".crm-seed/served-at");
    fs::write(&served_at, &left).expect("a file");
    // Someone has the directory and does not serve it; what a killed one left says where it is served.
    let lock =
        fs::File::options().write(true).open(crm.directory().join(".crm-seed/lock")).expect("the lock");
    lock.lock().expect("nobody has it");
    let in_use = "another crm-seed is using the embedded PostgreSQL";
    crm.run("--clean --yes --seed 2").fails(3).telling(in_use);
    // Neither is a link to what the other directory says, nor what is malformed, nor another's secret.
    fs::remove_file(&served_at).expect("it was left");
    symlink(other.directory().join(".crm-seed/served-at"), &served_at).expect("a link");
    crm.run("--clean --yes --seed 2").fails(3).telling(in_use);
    fs::remove_file(&served_at).expect("the link");
    for text in
        [serve.url.clone(), "{".into(), String::new(), left.replace("127.0.0.1", "10.0.0.1"), left.clone()]
    {
        fs::write(&served_at, text).expect("a file");
        crm.run("--clean --yes --seed 2").fails(3).telling(in_use);
    }
    lock.unlock().expect("ours");
    crm.ok("--clean --yes --seed 2").printing("in embedded PostgreSQL in .crm-seed");
    assert_eq!(crm.names_in(".crm-seed"), ["lock", "postgres"]);
    assert_eq!(other.json("--if-changed --seed 1")["changed"], false, "the other project is as it was");
    serve.stop();
}

#[test]
fn a_listener_that_answers_nothing_is_not_waited_for() {
    let crm = Crm::new();
    crm.ok("--seed 1");
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = listener.local_addr().expect("its address");
    let secret = "0".repeat(64);
    let text = format!(r#"{{"address":"{address}","pid":1,"secret":"{secret}"}}"#);
    let lock =
        fs::File::options().write(true).open(crm.directory().join(".crm-seed/lock")).expect("the lock");
    lock.lock().expect("nobody has it");
    fs::write(crm.directory().join(".crm-seed/served-at"), text).expect("a file");
    crm.run("--clean --yes --seed 2").fails(3).telling("another crm-seed is using");
}

#[test]
fn a_run_waits_for_the_one_that_has_the_directory() {
    let crm = Crm::new();
    crm.ok("--seed 1");
    let lock =
        fs::File::options().write(true).open(crm.directory().join(".crm-seed/lock")).expect("the lock");
    lock.lock().expect("nobody has it");
    let began = Instant::now();
    crm.run("--clean --seed 2 --wait 1").fails(3).telling("another crm-seed is using");
    assert!(began.elapsed() >= Duration::from_secs(1), "it has waited");
    let mut waiting = crm.spawn("--clean --seed 2 --wait 60");
    std::thread::sleep(Duration::from_millis(300));
    assert!(waiting.is_running());
    lock.unlock().expect("ours");
    waiting.wait().exits(0);
}

#[test]
fn a_signal_is_heard_while_a_run_waits_or_starts() {
    let crm = Crm::new();
    for moment in [30, 100, 200, 400] {
        let running = crm.spawn("--seed 1 --scale 4000");
        std::thread::sleep(Duration::from_millis(moment));
        running.signal("INT");
        assert!(running.wait().was_interrupted(2), "after {moment} ms");
    }
    crm.ok("--seed 1");
    let lock =
        fs::File::options().write(true).open(crm.directory().join(".crm-seed/lock")).expect("the lock");
    lock.lock().expect("nobody has it");
    let running = crm.spawn("--clean --seed 2 --wait 60");
    std::thread::sleep(Duration::from_millis(700));
    running.signal("INT");
    running.wait().fails(130).telling("cancelled");
}
