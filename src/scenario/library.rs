//! The scenarios that there are: the built-in ones, and those of a directory.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::reference::is_handle;
use crate::error::{Error, Result};
use crate::suggestion::{quoted, suggestion};
use crate::text_file;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/", $name, ".json")))),*]
    };
}

/// The built-in scenarios: names and texts. A line each.
pub const BUILTIN: &[(&str, &str)] = built_in! {
    "awkward-names",
    "big-customer",
    "boundary-values",
    "closed-history",
    "contact-of-many-organizations",
    "customer-without-contacts",
    "default",
    "demo",
    "duplicates-to-merge",
    "empty-crm",
    "every-combination",
    "forecast-month-end",
    "high-value-pipeline",
    "international",
    "multi-stakeholder",
    "no-opportunities",
    "principal-without-products",
    "seasonal-out-of-season",
    "soft-deleted",
    "stale-pipeline",
    "task-inbox",
};

/// The most bytes of a file.
pub const MOST_BYTES: u64 = 1 << 20;

/// The directory of names that are typed.
pub const HERE: &str = "";

/// Where a scenario is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// In the binary, under this name.
    BuiltIn(&'static str),
    File(PathBuf),
}

/// Whether `wanted` is a path, not a name.
pub fn is_path(wanted: &str) -> bool {
    wanted.contains(['/', '\\']) || wanted.ends_with(".json")
}

/// Whether a file is a JSON Schema: by its name, or by what it says of itself.
pub fn is_schema(file: &str) -> bool {
    /// What a schema says of itself: where the drafts are.
    const DRAFTS: &str = "://json-schema.org/";
    if !is_path(file) {
        return false;
    }
    let says = || {
        let bytes = text_file::bytes(Path::new(file), MOST_BYTES).ok()?;
        let root: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        Some(root.get("$schema")?.as_str()?.contains(DRAFTS))
    };
    file.ends_with(".schema.json") && Path::new(file).is_file() || says().unwrap_or(false)
}

/// The name that a scenario in `file` must have.
pub fn stem(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.strip_suffix(".json").unwrap_or(name).to_owned()
}

/// All names that can be loaded: those of `directory`, and the built-in ones.
pub fn names(directory: Option<&Path>) -> Vec<String> {
    let mut names: BTreeSet<String> = BUILTIN.iter().map(|(name, _)| (*name).to_owned()).collect();
    let entries = directory.and_then(|directory| std::fs::read_dir(directory).ok()).into_iter().flatten();
    for entry in entries.flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        if file.ends_with(".json") && !file.ends_with(".schema.json") {
            names.insert(stem(&file));
        }
    }
    names.into_iter().collect()
}

/// The scenario `wanted`: a path, relative to `base`; or a name, looked for in `directory`, then among the built-in
/// ones, then as NAME.json in `base`.
///
/// # Errors
/// There is no such name.
pub fn find(wanted: &str, directory: Option<&Path>, base: Option<&Path>) -> Result<Source, String> {
    if is_path(wanted) {
        return Ok(Source::File(base.map_or_else(|| wanted.into(), |base| base.join(wanted))));
    }
    if let Some(directory) = directory {
        let file = directory.join(format!("{wanted}.json"));
        if file.exists() {
            return Ok(Source::File(file));
        }
    }
    match BUILTIN.iter().find(|(name, _)| *name == wanted) {
        Some((name, _)) => Ok(Source::BuiltIn(name)),
        None => {
            // Words with hyphens only: other texts are no names of files either.
            let beside = base.map(|base| base.join(format!("{wanted}.json"))).filter(|_| is_handle(wanted));
            if let Some(file) = beside.filter(|file| file.is_file()) {
                return Ok(Source::File(file));
            }
            let known = names(directory);
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            Err(format!("unknown scenario {}; {}", quoted(wanted), suggestion(wanted, &known)))
        }
    }
}

impl Source {
    /// The file, as people know it.
    pub fn file(&self) -> String {
        match self {
            Self::BuiltIn(name) => format!("scenarios/{name}.json"),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// The same, by whatever path it is reached.
    #[must_use]
    pub fn canonical(&self) -> Self {
        match self {
            Self::File(path) => Self::File(path.canonicalize().unwrap_or_else(|_| path.clone())),
            built_in => built_in.clone(),
        }
    }

    /// The scenario as its file has it, or as it is built in.
    ///
    /// # Errors
    /// It is no file, too large, or cannot be read.
    pub fn read(&self) -> Result<Vec<u8>> {
        match self {
            Self::BuiltIn(wanted) => {
                let text = BUILTIN.iter().find(|(name, _)| name == wanted).map_or("", |(_, text)| text);
                Ok(text.as_bytes().to_vec())
            }
            Self::File(path) => text_file::bytes(path, MOST_BYTES).map_err(|why| {
                Error::usage(format!("cannot read {}", quoted(&path.display().to_string()))).with_source(why)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_directory_is_built_in() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let mut files: Vec<String> = std::fs::read_dir(directory)
            .expect("scenarios/")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .filter(|file| !file.ends_with(".schema.json"))
            .collect();
        files.sort();
        let mut built_in: Vec<String> = BUILTIN.iter().map(|(name, _)| format!("{name}.json")).collect();
        built_in.sort();
        assert_eq!(files, built_in);
    }

    #[test]
    fn names_are_looked_for_in_the_directory_first() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path();
        assert_eq!(find("default", Some(path), None), Ok(Source::BuiltIn("default")));
        std::fs::write(path.join("default.json"), "{}").expect("written");
        assert_eq!(find("default", Some(path), None), Ok(Source::File(path.join("default.json"))));
        let error = find("defualt", None, None).expect_err("unknown");
        assert_eq!(error, "unknown scenario `defualt`; did you mean `default`?");
        assert_eq!(stem("a/b.json"), "b");
    }
}
