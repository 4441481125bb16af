//! What a run has done so far, for whoever cuts it off in the middle.

use crate::error::Error;

/// The account of one run. It has something to tell while the run is at work.
#[derive(Debug, Default)]
pub struct Account {
    /// `applied` or `rolled back`; empty where nothing is at work.
    verb: &'static str,
    done: usize,
    all: usize,
    current: Option<Current>,
    /// A COMMIT is on its way.
    pub is_committing: bool,
}

#[derive(Debug)]
struct Current {
    name: String,
    /// Statements done and in all, of a file without a transaction.
    statements: Option<(usize, usize)>,
}

impl Account {
    /// Work begins on `all` migrations.
    pub fn open(&mut self, verb: &'static str, all: usize) {
        *self = Self { verb, all, ..Self::default() };
    }

    /// The work has ended, well or not, and tells so itself.
    pub fn close(&mut self) {
        *self = Self::default();
    }

    /// A migration is begun.
    pub fn begin(&mut self, name: &str) {
        self.current = Some(Current { name: name.to_owned(), statements: None });
    }

    /// The migration has no transaction, and so many of its statements are done.
    pub fn advance(&mut self, done: usize, total: usize) {
        if let Some(current) = &mut self.current {
            current.statements = Some((done, total));
        }
    }

    /// The migration is done.
    pub fn finish(&mut self) {
        self.current = None;
        self.done += 1;
    }

    pub const fn done(&self) -> usize {
        self.done
    }

    /// The error that ended the run. Where earlier migrations are committed, a hint that speaks of the connection's
    /// open transaction alone (full disk, lock, end of the connection: "nothing was changed") would be wrong.
    pub fn explain(&self, error: Error) -> Error {
        let is_of_transaction = matches!(error.sqlstate(), Some("53100" | "55P03" | "57P01"));
        let is_plain = matches!(self.current, Some(Current { statements: None, .. }));
        match self.text().filter(|_| self.done > 0 && is_of_transaction && is_plain) {
            Some(text) => error.with_hint(text),
            None => error,
        }
    }

    /// What was done, and what became of the rest.
    pub fn text(&self) -> Option<String> {
        if self.verb.is_empty() {
            return None;
        }
        let Self { verb, done, all, .. } = self;
        let current = match &self.current {
            None => String::new(),
            Some(Current { name, .. }) if self.is_committing => {
                format!(
                    "; {name} was being committed: run `crm-seed migrate status` to see whether it was \
                     applied"
                )
            }
            Some(Current { name, statements: None }) => {
                format!("; {name} was interrupted and its transaction rolled back")
            }
            Some(Current { name, statements: Some((done, total)) }) if done == total => {
                format!("; {name} is complete, and the next run records it")
            }
            Some(Current { name, statements: Some((done, total)) }) => format!(
                "; {name} runs without a transaction: {done} of {total} statements are done and stay, the \
                 next one was interrupted"
            ),
        };
        let begun = done + usize::from(self.current.is_some());
        let rest = if begun < *all { "; the rest was not started" } else { "" };
        Some(format!("{verb} {done} of {all} migrations{current}{rest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_tells_where_a_run_was_cut_off() {
        let mut account = Account::default();
        assert_eq!(account.text(), None);
        account.open("applied", 3);
        assert_eq!(account.text().as_deref(), Some("applied 0 of 3 migrations; the rest was not started"));
        account.begin("a");
        account.finish();
        account.begin("b");
        let text = account.text().expect("at work");
        assert_eq!(
            text,
            "applied 1 of 3 migrations; b was interrupted and its transaction rolled back; the rest was \
             not started"
        );
        account.advance(1, 2);
        assert!(account.text().is_some_and(|text| {
            text.contains("b runs without a transaction: 1 of 2 statements are done and stay")
        }));
        account.is_committing = true;
        assert!(account.text().is_some_and(|text| text.contains("b was being committed")));
        account.close();
        assert_eq!(account.text(), None);
    }
}
