//! Who writes a migration.

use std::process::{Command, Stdio};

/// What stands for an author that nobody tells.
const UNKNOWN: &str = "unknown";

/// By which git is told another author than its configuration has.
const OF_GIT: &str = "GIT_AUTHOR_NAME";
/// Variables that may name whoever works here.
const VARIABLES: [&str; 3] = ["USER", "LOGNAME", "USERNAME"];

/// The author as git knows them, else as the environment does.
pub fn author() -> String {
    let variable = |name: &str| std::env::var(name).ok().and_then(|name| one_line(&name));
    let of_environment = || VARIABLES.iter().copied().find_map(variable);
    variable(OF_GIT).or_else(of_git).or_else(of_environment).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// `user.name`, where git is installed and has it.
fn of_git() -> Option<String> {
    let mut git = Command::new("git");
    git.args(["config", "user.name"]).stdin(Stdio::null()).stderr(Stdio::null());
    let output = git.output().ok().filter(|output| output.status.success())?;
    one_line(&String::from_utf8_lossy(&output.stdout))
}

/// A name that fits into a comment of one line; none where nothing is left of it.
fn one_line(name: &str) -> Option<String> {
    let plain: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let name = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(one_line(" Jo\nDoe \t").as_deref(), Some("Jo Doe"));
        assert_eq!(one_line(" \n"), None);
    }
}
