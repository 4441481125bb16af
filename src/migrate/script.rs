//! A migration file or a stored rollback as the statements that the runner sends.

use crate::error::{Error, Result};
use crate::migrate::files::wants_no_transaction;
use crate::migrate::statements;

/// The statements of one file.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    /// Name of the migration.
    pub name: &'a str,
    /// What to run, in order.
    pub statements: Vec<&'a str>,
    /// Whether one transaction is around them all.
    pub in_transaction: bool,
}

impl<'a> Script<'a> {
    /// Reads `text`. A BEGIN and COMMIT around the whole of it give way to the runner's own transaction, so
    /// that the history is part of it.
    ///
    /// # Errors
    /// Statements that only psql can run, or that would end the runner's transaction.
    pub fn read(name: &'a str, text: &'a str) -> Result<Self> {
        let in_transaction = !wants_no_transaction(text);
        let mut all = statements::split(text);
        let begins = |s: &&str| {
            matches!(statements::command(s).as_str(), "begin" | "start transaction" | "begin transaction")
        };
        let ends = |s: &&str| matches!(statements::command(s).split(' ').next(), Some("commit" | "end"));
        if in_transaction && all.first().is_some_and(begins) && all.last().is_some_and(ends) {
            all.remove(0);
            all.pop();
        }
        let script = Self { name, statements: all, in_transaction };
        script.check()?;
        Ok(script)
    }

    fn check(&self) -> Result<()> {
        let name = self.name;
        if self.statements.iter().any(|statement| statements::reads_stdin(statement)) {
            return Err(Error::failed(format!("{name}: COPY FROM stdin works in psql only"))
                .with_hint("use INSERT statements instead"));
        }
        if let Some(statement) = self.statements.iter().find(|s| statements::has_psql_command(s)) {
            let line = statements::headline(statement);
            return Err(Error::failed(format!("{name}: `{line}` is a psql command, not SQL"))
                .with_hint("remove it, or replace it by SQL"));
        }
        if let Some(statement) = self.statements.iter().find(|s| statements::controls_transaction(s)) {
            let command = statements::command(statement);
            let hint = match self.in_transaction {
                true => "split the file, or begin it with the line `-- Transaction: none`",
                false => "a file with `-- Transaction: none` must not contain BEGIN or COMMIT",
            };
            return Err(Error::failed(format!(
                "{name}: `{command}` is not allowed in a migration: crm-seed begins and ends the \
                 transaction"
            ))
            .with_hint(hint));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<&str>> {
        Script::read("x", text).map(|script| script.statements)
    }

    #[test]
    fn a_transaction_around_the_file_gives_way_to_the_runners() {
        let script = "-- Migration: x\nBEGIN;\nSELECT 1;\nSELECT 2;\nCOMMIT;\n-- the end";
        assert_eq!(read(script).expect("a script"), ["SELECT 1", "SELECT 2"]);
        assert!(read("SELECT 1; COMMIT; SELECT 2;").is_err());
        assert!(read("-- Transaction: none\nBEGIN;\nSELECT 1;\nCOMMIT;").is_err());
    }

    #[test]
    fn commands_of_psql_are_refused_wherever_they_stand() {
        for script in ["\\connect x", "SELECT 1;\n\\i other.sql\nSELECT 2;", "SELECT 1\n\\gset"] {
            let error = read(script).expect_err(script);
            assert!(error.to_string().contains("is a psql command"), "{error}");
        }
        assert_eq!(read("\\restrict k\nSELECT '\\a';\n\\unrestrict k\n").expect("a dump"), ["SELECT '\\a'"]);
    }
}
