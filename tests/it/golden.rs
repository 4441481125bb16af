//! Digests that are held in `fixtures/golden.tsv`: a byte that moves is seen here, whether our
//! own change moved it or a new version of a crate.

use std::path::PathBuf;

use crate::drift;
use crate::harness::Crm;

/// A golden file: lines of a name and a digest, parted by a tab.
pub struct Golden {
    /// What its lines are.
    pub about: &'static str,
    /// A filter that finds the test which writes it.
    pub bless: &'static str,
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(file)
}

/// The names of a golden file, with what it says of them.
fn read(file: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split_once('\t').expect("name, tab, digest"))
        .map(|(a, b)| (a.into(), b.into()))
        .collect()
}

/// Holds what was `made` to a golden file, or writes that anew where CRM_SEED_BLESS=1 asks for it.
///
/// # Panics
/// Where they differ.
pub fn hold(file: &str, golden: &Golden, made: &[(String, String)]) {
    let Golden { about, bless } = golden;
    if std::env::var_os("CRM_SEED_BLESS").is_some_and(|value| value == "1") {
        let lines: String = made.iter().map(|(name, digest)| format!("{name}\t{digest}\n")).collect();
        let text = format!(
            "# {about}\n# A changed digest is a new generator version; CRM_SEED_BLESS=1 writes this file anew.\n{lines}"
        );
        return std::fs::write(path(file), text).expect(file);
    }
    let held = read(file);
    assert_eq!(held.len(), made.len(), "{file} has other lines than are made");
    for ((name, digest), (held_name, held_digest)) in made.iter().zip(&held) {
        assert_eq!(
            (name, digest),
            (held_name, held_digest),
            "the data of `{name}` are not those of {file}. If that is meant, raise GENERATOR_VERSION and write it \
             anew: CRM_SEED_BLESS=1 cargo test --release {bless}"
        );
    }
}

#[test]
fn the_digests_are_those_of_the_golden_file() {
    let golden = Golden {
        about: "Digests of `crm-seed generate` with these arguments: arguments, tab, digest.",
        bless: "the_digests_are",
    };
    let cases = read("golden.tsv");
    assert!(cases.len() >= 5, "the golden file lacks cases");
    let crm = Crm::new();
    let made = |arguments: &str| crm.digest(&format!("generate --format csv --out files {arguments}"));
    let made: Vec<_> = cases.iter().map(|(arguments, _)| (arguments.clone(), made(arguments))).collect();
    hold("golden.tsv", &golden, &made);
}

#[test]
fn every_schema_has_the_digests_of_its_golden_file() {
    let golden = Golden {
        about: "Digests of the rows for fixtures/schemas: schema and arguments, tab, digest.",
        bless: "every_schema_has",
    };
    let mut made = Vec::new();
    for (name, options) in drift::SCHEMAS {
        for arguments in ["", "--scale 10 --seed 7"] {
            let Some(db) = drift::database(name) else { return };
            let digest = Crm::new().digest(&format!("--clean {options} {arguments} {}", db.option()));
            made.push((format!("{name} {arguments}").trim().to_owned(), digest));
        }
    }
    hold("golden_schemas.tsv", &golden, &made);
}
