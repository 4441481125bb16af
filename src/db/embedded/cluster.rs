//! The cluster, `.crm-seed/postgres/`: made whole or not at all.
//!
//! Left to itself, `pglite-oxide` makes a cluster file by file, each when it is first written to, out of a
//! template that stays in the user's cache directory. A process killed while one is copied leaves half a
//! file, days later too. So all of the template is copied at once, beside, and put into place by a rename.
//!
//! Nothing is synced to the disk: the server never does (it runs with `fsync` off), so that a power failure
//! is as bad in the first minute as in any other, and a thousand files would take seconds.

use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use pglite_oxide::PglitePaths;

use super::chance;
use super::control::{self, ControlFile};
use super::fault;
use super::program_cache::ProgramCache;

/// Directory of a cluster that is still being created.
const UNFINISHED: &str = "postgres.new";
/// What `pglite-oxide` leaves in a cluster of which only the files that were written to are there.
const OVERLAY: &str = ".pglite-oxide-pgdata-overlay.json";
/// A file of this prefix, in such a cluster, says that the template's file of the name is gone.
const GONE: &str = ".wh.";
/// What `pglite-oxide` keeps beside the data and writes at each start: cut short, it would end the next one.
const REWRITTEN: [&str; 2] = [".pglite-oxide-runtime-layout.json", ".pglite-oxide-mountfs-runtime"];

/// Files that are written before the data.
const BEFORE_DATA: [&str; 5] = [REWRITTEN[0], REWRITTEN[1], ".pglite-oxide.lock", "password", "PG_VERSION"];

/// Number of threads that copy files; more are not faster.
const MOST_THREADS: usize = 4;

/// A cluster that a server can be started on.
#[derive(Clone, Debug)]
pub struct Cluster {
    root: PathBuf,
}

impl Cluster {
    /// That of `directory`, which is made where it is not there. The caller holds the directory's lock.
    ///
    /// # Errors
    /// It cannot be made; or what is there is no whole cluster, and is left as it is.
    pub fn ready(directory: &Path, program: &ProgramCache) -> Result<Self> {
        let unfinished = directory.join(UNFINISHED);
        remove_tree(&unfinished)?;
        let cluster = Self { root: directory.join(fault::CLUSTER) };
        if cluster.root.exists() && !cluster.root.is_dir() {
            return Err(Error::other(format!("{} is not a directory", cluster.root.display())));
        }
        if cluster.holds_nothing() {
            if let Some(file) = unexpected_file(&cluster.root)? {
                return Err(Error::other(format!(
                    "{} does not belong to a database cluster",
                    file.display()
                )));
            }
            remove_tree(&cluster.root)?;
            let made = make(&unfinished, program).and_then(|()| std::fs::rename(&unfinished, &cluster.root));
            // A full disk needs the room; what cannot be removed is removed the next time.
            made.inspect_err(|_| drop(remove_tree(&unfinished)))?;
        } else if cluster.pgdata().join(OVERLAY).exists() {
            complete(&cluster.pgdata(), program)?;
        }
        for name in REWRITTEN {
            remove_file(&cluster.pgdata().with_file_name(name))?;
        }
        Ok(cluster)
    }

    /// Refuses what is not whole, of which `pglite-oxide` would make an empty cluster.
    ///
    /// # Errors
    /// What is missing or damaged.
    pub fn check(&self) -> Result<()> {
        if !self.pgdata().join("PG_VERSION").is_file() {
            return Err(Error::other("its file PG_VERSION is missing"));
        }
        self.control().map(drop).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::other("its file global/pg_control is missing"),
            ErrorKind::UnexpectedEof => Error::other("its file global/pg_control is truncated"),
            _ => error,
        })
    }

    /// What `pglite-oxide` calls the root: the data directory lies deeper.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The data directory, which PostgreSQL calls PGDATA.
    pub fn pgdata(&self) -> PathBuf {
        PglitePaths::with_root(&self.root).pgdata
    }

    pub fn control(&self) -> Result<ControlFile> {
        ControlFile::read(&self.pgdata())
    }

    /// Whether no server has ever written here: there is nothing, or what an earlier version of crm-seed
    /// left that was killed before it had begun.
    fn holds_nothing(&self) -> bool {
        let pgdata = self.pgdata();
        !pgdata.join(OVERLAY).exists()
            && ["base", "global", "pg_wal"].iter().all(|name| !pgdata.join(name).exists())
    }
}

