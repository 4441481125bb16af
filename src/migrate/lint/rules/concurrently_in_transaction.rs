//! CONCURRENTLY in a file that runs in a transaction: PostgreSQL refuses it.

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Context, Problem, Rule};
use crate::migrate::lint::finding::Level;
use crate::migrate::sql::statements;

pub const RULE: Rule = Rule {
    about: About {
        id: "concurrently-in-transaction",
        level: Level::Error,
        summary: "A statement that PostgreSQL does not run in a transaction, in a file that runs in one",
        why: "CREATE INDEX CONCURRENTLY, VACUUM and a few others commit as they go, so PostgreSQL refuses them inside a \
              transaction, and the migration fails.",
        mend: "put it in a migration of its own that begins with the line `-- Transaction: none`",
        bad: "CREATE INDEX CONCURRENTLY IF NOT EXISTS tasks_title ON tasks (title);\n",
        good: "-- Transaction: none\n\nCREATE INDEX CONCURRENTLY IF NOT EXISTS tasks_title ON tasks (title);\n",
        in_rollbacks: true,
    },
    check: Check::Statement(check),
};

fn check(context: &Context<'_>) -> Vec<Problem> {
    let range = context.file.statements[context.at].range.clone();
    let text = &context.file.text[range.clone()];
    if !context.file.source.in_transaction || !statements::runs_alone(text) {
        return Vec::new();
    }
    let command = statements::command(text).to_uppercase();
    let has = |word: &str| statements::tokens(text).iter().any(|token| token.eq_ignore_ascii_case(word));
    let command = if has("concurrently") { format!("{command} CONCURRENTLY") } else { command };
    vec![Problem::new(range, format!("PostgreSQL does not run {command} in a transaction"))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::lint::tests::{check_examples, found};

    #[test]
    fn its_examples_are_judged_right() {
        check_examples(&RULE.about);
    }

    #[test]
    fn what_a_transaction_allows_is_let_be() {
        assert_eq!(found(&RULE.about, "REFRESH MATERIALIZED VIEW CONCURRENTLY m;"), [""; 0]);
        assert_eq!(found(&RULE.about, "VACUUM t;").len(), 1);
        assert_eq!(found(&RULE.about, "DROP INDEX CONCURRENTLY i;").len(), 1);
    }
}
