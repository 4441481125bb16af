//! Where a `crm-seed serve` has the local database: the file `served-at`, and the proof that it is still
//! that process which listens there.
//!
//! An address outlives the process that had it, and may be another project's by now. So the file holds a
//! secret, and whoever listens must show that it knows the secret before a statement is sent.

use std::io::{Read, Result, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::chance;
use super::wire;

const NAME: &str = "served-at";
/// Prefix of a file that is still being written.
const UNFINISHED: &str = ".served-at-";
/// Maximum size of a `served-at` file in bytes.
const LONGEST: u64 = 1000;
/// How long a process of this machine may take to prove itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// The contents of the `served-at` file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Served {
    /// Where it listens: an address of this machine.
    pub address: SocketAddr,
    /// The process, for whoever reads the file.
    pid: u32,
    /// 32 bytes that only it and who may read the file know, in hexadecimal digits.
    secret: String,
}

impl Served {
    /// What this process writes when it listens on `address`.
    pub fn here(address: SocketAddr) -> Self {
        let secret = std::array::from_fn::<_, 4, _>(|_| chance::random().to_be_bytes()).concat();
        let secret = blake3::hash(&secret).to_hex().to_string();
        Self { address, pid: std::process::id(), secret }
    }

    /// Where `directory` is served, if a process that listens there proves that it serves it.
    pub async fn find(directory: &Path) -> Option<Self> {
        let served = Self::read(directory)?;
        served.is_proved().await.then_some(served)
    }

    fn read(directory: &Path) -> Option<Self> {
        let path = directory.join(NAME);
        // A link may lead to what another directory says.
        if !std::fs::symlink_metadata(&path).is_ok_and(|about| about.is_file()) {
            return None;
        }
        let mut text = String::new();
        std::fs::File::open(&path).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
        let served: Self = serde_json::from_str(&text).ok()?;
        (served.address.ip().is_loopback() && served.key().is_some()).then_some(served)
    }

    /// Asks the process at the address to prove that it knows the secret.
    pub async fn is_proved(&self) -> bool {
        tokio::time::timeout(PATIENCE, self.ask_for_proof())
            .await
            .is_ok_and(|answer| answer.is_ok_and(|is| is))
    }

    async fn ask_for_proof(&self) -> Result<bool> {
        let nonce: [u8; wire::NONCE] =
            (u128::from(chance::random()) << 64 | u128::from(chance::random())).to_be_bytes();
        let mut stream = TcpStream::connect(self.address).await?;
        stream.write_all(&wire::prove(nonce)).await?;
        let mut proof = [0; wire::PROOF];
        stream.read_exact(&mut proof).await?;
        Ok(self.proof(nonce).is_some_and(|expected| expected == blake3::Hash::from_bytes(proof)))
    }

    /// The proof for `nonce`: the secret is not to be learned from it.
    pub fn proof(&self, nonce: [u8; wire::NONCE]) -> Option<blake3::Hash> {
        Some(blake3::keyed_hash(&self.key()?, &nonce))
    }

    fn key(&self) -> Option<[u8; 32]> {
        blake3::Hash::from_hex(&self.secret).ok().map(Into::into)
    }

    /// Writes the file, which only this user may read.
    pub fn write(&self, directory: &Path) -> Result<ServedAt> {
        let text = serde_json::to_string(self)?;
        // Private from its first byte, and there only when it is whole.
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(directory)?;
        file.write_all(text.as_bytes())?;
        let path = directory.join(NAME);
        file.persist(&path)?;
        Ok(ServedAt(path))
    }
}

/// The file; it is removed when dropped.
#[derive(Debug)]
pub struct ServedAt(PathBuf);

impl Drop for ServedAt {
    fn drop(&mut self) {
        // One that is left behind proves nothing.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Removes what a server of `directory` left that is gone. What cannot be removed proves nothing.
pub fn forget(directory: &Path) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name == NAME || name.to_string_lossy().starts_with(UNFINISHED) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
