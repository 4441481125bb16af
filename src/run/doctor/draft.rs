//! The configuration of a target as a draft: what is done with its tables and columns, and beside it, commented
//! out, the line that says the same and can be changed. As written it says nothing at all.

use std::fmt::Write;

use crate::catalog::Schema;
use crate::domain::dataset::Dataset;
use crate::infer::build;
use crate::infer::config;
use crate::infer::model::TableModel;
use crate::infer::overrides::Overrides;
use crate::infer::recognition;
use crate::infer::setting::{key, quoted};
use crate::plan::Plan;
use crate::run::doctor::draft_columns::columns;
use crate::run::doctor::draft_line::Line;
use crate::run::doctor::look::Snapshot;
use crate::run::doctor::seen::Inspection;
use crate::run::doctor::shorten::{count, cut};

/// Characters of a comment.
const WIDTH: usize = 116;
/// Tables that are tried, whether they could be filled.
const TRIED: usize = 40;

const HEAD: &str = "\
# How crm-seed fills the tables and columns of this database.
#
# Every setting is commented out: as it is, this file changes nothing. To use a setting, remove the # that directly
# precedes it and change its value. The settings of a table can also be written as
#   [tables.NAME]           is = \"organizations\" (the CRM table that it is; \"\" for none), kind = \"notes\" (what
#                           another table is), rows = 100, include = true, exclude = true
#   [tables.NAME.columns]   COLUMN = { is = \"name\" } (a column of that CRM table), { refers_to = \"users.id\" },
#                           { labels = { closed_won = \"won\" } } (your words for crm-seed's labels), { value = 5 },
#                           { weights = { gold = 1, silver = 3 } }, { pattern = \"[A-Z]{3}-[0-9]{4}\" }, { skip = true }
#                           or { copy = \"contacts.email\" } (what the row says to which it refers)
# and, before all tables: include = [\"a\"], exclude = [\"b\"], only = [\"c\"], tenant = \"workspaces\" (the table or column
# that says whose the rows are; \"\" for none).
#
# To see the result, run `crm-seed doctor`, or `crm-seed --dry-run` for every column.
";

/// The lines about one table.
#[derive(Debug)]
struct Part {
    about: String,
    lines: Vec<Line>,
}

/// The text of the file.
pub fn draft(look: &Snapshot, dataset: &Dataset, seen: &Inspection, overrides: &Overrides) -> String {
    let built = build::build(dataset, &look.schema, overrides, &look.there);
    let mut parts = Vec::new();
    if let Ok(built) = &built {
        for member in built.model.members.iter().filter(|member| member.is_written()) {
            parts.push(filled(look, seen, member, &built.model.members, dataset));
        }
    } else {
        parts.extend(seen.tables.iter().map(|table| recognized(&look.schema, table)));
    }
    let judge = Judge { look, dataset, overrides, can: look.plan.is_ok() };
    judge.keep_valid(&mut parts);
    let mut text = HEAD.to_owned();
    let _ = writeln!(text, "#\n# Written by `crm-seed init` for {}", plain(&seen.target));
    if let Err(error) = &look.plan {
        let _ = writeln!(text, "#\n# Nothing can be filled yet: {}", plain(&format!("{error:#}")));
    }
    tenant(&mut text, look, overrides, &judge);
    for part in &parts {
        part.print(&mut text);
    }
    rest(&mut text, look, seen, &judge);
    text
}

fn filled(
    look: &Snapshot,
    seen: &Inspection,
    member: &TableModel,
    all: &[TableModel],
    dataset: &Dataset,
) -> Part {
    let table = &look.schema.tables[member.position];
    let told = seen.tables.iter().find(|told| told.target == table.qualified());
    let rows = told.and_then(|told| told.rows);
    let key = key(&look.schema, table);
    let mut lines = Vec::new();
    let setting = match (member.domain, rows) {
        (Some(domain), _) => {
            Some(format!("tables.{key}.is = {}", quoted(crate::domain::TABLES[domain].info().name)))
        }
        (None, rows) => rows.map(|rows| format!("tables.{key}.rows = {rows}")),
    };
    lines.push(Line { about: String::new(), setting });
    if member.domain.is_none() {
        let setting = Some(format!("tables.{key}.kind = {}", quoted(&member.kind.setting())));
        lines.push(Line { about: String::new(), setting });
    }
    lines.extend(columns(table, member, all, &look.schema, dataset, &key));
    let why = told.map_or(member.why.as_str(), |told| told.why.as_str());
    let rows = rows.map_or_else(String::new, |rows| format!(", {}", count(rows, "row")));
    Part { about: format!("{}: {why}{rows}", table.qualified()), lines }
}

