//! Digests that are held in `fixtures/golden.tsv`: a byte that moves is seen here, whether our
//! own change moved it or a new version of a crate.

use std::path::PathBuf;

use crate::harness::Crm;

const HEADER: &str = "# Digests of `crm-seed generate` with these arguments: arguments, tab, digest.\n\
    # A changed digest is a new generator version; CRM_SEED_BLESS=1 writes this file anew.\n";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden.tsv")
}

#[test]
fn the_digests_are_those_of_the_golden_file() {
    let text = std::fs::read_to_string(path()).expect("fixtures/golden.tsv");
    let cases: Vec<(&str, &str)> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once('\t').expect("arguments, tab, digest"))
        .collect();
    assert!(cases.len() >= 5, "the golden file lacks cases");
    let crm = Crm::new();
    let made = |arguments: &str| crm.digest(&format!("generate --format csv --out files {arguments}"));
    if std::env::var_os("CRM_SEED_BLESS").is_some_and(|value| value == "1") {
        let lines = cases.iter().map(|(arguments, _)| format!("{arguments}\t{}\n", made(arguments)));
        let text = HEADER.to_owned() + &lines.collect::<String>();
        std::fs::write(path(), text).expect("fixtures/golden.tsv");
        return;
    }
    for (arguments, digest) in cases {
        assert_eq!(
            made(arguments),
            digest,
            "the data of `generate {arguments}` is not what it was. If that is meant, raise \
             GENERATOR_VERSION and write the golden file anew: CRM_SEED_BLESS=1 cargo test golden"
        );
    }
}
