//! "Use transactions for multi-step migrations."

use squawk_syntax::ast;

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Context, Problem, Rule};
use crate::migrate::lint::finding::Level;
use crate::migrate::sql::statements;

pub const RULE: Rule = Rule {
    about: About {
        id: "several-steps-without-transaction",
        level: Level::Warning,
        summary: "Several changes in a file that runs without a transaction",
        why: "If a later statement fails, the earlier ones stay. Only statements that cannot run in a transaction, or \
              that are to be committed one by one (VALIDATE CONSTRAINT), have a reason to be in such a file.",
        mend: "move it to a migration of its own that runs in a transaction (without `-- Transaction: none`)",
        bad: "-- Transaction: none\n\nALTER TABLE tasks ADD COLUMN IF NOT EXISTS note text;\n\
              UPDATE tasks SET note = '';\n\
              CREATE INDEX CONCURRENTLY IF NOT EXISTS tasks_note ON tasks (note);\n",
        good: "-- 20250301090000_add_note.sql\nALTER TABLE tasks ADD COLUMN note text;\n\
               UPDATE tasks SET note = '';\n\
               -- 20250301090001_index_note.sql\n-- Transaction: none\n\n\
               CREATE INDEX CONCURRENTLY IF NOT EXISTS tasks_note ON tasks (note);\n",
        in_rollbacks: true,
    },
    check: Check::Statement(check),
};

fn check(context: &Context<'_>) -> Vec<Problem> {
    let is_step = |at: usize| wants_company(&context.file.statements[at].node);
    let text = &context.file.text[context.file.statements[context.at].range.clone()];
    let is_second = || (0..context.at).filter(|at| is_step(*at)).take(2).count() == 1;
    if context.file.source.in_transaction
        || !is_step(context.at)
        || statements::runs_alone(text)
        || !is_second()
    {
        return Vec::new();
    }
    let range = context.file.statements[context.at].range.clone();
    let message =
        "this is the second change of a file that runs without a transaction: if it fails, the first stays";
    vec![Problem::new(range, message)]
}

/// Whether a statement changes something, and together with the others or not at all.
fn wants_company(statement: &ast::Stmt) -> bool {
    match statement {
        ast::Stmt::AlterTable(node) => {
            !node.actions().all(|action| {
                matches!(
                    action,
                    ast::AlterTableAction::ValidateConstraint(_) | ast::AlterTableAction::DetachPartition(_)
                )
            }) && !adds_constraint_of_index(node)
        }
        ast::Stmt::AlterType(node) => !matches!(node.action(), Some(ast::AlterTypeAction::AddValue(_))),
        ast::Stmt::CreateIndex(node) => node.concurrently_token().is_none(),
        ast::Stmt::DropIndex(node) => node.concurrently_token().is_none(),
        ast::Stmt::CreateTable(_)
        | ast::Stmt::CreateTableAs(_)
        | ast::Stmt::CreateView(_)
        | ast::Stmt::CreateMaterializedView(_)
        | ast::Stmt::CreateType(_)
        | ast::Stmt::CreateFunction(_)
        | ast::Stmt::CreateTrigger(_)
        | ast::Stmt::CreatePolicy(_)
        | ast::Stmt::DropTable(_)
        | ast::Stmt::DropView(_)
        | ast::Stmt::DropType(_)
        | ast::Stmt::DropFunction(_)
        | ast::Stmt::Insert(_)
        | ast::Stmt::Update(_)
        | ast::Stmt::Delete(_)
        | ast::Stmt::Merge(_) => true,
        _ => false,
    }
}

/// The second half of building an index concurrently.
fn adds_constraint_of_index(node: &ast::AlterTable) -> bool {
    let has_index = |constraint: Option<ast::Constraint>| match constraint {
        Some(ast::Constraint::UniqueConstraint(node)) => node.using_index().is_some(),
        Some(ast::Constraint::PrimaryKeyConstraint(node)) => node.using_index().is_some(),
        _ => false,
    };
    node.actions().all(|action| match action {
        ast::AlterTableAction::AddConstraint(node) => has_index(node.constraint()),
        _ => false,
    })
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
    fn statements_that_are_to_be_committed_one_by_one_are_let_be() {
        let stepwise = "-- Transaction: none\n\nALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;\n\
                        ALTER TABLE t VALIDATE CONSTRAINT c;\n\
                        CREATE UNIQUE INDEX CONCURRENTLY i ON t (a);\n\
                        ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i;\n\
                        ALTER TYPE stage ADD VALUE 'x';\nVACUUM t;\n";
        assert_eq!(found(&RULE.about, stepwise), [""; 0]);
        assert_eq!(found(&RULE.about, &stepwise.replace("-- Transaction: none", "")), [""; 0]);
    }
}
