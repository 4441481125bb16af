//! As much of PostgreSQL's protocol as a go-between has to know: how a connection begins.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// What a first packet may ask for; a version of the protocol otherwise.
const SSL: u32 = 80_877_103;
const GSS_ENCRYPTION: u32 = 80_877_104;
const CANCEL: u32 = 80_877_102;
/// Ours, numbered like those: to prove that a `crm-seed serve` listens. A nonce follows.
const PROVE: u32 = 1234 << 16 | 7333;
/// The version that the server speaks.
const VERSION_3_0: u32 = 3 << 16;
/// The longest first packet that PostgreSQL takes.
const LONGEST: usize = 10_000;

/// Length of a nonce and of its proof, in bytes.
pub const NONCE: usize = 16;
pub const PROOF: usize = 32;

/// SQLSTATEs of what clients are told.
pub const PROTOCOL_VIOLATION: &str = "08P01";
pub const TOO_MANY_CONNECTIONS: &str = "53300";
pub const CANNOT_CONNECT_NOW: &str = "57P03";
pub const CRASH_SHUTDOWN: &str = "57P02";

/// The first request of a client.
#[derive(Debug)]
pub enum Opening {
    /// A session: the packet for the server, which speaks 3.0 alone. A client that asked for a newer
    /// version is to be told so first.
    Session { packet: Vec<u8>, notice: Vec<u8> },
    /// To cancel a statement.
    Cancel,
    /// A proof of who listens.
    Prove([u8; NONCE]),
}

