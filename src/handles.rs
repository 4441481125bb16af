//! Handles of explicit rows and their ids, for tests: as JSON, `.env` or TypeScript.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::crm::TABLES;
use crate::crm::explicit::{self, Made, ids};
use crate::crm::world::World;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::scenario::Scenario;

/// What a handle stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    /// The scenario that gives it.
    pub scenario: String,
    /// The handle.
    pub name: String,
    /// Its table.
    pub table: &'static str,
    /// The row's key: `id`, or the columns of a key without one.
    pub key: Vec<(&'static str, i64)>,
    /// The table and the key as the target has them, where that is not the same.
    pub in_target: Option<InTarget>,
}

/// A table's name and a row's key.
pub type InTarget = (String, Vec<(String, Value)>);

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
    /// Constants.
    TypeScript,
}

impl Format {
    /// The format that a file's ending names; JSON on stdout.
    ///
    /// # Errors
    /// Any other ending.
    pub fn of(path: &Path) -> Result<Self> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match name.rsplit_once('.').map_or(name, |(_, ending)| ending) {
            "-" | "json" => Ok(Self::Json),
            "env" => Ok(Self::Env),
            "ts" => Ok(Self::TypeScript),
            _ => Err(Error::usage(format!("--handles {}: unknown kind of file", path.display()))
                .with_hint("its name ends in .json, .env or .ts; - is stdout")),
        }
    }
}

/// What stands first in files that can hold a remark.
const MARK: &str = "Made by crm-seed";

/// Holds a file in which handles are wanted to what can be written, before anything is loaded.
///
/// # Errors
/// An unknown kind of file; a directory; a file that somebody else made, which would be lost.
pub fn check(path: &Path) -> Result<()> {
    let format = Format::of(path)?;
    if path.as_os_str() == "-" {
        return Ok(());
    }
    let refuse = |why: &str| Err(Error::refused(format!("--handles {}: {why}", path.display())));
    if path.is_dir() {
        return refuse("it is a directory");
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if parent.is_some_and(|parent| !parent.is_dir()) {
        return refuse("there is no such directory");
    }
    match std::fs::read_to_string(path) {
        Ok(text) if !is_ours(&text, format) => {
            refuse("the file is there, and crm-seed did not make it; name another")
        }
        _ => Ok(()),
    }
}

/// Whether a file holds handles, or nothing.
fn is_ours(text: &str, format: Format) -> bool {
    if text.trim().is_empty() {
        return true;
    }
    match format {
        Format::Json => serde_json::from_str::<Map<String, Value>>(text)
            .is_ok_and(|all| all.values().all(|row| row["table"].is_string())),
        Format::Env | Format::TypeScript => text.lines().next().is_some_and(|line| line.contains(MARK)),
    }
}

impl Handle {
    /// The table and the key, as the target has them.
    fn shown(&self) -> InTarget {
        self.in_target.clone().unwrap_or_else(|| {
            let key = self.key.iter().map(|(column, id)| ((*column).to_owned(), json!(id)));
            (self.table.to_owned(), key.collect())
        })
    }
}

impl Handles {
    /// The handles of the explicit rows of `world`, and of the base rows to which those refer.
    pub fn of(world: &World, scenario: &Scenario) -> Self {
        let mut handles = Vec::new();
        for made in &world.explicit {
            let owner = &scenario.situations[made.situation].scenario;
            let table = TABLES[made.table];
            handles.push(Handle {
                scenario: owner.clone(),
                name: made.handle.clone(),
                table: table.info().name,
                key: made.key().collect(),
                in_target: None,
            });
        }
        let mut beside = Vec::new();
        for made in world.explicit.iter().filter(|made| !made.is_implied) {
            beside.extend(base_rows(made, &scenario.situations[made.situation].scenario));
        }
        for handle in beside {
            let is_new = |other: &Handle| other.scenario != handle.scenario || other.name != handle.name;
            if handles.iter().all(is_new) {
                handles.push(handle);
            }
        }
        handles.sort_by(|a, b| (&a.scenario, &a.name).cmp(&(&b.scenario, &b.name)));
        Self(handles)
    }

    /// The same with names and keys as the target has them.
    pub fn put_in(&mut self, plan: &Plan) {
        for handle in &mut self.0 {
            handle.in_target = plan.in_target(handle.table, &handle.key);
        }
    }

    /// The id of a row of a scenario; `None` where there is no such handle, or no id.
    pub fn id(&self, scenario: &str, name: &str) -> Option<i64> {
        let handle = self.0.iter().find(|handle| handle.scenario == scenario && handle.name == name)?;
        match handle.key[..] {
            [("id", id)] => Some(id),
            _ => None,
        }
    }

    /// In a format.
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
            let (table, key) = handle.shown();
            row.insert("table".into(), json!(table));
            row.extend(key);
            all.insert(name, Value::Object(row));
        }
        Value::Object(all)
    }

    fn env(&self) -> String {
        let mut out = format!("# {MARK}.\n");
        for handle in &self.0 {
            // Handles have no underscores, so that no two become one.
            let name = self.written(handle).to_ascii_uppercase();
            let name = name.replace('-', "_").replace('.', "__").replace('/', "___");
            for (column, id) in handle.shown().1 {
                let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                let column = column.to_ascii_uppercase();
                let part = if column == "ID" { "_" } else { "__" };
                let _ = writeln!(out, "{name}{part}{column}={id}");
            }
        }
        out
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
        format!(
            "// {MARK}.\nexport const handles = {:#} as const;\n\nexport type Handle = keyof typeof handles;\n",
            self.json()
        )
    }
}

