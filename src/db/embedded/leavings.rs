//! Files that a killed server leaves in the data directory.
//!
//! The files of tables and indexes that its transaction had made are in no catalog, and PostgreSQL removes
//! them only if it ends the transaction itself: each killed load would stay on the disk for good.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use sqlx::PgConnection;

/// Numbers below are those of the system's own relations.
const FIRST_NORMAL: u64 = 16384;

/// Files of the database that a connection leads to.
pub struct Relations {
    /// Its directory below `base/`.
    database: i64,
    /// The numbers of the files that its catalog knows.
    files: HashSet<u64>,
}

impl Relations {
    /// Reads them from the catalog. No other connection may be creating relations meanwhile.
    pub async fn ask(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let database = "SELECT oid::int8 FROM pg_database WHERE datname = current_database()";
        let files = "SELECT pg_relation_filenode(oid)::int8 FROM pg_class \
                     WHERE pg_relation_filenode(oid) IS NOT NULL";
        let database = sqlx::query_scalar(database).fetch_one(&mut *connection).await?;
        let files: Vec<i64> = sqlx::query_scalar(files).fetch_all(&mut *connection).await?;
        Ok(Self { database, files: files.into_iter().filter_map(|file| u64::try_from(file).ok()).collect() })
    }

    /// Removes from the data directory the files that the catalog does not know. No server may be running.
    pub fn remove_others(&self, pgdata: &Path) -> io::Result<()> {
        for entry in std::fs::read_dir(pgdata.join("base").join(self.database.to_string()))? {
            let entry = entry?;
            let number = relation(&entry.file_name().to_string_lossy());
            if number.is_some_and(|number| number >= FIRST_NORMAL && !self.files.contains(&number)) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// Removes what sorts and temporary tables have put on the disk. No server may be running.
pub fn remove_temporary(pgdata: &Path) -> io::Result<()> {
    for database in std::fs::read_dir(pgdata.join("base"))? {
        let database = database?;
        let is_temporary = database.file_name() == "pgsql_tmp";
        for entry in std::fs::read_dir(database.path())? {
            let entry = entry?;
            let is_file = entry.file_type()?.is_file();
            let name = entry.file_name();
            if is_file && (is_temporary || is_temporary_relation(&name.to_string_lossy())) {
                std::fs::remove_file(entry.path())?;
            } else if !is_file && is_temporary {
                std::fs::remove_dir_all(entry.path())?;
            }
        }
    }
    Ok(())
}

/// The number in the name of a relation's file: `16384`, `16384.1`, `16384_fsm`.
fn relation(name: &str) -> Option<u64> {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = name.split_at(digits);
    let fork = rest.split('.').next().unwrap_or_default();
    let is_relation = matches!(fork, "" | "_fsm" | "_vm" | "_init");
    number.parse().ok().filter(|_| is_relation)
}

/// `t3_16384`: of the session 3.
fn is_temporary_relation(name: &str) -> bool {
    let session = name.strip_prefix('t').and_then(|rest| rest.split_once('_'));
    session.is_some_and(|(session, file)| session.parse::<u32>().is_ok() && relation(file).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_relation_are_known_by_their_names() {
        for name in ["16384", "16384.1", "16384_fsm", "16384_vm.2", "16384_init"] {
            assert_eq!(relation(name), Some(16384), "{name}");
        }
        for name in
            ["PG_VERSION", "pg_filenode.map", "pg_internal.init", "16384_new", "16384x", "", "t3_16384"]
        {
            assert_eq!(relation(name), None, "{name}");
        }
        assert!(is_temporary_relation("t3_16384") && is_temporary_relation("t0_16384_fsm"));
        assert!(!is_temporary_relation("16384") && !is_temporary_relation("tx_16384"));
    }
}
