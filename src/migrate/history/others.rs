//! Histories of other tools: what they applied counts as applied. They are read and never written.

use std::collections::BTreeMap;

use sqlx::{PgConnection, Row};

use crate::db::query::{self, fetch};
use crate::error::Result;
use crate::migrate::files::Migration;
use crate::migrate::layout::{Directory, Layout, plain_number, plain_version};
use crate::sql::quote_literal;

/// What another tool says of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherEntry {
    /// The tool.
    pub tool: &'static str,
    /// When it was applied, `YYYY-MM-DD HH:MM:SS` in UTC, where the tool notes that.
    pub at: Option<String>,
    /// It was begun and not finished.
    pub has_failed: bool,
    /// The checksum of the lines of its file, where the tool applies it anew when that has changed.
    checksum: Option<i32>,
}

/// What the histories of other tools say, by the version of the migration.
#[derive(Debug, Default)]
pub struct OtherHistories {
    entries: BTreeMap<String, OtherEntry>,
    /// A tool that notes no more than the last version, or where its history begins: all up to it are applied.
    up_to: Option<(String, OtherEntry)>,
}

/// How the history of a tool is read.
struct Reader {
    tool: &'static str,
    table: &'static str,
    /// The schema in which it must be; else any, where `anywhere`, or one of the search path.
    schema: Option<&'static str>,
    anywhere: bool,
    /// A column that it must have, and one that it must not.
    has: &'static str,
    lacks: &'static str,
    /// Columns of what is read: version, time, whether it is finished, whether all up to it are applied, whether it was
    /// undone, checksum; in the order in which it happened. What has no version is passed by.
    columns: &'static str,
    order: &'static str,
}

const SQLX: Reader = Reader {
    tool: "sqlx",
    table: "_sqlx_migrations",
    schema: None,
    anywhere: true,
    has: "success",
    lacks: "",
    columns: "version::text, installed_on::timestamptz, success, false, false, NULL::int",
    order: "version",
};
/// The version that golang-migrate notes while it rolls back the first migration.
const NONE_LEFT: &str = "-1";
const GOLANG_MIGRATE: Reader = Reader {
    tool: "golang-migrate",
    table: "schema_migrations",
    schema: None,
    anywhere: false,
    has: "dirty",
    lacks: "",
    columns: "version::text, NULL::timestamptz, NOT dirty, true, false, NULL::int",
    order: "version",
};
const DBMATE: Reader = Reader {
    tool: "dbmate",
    table: "schema_migrations",
    schema: None,
    anywhere: false,
    has: "version",
    lacks: "dirty",
    columns: "version::text, NULL::timestamptz, true, false, false, NULL::int",
    order: "version",
};
const SUPABASE: Reader = Reader {
    tool: "Supabase",
    table: "schema_migrations",
    schema: Some("supabase_migrations"),
    anywhere: true,
    has: "version",
    lacks: "dirty",
    columns: "version::text, NULL::timestamptz, true, false, false, NULL::int",
    order: "version",
};
const GOOSE: Reader = Reader {
    tool: "goose",
    table: "goose_db_version",
    schema: None,
    anywhere: true,
    has: "is_applied",
    lacks: "",
    columns: "version_id::text, tstamp AT TIME ZONE 'UTC', true, false, NOT is_applied, NULL::int",
    order: "id",
};
const FLYWAY: Reader = Reader {
    tool: "Flyway",
    table: "flyway_schema_history",
    schema: None,
    anywhere: true,
    has: "installed_rank",
    lacks: "",
    // A row of the type SCHEMA notes that Flyway made the schema.
    columns: "CASE WHEN type <> 'SCHEMA' THEN coalesce(version, script) END::text, \
              installed_on AT TIME ZONE 'UTC', success, type LIKE '%BASELINE', \
              (type LIKE 'UNDO%' OR type = 'DELETE') AND success, CASE WHEN version IS NULL THEN checksum END",
    order: "installed_rank",
};
const PRISMA: Reader = Reader {
    tool: "Prisma",
    table: "_prisma_migrations",
    schema: None,
    anywhere: true,
    has: "migration_name",
    lacks: "",
    columns: "migration_name::text, coalesce(finished_at, started_at)::timestamptz, finished_at IS NOT NULL, false, \
              rolled_back_at IS NOT NULL, NULL::int",
    order: "started_at",
};

const DRIZZLE: Reader = Reader {
    tool: "Drizzle",
    table: "__drizzle_migrations",
    schema: None,
    anywhere: true,
    has: "created_at",
    lacks: "",
    // The time is the one at which the file was written.
    columns: "created_at::text, NULL::timestamptz, true, false, false, NULL::int",
    order: "id",
};

/// The tools that may have applied files of this form.
fn readers(layout: Layout) -> &'static [Reader] {
    match layout {
        Layout::Bundled => &[],
        Layout::Own => &[SUPABASE, SQLX],
        Layout::Supabase => &[SUPABASE],
        Layout::Sqlx | Layout::GolangMigrate => &[SQLX, GOLANG_MIGRATE],
        Layout::Dbmate => &[DBMATE],
        Layout::Goose => &[GOOSE],
        Layout::Flyway => &[FLYWAY],
        Layout::Prisma => &[PRISMA],
        Layout::Drizzle => &[DRIZZLE],
    }
}

impl Reader {
    /// A version as those of the files are written.
    fn plain(&self, version: &str) -> String {
        match self.tool {
            "Flyway" if !version.ends_with(".sql") => plain_version(version),
            "Flyway" | "Prisma" | "Drizzle" => version.to_owned(),
            _ => plain_number(version),
        }
    }