/// Reads what a client begins with. It is told that there is no encryption where it asks for some.
///
/// # Errors
/// It says nothing, or what no client of PostgreSQL says: then the error tells what was wrong.
pub async fn open(client: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Result<Opening> {
    // libpq asks for GSSAPI and for TLS, once each.
    for _ in 0..3 {
        let packet = read_packet(client).await?;
        let code = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        match code {
            SSL | GSS_ENCRYPTION => client.write_all(b"N").await?,
            CANCEL => return Ok(Opening::Cancel),
            PROVE => {
                let nonce = packet[8..].try_into().map_err(|_| wrong("a nonce of the wrong length"))?;
                return Ok(Opening::Prove(nonce));
            }
            _ if code >> 16 == 3 => return session(packet, code),
            _ => return Err(wrong(&format!("unsupported protocol {}.{}", code >> 16, code & 0xFFFF))),
        }
    }
    Err(wrong("too many encryption requests"))
}

/// A packet: its own length in 4 bytes, 4 bytes of code, and what belongs to it.
async fn read_packet(client: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>> {
    let mut packet = vec![0; 4];
    client.read_exact(&mut packet).await?;
    let length = u32::from_be_bytes([packet[0], packet[1], packet[2], packet[3]]) as usize;
    if !(8..=LONGEST).contains(&length) {
        return Err(wrong("invalid length of startup packet"));
    }
    packet.resize(length, 0);
    client.read_exact(&mut packet[4..]).await?;
    Ok(packet)
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

/// The startup packet as the server takes it: version 3.0, without options of newer versions.
fn session(packet: Vec<u8>, version: u32) -> Result<Opening> {
    let Some(text) = packet[8..].strip_suffix(&[0, 0]) else {
        // No parameters at all, or no end.
        return Err(wrong("invalid startup packet layout: expected terminator as last byte"));
    };
    let fields: Vec<&[u8]> = text.split(|byte| *byte == 0).collect();
    let (pairs, rest) = fields.as_chunks::<2>();
    if !rest.is_empty() || pairs.iter().any(|[name, _]| name.is_empty()) {
        return Err(wrong("invalid startup packet layout: a parameter without a value"));
    }
    if std::str::from_utf8(text).is_err() {
        return Err(wrong("a parameter is not valid UTF-8"));
    }
    let (newer, known): (Vec<&[&[u8]; 2]>, Vec<_>) =
        pairs.iter().partition(|[name, _]| name.starts_with(b"_pq_."));
    if !known.iter().any(|[name, value]| *name == b"user" && !value.is_empty()) {
        return Err(wrong("no PostgreSQL user name specified in startup packet"));
    }
    let mut notice = Vec::new();
    if version != VERSION_3_0 || !newer.is_empty() {
        let mut body = VERSION_3_0.to_be_bytes().to_vec();
        body.extend(u32::try_from(newer.len()).unwrap_or_default().to_be_bytes());
        for [name, _] in &newer {
            body.extend([*name, b"\0"].concat());
        }
        notice = message(b'v', &body);
    }
    let mut body = VERSION_3_0.to_be_bytes().to_vec();
    for [name, value] in known {
        body.extend([*name, b"\0", *value, b"\0"].concat());
    }
    body.push(0);
    let packet = [&length(&body), body.as_slice()].concat();
    Ok(Opening::Session { packet, notice })
}

/// Follows the messages of the server: which one came last, and whether it is whole.
#[derive(Debug, Default)]
pub struct Messages {
    /// The kind of the current message.
    kind: Option<u8>,
    /// How many of the four bytes of its length have not come yet, and what they say so far.
    length_bytes: u32,
    length: u32,
    /// Bytes of its body that have not arrived yet.
    body: u32,
}

impl Messages {
    /// The next bytes of the stream.
    pub fn pass(&mut self, mut bytes: &[u8]) {
        while let [first, rest @ ..] = bytes {
            if self.body > 0 {
                let passed = bytes.len().min(self.body as usize);
                self.body -= u32::try_from(passed).unwrap_or(self.body);
                bytes = &bytes[passed..];
                continue;
            }
            if self.length_bytes == 0 {
                (self.kind, self.length_bytes, self.length) = (Some(*first), 4, 0);
            } else {
                self.length_bytes -= 1;
                self.length = self.length << 8 | u32::from(*first);
                if self.length_bytes == 0 {
                    // The length counts itself.
                    self.body = self.length.saturating_sub(4);
                }
            }
            bytes = rest;
        }
    }

    /// Whether no message has arrived.
    pub const fn is_empty(&self) -> bool {
        self.kind.is_none()
    }

    /// The kind of the last one; `None` where it is not whole.
    pub fn last(&self) -> Option<u8> {
        self.kind.filter(|_| self.length_bytes == 0 && self.body == 0)
    }
}

/// The packet that asks for a proof.
pub fn prove(nonce: [u8; NONCE]) -> Vec<u8> {
    let body = [PROVE.to_be_bytes().as_slice(), &nonce].concat();
    [&length(&body), body.as_slice()].concat()
}

/// An error that ends the connection.
pub fn fatal(code: &str, text: &str, hint: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in [(b'S', "FATAL"), (b'V', "FATAL"), (b'C', code), (b'M', text), (b'H', hint)] {
        if !value.is_empty() {
            body.push(field);
            // A NUL ends it.
            body.extend(value.bytes().filter(|byte| *byte != 0));
            body.push(0);
        }
    }
    body.push(0);
    message(b'E', &body)
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], length(body).as_slice(), body].concat()
}

/// The length of `body` and of itself.
fn length(body: &[u8]) -> [u8; 4] {
    u32::try_from(body.len() + 4).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn startup(version: u32, text: &[u8]) -> Vec<u8> {
        let body = [version.to_be_bytes().as_slice(), text].concat();
        [&length(&body), body.as_slice()].concat()
    }

    #[test]
    fn a_plain_startup_packet_stays_as_it_is() {
        let packet = startup(VERSION_3_0, b"user\0app\0database\0crm\0options\0\0\0");
        let Ok(Opening::Session { packet: passed, notice }) = session(packet.clone(), VERSION_3_0) else {
            panic!("a session");
        };
        assert_eq!((passed, notice), (packet, Vec::new()));
    }

    #[test]
    fn a_newer_client_is_told_what_the_server_speaks() {
        let packet = startup(3 << 16 | 2, b"user\0app\0_pq_.new\0yes\0\0");
        let Ok(Opening::Session { packet, notice }) = session(packet, 3 << 16 | 2) else {
            panic!("a session");
        };
        assert_eq!(packet, startup(VERSION_3_0, b"user\0app\0\0"));
        assert_eq!(notice, b"v\0\0\0\x15\0\x03\0\0\0\0\0\x01_pq_.new\0");
    }

    #[test]
    fn the_last_message_is_known_however_the_stream_is_cut() {
        let stream = [message(b'Z', b"I"), message(b'D', &[b'E'; 9]), message(b'E', b"no\0")].concat();
        for cut in 0..=stream.len() {
            let mut messages = Messages::default();
            messages.pass(&stream[..cut]);
            messages.pass(&[]);
            let last = match cut {
                6 => Some(b'Z'),
                20 => Some(b'D'),
                _ if cut == stream.len() => Some(b'E'),
                _ => None,
            };
            assert_eq!((messages.is_empty(), messages.last()), (cut == 0, last), "{cut}");
            messages.pass(&stream[cut..]);
            assert_eq!(messages.last(), Some(b'E'), "{cut}");
        }
    }

    #[test]
    fn a_packet_that_is_no_startup_packet_is_refused() {
        for text in
            [&b"user\0app"[..], b"user\0app\0", b"user\0\0", b"\0", b"", b"a\0b\0c\0\0", b"user\0\xff\0\0"]
        {
            session(startup(VERSION_3_0, text), VERSION_3_0).expect_err(&format!("{text:?}"));
        }
    }
}
