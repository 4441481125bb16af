//! A migration file or a stored rollback as the statements that the runner sends.

use crate::error::{Error, Result};
use crate::migrate::files::Source;
use crate::migrate::sql::statements::{self, Statement};

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
        match statements::open_comment(&source.text) {
            None => Ok(script),
            Some((line, column)) => Err(Error::failed(format!(
                "{}:{line}:{column}: this comment does not end: what stands behind it would not be run",
                script.file
            ))
            .with_hint("end it with */; comments may stand in comments, and each has its own end")),
        }
    }

    /// The statements of the migration `name`, as they stand there. Every BEGIN that has its COMMIT gives way to the runner's
    /// own transaction, so that the history is part of it: around the whole file, or around a part, as Prisma writes it.
    pub fn cut(name: &'a str, source: &'a Source) -> Self {
        let in_transaction = source.in_transaction;
        let mut all = statements::split(&source.text);
        if in_transaction {
            let given = blocks(&all);
            let mut number = 0..;
            all.retain(|_| number.next().is_none_or(|number| !given.contains(&number)));
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
            if statements::copies_through_psql(statement) {
                let line = statements::headline(statement);
                return Err(Error::failed(format!("{}: `{line}` works in psql only", at())).with_hint(
                    "use INSERT statements instead of COPY FROM stdin, and leave COPY TO stdout out",
                ));
            }
            if statements::has_psql_command(statement) {
                let line = statements::first_line(statement);
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
                let commits = || self.statements.iter().any(|other| statements::commits_transaction(other));
                let hint = match self.in_transaction {
                    true if statements::begins_transaction(statement) && !commits() => {
                        "remove it, or end the file with COMMIT"
                    }
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

/// Where the BEGINs and COMMITs of blocks stand that may as well run in a transaction around the whole file. What a block
/// sets for its own transaction would outlast it there, if it is not the whole file.
fn blocks(all: &[Statement<'_>]) -> Vec<usize> {
    let mut given = Vec::new();
    let mut begin = None;
    for (i, statement) in all.iter().enumerate() {
        match begin {
            None if statements::begins_transaction(statement) => begin = Some(i),
            Some(first) if statements::commits_transaction(statement) => {
                let is_all = first == 0 && i + 1 == all.len();
                if is_all || !all[first..i].iter().any(|statement| statements::sets_transaction(statement)) {
                    given.extend([first, i]);
                }
                begin = None;
            }
            _ => {}
        }
    }
    given
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
        let parts = "SELECT 1; BEGIN; SELECT 2; COMMIT; SELECT 3; START TRANSACTION; SELECT 4; END";
        assert_eq!(read(parts).expect("a script"), ["SELECT 1", "SELECT 2", "SELECT 3", "SELECT 4"]);
        for script in [
            "SELECT 1; COMMIT; SELECT 2;",
            "BEGIN; BEGIN; SELECT 1; COMMIT; COMMIT;",
            "BEGIN; SELECT 1; ROLLBACK;",
            "BEGIN; SELECT 1; COMMIT AND CHAIN; SELECT 2; COMMIT;",
            "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT;",
            "BEGIN; SET LOCAL ROLE crm; SELECT 1; COMMIT; SELECT 2;",
        ] {
            assert!(read(script).is_err(), "{script}");
        }
        assert!(read("-- Transaction: none\nBEGIN;\nSELECT 1;\nCOMMIT;").is_err());
    }

    #[test]
    fn commands_of_psql_are_refused_wherever_they_stand() {
        for script in ["\\connect x", "SELECT 1;\n\\i other.sql\nSELECT 2;", "SELECT 1\n\\gset"] {
            let error = read(script).expect_err(script);
            assert!(error.to_string().contains("is a psql command"), "{error}");
        }
        let open = read("SELECT 1;\n  /* a /* b */ SELECT 2;").expect_err("a comment without an end");
        assert!(open.to_string().starts_with("x.sql:2:3: this comment does not end"), "{open}");
        read("SELECT 1; /* a /* b */ */ SELECT '/*'; -- /*").expect("comments that end");
        assert_eq!(read("\\restrict k\nSELECT '\\a';\n\\unrestrict k\n").expect("a dump"), ["SELECT '\\a'"]);
    }
}
