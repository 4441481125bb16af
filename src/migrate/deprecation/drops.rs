//! What the files of a run drop of what was there before it.

use crate::migrate::deprecation::events::{Event, events};
use crate::migrate::files::Migration;
use crate::migrate::script::Script;
use crate::migrate::sql::identifier::Identifier;

/// A table or column, as it is called in the database before the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Where the statement stands: `file:line:column`.
    pub at: String,
    pub table: Identifier,
    /// None where it is the whole table.
    pub column: Option<String>,
    /// The comment that a file of the run gives it before; the outer is none where none does.
    pub comment: Option<Option<String>>,
    /// The file says why (`-- Drop: reason`).
    pub has_reason: bool,
}

/// Finds them, in the order of the files.
pub fn drops(files: &[(&Migration, Script<'_>)]) -> Vec<Dropped> {
    let mut names = Names::default();
    let mut dropped = Vec::new();
    for (migration, script) in files {
        let has_reason = has_reason(&migration.up.text);
        for statement in &script.statements {
            for (at, event) in events(statement) {
                let Some((table, column)) = names.follow(event) else { continue };
                let character = statement[..at].chars().count() + 1;
                let (line, place) = statement.location(Some(character));
                let comment = names.comment(&table, column.as_deref());
                let at = format!("{}:{line}:{place}", script.file);
                dropped.push(Dropped { at, table, column, comment, has_reason });
            }
        }
    }
    dropped
}

/// Whether the header of a file says why it drops something.
fn has_reason(text: &str) -> bool {
    let header = text.lines().take_while(|line| line.starts_with("--") || line.trim().is_empty());
    let mut pairs = header.filter_map(|line| line.trim_start_matches('-').split_once(':'));
    pairs.any(|(key, value)| key.trim().eq_ignore_ascii_case("drop") && !value.trim().is_empty())
}

/// What of the names that files use was there before them, and how it was called.
#[derive(Default)]
struct Names {
    /// Tables that files have made or renamed: the name now, and the one before the run.
    tables: Vec<(Identifier, Option<Identifier>)>,
    /// Likewise columns of tables that were there, by the table's name before the run.
    columns: Vec<(Identifier, String, Option<String>)>,
    /// Comments that files have given, by the names before the run.
    comments: Vec<(Identifier, Option<String>, Option<String>)>,
}

impl Names {
    /// Takes an event in. Returns what it drops of what was there before the run.
    fn follow(&mut self, event: Event) -> Option<(Identifier, Option<String>)> {
        match event {
            Event::TableMade(name) => self.tables.push((name, None)),
            Event::TableRenamed(old, new) => {
                let before = self.take_table(&old);
                self.tables.push((new, before));
            }
            Event::TableDropped(name) => return self.take_table(&name).map(|before| (before, None)),
            Event::TableCommented(name, text) => {
                if let Some(before) = self.table(&name) {
                    self.comments.push((before, None, text));
                }
            }
            Event::ColumnMade(table, name) => {
                if let Some(table) = self.table(&table) {
                    self.columns.push((table, name, None));
                }
            }
            Event::ColumnRenamed(table, old, new) => {
                if let Some(table) = self.table(&table) {
                    let before = self.take_column(&table, old);
                    self.columns.push((table, new, before));
                }
            }
            Event::ColumnDropped(table, name) => {
                let table = self.table(&table)?;
                let before = self.take_column(&table, name)?;
                return Some((table, Some(before)));
            }
            Event::ColumnCommented(table, name, text) => {
                if let Some(table) = self.table(&table)
                    && let Some(before) = self.column(&table, name)
                {
                    self.comments.push((table, Some(before), text));
                }
            }
        }
        None
    }

    /// The comment that a file has given to what was there before the run.
    fn comment(&self, table: &Identifier, column: Option<&str>) -> Option<Option<String>> {
        let last =
            self.comments.iter().rev().find(|(of, name, _)| is_same(of, table) && name.as_deref() == column);
        last.map(|(_, _, text)| text.clone())
    }

    /// How a table was called before the run; none where a file has made it.
    fn table(&self, name: &Identifier) -> Option<Identifier> {
        let known = self.tables.iter().rev().find(|(now, _)| is_same(now, name));
        known.map_or_else(|| Some(name.clone()), |(_, before)| before.clone())
    }

    /// The same, of a table that is gone or called otherwise from here on.
    fn take_table(&mut self, name: &Identifier) -> Option<Identifier> {
        match self.tables.iter().rposition(|(now, _)| is_same(now, name)) {
            Some(at) => self.tables.remove(at).1,
            None => Some(name.clone()),
        }
    }

    /// How a column of a table (by its name before the run) was called before the run; none where a file has made it.
    fn column(&self, table: &Identifier, name: String) -> Option<String> {
        let known = self.columns.iter().rev().find(|(of, now, _)| is_same(of, table) && *now == name);
        known.map_or(Some(name), |(_, _, before)| before.clone())
    }

    fn take_column(&mut self, table: &Identifier, name: String) -> Option<String> {
        match self.columns.iter().rposition(|(of, now, _)| is_same(of, table) && *now == name) {
            Some(at) => self.columns.remove(at).2,
            None => Some(name),
        }
    }
}

/// Whether two names mean one table: where only one of them has a schema, it is taken for the other's.
fn is_same(a: &Identifier, b: &Identifier) -> bool {
    a.name == b.name && (a.schema.is_none() || b.schema.is_none() || a.schema == b.schema)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::files::Source;

    /// What files drop: `table` or `table.column`, with the comment where one was given.
    fn dropped(texts: &[&'static str]) -> Vec<String> {
        let migration = |text: &&'static str| Migration {
            name: "x".into(),
            version: "1".into(),
            is_repeatable: false,
            up: Source::new("x.sql", *text),
            down: None,
        };
        let migrations: Vec<Migration> = texts.iter().map(migration).collect();
        let read = |migration| {
            let Migration { name, up, .. }: &Migration = migration;
            (migration, Script::read(name, up).expect("a script"))
        };
        let files: Vec<_> = migrations.iter().map(read).collect();
        let told = |dropped: Dropped| {
            let name = [Some(dropped.table.sql()), dropped.column]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(".");
            let comment = dropped.comment.map_or_else(String::new, |comment| format!(" {comment:?}"));
            format!("{}: {name}{comment}{}", dropped.at, if dropped.has_reason { " with reason" } else { "" })
        };
        drops(&files).into_iter().map(told).collect()
    }

    #[test]
    fn what_a_file_of_the_run_has_made_is_free_to_go() {
        let made = "CREATE TABLE a (b int);\nALTER TABLE c ADD COLUMN d int;";
        assert_eq!(dropped(&[made, "DROP TABLE a; ALTER TABLE c DROP d;"]), [""; 0]);
        assert_eq!(
            dropped(&[made, "ALTER TABLE public.a DROP b; ALTER TABLE c DROP e"]),
            ["x.sql:1:44: c.e"]
        );
        // Once it is gone, another of its name is not what was made.
        assert_eq!(dropped(&[made, "DROP TABLE a;\nDROP TABLE a"]), ["x.sql:2:12: a"]);
        assert_eq!(dropped(&["CREATE TABLE IF NOT EXISTS a (); DROP TABLE a"]), ["x.sql:1:45: a"]);
    }

    #[test]
    fn what_was_there_before_is_known_under_another_name() {
        let renamed = "ALTER TABLE a RENAME TO b;\nALTER TABLE b RENAME c TO c_deprecated;\n\
                       COMMENT ON COLUMN b.c_deprecated IS 'gone soon';";
        assert_eq!(
            dropped(&[renamed, "ALTER TABLE b\n  DROP c_deprecated;"]),
            ["x.sql:2:3: a.c Some(\"gone soon\")"]
        );
        assert_eq!(dropped(&["ALTER TABLE a SET SCHEMA old; DROP TABLE old.a"]), ["x.sql:1:42: a"]);
        assert_eq!(
            dropped(&["ALTER TABLE a RENAME TO b; CREATE TABLE a (c int); DROP TABLE a, b"]),
            ["x.sql:1:66: a"]
        );
    }

    #[test]
    fn a_reason_stands_in_the_header() {
        assert_eq!(dropped(&["-- Drop: nobody uses it\nDROP TABLE a"]), ["x.sql:2:12: a with reason"]);
        assert_eq!(dropped(&["-- Drop:\nDROP TABLE a"]), ["x.sql:2:12: a"]);
        assert_eq!(dropped(&["SELECT 1;\n-- Drop: too late\nDROP TABLE a"]), ["x.sql:3:12: a"]);
    }
}
