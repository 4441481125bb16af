//! Indexes that are built CONCURRENTLY: a build that fails, or is cut off, leaves an INVALID index, which
//! no query uses, which every write keeps up, and which `IF NOT EXISTS` takes for the index.

use sqlx::{PgConnection, Row};

use crate::db::query;
use crate::error::Result;
use crate::migrate::failure::{Failure, fetch};
use crate::migrate::sql::statements::tokens;
use crate::sql::quote_literal;

/// The index that a CREATE INDEX CONCURRENTLY makes.
#[derive(Debug, PartialEq, Eq)]
pub struct NewIndex {
    /// Its name; `None` where the server is to choose one.
    pub name: Option<String>,
    /// Its table, as SQL has it.
    table: String,
}

/// An index as it stands.
pub struct Standing {
    /// Its name with its schema, quoted.
    pub index: String,
    /// Whether it is whole.
    pub is_valid: bool,
    /// Whether another session is building it at this moment.
    pub is_being_built: bool,
}

impl NewIndex {
    /// Reads a statement; `None` where it is another one.
    pub fn of(statement: &str) -> Option<Self> {
        let all = tokens(statement);
        let mut words = all.iter().copied().peekable();
        let is = |word: &str, wanted: &str| word.eq_ignore_ascii_case(wanted);
        words.next_if(|word| is(word, "create"))?;
        words.next_if(|word| is(word, "unique"));
        words.next_if(|word| is(word, "index"))?;
        words.next_if(|word| is(word, "concurrently"))?;
        if words.next_if(|word| is(word, "if")).is_some() {
            words.nth(1)?;
        }
        let name = match words.next()? {
            word if is(word, "on") => None,
            word => {
                words.next_if(|word| is(word, "on"))?;
                Some(identifier(word))
            }
        };
        words.next_if(|word| is(word, "only"));
        let mut table = words.next()?.to_owned();
        while words.next_if(|word| *word == ".").is_some() {
            table = format!("{table}.{}", words.next()?);
        }
        Some(Self { name, table })
    }

    /// How the index of this name on this table stands; `None` where there is none.
    pub async fn standing(&self, connection: &mut PgConnection) -> Result<Option<Standing>, Failure> {
        let Some(name) = &self.name else { return Ok(None) };
        // Whose build it is we may not be told, but that a session that builds has the table locked.
        let sql = format!(
            "SELECT format('%I.%I', n.nspname, c.relname), i.indisvalid, EXISTS (
               SELECT FROM pg_locks l JOIN pg_stat_progress_create_index p ON p.pid = l.pid
               WHERE l.relation = i.indrelid AND l.granted AND l.pid <> pg_backend_pid()
                 AND l.mode IN ('ShareUpdateExclusiveLock', 'ShareLock'))
             FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
             JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE i.indrelid = to_regclass({}) AND c.relname = {}",
            quote_literal(&self.table),
            quote_literal(name)
        );
        let rows = fetch(connection, &sql).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let read = || -> Result<Standing, sqlx::Error> {
            Ok(Standing {
                index: row.try_get(0)?,
                is_valid: row.try_get(1)?,
                is_being_built: row.try_get(2)?,
            })
        };
        Ok(Some(read().map_err(query::error)?))
    }
}

/// A name as the catalog has it, which cuts off what is longer than 63 bytes.
fn identifier(word: &str) -> String {
    let mut name = match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => word.to_lowercase(),
    };
    name.truncate(name.floor_char_boundary(63));
    name
}

/// Whether a statement is REINDEX ... CONCURRENTLY.
pub fn reindexes(statement: &str) -> bool {
    let tokens = tokens(statement);
    let is = |word: &&str, wanted: &str| word.eq_ignore_ascii_case(wanted);
    tokens.first().is_some_and(|word| is(word, "reindex"))
        && tokens.iter().any(|word| is(word, "concurrently"))
}

/// INVALID indexes that a REINDEX CONCURRENTLY left, which nobody builds at this moment.
pub async fn leftovers(connection: &mut PgConnection) -> Result<Vec<String>, Failure> {
    let sql = "SELECT format('%I.%I', n.nspname, c.relname)
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND NOT EXISTS (
           SELECT FROM pg_locks l JOIN pg_stat_progress_create_index p ON p.pid = l.pid
           WHERE l.relation = i.indrelid AND l.granted AND l.pid <> pg_backend_pid())
         ORDER BY 1";
    let rows = fetch(connection, sql).await?;
    let names = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, sqlx::Error>>();
    Ok(names.map_err(query::error)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_concurrent_build_is_read_in_all_its_forms() {
        let new = |name: Option<&str>, table: &str| {
            Some(NewIndex { name: name.map(str::to_owned), table: table.to_owned() })
        };
        let read = NewIndex::of;
        assert_eq!(read("CREATE INDEX CONCURRENTLY A_b ON t (x)"), new(Some("a_b"), "t"));
        assert_eq!(
            read(
                "-- c\ncreate unique index concurrently if not exists \"A\"\"b\" on only crm.\"T t\" using gin (x)"
            ),
            new(Some("A\"b"), "crm.\"T t\"")
        );
        assert_eq!(read("CREATE INDEX CONCURRENTLY ON t (x)"), new(None, "t"));
        assert_eq!(read("CREATE INDEX a ON t (x)"), None);
        assert_eq!(read("CREATE INDEX CONCURRENTLY a"), None);
        assert!(reindexes("REINDEX (VERBOSE) TABLE CONCURRENTLY t") && !reindexes("REINDEX TABLE t"));
    }
}
