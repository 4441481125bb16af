//! The control file of a cluster, `global/pg_control`: which cluster it is, and how its last server ended.
//!
//! Its fields lie as PostgreSQL 17 writes them (`ControlFileData` in `src/include/catalog/pg_control.h`).

use std::fs::File;
use std::io::{Read, Result, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// `PG_CONTROL_VERSION` of PostgreSQL 17: other versions lay the fields out otherwise.
const VERSION: u32 = 1700;
/// Where the version lies; the system identifier, 8 bytes, is before it.
const VERSION_AT: usize = 8;
/// Where the state of the cluster lies.
const STATE_AT: usize = 16;
/// `DB_SHUTDOWNED`: the last server stopped as it should, and nothing has to be recovered.
const SHUT_DOWN: u32 = 1;
/// Where the CRC-32C of everything before it lies.
const CHECKSUM_AT: usize = 288;

/// Where a WAL segment repeats the system identifier: `xlp_sysid` of its first page.
const IDENTIFIER_IN_SEGMENT: u64 = 24;

/// What the control file says.
#[derive(Debug)]
pub struct ControlFile {
    bytes: [u8; CHECKSUM_AT + 4],
}

impl ControlFile {
    /// Reads that of the cluster in `pgdata`.
    ///
    /// # Errors
    /// It is not there, damaged, or that of another version of PostgreSQL.
    pub fn read(pgdata: &Path) -> Result<Self> {
        let mut bytes = [0; CHECKSUM_AT + 4];
        File::open(path(pgdata))?.read_exact(&mut bytes)?;
        let control = Self { bytes };
        if control.word(VERSION_AT) != VERSION {
            return Err(std::io::Error::other("global/pg_control is not of PostgreSQL 17"));
        }
        if control.word(CHECKSUM_AT) != crc32c(&bytes[..CHECKSUM_AT]) {
            return Err(std::io::Error::other("global/pg_control does not match its checksum"));
        }
        Ok(control)
    }

    /// The number that tells this cluster from every other, as `pg_control_system()` gives it.
    pub fn system_identifier(&self) -> u64 {
        self.bytes[..8].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// Whether the last server stopped as it should; else the next one recovers from the log.
    pub fn was_shut_down(&self) -> bool {
        self.word(STATE_AT) == SHUT_DOWN
    }

    fn word(&self, at: usize) -> u32 {
        self.bytes[at..at + 4].iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
    }
}

fn path(pgdata: &Path) -> PathBuf {
    pgdata.join("global/pg_control")
}

/// Gives a copy of a cluster, no server of which has run yet, an identifier of its own. Clusters that are
/// copied from one template would all have the template's.
pub fn set_system_identifier(pgdata: &Path, identifier: u64) -> Result<()> {
    let mut control = ControlFile::read(pgdata)?;
    control.bytes[..8].copy_from_slice(&identifier.to_le_bytes());
    let checksum = crc32c(&control.bytes[..CHECKSUM_AT]);
    control.bytes[CHECKSUM_AT..].copy_from_slice(&checksum.to_le_bytes());
    write_at(&path(pgdata), 0, &control.bytes)?;
    for entry in std::fs::read_dir(pgdata.join("pg_wal"))? {
        let entry = entry?;
        // The server refuses segments that name another cluster.
        if entry.file_type()?.is_file() {
            write_at(&entry.path(), IDENTIFIER_IN_SEGMENT, &identifier.to_le_bytes())?;
        }
    }
    Ok(())
}

fn write_at(path: &Path, offset: u64, bytes: &[u8]) -> Result<()> {
    let mut file = File::options().write(true).open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}

/// CRC-32C (Castagnoli), bit by bit: it is computed over 288 bytes.
fn crc32c(bytes: &[u8]) -> u32 {
    let checksum = bytes.iter().fold(u32::MAX, |checksum, byte| {
        (0..8).fold(checksum ^ u32::from(*byte), |checksum, _| {
            if checksum & 1 == 1 { checksum >> 1 ^ 0x82F6_3B78 } else { checksum >> 1 }
        })
    });
    !checksum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc_32c() {
        // The check value of the CRC catalogue.
        assert_eq!(crc32c(b"123456789"), 0xE306_9283);
    }

    #[test]
    fn a_control_file_that_was_cut_or_changed_is_not_believed() {
        let pgdata = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(pgdata.path().join("global")).expect("a directory");
        let mut bytes = [0_u8; 8192];
        bytes[VERSION_AT..VERSION_AT + 4].copy_from_slice(&VERSION.to_le_bytes());
        bytes[STATE_AT] = 1;
        let checksum = crc32c(&bytes[..CHECKSUM_AT]);
        bytes[CHECKSUM_AT..CHECKSUM_AT + 4].copy_from_slice(&checksum.to_le_bytes());
        std::fs::write(path(pgdata.path()), bytes).expect("a file");
        assert!(ControlFile::read(pgdata.path()).expect("sound").was_shut_down());
        bytes[100] ^= 1;
        std::fs::write(path(pgdata.path()), bytes).expect("a file");
        ControlFile::read(pgdata.path()).expect_err("changed");
        std::fs::write(path(pgdata.path()), &bytes[..100]).expect("a file");
        ControlFile::read(pgdata.path()).expect_err("cut");
    }
}