/// The base rows to which a row refers: `deal.customer` for its `customer_organization_id`.
fn base_rows(made: &Made, scenario: &str) -> Vec<Handle> {
    let columns = TABLES[made.table].columns();
    let refers = columns.iter().zip(&made.values).filter_map(|(column, value)| {
        let (table, id) = (column.holds.refers_to?, value.as_number()?);
        let is_base = u64::try_from(id).is_ok_and(|id| !ids::is_explicit(id));
        let what =
            column.name.strip_suffix("_organization_id").or_else(|| column.name.strip_suffix("_id"))?;
        is_base.then(|| Handle {
            scenario: scenario.to_owned(),
            name: format!("{}.{}", made.handle, what.replace('_', "-")),
            table: TABLES[explicit::table_called(table)].info().name,
            key: vec![("id", id)],
            in_target: None,
        })
    });
    refers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handle(scenario: &str, name: &str, table: &'static str, key: Vec<(&'static str, i64)>) -> Handle {
        Handle { scenario: scenario.into(), name: name.into(), table, key, in_target: None }
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
        assert_eq!(
            some().text(Format::Env),
            "# Made by crm-seed.\nBIG_DEAL_ID=2000000001\nBIG_DEAL__CONTACT__OPPORTUNITY_ID=1\nBIG_DEAL__CONTACT__CONTACT_ID=2\n\
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
            assert!(is_ours(&some().text(format), format) && is_ours("", format));
        }
        check(&at("new.json")).expect("nobody's");
        for (name, text) in
            [(".env", "SECRET=1"), ("package.json", "{\"name\": \"app\"}"), ("a.ts", "export {}")]
        {
            std::fs::write(at(name), text).expect("a file");
            assert!(check(&at(name)).is_err(), "{name}");
        }
        assert!(check(&at("nowhere/ids.json")).is_err());
        std::fs::create_dir(at("d.json")).expect("a directory");
        assert!(check(&at("d.json")).is_err());
    }

    #[test]
    fn a_handle_without_an_id_has_none() {
        assert_eq!(some().id("a", "big-deal"), Some(2_000_000_001));
        assert_eq!(some().id("a", "big-deal.contact"), None);
        assert_eq!(some().id("b", "big-deal"), None);
    }
}
