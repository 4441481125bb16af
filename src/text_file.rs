//! Files that a user wrote and names to us: ordinary files of a sensible size, in UTF-8. A device behind a
//! link would be read to the end of memory, and a pipe would wait for a writer.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use crate::error::{Error, Result};

/// The most bytes of a configuration.
pub const MOST_BYTES: u64 = 8 << 20;
/// The most bytes of a migration.
pub const MOST_BYTES_OF_SQL: u64 = 64 << 20;

/// The bytes of a regular file.
///
/// # Errors
/// It is not a regular file, has more than `most` bytes, or cannot be read.
pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>> {
    let metadata = check(path)?;
    if metadata.len() > most {
        return Err(too_large(most));
    }
    read(path, most)
}

/// Checks that it is a regular file before it is opened: opening a pipe would wait for a writer.
///
/// # Errors
/// It is something else, which the error names.
pub fn check(path: &Path) -> Result<Metadata> {
    let metadata = path.metadata()?;
    match metadata.is_file() {
        true => Ok(metadata),
        false => Err(Error::failed(format!("it is {}, not a regular file", kind(&metadata)))),
    }
}

/// The text of an ordinary file.
///
/// # Errors
/// As for [`bytes`]; it is not UTF-8, with the place.
pub fn text(path: &Path, most: u64) -> Result<String> {
    utf8(bytes(path, most)?)
}

/// The bytes of a file or a pipe, for which a writer is waited for as long as `patience` says.
///
/// # Errors
/// As for [`bytes`]; nobody has written all of it in time.
pub async fn bytes_or_piped(path: &Path, most: u64, patience: Duration) -> Result<Vec<u8>> {
    if path.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return bytes(path, most);
    }
    let (done, wait) = tokio::sync::oneshot::channel();
    let path = path.to_owned();
    // A thread that waits in the system cannot be called back. It does not keep the process from ending,
    // as one of the runtime's would.
    std::thread::spawn(move || done.send(read(&path, most)));
    match tokio::time::timeout(patience, wait).await {
        Ok(Ok(read)) => read,
        Ok(Err(_)) => Err(Error::failed("it could not be read")),
        Err(_) => {
            let seconds = patience.as_secs();
            Err(Error::failed(format!(
                "it is a pipe that was not written and closed within {seconds} seconds"
            )))
        }
    }
}

/// `bytes` as text.
///
/// # Errors
/// They are not UTF-8: where not.
pub fn utf8(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        if matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
            return Error::failed("it is UTF-16; save the file as UTF-8");
        }
        let line = bytes[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
        let byte = bytes.get(valid).copied().unwrap_or_default();
        let place = format!("byte {} (0x{byte:02X}, in line {line})", valid + 1);
        Error::failed(format!("it is not valid UTF-8: {place} is wrong; save the file as UTF-8"))
    })
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // It may grow while it is read.
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

fn too_large(most: u64) -> Error {
    Error::failed(format!("it is larger than {} MiB", most >> 20))
}

/// What something is that is no ordinary file.
fn kind(metadata: &Metadata) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let file = metadata.file_type();
        if file.is_fifo() {
            return "a pipe";
        }
        if file.is_char_device() || file.is_block_device() {
            return "a device";
        }
        if file.is_socket() {
            return "a socket";
        }
    }
    if metadata.is_dir() { "a directory" } else { "something else" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrong_byte_is_told() {
        assert_eq!(utf8("é".into()).ok().as_deref(), Some("é"));
        let error = |bytes: &[u8]| utf8(bytes.to_vec()).expect_err("no UTF-8").to_string();
        assert!(error(b"a\nb\xe9c").contains("byte 4 (0xE9, in line 2)"), "{}", error(b"a\nb\xe9c"));
        assert!(error(b"cut \xc3").contains("byte 5 (0xC3"));
    }

    #[test]
    fn only_ordinary_files_of_a_sensible_size_are_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("x");
        std::fs::write(&path, "12345").expect("a file");
        let error = |path: &Path| text(path, 4).expect_err("refused").to_string();
        assert_eq!(text(&path, 5).ok().as_deref(), Some("12345"));
        assert!(error(&path).contains("larger"));
        assert!(error(directory.path()).contains("not a regular file"));
        let zero = Path::new("/dev/zero");
        if zero.exists() {
            assert!(error(zero).contains("a device, not a regular file"));
            assert!(read(zero, 4).expect_err("endless").to_string().contains("larger"));
        }
    }
}