/// A file in `directory`, where there may be none, that `pglite-oxide` does not write before the data.
fn unexpected_file(directory: &Path) -> Result<Option<PathBuf>> {
    if !directory.exists() {
        return Ok(None);
    }
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let found = match entry.file_type()?.is_dir() {
            true => unexpected_file(&entry.path())?,
            false => {
                Some(entry.path()).filter(|_| !BEFORE_DATA.iter().any(|name| entry.file_name() == *name))
            }
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The data directory of the cluster in `directory`, where there may be none.
pub fn pgdata(directory: &Path) -> PathBuf {
    PglitePaths::with_root(directory.join(fault::CLUSTER)).pgdata
}

/// Makes a cluster that is shut down, with an identifier of its own.
fn make(root: &Path, program: &ProgramCache) -> Result<()> {
    create_private(root)?;
    let pgdata = PglitePaths::with_root(root).pgdata;
    copy(&program.template(), &pgdata)?;
    // PostgreSQL shows it as a signed number.
    control::set_system_identifier(&pgdata, chance::random() >> 1)
}

/// Makes a directory that nobody else may look into: anybody's data may come to be in it.
fn create_private(directory: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Copies what is missing of the template, so that the cluster stands alone. The file that says it does
/// not goes last: until then this can begin again.
fn complete(pgdata: &Path, program: &ProgramCache) -> Result<()> {
    let overlay = std::fs::read_to_string(pgdata.join(OVERLAY))?;
    // A file that was cut before the hash is from a first start that was killed.
    if overlay.contains("templateArchiveSha256") && !overlay.contains(ProgramCache::template_hash()) {
        return Err(Error::other(
            "it was created by another version of crm-seed; use that version to open it",
        ));
    }
    copy_missing(&program.template(), pgdata)?;
    std::fs::remove_file(pgdata.join(OVERLAY))?;
    remove_marks(pgdata)
}

/// Copies the template into an empty directory. The many small files are made by several threads.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut files = Vec::new();
    plan_copies(from, to, &mut files, &|_| true)?;
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(MOST_THREADS));
    std::thread::scope(|scope| {
        let copies = files.chunks(files.len().div_ceil(threads).max(1)).map(|files| {
            scope.spawn(|| files.iter().try_for_each(|(from, to)| std::fs::copy(from, to).map(drop)))
        });
        let copies: Vec<_> = copies.collect();
        copies
            .into_iter()
            .try_for_each(|copy| copy.join().map_err(|_| Error::other("copying a file failed"))?)
    })
}

/// Copies the files that are missing into a cluster. A file has its name only when it is whole.
fn copy_missing(from: &Path, to: &Path) -> Result<()> {
    let mut files = Vec::new();
    plan_copies(from, to, &mut files, &|target| {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        !target.is_file() && !target.with_file_name(format!("{GONE}{name}")).exists()
    })?;
    for (from, to) in files {
        let part = to.with_added_extension("part");
        std::fs::copy(&from, &part)?;
        std::fs::rename(&part, &to)?;
    }
    Ok(())
}

/// Makes the directories of `from` in `to`, and lists the files to copy: those that are `wanted`.
fn plan_copies(
    from: &Path,
    to: &Path,
    files: &mut Vec<(PathBuf, PathBuf)>,
    wanted: &dyn Fn(&Path) -> bool,
) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if !wanted(&target) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            plan_copies(&entry.path(), &target, files, wanted)?;
        } else if !entry.file_name().to_string_lossy().starts_with("postmaster.") {
            files.push((entry.path(), target));
        }
    }
    Ok(())
}

fn remove_marks(directory: &Path) -> Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_marks(&entry.path())?;
        } else if entry.file_name().to_string_lossy().starts_with(GONE) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn remove_file(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remove_tree(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