/// Whose the rows are.
fn tenant(text: &mut String, look: &Snapshot, overrides: &Overrides, judge: &Judge<'_>) {
    let Ok(known) = recognition::recognize(&look.schema, overrides) else { return };
    let tables = known.tenants.iter().map(|at| look.schema.tables[*at].name.as_str());
    let names: Vec<&str> = tables.chain(known.tenant_columns.iter().map(String::as_str)).collect();
    if let Some(name) = names.first() {
        let setting = format!("tenant = {}", quoted(name));
        if judge.is_valid(&setting) {
            let _ = writeln!(text, "\n# Whose the rows are: all belong to one row of it.\n#{setting}");
        }
    }
}

/// A table of which no more is known, as nothing could be planned.
fn recognized(schema: &Schema, table: &crate::run::doctor::parts::Filled) -> Part {
    let found = schema.tables.iter().find(|other| other.qualified() == table.target);
    let is = found.zip(table.is.as_ref());
    let setting = is.map(|(found, is)| format!("tables.{}.is = {}", key(schema, found), quoted(is)));
    Part {
        about: format!("{}: {}", table.target, table.why),
        lines: vec![Line { about: String::new(), setting }],
    }
}

/// What takes no part: tables that nothing asks for can be asked for, where they could be filled.
fn rest(text: &mut String, look: &Snapshot, seen: &Inspection, judge: &Judge<'_>) {
    for table in &seen.referred {
        let rows = count(table.rows as u64, "row");
        let _ = writeln!(text, "\n# {}: its {rows} are kept and referenced", plain(&table.target));
    }
    let mut tried = 0;
    for unfilled in &seen.unfilled {
        let why = cut(&plain(&unfilled.why), WIDTH);
        let _ = writeln!(text, "\n# {}: not filled: {why}", plain(&unfilled.target));
        let found = look.schema.tables.iter().find(|table| table.qualified() == unfilled.target);
        let Some(table) = found.filter(|_| unfilled.is_unasked && judge.can && tried < TRIED) else {
            continue;
        };
        tried += 1;
        let setting = format!("tables.{}.include = true", key(&look.schema, table));
        if judge.is_valid(&setting) {
            let _ = writeln!(text, "#{setting}");
        }
    }
}

impl Part {
    fn print(&self, text: &mut String) {
        let _ = writeln!(text, "\n# {}", cut(&plain(&self.about), WIDTH));
        for line in &self.lines {
            if !line.about.is_empty() {
                let _ = writeln!(text, "# {}", cut(&plain(&line.about), WIDTH));
            }
            if let Some(setting) = &line.setting {
                let _ = writeln!(text, "#{setting}");
            }
        }
    }
}

/// Holds settings to the target: what nobody could take at its word is not proposed.
struct Judge<'a> {
    look: &'a Snapshot,
    dataset: &'a Dataset,
    overrides: &'a Overrides,
    /// Without any setting there is a plan; else no setting can be told from another.
    can: bool,
}

impl Judge<'_> {
    fn is_valid(&self, text: &str) -> bool {
        let Ok(mut overrides) = config::parse(text, config::NAME) else { return false };
        overrides.is_local = self.overrides.is_local;
        !self.can
            || Plan::of_target(self.dataset, &self.look.schema, &overrides, &self.look.there)
                .is_ok_and(|plan| plan.troubles.is_empty())
    }

    /// Takes away the settings that could not be taken at their word, alone or beside the others.
    fn keep_valid(&self, parts: &mut [Part]) {
        let all: Vec<&str> = parts.iter().flat_map(Part::settings).collect();
        if self.is_valid(&all.join("\n")) {
            return;
        }
        let mut kept = String::new();
        for part in parts {
            let group = format!("{kept}{}\n", part.settings().collect::<Vec<_>>().join("\n"));
            if self.is_valid(&group) {
                kept = group;
                continue;
            }
            for line in &mut part.lines {
                let Some(setting) = &line.setting else { continue };
                let with = format!("{kept}{setting}\n");
                match self.is_valid(&with) {
                    true => kept = with,
                    false => line.setting = None,
                }
            }
        }
    }
}

impl Part {
    fn settings(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| line.setting.as_deref())
    }
}

/// A text that may stand in a comment.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_says_nothing() {
        assert_eq!(config::parse(HEAD, config::NAME).ok(), Some(Overrides::default()));
    }
}