    /// The table with its schema, quoted, where there is one that the tool made.
    async fn find(&self, connection: &mut PgConnection) -> Result<Option<String>> {
        let place = match (self.schema, self.anywhere) {
            (Some(schema), _) => format!("n.nspname = {}", quote_literal(schema)),
            (None, true) => "n.nspname !~ '^pg_'".to_owned(),
            (None, false) => "pg_table_is_visible(c.oid)".to_owned(),
        };
        let column = |name: &str| {
            format!(
                "EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = {} AND NOT a.attisdropped)",
                quote_literal(name)
            )
        };
        let sql = format!(
            "SELECT format('%I.%I', n.nspname, c.relname)
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relname = {} AND c.relkind IN ('r', 'p') AND {place} AND {} AND NOT {}
             ORDER BY pg_table_is_visible(c.oid) DESC, n.nspname LIMIT 1",
            quote_literal(self.table),
            column(self.has),
            column(self.lacks)
        );
        let rows = fetch(connection, &sql).await?;
        rows.first().map(|row| row.try_get(0)).transpose().map_err(query::error)
    }

    async fn read(
        &self,
        connection: &mut PgConnection,
        migrations: &[Migration],
        histories: &mut OtherHistories,
    ) -> Result<()> {
        let Some(table) = self.find(connection).await? else { return Ok(()) };
        let sql = format!(
            "SELECT version, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), finished, up_to, undone, checksum
             FROM (SELECT {}, {} FROM {table}) AS history (version, at, finished, up_to, undone, checksum, place)
             WHERE version IS NOT NULL ORDER BY place",
            self.columns, self.order
        );
        let rows = fetch(connection, &sql).await.map_err(|error| error.context(table.clone()))?;
        for row in &rows {
            let get = || -> Result<_, sqlx::Error> {
                Ok((
                    row.try_get::<String, _>(0)?,
                    row.try_get(1)?,
                    row.try_get(2)?,
                    row.try_get(3)?,
                    row.try_get(4)?,
                    row.try_get(5)?,
                ))
            };
            let (version, at, finished, is_up_to, undone, checksum): (_, _, bool, bool, bool, _) =
                get().map_err(query::error)?;
            let version = self.plain(&version);
            let entry = OtherEntry { tool: self.tool, at, has_failed: !finished, checksum };
            match () {
                // None is applied any more, and the first was being rolled back.
                () if version == NONE_LEFT => {
                    let first = migrations.first().map(|migration| migration.version.to_string());
                    histories.entries.extend(first.map(|first| (first, entry)));
                }
                () if undone => drop(histories.entries.remove(&version)),
                () if is_up_to => histories.up_to = Some((version, entry)),
                () => drop(histories.entries.insert(version, entry)),
            }
        }
        // What goose begins with stands for no file.
        if self.tool == GOOSE.tool {
            histories.entries.remove("0");
        }
        Ok(())
    }
}

/// The checksum by which Flyway tells whether a file was edited: the CRC-32 of its lines without their ends, signed.
fn flyway_checksum(text: &str) -> i32 {
    let mut sum = crc32fast::Hasher::new();
    text.split(['\r', '\n']).for_each(|line| sum.update(line.as_bytes()));
    sum.finalize().cast_signed()
}

impl OtherHistories {
    /// Reads the histories of the tools that may have applied files of this form.
    ///
    /// # Errors
    /// One that cannot be read.
    pub async fn read(connection: &mut PgConnection, directory: &Directory) -> Result<Self> {
        let mut histories = Self::default();
        for reader in readers(directory.layout) {
            reader.read(connection, &directory.migrations, &mut histories).await?;
        }
        Ok(histories)
    }

    /// What they say of a migration. One that is applied anew whenever it was edited is not applied where it was.
    pub fn of(&self, migration: &Migration) -> Option<OtherEntry> {
        if let Some(entry) = self.entries.get(&*migration.version) {
            let is_of_file = |sum| sum == flyway_checksum(&migration.up.text);
            return entry.checksum.is_none_or(is_of_file).then(|| entry.clone());
        }
        let (last, entry) = self.up_to.as_ref().filter(|_| !migration.is_repeatable)?;
        let parts = |version: &str| -> Vec<u128> {
            version.split('.').map(|part| part.parse().unwrap_or(u128::MAX)).collect()
        };
        let (last, version) = (parts(last), parts(&migration.version));
        // Only the last one was being applied when it failed.
        (version <= last)
            .then(|| OtherEntry { has_failed: entry.has_failed && version == last, ..entry.clone() })
    }

    /// Versions of which there is no file. The last of those that are all applied is one of them where it failed.
    pub fn without_file<'a>(
        &'a self,
        migrations: &'a [Migration],
    ) -> impl Iterator<Item = (&'a str, &'a OtherEntry)> {
        let has_file = |version: &str| migrations.iter().any(|migration| migration.version == version);
        let last = self.up_to.as_ref().filter(|(_, entry)| entry.has_failed);
        let all = self.entries.iter().chain(last.map(|(version, entry)| (version, entry)));
        all.filter(move |(version, _)| !has_file(version)).map(|(version, entry)| (&**version, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flyways_checksum_is_blind_to_line_ends() {
        // The check value of CRC-32, of the digits 1 to 9.
        assert_eq!(flyway_checksum("1234\r\n567\n89").cast_unsigned(), 0xCBF4_3926);
    }
}
