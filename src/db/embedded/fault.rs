//! Why the embedded PostgreSQL does not start, and what to do about it.

use std::fmt::Display;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::{Error, Kind};

/// The cluster's directory, in the directory of the local database.
pub const CLUSTER: &str = "postgres";

/// The embedded PostgreSQL of `directory` does not start.
///
/// The hint never tells to remove anything where room or a right is all that is missing.
pub fn cannot_start(directory: &Path, reason: impl Display) -> Error {
    let reason = reason.to_string();
    let gist = gist(&reason);
    let error = Error::new(
        Kind::Unreachable,
        format!("the embedded PostgreSQL in {} cannot start: {gist}", directory.display()),
    );
    let cluster = directory.join(CLUSTER);
    error.with_hint(match missing(&reason) {
        Some(Missing::Room) => "free disk space and try again; no data was lost".to_owned(),
        Some(Missing::RoomOrDisk) => format!(
            "the disk is full or failing: free disk space and try again; {}/ was not changed",
            cluster.display()
        ),
        Some(Missing::Rights) => {
            "run crm-seed as a user that can write there, or use a server with --database-url".to_owned()
        }
        None => format!(
            "its data in {0}/ was not changed. To start over with an empty database, delete {0}/ and try \
             again; to use another server, add --database-url",
            cluster.display()
        ),
    })
}

/// The directory cannot be created or locked.
pub fn cannot_take(directory: &Path, error: std::io::Error) -> Error {
    let text = format!("cannot store the data of the embedded PostgreSQL in {}/", directory.display());
    let hint = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free disk space and try again",
        _ => {
            "run crm-seed in a directory where it can create that directory, or use a server with \
             --database-url"
        }
    };
    Error::new(Kind::Unreachable, text).with_source(error).with_hint(hint)
}

/// Its program could not be unpacked into the user's cache directory.
pub fn cannot_unpack(cache: &Path, reason: impl Display) -> Error {
    let reason = reason.to_string();
    let error = Error::new(
        Kind::Unreachable,
        format!(
            "cannot unpack the embedded PostgreSQL into {}: {}",
            cache.display(),
            reason.lines().next().unwrap_or_default()
        ),
    );
    error.with_hint(if let Some(Missing::Room) = missing(&reason) {
        "free disk space (it needs 100 MB there) and try again"
    } else {
        "it needs a writable cache directory with 100 MB of space: set XDG_CACHE_HOME or HOME to another, \
         or use a server with --database-url"
    })
}

/// Another crm-seed has `directory`, and does not serve it.
pub fn in_use(directory: &Path) -> Error {
    Error::refused(format!("another crm-seed is using the embedded PostgreSQL in {}", directory.display()))
        .with_hint("try again when it has finished, or wait for it with --wait SECONDS")
}

/// What the environment lacks, as opposed to damaged data.
#[derive(Clone, Copy)]
enum Missing {
    Room,
    /// No space, or a failing disk: the server reports an I/O error for both.
    RoomOrDisk,
    Rights,
}

/// Read from the text: the reason is what pglite-oxide made of the system's error, or what the server inside wrote to
/// its log, and neither has a code by then. Both are English: that server has no other `lc_messages`.
fn missing(reason: &str) -> Option<Missing> {
    let says = |words: &[&str]| words.iter().any(|words| reason.contains(words));
    if says(&["No space left", "Disk quota exceeded", "not enough space"]) {
        Some(Missing::Room)
    } else if says(&["I/O error", "Input/output error"]) {
        Some(Missing::RoomOrDisk)
    } else if says(&["Permission denied", "Read-only file system", "Operation not permitted"]) {
        Some(Missing::Rights)
    } else {
        None
    }
}

/// What a reason of many lines comes down to: what the server said last before it gave up, or else the
/// first line.
fn gist(reason: &str) -> &str {
    let said = |line: &'static str| move |text: &&str| text.contains(line);
    let line = ["PANIC:", "FATAL:"].into_iter().find_map(|level| {
        let line = reason.lines().find(said(level))?;
        line.split_once(level).map(|(_, message)| message)
    });
    line.or_else(|| reason.lines().next()).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gist_is_what_the_server_gave_up_with() {
        let reason = "could not start\nWASIX stderr tail:\nLOG:  invalid checkpoint\n\
                      2026-01-01 UTC [1] PANIC:  could not locate a valid checkpoint record\nmore";
        assert_eq!(gist(reason), "could not locate a valid checkpoint record");
        assert_eq!(gist("no such file\nand so on"), "no such file");
    }

    #[test]
    fn nobody_is_told_to_remove_data_where_room_is_missing() {
        let directory = Path::new(".crm-seed");
        for reason in ["write x: No space left on device", "open x: Permission denied", "extend x: I/O error"]
        {
            let error = cannot_start(directory, reason);
            assert!(error.hint().is_some_and(|hint| !hint.contains("delete")), "{error}");
        }
        let error = cannot_start(directory, "invalid page");
        assert!(error.hint().is_some_and(|hint| hint.contains("delete .crm-seed/postgres/")), "{error}");
    }
}
