//! `crm-seed scenario new NAME`.

use std::path::Path;

use serde_json::Value;

use crate::cli::args::LibraryArgs;
use crate::error::{Error, Result};
use crate::scenario::{check_name, json_schema, library};
use crate::terminal::print;
use crate::whole_file::{create, replace};
use crate::{terminal, text_file};

/// What a scenario begins with; `NAME` stands for its name.
const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/new_scenario.json"));
/// The name under which files refer to the schema.
const SCHEMA: &str = "scenario.schema.json";
/// What the schema says of itself; a checksum of all else in it comes after.
const MARK: &str = "Made by crm-seed; checksum ";
/// Where it says so.
const COMMENT: &str = "$comment";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Lower-case words parted by hyphens; the file is NAME.json
    name: String,
    #[command(flatten)]
    library: LibraryArgs,
}

pub fn run(args: &Args) -> Result<()> {
    check_name(&args.name)?;
    // Without a directory, here; of a path that is only a name, nothing is to be made.
    let directory = args.library.scenario_dir.as_deref().unwrap_or(Path::new(""));
    if !directory.as_os_str().is_empty() {
        std::fs::create_dir_all(directory).map_err(|error| {
            Error::failed(format!("cannot create {}", directory.display())).with_source(error)
        })?;
    }
    let file = directory.join(format!("{}.json", args.name));
    create(&file, TEXT.replace("NAME", &args.name).as_bytes())?;
    let schema = directory.join(SCHEMA);
    write_schema(&schema)?;
    if library::BUILTIN.iter().any(|(name, _)| *name == args.name) {
        terminal::tell(&format!(
            "note: it replaces the built-in scenario {} wherever --scenario-dir is its directory\n",
            args.name
        ));
    }
    print(&format!(
        "Created {}. {} is its JSON Schema, for completion in editors.\nvalidate:  crm-seed scenario \
         check {0}\nload:      crm-seed --scenario {0}\n",
        file.display(),
        schema.display(),
    ))
}

/// Writes the schema, unless there is one that is not ours.
fn write_schema(path: &Path) -> Result<()> {
    let text = marked(json_schema());
    if path.symlink_metadata().is_err() {
        return create(path, text.as_bytes());
    }
    let there = text_file::text(path, text_file::MOST_BYTES).ok();
    if there.is_some_and(|text| is_ours(&text)) {
        return replace(path, text.as_bytes());
    }
    terminal::tell(&format!(
        "note: kept {}, which crm-seed did not write or which was edited; `crm-seed scenario schema` \
         prints the current one\n",
        path.display()
    ));
    Ok(())
}

/// The schema with the remark that proves whose it is.
fn marked(mut schema: Value) -> String {
    schema[COMMENT] = format!("{MARK}{}", checksum(&schema)).into();
    format!("{schema:#}\n")
}

/// Whether a schema is as crm-seed wrote it, however an editor has laid it out.
fn is_ours(text: &str) -> bool {
    let Ok(Value::Object(mut schema)) = serde_json::from_str(text) else { return false };
    let comment = schema.remove(COMMENT);
    let schema = Value::Object(schema);
    match comment.as_ref().and_then(Value::as_str) {
        Some(comment) => comment.strip_prefix(MARK) == Some(checksum(&schema).as_str()),
        None => schema == json_schema(),
    }
}

fn checksum(schema: &Value) -> String {
    blake3::hash(schema.to_string().as_bytes()).to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_ours_until_somebody_edits_it() {
        let ours = marked(json_schema());
        let laid_out: Value = serde_json::from_str(&ours).expect("JSON");
        assert!(is_ours(&ours) && is_ours(&laid_out.to_string()) && is_ours(&json_schema().to_string()));
        let mut edited = laid_out;
        edited["title"] = "Mine".into();
        for other in [edited.to_string(), "{}".into(), "[]".into(), "no JSON".into()] {
            assert!(!is_ours(&other), "{other}");
        }
    }
}
