//! "Use IF NOT EXISTS for idempotency."

use squawk_syntax::ast::{self, AstNode};

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Context, Problem, Rule};
use crate::migrate::lint::finding::Level;

pub const RULE: Rule = Rule {
    about: About {
        id: "missing-if-not-exists",
        level: Level::Warning,
        summary: "CREATE without IF NOT EXISTS in a file that runs without a transaction",
        why: "When a later statement of the file fails, the earlier ones stay. Running the file again then fails at what \
              it made itself, unless it says IF NOT EXISTS. In a transaction nothing is left, so nothing is reported \
              there.",
        mend: "add IF NOT EXISTS",
        bad: "-- Transaction: none\n\nCREATE INDEX CONCURRENTLY tasks_title ON tasks (title);\n",
        good: "-- Transaction: none\n\nCREATE INDEX CONCURRENTLY IF NOT EXISTS tasks_title ON tasks (title);\n",
        in_rollbacks: true,
    },
    check: Check::Statement(check),
};

fn check(context: &Context<'_>) -> Vec<Problem> {
    if context.file.source.in_transaction {
        return Vec::new();
    }
    let missing =
        |what: &str| vec![Problem::at(context.statement().syntax(), format!("{what} without IF NOT EXISTS"))];
    match context.statement() {
        // Without a name of its own, an index cannot be known again.
        ast::Stmt::CreateIndex(node) if node.if_not_exists().is_none() && node.index().is_some() => {
            missing("CREATE INDEX")
        }
        ast::Stmt::CreateTable(node) if node.if_not_exists().is_none() && node.persistence().is_none() => {
            missing("CREATE TABLE")
        }
        ast::Stmt::CreateTableAs(node) if node.if_not_exists().is_none() && node.persistence().is_none() => {
            missing("CREATE TABLE")
        }
        ast::Stmt::CreateMaterializedView(node) if node.if_not_exists().is_none() => {
            missing("CREATE MATERIALIZED VIEW")
        }
        ast::Stmt::CreateSequence(node) if node.if_not_exists().is_none() => missing("CREATE SEQUENCE"),
        ast::Stmt::CreateSchema(node) if node.if_not_exists().is_none() => missing("CREATE SCHEMA"),
        ast::Stmt::CreateExtension(node) if node.if_not_exists().is_none() => missing("CREATE EXTENSION"),
        ast::Stmt::AlterType(node) => match node.action() {
            Some(ast::AlterTypeAction::AddValue(value)) if value.if_not_exists().is_none() => {
                missing("ADD VALUE")
            }
            _ => Vec::new(),
        },
        ast::Stmt::AlterTable(node) => {
            let added = node.actions().filter_map(|action| match action {
                ast::AlterTableAction::AddColumn(column) if column.if_not_exists().is_none() => {
                    Some(Problem::at(column.syntax(), "ADD COLUMN without IF NOT EXISTS"))
                }
                _ => None,
            });
            added.collect()
        }
        _ => Vec::new(),
    }
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
    fn it_is_asked_for_wherever_postgresql_has_it_and_nothing_is_undone() {
        let statements = "CREATE TABLE t (a int);\nCREATE TABLE u AS SELECT 1;\nALTER TABLE t ADD b int;\n\
                          CREATE SCHEMA s;\nCREATE SEQUENCE q;\nCREATE EXTENSION e;\nALTER TYPE y ADD VALUE 'v';\n\
                          CREATE MATERIALIZED VIEW m AS SELECT 1;\n";
        assert_eq!(found(&RULE.about, &format!("-- Transaction: none\n\n{statements}")).len(), 8);
        assert_eq!(found(&RULE.about, statements), [""; 0]);
        assert_eq!(
            found(&RULE.about, "-- Transaction: none\n\nCREATE INDEX CONCURRENTLY ON t (a);"),
            [""; 0]
        );
    }
}
