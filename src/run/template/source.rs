//! What a template takes from the database that gives its schema, and a digest of all that. Nothing is written there.

use sqlx::{PgConnection, Row};

use crate::db::query::{self, SETTINGS, error, execute, fetch};
use crate::db::target::Target;
use crate::error::{Error, Result};
use crate::infer::kinds::{self, TableKind};
use crate::infer::overrides::Overrides;
use crate::migrate::{Catalog, HISTORY};
use crate::sql::{quote_identifier, quote_literal};
use crate::suggestion::{quoted, suggestion};

/// Tables asked for in one query.
const AT_ONCE: usize = 40;

/// The facts of the database, as one row. `to_jsonb`, as columns came and went between versions of PostgreSQL.
const FACTS: &str = "SELECT d.datname::text, pg_encoding_to_char(d.encoding)::text, to_jsonb(d)::text,
  r.rolsuper, r.rolsuper OR r.rolcreatedb, r.rolname::text,
  pg_is_in_recovery(), current_setting('server_version_num')::integer / 10000,
  (SELECT to_json(s.setconfig)::text FROM pg_db_role_setting s WHERE s.setdatabase = d.oid AND s.setrole = 0)
FROM pg_database d, pg_roles r WHERE d.datname = current_database() AND r.rolname = current_user";

/// Tables and sequences that are not of the system, nor of an extension, by the table whose rows they are about: that
/// of a partition is the topmost one, that of a sequence the one that owns it.
const RELATIONS: &str = "SELECT n.nspname::text, c.relname::text, c.relkind::text, h.nspname::text, o.relname::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend d ON c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid
  AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_class o ON o.oid = coalesce(pg_partition_root(d.refobjid), d.refobjid, pg_partition_root(c.oid), c.oid)
JOIN pg_namespace h ON h.oid = o.relnamespace
WHERE c.relkind IN ('r', 'p', 'S') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'crm_seed')
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
ORDER BY 1, 2";

/// What is known of the source.
pub struct Source {
    pub name: String,
    /// Where it is, without the password.
    pub description: String,
    /// Whether the role may create databases, and its name.
    pub may_create: bool,
    pub role: String,
    pub is_superuser: bool,
    /// Major version of the server.
    pub version: i32,
    /// The clauses of `CREATE DATABASE` that make one of the same encoding and locale.
    pub locale: String,
    /// What `ALTER DATABASE ... SET` says of it: names and values as SQL.
    pub settings: Vec<(String, String)>,
    /// Tables and sequences whose rows do not come along.
    pub emptied: Vec<Relation>,
    /// Digest of the schema, of the settings, and of the rows that come along.
    pub digest: String,
}

/// A table, partitioned or not, or a sequence.
#[derive(Clone, Debug)]
pub struct Relation {
    /// With its schema, quoted.
    pub name: String,
    /// `r`, `p` or `S`.
    pub kind: String,
}

impl Source {
    /// Reads it. The rows of migration histories and of the tables `with_rows` come along.
    ///
    /// # Errors
    /// A table that is not there; a server that only reads; a catalog that cannot be read.
    pub async fn read(target: &mut Target, with_rows: &[String]) -> Result<Self> {
        let connection = &mut target.connection;
        let mut source = facts(connection).await?;
        source.description.clone_from(&target.description);
        let mut kept = Vec::new();
        let mut known = Vec::new();
        for row in fetch(connection, RELATIONS).await? {
            let text = |at: usize| row.try_get::<String, _>(at).map_err(error);
            let (home, table) = (text(3)?, text(4)?);
            let name = format!("{}.{}", quote_identifier(&text(0)?), quote_identifier(&text(1)?));
            let relation = Relation { name, kind: text(2)? };
            let comes_along = Overrides::names(with_rows, &home, &table) || is_history(&home, &table);
            match comes_along {
                true if relation.kind == "r" => kept.push(relation.name),
                true => {}
                false => source.emptied.push(relation),
            }
            known.extend([format!("{home}.{table}"), table]);
        }
        check_named(with_rows, &known)?;
        source.digest = digest(connection, &source.settings, &kept).await?;
        Ok(source)
    }
}

impl Source {
    /// The tables that hold rows which do not come along.
    ///
    /// # Errors
    /// The connection is lost; a table that the role may not read.
    pub async fn left_behind(&self, connection: &mut PgConnection) -> Result<Vec<&str>> {
        let tables: Vec<&Relation> = self.emptied.iter().filter(|relation| relation.kind == "r").collect();
        let mut held = Vec::new();
        for some in tables.chunks(AT_ONCE) {
            let one = |(at, table): (usize, &&Relation)| {
                format!("SELECT {at} AS number WHERE EXISTS (SELECT FROM ONLY {})", table.name)
            };
            let sql = some.iter().enumerate().map(one).collect::<Vec<_>>().join(" UNION ALL ");
            for row in fetch(connection, &format!("{sql} ORDER BY number")).await? {
                let at: i32 = row.try_get(0).map_err(error)?;
                let table = usize::try_from(at).ok().and_then(|at| some.get(at));
                held.extend(table.map(|table| table.name.strip_prefix("public.").unwrap_or(&table.name)));
            }
        }
        Ok(held)
    }
}

/// The history of migrations: an app that finds it empty would apply them again.
fn is_history(schema: &str, table: &str) -> bool {
    table == HISTORY || kinds::kind(schema, table) == TableKind::Migrations
}

