//! Statements that reach beyond the database they are run in: a throwaway database keeps nobody from what they do.

use crate::error::{Error, Result};
use crate::migrate::files::{Migration, Source};
use crate::migrate::script::Script;
use crate::migrate::sql::statements::{command, headline};

/// What they begin with.
const COMMANDS: [&str; 8] = [
    "alter system",
    "create database",
    "alter database",
    "drop database",
    "create tablespace",
    "alter tablespace",
    "drop tablespace",
    "create subscription",
];

/// Refuses migrations that would change the server around a throwaway database.
///
/// # Errors
/// Refused, with the first such statement; a file that cannot be run.
pub fn check_stays_in_database<'m>(migrations: impl IntoIterator<Item = &'m Migration>) -> Result<()> {
    for migration in migrations {
        for source in std::iter::once(&migration.up).chain(&migration.down) {
            check(&migration.name, source)?;
        }
    }
    Ok(())
}

fn check(name: &str, source: &Source) -> Result<()> {
    let script = Script::read(name, source)?;
    match script.statements.iter().find(|statement| COMMANDS.contains(&command(statement).as_str())) {
        None => Ok(()),
        Some(statement) => Err(Error::refused(format!(
            "{}: `{}` would change the server of --scratch, not only the throwaway database",
            script.location(statement),
            headline(statement)
        ))
        .with_hint("rehearse without --scratch: the embedded PostgreSQL is thrown away as a whole")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_server_is_refused_by_its_place() {
        let migration = |text: &'static str, down: &'static str| Migration {
            name: "a".into(),
            version: "1".into(),
            is_repeatable: false,
            up: Source::new("a.sql", text),
            down: Some(Source::new("a.down.sql", down)),
        };
        check_stays_in_database([&migration("CREATE TABLE a (i int);", "DROP TABLE a;")]).expect("it stays");
        let down = "SELECT 1;\n ALTER DATABASE crm RESET work_mem;";
        let error = check_stays_in_database([&migration("SELECT 1;", down)]).expect_err("it does not");
        assert!(error.to_string().starts_with("a.down.sql:2:2: `ALTER DATABASE crm RESET"), "{error}");
    }
}
