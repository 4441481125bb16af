//! The directory of a local database, `.crm-seed/`: one process at a time has it.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::{fault, served};
use crate::error::Result;

/// File that the directory's one user holds locked. It stays when the process ends; the lock does not.
const LOCK: &str = "lock";

/// Takes `directory`, which is made where it is not there; `None` where another process has it.
///
/// Who takes it removes what names the address of a server: that server is gone.
///
/// # Errors
/// It can be neither made nor locked.
pub fn take(directory: &Path) -> Result<Option<File>> {
    let lock = || -> std::io::Result<Option<File>> {
        std::fs::create_dir_all(directory)?;
        let ignored = directory.join(".gitignore");
        if !ignored.exists() {
            // Git is to see nothing of it; that it does is no reason to stop.
            let _ = std::fs::write(ignored, "*\n");
        }
        let file = File::options().create(true).truncate(false).write(true).open(directory.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => {
                served::forget(directory);
                Ok(Some(file))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    };
    lock().map_err(|error| fault::cannot_take(directory, error))
}
