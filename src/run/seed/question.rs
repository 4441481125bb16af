//! The question that `--clean` asks before rows go that crm-seed did not make.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::run::seed::clearance::{Agreed, TableRows, told};
use crate::ui::{self, Answer};

/// So long a signal may take that came with the end of a line.
const SIGNAL_DELAY: Duration = Duration::from_millis(50);

/// Rows that nobody has agreed to lose, of which somebody must be asked. No lock is held meanwhile.
#[derive(Clone, Debug)]
pub struct Question {
    database: String,
    open: Vec<TableRows>,
    all: Vec<TableRows>,
    /// The role, if it cannot record runs.
    unrecorded: Option<String>,
    /// What would delete them.
    command: &'static str,
}

impl Question {
    /// About the rows that are `open`; the answer is about `all` that would go.
    pub fn new(database: &str, open: Vec<TableRows>, all: Vec<TableRows>) -> Self {
        Self { database: database.to_owned(), open, all, unrecorded: None, command: "--clean" }
    }

    /// The same, of a role that may not record what it makes: then rows of earlier runs are among those that nobody
    /// is known to have made.
    #[must_use]
    pub fn of_role(self, unrecorded: Option<&String>) -> Self {
        Self { unrecorded: unrecorded.cloned(), ..self }
    }

    /// The same, of a reset.
    #[must_use]
    pub fn of_reset(self) -> Self {
        Self { command: "reset", ..self }
    }

    /// The tables and numbers of rows in question, for messages.
    pub fn told(&self) -> String {
        told(&self.open)
    }

    /// Asks on the terminal.
    ///
    /// # Errors
    /// Refused, where the answer is no, or where there is nobody to ask.
    pub async fn ask(self) -> Result<Agreed> {
        let question = format!(
            "Database {} contains rows that crm-seed did not create: {}.\nDelete them? [y/N/always] \
             (always: do not ask again for this database)",
            self.database,
            self.told()
        );
        // On a thread of its own, as a signal must be heard while nobody answers.
        let answer = tokio::task::spawn_blocking(move || ui::ask(&question)).await;
        let always = match answer.ok().flatten() {
            Some(Answer::Yes) => false,
            Some(Answer::Always) => true,
            Some(Answer::No) => {
                // Ctrl-C ends the line, too: the signal behind it comes first.
                tokio::time::sleep(SIGNAL_DELAY).await;
                return Err(Error::refused("nothing was changed"));
            }
            None => return Err(self.refusal()),
        };
        let rows = self.all.iter().map(|rows| (rows.oid, rows.rows)).collect();
        Ok(Agreed { rows, always })
    }

    /// The refusal, where there is no terminal.
    pub fn refusal(&self) -> Error {
        Error::refused(format!(
            "{} would delete rows in database {} that crm-seed did not create: {}",
            self.command,
            self.database,
            self.told()
        ))
        .with_hint(match &self.unrecorded {
            None => format!(
                "to delete them once, add --yes; to allow it for good, answer `always` when asked on a \
                 terminal, or set clean = \"always\" under [databases.{}] in crm-seed.toml",
                self.database
            ),
            Some(role) => format!(
                "role {role} cannot write to schema crm_seed, so runs are not recorded and the rows may \
                 be crm-seed's own: grant it CREATE on the database (or the owner's privileges on \
                 crm_seed), or add --yes to delete the rows once"
            ),
        })
    }
}
