//! Handles of explicit rows and their ids, for tests: as JSON, `.env` or TypeScript.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::domain::explicit::{self, CompletedRow, ids};
use crate::error::{Error, Result};

use crate::plan::{ExplicitKeys, InTarget, Plan};
use crate::scenario::Scenario;
use crate::whole_file::{self, behind_links};
use crate::{terminal, text_file};

/// A row with a handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    /// The scenario that gives it.
    pub scenario: String,
    pub name: String,
    /// The row's table, as the target calls it.
    pub table: String,
    /// The columns of the row's key, and what they hold: whole numbers, or texts.
    pub key: Vec<(String, Value)>,
}

/// All handles of a run.
#[derive(Clone, Debug, Default)]
pub struct Handles(pub Vec<Handle>);

/// How handles are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An object: handle to table and key.
    Json,
    /// `NAME=id` lines.
    Env,
    /// A TypeScript module with constants.
    TypeScript,
}

impl Format {
    /// The format for the ending of a file name; JSON for stdout.
    ///
    /// # Errors
    /// The ending is unknown.
    pub fn of(path: &Path) -> Result<Self> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match name.rsplit_once('.').map_or(name, |(_, ending)| ending) {
            "-" | "json" => Ok(Self::Json),
            "env" => Ok(Self::Env),
            "ts" => Ok(Self::TypeScript),
            _ => Err(Error::usage(format!("--handles {}: unknown file type", path.display()))
                .with_hint("use a name that ends in .json, .env or .ts, or - for stdout")),
        }
    }
}

/// What stands first in files that can hold a remark; a checksum of all that follows it comes after.
const MARK: &str = "Made by crm-seed; checksum ";
/// The most bytes of a file of handles that is looked at.
const MOST_BYTES: u64 = 64 << 20;

/// What is there where handles are to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandlesFile {
    Stdout,
    /// No file is there.
    Free,
    /// A file that is empty or that crm-seed wrote, and nobody has changed since.
    Ours,
}

/// Holds a file in which handles are wanted to what can be written, before anything is loaded.
///
/// # Errors
/// An unknown kind of file; no ordinary file; one that is not provably of crm-seed's making, which would be
/// lost.
pub fn check(path: &Path) -> Result<HandlesFile> {
    let format = Format::of(path)?;
    if path.as_os_str() == "-" {
        return Ok(HandlesFile::Stdout);
    }
    let refused = |why: Error| Error::refused(format!("--handles {}", path.display())).with_source(why);
    let refuse = |why: &str| Err(refused(Error::refused(why)));
    if path.is_dir() {
        return refuse("it is a directory");
    }
    let file = behind_links(path);
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    if parent.is_some_and(|parent| !parent.is_dir()) {
        return refuse("no such directory");
    }
    if file.symlink_metadata().is_err() {
        return Ok(HandlesFile::Free);
    }
    let bytes = text_file::bytes(&file, MOST_BYTES).map_err(refused)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) if is_ours(text, format) => Ok(HandlesFile::Ours),
        _ => refuse("the file exists, and crm-seed did not write it or it was edited; use another name"),
    }
}

/// Writes `text`, which is in the format of `path`.
///
/// # Errors
/// See [`check`]; the file cannot be written.
pub fn write(path: &Path, text: &str) -> Result<()> {
    // Looked at again: the load may have taken a while.
    match check(path)? {
        HandlesFile::Stdout => terminal::print_data(text),
        HandlesFile::Free => whole_file::create(&behind_links(path), text.as_bytes()),
        HandlesFile::Ours => whole_file::replace(path, text.as_bytes()),
    }
}

/// Whether a file holds handles as crm-seed wrote them, or nothing.
fn is_ours(text: &str, format: Format) -> bool {
    if text.trim().is_empty() {
        return true;
    }
    // Version control may have changed the ends of the lines.
    let text = text.replace("\r\n", "\n");
    match format {
        Format::Json => is_our_json(&text),
        Format::Env => text.strip_prefix("# ").is_some_and(has_our_checksum),
        Format::TypeScript => text.strip_prefix("// ").is_some_and(has_our_checksum),
    }
}

