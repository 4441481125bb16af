//! What is damaged heals, where it can be made again, and is told, where it holds data.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Crm, Small, skipped};

/// The data directory of the local database.
const PGDATA: &str = ".crm-seed/postgres/tmp/pglite/base";

/// Every file below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The file of the unpacked program whose path contains `part`.
fn cached(crm: &Crm, part: &str) -> PathBuf {
    let caches = crm.directory().with_file_name("home").join(".cache");
    let found = files(&caches).into_iter().find(|path| path.to_string_lossy().contains(part));
    found.unwrap_or_else(|| panic!("no {part} in {}", caches.display()))
}

/// Changes the byte in the middle.
fn flip(path: &Path) {
    let mut bytes = fs::read(path).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xFF;
    fs::write(path, bytes).expect("the file");
}

fn halve(path: &Path) {
    let bytes = fs::read(path).expect("a file");
    fs::write(path, &bytes[..bytes.len() / 2]).expect("the file");
}

#[test]
fn a_program_that_was_damaged_is_unpacked_again() {
    let crm = Crm::new();
    let digest = crm.digest("--clean --seed 1");
    /// What is done to a file.
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 8] = [
        ("runtime-pglite-", flip),
        ("runtime-pglite-", halve),
        ("runtime-support-plpgsql-", flip),
        ("lib/postgresql/plpgsql.so", |path| fs::remove_file(path).expect("a file")),
        ("timezonesets/Default", halve),
        ("pgdata-template/v2/", flip),
        ("global/pg_control", halve),
        (".manifest", halve),
    ];
    for (part, damage) in damages {
        let path = cached(&crm, part);
        let whole = fs::read(&path).expect("a file");
        damage(&path);
        // A first start, as it needs all of it.
        fs::remove_dir_all(crm.directory().join(".crm-seed")).expect("a database");
        assert_eq!(crm.digest("--clean --seed 1"), digest, "{}", path.display());
        if part != ".manifest" {
            assert_eq!(fs::read(&path).expect("a file"), whole, "{}", path.display());
        }
    }
}

#[test]
fn the_hashes_of_the_program_cover_all_of_it() {
    let crm = Crm::new();
    crm.ok("--seed 1");
    let root = cached(&crm, "crm-seed-").parent().expect("its directory").to_owned();
    let manifest = fs::read_to_string(cached(&crm, ".manifest")).expect("the manifest");
    let listed = |path: &Path| {
        let relative = path.strip_prefix(&root).expect("below it").to_string_lossy().into_owned();
        manifest.lines().any(|line| line.ends_with(&format!(" {relative}")))
    };
    let unlisted: Vec<_> = files(&root).into_iter().filter(|path| !listed(path)).collect();
    for path in unlisted {
        let path = path.to_string_lossy().into_owned();
        // Locks, and what is written anew at each start.
        let is_expected = [".lock", ".manifest", ".pglite-oxide-runtime-layout.json", "/password"]
            .iter()
            .any(|end| path.ends_with(end));
        assert!(is_expected, "{path} is held to no hash: does program_cache.rs know its name?");
    }
}

#[test]
fn first_starts_at_the_same_time_share_one_program() {
    let home = Crm::new();
    let path = home.directory().with_file_name("home");
    let crms = [(); 3].map(|()| Crm::new().with("HOME", path.to_str().expect("UTF-8")));
    let running = crms.each_ref().map(|crm| crm.spawn("--clean --seed 1 --json"));
    let digests = running.map(|running| running.wait().exits(0).json()["digest"].clone());
    assert!(digests.iter().all(|digest| digest == &digests[0]), "{digests:?}");
}

