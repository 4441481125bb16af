//! The exceptions of deny.toml are those that the dependencies need, also where no advisory database is at
//! hand: an exception that has become needless would hide the next advisory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use toml::{Table, Value};

fn read(name: &str) -> Table {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect(name);
    text.parse().expect(name)
}

fn text<'a>(table: &'a Value, key: &str) -> &'a str {
    table.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("{key} in {table}"))
}

fn list<'a>(table: &'a Table, section: &str, key: &str) -> &'a Vec<Value> {
    table[section].get(key).and_then(Value::as_array).unwrap_or_else(|| panic!("{section}.{key}"))
}

/// Each package of Cargo.lock, as `name version`, with what it depends on: `name`, or `name version`.
fn packages() -> BTreeMap<String, Vec<String>> {
    let lock = read("Cargo.lock");
    let packages = lock["package"].as_array().expect("packages");
    let words = |package: &Value| {
        let of = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
        of.map(|word| word.as_str().expect("a dependency").to_owned()).collect()
    };
    let name = |package: &Value| format!("{} {}", text(package, "name"), text(package, "version"));
    packages.iter().map(|package| (name(package), words(package))).collect()
}

/// The package and version that an exception's reason begins with.
fn excepted() -> Vec<String> {
    let deny = read("deny.toml");
    let ignored = list(&deny, "advisories", "ignore");
    let ids: BTreeSet<&str> = ignored.iter().map(|exception| text(exception, "id")).collect();
    assert_eq!(ids.len(), ignored.len(), "each advisory once");
    let package = |exception: &Value| {
        let reason = text(exception, "reason");
        let (package, why) =
            reason.split_once(": ").unwrap_or_else(|| panic!("NAME VERSION: why, not {reason}"));
        assert!(why.len() > 20, "{reason}");
        package.to_owned()
    };
    ignored.iter().map(package).collect()
}

#[test]
fn an_exception_is_for_a_version_that_is_there() {
    let packages = packages();
    for package in excepted() {
        assert!(
            packages.contains_key(&package),
            "{package} is gone from Cargo.lock, so its exception can go"
        );
    }
    let deny = read("deny.toml");
    for exception in list(&deny, "licenses", "exceptions").iter().chain(list(&deny, "bans", "skip-tree")) {
        let name = format!("{} ", text(exception, "crate"));
        assert!(packages.keys().any(|package| package.starts_with(&name)), "{name} is gone from Cargo.lock");
    }
}

#[test]
fn exceptions_come_with_the_embedded_server_alone() {
    let packages = packages();
    let find = |dependency: &str| {
        let is_it =
            |package: &&String| *package == dependency || package.split(' ').next() == Some(dependency);
        packages.keys().find(is_it).unwrap_or_else(|| panic!("{dependency} in Cargo.lock")).clone()
    };
    let mut reached = BTreeSet::new();
    let mut next = vec![find("crm-seed")];
    while let Some(package) = next.pop() {
        let is_embedded = |name: &str| ["pglite-oxide", "virtual-net"].contains(&name);
        if !is_embedded(package.split(' ').next().unwrap_or_default()) && reached.insert(package.clone()) {
            next.extend(packages[&package].iter().map(|dependency| find(dependency)));
        }
    }
    assert!(reached.len() > 100, "{reached:?}");
    for package in excepted() {
        assert!(!reached.contains(&package), "{package} is needed without the embedded server, too");
    }
}

/// Each package that is built over these edges, with the features that it is built with.
fn built(edges: &str) -> BTreeSet<String> {
    let mut tree = Command::new(env!("CARGO"));
    tree.current_dir(env!("CARGO_MANIFEST_DIR")).args(["tree", "--offline", "--locked", "--prefix", "none"]);
    let output = tree.args(["--format", "{p} [{f}]", "--edges", edges]).output().expect("cargo tree");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    lines.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

#[test]
fn the_tests_build_nothing_anew_that_the_program_is_built_of() {
    let (program, all) = (built("normal,build"), built("normal,build,dev"));
    assert!(program.len() > 200, "{}", program.len());
    let anew: Vec<&String> = program.difference(&all).collect();
    assert!(anew.is_empty(), "ask for the features that the tests ask for, in Cargo.toml: {anew:#?}");
}