/// JSON has no place for a remark: it is ours where it has the form of handles, and no byte besides.
fn is_our_json(text: &str) -> bool {
    let Ok(all) = serde_json::from_str::<Map<String, Value>>(text) else { return false };
    let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-./".contains(&b));
    let is_key = |value: &Value| match value {
        Value::String(text) => text.len() <= 64 && !text.contains(char::is_whitespace),
        value => value.is_i64() || value.is_u64(),
    };
    let is_row = |row: &Value| {
        row.as_object().is_some_and(|row| {
            let key = row.iter().filter(|(column, _)| *column != "table");
            row["table"].is_string() && row.len() > 1 && key.into_iter().all(|(_, value)| is_key(value))
        })
    };
    all.iter().all(|(name, row)| is_name(name) && is_row(row))
        && format!("{:#}", Value::Object(all)) == text.trim_end()
}

fn has_our_checksum(text: &str) -> bool {
    let parts = text.strip_prefix(MARK).and_then(|text| text.split_once('\n'));
    parts.is_some_and(|(sum, rest)| sum == checksum(rest))
}

fn checksum(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
}

/// `text` after a comment with its checksum, by which crm-seed recognises its own files.
fn marked(comment: &str, text: &str) -> String {
    format!("{comment} {MARK}{}\n{text}", checksum(text))
}

impl Handles {
    /// The handles of the explicit rows of `dataset`, and of the base rows to which those refer, as the domain has them.
    pub fn of(dataset: &Dataset, scenario: &Scenario) -> Self {
        let own = |made: &CompletedRow| {
            let key = made.key().map(|(column, id)| (column.to_owned(), json!(id)));
            (TABLES[made.table].info().name.to_owned(), key.collect())
        };
        let rows = dataset.explicit.iter().map(|made| (made, own(made)));
        Self::all(rows, scenario, |table, id| Some((table.to_owned(), vec![("id".to_owned(), json!(id))])))
    }

    /// The same of those rows that are written by `plan`, as the target has them.
    pub fn in_target(dataset: &Dataset, scenario: &Scenario, keys: &ExplicitKeys, plan: &Plan) -> Self {
        let rows = keys.written(dataset).map(|(made, key)| (made, (key.table.clone(), key.key.clone())));
        let mut handles = Self::all(rows, scenario, |table, id| plan.in_target(dataset, table, id));
        handles.0.extend(keys.added().filter_map(|row| {
            let scenario = scenario.scenario_rows[row.scenario_index].scenario.clone();
            let (table, key) = (row.key.table.clone(), row.key.key.clone());
            Some(Handle { scenario, name: row.handle.clone()?, table, key })
        }));
        handles.0.sort_by(|a, b| (&a.scenario, &a.name).cmp(&(&b.scenario, &b.name)));
        handles
    }