#[test]
fn a_cluster_that_is_damaged_is_told_and_left_as_it_is() {
    let crm = Crm::new();
    crm.ok("--seed 1");
    let pgdata = crm.directory().join(PGDATA);
    for name in ["global/pg_control", "PG_VERSION", "pg_hba.conf", "base/5/pg_filenode.map"] {
        let path = pgdata.join(name);
        let whole = fs::read(&path).expect("a file");
        let before = files(&pgdata).len();
        fs::remove_file(&path).expect("the file");
        for command in ["verify", "--clean --yes --seed 2", "serve"] {
            let outcome =
                crm.run(command).fails(4).telling("the embedded PostgreSQL in .crm-seed cannot start");
            outcome.telling("To start over with an empty database, delete .crm-seed/postgres/");
        }
        assert_eq!(files(&pgdata).len(), before - 1, "without {name} nothing else is touched");
        fs::write(&path, whole).expect("the file");
        assert_eq!(crm.json("--if-changed --seed 1")["changed"], false, "{name}");
    }
    fs::write(pgdata.join("global/pg_control"), "").expect("the file");
    crm.run("verify").fails(4).telling("its file global/pg_control is truncated");
    // What the hint says.
    fs::remove_dir_all(crm.directory().join(".crm-seed/postgres")).expect("the cluster");
    crm.ok("--seed 1");
}

#[test]
fn what_is_no_directory_is_told() {
    let crm = Crm::new();
    crm.write(".crm-seed", "");
    crm.run("--seed 1")
        .fails(4)
        .telling("cannot store the data of the embedded PostgreSQL in .crm-seed/")
        .telling("--database-url");
    fs::remove_file(crm.directory().join(".crm-seed")).expect("a file");
    crm.write(".crm-seed/postgres", "");
    crm.run("--seed 1").fails(4).telling(".crm-seed/postgres is not a directory");
    fs::remove_file(crm.directory().join(".crm-seed/postgres")).expect("a file");
    crm.write(".crm-seed/postgres/letter", "");
    crm.run("--seed 1").fails(4).telling("postgres/letter does not belong to a database cluster");
    assert!(crm.directory().join(".crm-seed/postgres/letter").exists());
}

#[test]
fn what_a_start_writes_anew_may_be_damaged() {
    let crm = Crm::new();
    crm.ok("--seed 1");
    for name in [".pglite-oxide-runtime-layout.json", ".pglite-oxide-mountfs-runtime", "password"] {
        crm.write(&format!("{PGDATA}/../{name}"), "{");
        assert_eq!(crm.json("--if-changed --seed 1")["changed"], false, "{name}");
    }
}

#[test]
fn a_cluster_of_an_earlier_version_is_completed() {
    let crm = Crm::new();
    crm.ok("--seed 1");
    // Those were made of the files that had been written to, and a note that the rest is in the cache.
    let pgdata = crm.directory().join(PGDATA);
    let template = cached(&crm, "base/PG_VERSION").parent().expect("the template").to_owned();
    for path in files(&template) {
        let ours = pgdata.join(path.strip_prefix(&template).expect("below it"));
        if fs::read(&ours).is_ok_and(|bytes| bytes == fs::read(&path).expect("a file"))
            && !ours.ends_with("PG_VERSION")
        {
            fs::remove_file(ours).expect("a file");
        }
    }
    fs::write(pgdata.join(".pglite-oxide-pgdata-overlay.json"), "").expect("the note");
    fs::write(pgdata.join(".wh.pg_ident.conf"), "").expect("a mark");
    assert_eq!(crm.json("--if-changed --seed 1")["changed"], false);
    assert!(files(&pgdata).len() > 900, "all of its files are there");
    assert!(!pgdata.join(".pglite-oxide-pgdata-overlay.json").exists());
    assert!(!pgdata.join(".wh.pg_ident.conf").exists() && !pgdata.join("pg_ident.conf").exists());
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let Some(disk) = Small::mount("20m") else {
        skipped("only root may mount the small disk that this fills");
        return;
    };
    let crm = Crm::new();
    let link = crm.directory().join(".crm-seed");
    std::os::unix::fs::symlink(disk.path(), &link).expect("a link");
    crm.run("--seed 1").fails(4).telling("No space left on device").telling("free disk space");
    assert_eq!(crm.names_in(".crm-seed"), ["lock"], "what was not finished does not fill the disk");
    disk.resize("120m");
    crm.ok("--seed 1");
    // Full again in the middle of a load, and at the start after it.
    disk.resize("60m");
    for _ in 0..2 {
        let outcome = crm.run("--clean --seed 2 --scale 300");
        assert!(!outcome.status.success() && !outcome.stderr.contains("remove"), "{outcome:#?}");
    }
    disk.resize("200m");
    assert_eq!(crm.json("--if-changed --seed 1")["changed"], false);
    crm.ok("verify");
}
