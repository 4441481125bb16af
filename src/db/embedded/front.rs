//! The public address of `crm-seed serve`: takes every client there is, and lets one at a time through to
//! the server.
//!
//! The server itself breaks down with a client that says something wrong or goes away in the middle. So
//! what a client begins with is read here first, and one that goes away is seen off: what it began ends as
//! PostgreSQL ends it, and what the server still says to it is thrown away.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use super::engine::{Engine, Stream};
use super::served::Served;
use super::wire::{self, Messages, Opening};

/// How long a client may take to say what it wants: PostgreSQL's `authentication_timeout`.
const OPENING: Duration = Duration::from_secs(60);
/// How long a client waits for the one before it. psql run twice in a row does not notice; a second
/// client that is there to stay is told so before it takes the server for dead.
const TURN: Duration = Duration::from_secs(3);
/// Time for a client to read the last message.
const FAREWELL: Duration = Duration::from_secs(1);
/// Pause where no client can be taken, as when all file descriptors are in use.
const PAUSE: Duration = Duration::from_millis(100);

/// A listener that lets one client at a time through to the server.
pub struct Front {
    listener: TcpListener,
    served: Served,
    engine: Mutex<Engine>,
    /// Whether the client in turn has gone, and the server is still busy with what it asked for.
    is_abandoned: AtomicBool,
}

impl Front {
    /// Serves `engine` on `listener`.
    pub fn new(listener: TcpListener, served: Served, engine: Engine) -> Self {
        Self { listener, served, engine: Mutex::new(engine), is_abandoned: AtomicBool::new(false) }
    }

    /// Serves clients until the server is gone and does not start again; gives the reason.
    pub async fn run(&self) -> String {
        let mut sessions = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((client, _)) => sessions.push(self.attend(client)),
                    Err(_) => sleep(PAUSE).await,
                },
                Some(ended) = sessions.next() => if let Err(reason) = ended {
                    return reason;
                },
            }
        }
    }

    /// Does what one client wants. What it does wrong is its own matter.
    ///
    /// # Errors
    /// The server is gone and does not start again.
    async fn attend(&self, mut client: TcpStream) -> Result<(), String> {
        // A COPY ends with a small message that would wait 44 ms for an acknowledgement. A socket that
        // refuses stays slower, no more.
        let _ = client.set_nodelay(true);
        let opening = match timeout(OPENING, wire::open(&mut client)).await {
            Ok(Ok(opening)) => opening,
            Ok(Err(error)) => {
                if error.kind() == ErrorKind::InvalidData {
                    let hint = "this port speaks the PostgreSQL protocol: connect with a PostgreSQL client";
                    dismiss(client, &wire::fatal(wire::PROTOCOL_VIOLATION, &error.to_string(), hint)).await;
                }
                return Ok(());
            }
            Err(_) => return Ok(()),
        };
        match opening {
            // No statement can be stopped; whoever waits for its end sees it.
            Opening::Cancel => Ok(()),
            Opening::Prove(nonce) => {
                if let Some(proof) = self.served.proof(nonce) {
                    dismiss(client, proof.as_bytes()).await;
                }
                Ok(())
            }
            Opening::Session { packet, notice } => {
                if client.write_all(&notice).await.is_err() {
                    return Ok(());
                }
                self.in_turn(client, &packet).await
            }
        }
    }

    /// Waits for the server to be free, and lets the client through.
    async fn in_turn(&self, mut client: TcpStream, startup: &[u8]) -> Result<(), String> {
        let Ok(mut engine) = timeout(TURN, self.engine.lock()).await else {
            let text = if self.is_abandoned.load(Ordering::Relaxed) {
                "the previous client disconnected, but its statement is still running"
            } else {
                "another client is connected, and crm-seed serve takes one connection at a time"
            };
            let hint = "try again when it has finished, or set the size of your connection pool to 1";
            dismiss(client, &wire::fatal(wire::TOO_MANY_CONNECTIONS, text, hint)).await;
            return Ok(());
        };
        // The client before may have taken the server down with it, which shows only now: then there is no
        // answer at all, and the packet is sent once more to one that was started again.
        for _ in 0..2 {
            let server = match engine.connect().await {
                Ok(server) => server,
                Err(reason) => {
                    let text = format!("the embedded PostgreSQL cannot restart: {reason}");
                    dismiss(client, &wire::fatal(wire::CANNOT_CONNECT_NOW, &text, "")).await;
                    return Err(reason);
                }
            };
            let last = match relay(&mut client, server, startup, &self.is_abandoned).await {
                Ended::Unanswered => continue,
                Ended::Told => Vec::new(),
                Ended::Broken => {
                    let text = "the embedded PostgreSQL crashed during this session";
                    let hint = "the statement may have used all memory or stack; connect again";
                    wire::fatal(wire::CRASH_SHUTDOWN, text, hint)
                }
            };
            drop(engine);
            dismiss(client, &last).await;
            return Ok(());
        }
        let reason = engine.failure().unwrap_or("it ends without an answer");
        let text = format!("the embedded PostgreSQL cannot start this session: {reason}");
        drop(engine);
        let hint = "check the options of the client (PGOPTIONS, options=)";
        dismiss(client, &wire::fatal(wire::CANNOT_CONNECT_NOW, &text, hint)).await;
        Ok(())
    }
}