    fn all<'a>(
        rows: impl Iterator<Item = (&'a CompletedRow, InTarget)>,
        scenario: &Scenario,
        base: impl Fn(&'static str, i64) -> Option<InTarget>,
    ) -> Self {
        let scenario_of = |made: &CompletedRow| &scenario.scenario_rows[made.scenario_index].scenario;
        let (mut handles, mut given) = (Vec::new(), Vec::new());
        for (made, (table, key)) in rows {
            given.extend((!made.is_implied).then_some(made));
            let (scenario, name) = (scenario_of(made).clone(), made.handle.clone());
            handles.push(Handle { scenario, name, table, key });
        }
        let mut known: BTreeSet<(String, String)> =
            handles.iter().map(|handle| (handle.scenario.clone(), handle.name.clone())).collect();
        for made in given {
            for (what, table, id) in base_rows(made) {
                let (scenario, name) = (scenario_of(made).clone(), format!("{}.{what}", made.handle));
                let Some((table, key)) = base(table, id) else { continue };
                if known.insert((scenario.clone(), name.clone())) {
                    handles.push(Handle { scenario, name, table, key });
                }
            }
        }
        handles.sort_by(|a, b| (&a.scenario, &a.name).cmp(&(&b.scenario, &b.name)));
        Self(handles)
    }

    /// The id of a row of a scenario; `None` where there is no such handle, or no key of one column.
    pub fn id(&self, scenario: &str, name: &str) -> Option<&Value> {
        let handle = self.0.iter().find(|handle| handle.scenario == scenario && handle.name == name)?;
        match &handle.key[..] {
            [(_, id)] => Some(id),
            _ => None,
        }
    }

    /// The file contents in `format`.
    pub fn text(&self, format: Format) -> String {
        match format {
            Format::Json => format!("{:#}\n", self.json()),
            Format::Env => self.env(),
            Format::TypeScript => self.typescript(),
        }
    }

    fn json(&self) -> Value {
        let mut all = Map::new();
        for handle in &self.0 {
            let name = self.written(handle);
            let mut row = Map::new();
            row.insert("table".into(), json!(handle.table));
            row.extend(handle.key.iter().cloned());
            all.insert(name, Value::Object(row));
        }
        Value::Object(all)
    }

    fn env(&self) -> String {
        let mut out = String::new();
        for handle in &self.0 {
            // Handles have no underscores, so that no two become one.
            let name = self.written(handle).to_ascii_uppercase();
            let name = name.replace('-', "_").replace('.', "__").replace('/', "___");
            for (column, id) in &handle.key {
                let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                let column = column.to_ascii_uppercase();
                let part = if column == "ID" { "_" } else { "__" };
                let _ = writeln!(out, "{name}{part}{column}={id}");
            }
        }
        marked("#", &out)
    }

    /// The handle, behind its scenario where several have one of that name: what is made beside the rows of
    /// several scenarios may be called alike.
    fn written(&self, handle: &Handle) -> String {
        let is_other = |other: &&Handle| other.name == handle.name && other.scenario != handle.scenario;
        match self.0.iter().find(is_other) {
            Some(_) => format!("{}/{}", handle.scenario, handle.name),
            None => handle.name.clone(),
        }
    }

    fn typescript(&self) -> String {
        let text = format!(
            "export const handles = {:#} as const;\n\n\
             /** A row's name in its scenario. */\nexport type Handle = keyof typeof handles;\n\
             /** The table and the key of a row. */\nexport type Row<H extends Handle = Handle> = (typeof handles)[H];\n",
            self.json()
        );
        marked("//", &text)
    }
}

/// The base rows to which a row refers, by what they are to it: the `customer` of its `customer_organization_id`, with its
/// table and its id in the domain.
fn base_rows(made: &CompletedRow) -> Vec<(String, &'static str, i64)> {
    let columns = TABLES[made.table].columns();
    let refers = columns.iter().zip(&made.values).filter_map(|(column, value)| {
        let (table, id) = (column.holds.refers_to?, value.as_number()?);
        let is_base = u64::try_from(id).is_ok_and(ids::is_base);
        let what =
            column.name.strip_suffix("_organization_id").or_else(|| column.name.strip_suffix("_id"))?;
        let table = TABLES[explicit::table_called(table)].info().name;
        is_base.then(|| (what.replace('_', "-"), table, id))
    });
    refers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handle(scenario: &str, name: &str, table: &str, key: Vec<(&str, i64)>) -> Handle {
        let key = key.into_iter().map(|(column, id)| (column.to_owned(), json!(id))).collect();
        Handle { scenario: scenario.into(), name: name.into(), table: table.into(), key }
    }

    fn some() -> Handles {
        Handles(vec![
            handle("a", "big-deal", "opportunities", vec![("id", 2_000_000_001)]),
            handle(
                "a",
                "big-deal.contact",
                "opportunity_contacts",
                vec![("opportunity_id", 1), ("contact_id", 2)],
            ),
            handle("a", "made.principal", "organizations", vec![("id", 3)]),
            handle("b", "made.principal", "organizations", vec![("id", 4)]),
        ])
    }

    #[test]
    fn handles_are_written_as_the_file_s_ending_says() {
        let json: Value = serde_json::from_str(&some().text(Format::Json)).expect("json");
        assert_eq!(json["big-deal"], json!({"table": "opportunities", "id": 2_000_000_001_i64}));
        assert_eq!(json["big-deal.contact"]["contact_id"], 2);
        assert_eq!(json["b/made.principal"]["id"], 4);
        let env = some().text(Format::Env);
        let (mark, env) = env.split_once('\n').expect("lines");
        assert!(mark.starts_with("# Made by crm-seed; checksum "), "{mark}");
        assert_eq!(
            env,
            "BIG_DEAL_ID=2000000001\nBIG_DEAL__CONTACT__OPPORTUNITY_ID=1\nBIG_DEAL__CONTACT__CONTACT_ID=2\n\
             A___MADE__PRINCIPAL_ID=3\nB___MADE__PRINCIPAL_ID=4\n"
        );
        assert!(some().text(Format::TypeScript).contains("export const handles = {"));
        for (path, format) in
            [("-", Format::Json), (".env", Format::Env), ("x/ids.test.ts", Format::TypeScript)]
        {
            assert_eq!(Format::of(Path::new(path)).expect("a format"), format);
        }
        assert!(Format::of(Path::new("ids.yaml")).is_err());
    }

    #[test]
    fn a_file_of_somebody_else_s_is_not_overwritten() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        for format in [Format::Json, Format::Env, Format::TypeScript] {
            let ours = some().text(format);
            assert!(is_ours(&ours, format) && is_ours("", format) && is_ours(" \n", format));
            assert!(is_ours(&ours.replace('\n', "\r\n"), format), "{format:?}");
            for edited in [format!("{ours}SECRET=1\n"), ours.replace("3", "4"), format!(" {ours}")] {
                let is_json_of_ours =
                    format == Format::Json && edited.starts_with('{') && !edited.contains('S');
                assert_eq!(is_ours(&edited, format), is_json_of_ours, "{edited}");
            }
        }
        assert_eq!(check(&at("new.json")).expect("nobody's"), HandlesFile::Free);
        for (name, text) in [
            (".env", "SECRET=1".as_bytes()),
            ("b.env", b"SECRET=caf\xe9"),
            ("c.env", b"# Made by crm-seed.\nSECRET=1"),
            ("package.json", b"{\"name\": \"app\"}"),
            ("users.json", b"{\n  \"ann\": {\n    \"password\": \"x y\",\n    \"table\": \"z\"\n  }\n}"),
            ("tables.json", b"{\"a\": {\"table\": \"x\"}}"),
            ("a.ts", b"export {}"),
        ] {
            std::fs::write(at(name), text).expect("a file");
            let error = check(&at(name)).expect_err(name);
            assert!(format!("{error:#}").contains("crm-seed did not write it"), "{error:#}");
            assert!(write(&at(name), "x").is_err());
            assert_eq!(std::fs::read(at(name)).expect("a file"), text, "{name}");
        }
        assert!(check(&at("nowhere/ids.json")).is_err());
        std::fs::create_dir(at("d.json")).expect("a directory");
        assert!(check(&at("d.json")).is_err());
    }

    #[test]
    fn a_handle_without_an_id_has_none() {
        assert_eq!(some().id("a", "big-deal"), Some(&json!(2_000_000_001_i64)));
        assert_eq!(some().id("a", "big-deal.contact"), None);
        assert_eq!(some().id("b", "big-deal"), None);
    }
}
