//! The documentation: the commands that it shows exist with their options, and its links lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::harness::Crm;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// README.md and the files of `docs/`, with their texts.
fn pages() -> Vec<(PathBuf, String)> {
    let docs = std::fs::read_dir(root().join("docs")).expect("docs").flatten().map(|entry| entry.path());
    let pages = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let pages = pages.chain([root().join("README.md")]);
    pages.map(|path| (path.clone(), std::fs::read_to_string(path).expect("a page"))).collect()
}

/// The commands of a page: lines of its blocks, with a prompt or without, and what stands in backquotes.
fn commands(text: &str) -> Vec<String> {
    let (mut commands, mut is_block) = (Vec::new(), false);
    for line in text.replace("\\\n", " ").lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") {
            is_block = !is_block;
        } else if is_block {
            commands.push(trimmed.trim_start_matches("$ ").to_owned());
        } else {
            commands.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    let calls =
        commands.into_iter().filter_map(|command| Some(command.strip_prefix("crm-seed ")?.to_owned()));
    // Up to a pipe, a redirection, a comment, or what is described beside it.
    calls.map(|call| call.split(['|', '>', '#']).next().unwrap_or_default().to_owned()).collect()
}

/// The help of commands, each asked for once.
#[derive(Default)]
struct Help(BTreeMap<String, String>);

impl Help {
    fn of(&mut self, path: &str) -> &str {
        let ask = || Crm::new().ok(&format!("{path} --help")).stdout.clone();
        self.0.entry(path.to_owned()).or_insert_with(ask)
    }

    /// The commands below one.
    fn subcommands(&mut self, path: &str) -> BTreeSet<String> {
        let lines = self.of(path).lines().skip_while(|line| *line != "Commands:").skip(1);
        let names = lines.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
        names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
    }

    /// What is wrong with a call.
    fn fault(&mut self, call: &str) -> Option<String> {
        let mut words = call.split_whitespace().peekable();
        let mut path = String::new();
        while let Some(word) = words.peek().filter(|word| !word.starts_with('-')) {
            let known = self.subcommands(&path);
            if known.is_empty() {
                break;
            }
            // `up|down`, `...` and NAME stand for several.
            if !known.contains(*word) {
                let is_name = word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                return is_name.then(|| format!("there is no command {path} {word}"));
            }
            path = format!("{path} {word}").trim().to_owned();
            words.next();
        }
        let help = self.of(&path).to_owned();
        let options = words.filter(|word| word.starts_with("--") && word.len() > 2);
        let names =
            options.map(|word| word.trim_end_matches([',', '.']).split('=').next().unwrap_or_default());
        let is_known = |name: &&str| {
            help.match_indices(name).any(|(at, _)| {
                help[at + name.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '-')
            })
        };
        let unknown: Vec<&str> = names.filter(|name| !is_known(name)).collect();
        (!unknown.is_empty()).then(|| format!("crm-seed {path} has no {}", unknown.join(", ")))
    }
}

#[test]
fn commands_that_are_shown_exist_with_their_options() {
    let (mut help, mut faults, mut count) = (Help::default(), Vec::new(), 0);
    for (page, text) in pages() {
        for call in commands(&text) {
            count += 1;
            faults.extend(help.fault(&call).map(|fault| format!("{}: `{call}`: {fault}", page.display())));
        }
    }
    assert_eq!(faults, [""; 0]);
    assert!(count > 80, "the commands are found: {count}");
    assert!(help.fault("migrate sideways").is_some() && help.fault("migrate up --sideways").is_some());
}

/// A heading as it is linked to.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
}

#[test]
fn links_lead_to_files_and_headings() {
    let mut faults = Vec::new();
    for (page, text) in pages() {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                page.clone()
            } else {
                page.parent().unwrap_or(Path::new("")).join(file)
            };
            let text = std::fs::read_to_string(&target).unwrap_or_default();
            let has_heading = text
                .lines()
                .filter(|line| line.starts_with('#'))
                .any(|line| anchor(line.trim_start_matches('#')) == heading);
            if !target.exists() || !heading.is_empty() && !has_heading {
                faults.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert_eq!(faults, [""; 0]);
}
