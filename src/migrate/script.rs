//! A migration file or a stored rollback as the statements that the runner sends.

use crate::error::{Error, Result};
use crate::migrate::files::Source;
use crate::migrate::statements::{self, Statement};

/// What to do about a statement that no transaction may be around.
pub const NO_TRANSACTION: &str = "begin the file with the line `-- Transaction: none`";

/// The statements of one file.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    /// Name of the migration.
    pub name: &'a str,
    /// The file in which they stand.
    pub file: &'a str,
    /// What to run, in order.
    pub statements: Vec<Statement<'a>>,
    /// Whether one transaction is around them all.
    pub in_transaction: bool,
}

impl<'a> Script<'a> {
    /// Reads the source of the migration `name`, and holds it to what can be run.
    ///
    /// # Errors
    /// Statements that only psql can run, or that would end the runner's transaction.
    pub fn read(name: &'a str, source: &'a Source) -> Result<Self> {
        let script = Self::cut(name, source);
        script.check()?;
        Ok(script)
    }

    /// The statements of the migration `name`, as they stand there. A BEGIN and COMMIT around the whole of it give way to
    /// the runner's own transaction, so that the history is part of it.
    pub fn cut(name: &'a str, source: &'a Source) -> Self {
        let in_transaction = source.in_transaction;
        let mut all = statements::split(&source.text);
        let begins = |s: &Statement<'_>| {
            matches!(statements::command(s).as_str(), "begin" | "start transaction" | "begin transaction")
        };
        let ends =
            |s: &Statement<'_>| matches!(statements::command(s).split(' ').next(), Some("commit" | "end"));
        if in_transaction && all.first().is_some_and(begins) && all.last().is_some_and(ends) {
            all.remove(0);
            all.pop();
        }
        Self { name, file: &source.file, statements: all, in_transaction }
    }

    /// Where a statement stands, for messages: `file:line:column`.
    pub fn location(&self, statement: &Statement<'_>) -> String {
        let (line, column) = statement.location(None);
        format!("{}:{line}:{column}", self.file)
    }

    /// Holds it to what can be run.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn check(&self) -> Result<()> {
        for statement in &self.statements {
            let at = || self.location(statement);
            if statements::reads_stdin(statement) {
                return Err(Error::failed(format!("{}: COPY FROM stdin works in psql only", at()))
                    .with_hint("use INSERT statements instead"));
            }
            if statements::has_psql_command(statement) {
                let line = statements::headline(statement);
                return Err(Error::failed(format!("{}: `{line}` is a psql command, not SQL", at()))
                    .with_hint("remove it, or replace it by SQL"));
            }
            if self.in_transaction && statements::runs_alone(statement) {
                let line = statements::headline(statement);
                return Err(Error::failed(format!(
                    "{}: `{line}` cannot run inside a transaction block",
                    at()
                ))
                .with_hint(NO_TRANSACTION));
            }
            if statements::controls_transaction(statement) {
                let command = statements::command(statement);
                let hint = match self.in_transaction {
                    true => "split the file, or begin it with the line `-- Transaction: none`",
                    false => "a file with `-- Transaction: none` must not contain BEGIN or COMMIT",
                };
                return Err(Error::failed(format!(
                    "{}: `{command}` is not allowed in a migration: crm-seed begins and ends the transaction",
                    at()
                ))
                .with_hint(hint));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Result<Vec<String>> {
        let source = Source::new("x.sql", text);
        let script = Script::read("x", &source)?;
        Ok(script.statements.iter().map(|statement| statement.to_string()).collect())
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