/// How a session ended.
enum Ended {
    /// Normally, or because the client is gone.
    Told,
    /// The server ended while the client was waiting.
    Broken,
    /// The server ended without sending anything.
    Unanswered,
}

/// Lets a client and the server talk until the server has ended the session.
async fn relay(
    client: &mut TcpStream,
    mut server: Stream,
    startup: &[u8],
    is_abandoned: &AtomicBool,
) -> Ended {
    let (mut from_server, mut to_server) = server.split();
    let (mut from_client, mut to_client) = client.split();
    if to_server.write_all(startup).await.is_err() {
        return Ended::Unanswered;
    }
    let pass_on = async {
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
        is_abandoned.store(true, Ordering::Relaxed);
        // The server ends what the client had begun when it sees the end of its messages.
        let _ = to_server.shutdown().await;
        // It is the server that ends the session.
        std::future::pending().await
    };
    let ended = tokio::select! {
        ended = forward(&mut from_server, &mut to_client) => ended,
        () = pass_on => Ended::Told,
    };
    let has_left = is_abandoned.swap(false, Ordering::Relaxed);
    if has_left { Ended::Told } else { ended }
}

/// Passes on what the server says until it has done; what nobody reads any more is thrown away.
async fn forward(server: &mut (impl AsyncRead + Unpin), client: &mut (impl AsyncWrite + Unpin)) -> Ended {
    let mut buffer = vec![0; 64 * 1024];
    let (mut messages, mut is_read) = (Messages::default(), true);
    while let Ok(length @ 1..) = server.read(&mut buffer).await {
        messages.pass(&buffer[..length]);
        is_read = is_read && client.write_all(&buffer[..length]).await.is_ok();
    }
    match messages.last() {
        _ if messages.is_empty() => Ended::Unanswered,
        // An error is the last that a server says of its own accord; after half a message nothing can be
        // added.
        None | Some(b'E') => Ended::Told,
        Some(_) => Ended::Broken,
    }
}

/// Says the last there is to say, and hangs up when the client has read it. Hanging up on what it is
/// still saying would take away from it what it has not read yet.
async fn dismiss(mut client: TcpStream, last: &[u8]) {
    let farewell = async {
        client.write_all(last).await?;
        client.shutdown().await?;
        let mut buffer = [0; 4096];
        while client.read(&mut buffer).await? > 0 {}
        std::io::Result::Ok(())
    };
    // A client that has gone needs none.
    let _ = timeout(FAREWELL, farewell).await;
}