fn check_named(with_rows: &[String], known: &[String]) -> Result<()> {
    let Some(missing) = with_rows.iter().find(|name| !known.contains(name)) else { return Ok(()) };
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Err(Error::usage(format!("--with-rows: the database has no table {}", quoted(missing)))
        .with_hint(suggestion(missing, &known)))
}

async fn facts(connection: &mut PgConnection) -> Result<Source> {
    let rows = fetch(connection, FACTS).await?;
    let row = rows.first().ok_or_else(|| Error::failed("the server does not tell which database this is"))?;
    query::check_writable(row.try_get(6).map_err(error)?, false)?;
    let (name, encoding): (String, String) = (row.try_get(0).map_err(error)?, row.try_get(1).map_err(error)?);
    let all: String = row.try_get(2).map_err(error)?;
    let all: serde_json::Value = serde_json::from_str(&all).unwrap_or_default();
    let settings: Option<String> = row.try_get(8).map_err(error)?;
    let settings: Vec<String> =
        settings.and_then(|settings| serde_json::from_str(&settings).ok()).unwrap_or_default();
    Ok(Source {
        name,
        description: String::new(),
        is_superuser: row.try_get(3).map_err(error)?,
        may_create: row.try_get(4).map_err(error)?,
        role: row.try_get(5).map_err(error)?,
        version: row.try_get(7).map_err(error)?,
        locale: locale(&encoding, &all),
        settings: settings.iter().filter_map(|setting| as_sql(setting)).collect(),
        emptied: Vec::new(),
        digest: String::new(),
    })
}

/// The clauses of `CREATE DATABASE` for a row of `pg_database`.
fn locale(encoding: &str, row: &serde_json::Value) -> String {
    let text = |name: &str| row[name].as_str().map(quote_literal);
    let mut sql = format!("ENCODING {}", quote_literal(encoding));
    for (clause, column) in [("LC_COLLATE", "datcollate"), ("LC_CTYPE", "datctype")] {
        sql.extend(text(column).map(|value| format!(" {clause} {value}")));
    }
    let of_provider = text("datlocale").or_else(|| text("daticulocale")).unwrap_or_default();
    match row["datlocprovider"].as_str() {
        Some("i") => sql.push_str(&format!(" LOCALE_PROVIDER icu ICU_LOCALE {of_provider}")),
        Some("b") => sql.push_str(&format!(" LOCALE_PROVIDER builtin BUILTIN_LOCALE {of_provider}")),
        _ => {}
    }
    sql
}

/// `name=value` of the catalog as a name and a value for `SET`. Lists of names are kept quoted already.
fn as_sql(setting: &str) -> Option<(String, String)> {
    const LISTS: [&str; 4] =
        ["search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries"];
    let (name, value) = setting.split_once('=')?;
    let is_list = LISTS.contains(&name) && !value.is_empty();
    let parts: Vec<String> = name.split('.').map(quote_identifier).collect();
    Some((parts.join("."), if is_list { value.to_owned() } else { quote_literal(value) }))
}

async fn digest(
    connection: &mut PgConnection,
    settings: &[(String, String)],
    kept: &[String],
) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut put = |text: &str| {
        hasher.update(text.as_bytes());
        hasher.update(b"\0");
    };
    for line in Catalog::read(connection).await?.lines {
        put(&format!("{}\0{}\0{}\0{}", line.object, line.part, line.position, line.text));
    }
    settings.iter().for_each(|(name, value)| put(&format!("{name}={value}")));
    execute(connection, "BEGIN READ ONLY").await?;
    let rows = rows_of(connection, kept).await;
    // A connection that is gone has ended its transaction.
    let _ = execute(connection, "ROLLBACK").await;
    rows?.iter().for_each(|line| put(line));
    Ok(hasher.finalize().to_hex().to_string())
}

/// A line about the rows of each table, whatever their order.
async fn rows_of(connection: &mut PgConnection, tables: &[String]) -> Result<Vec<String>> {
    execute(connection, SETTINGS).await?;
    let mut lines = Vec::new();
    for some in tables.chunks(AT_ONCE) {
        let one = |name: &String| {
            format!(
                "SELECT {} || ' ' || count(*) || ' '
                        || coalesce(sum(hashtextextended(crm_seed_row::text COLLATE \"C\", 0)), 0)
                 FROM ONLY {name} AS crm_seed_row",
                quote_literal(name)
            )
        };
        let sql = some.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ");
        for row in fetch(connection, &sql).await? {
            lines.push(row.try_get(0).map_err(error)?);
        }
    }
    lines.sort();
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_written_as_they_were_set() {
        let of = |text: &str| as_sql(text).map(|(name, value)| format!("{name} TO {value}"));
        assert_eq!(of("search_path=app, \"$user\"").as_deref(), Some("search_path TO app, \"$user\""));
        assert_eq!(of("search_path=").as_deref(), Some("search_path TO ''"));
        assert_eq!(of("my.word=it's").as_deref(), Some("my.word TO 'it''s'"));
        assert_eq!(of("nothing"), None);
    }

    #[test]
    fn a_database_is_made_with_the_locale_of_its_source() {
        let row = serde_json::json!({"datcollate": "C", "datctype": "C", "datlocprovider": "i", "daticulocale": "de"});
        assert_eq!(
            locale("UTF8", &row),
            "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'de'"
        );
        let row = serde_json::json!({"datcollate": "C.UTF-8", "datctype": "C.UTF-8", "datlocprovider": "c"});
        assert_eq!(locale("UTF8", &row), "ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'");
    }
}
