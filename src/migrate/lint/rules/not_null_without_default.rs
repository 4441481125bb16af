//! "Add NOT NULL without defaults."

use squawk_syntax::ast::{self, AstNode};

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Context, Problem, Rule};
use crate::migrate::lint::file::Statement;
use crate::migrate::lint::finding::Level;
use crate::migrate::lint::names::{Name, column_ref};
use crate::migrate::lint::types::TypeName;

pub const RULE: Rule = Rule {
    about: About {
        id: "not-null-without-default",
        level: Level::Error,
        summary: "A new column that is NOT NULL and has no default, on an existing table",
        why: "The migration fails as soon as the table holds a row. Where it does not, inserts of clients that do not know \
              the column yet fail.",
        mend: "add a DEFAULT, or add the column without NOT NULL, fill it, and then SET NOT NULL",
        bad: "ALTER TABLE tasks ADD COLUMN priority text NOT NULL;\n",
        good: "ALTER TABLE tasks ADD COLUMN priority text NOT NULL DEFAULT 'medium';\n",
        in_rollbacks: false,
    },
    check: Check::Statement(check),
};

fn check(context: &Context<'_>) -> Vec<Problem> {
    let Some((node, table)) = context.alter_existing() else { return Vec::new() };
    let add = |action: ast::AlterTableAction| match &action {
        ast::AlterTableAction::AddColumn(column) if lacks_default(column) => {
            let name = column.column_name()?.text();
            let message = format!("{table}.{name} is NOT NULL, and existing rows have no value for it");
            Some(Problem::at(action.syntax(), message))
        }
        ast::AlterTableAction::AlterColumn(alter) => {
            let Some(ast::AlterColumnOption::SetNotNull(_)) = alter.option() else { return None };
            let name = column_ref(alter.column_name_ref())?;
            let column = context.schema.column(&table, &name)?;
            let is_empty = column.made_in == Some(context.number)
                && !column.has_value
                && !context.before().iter().any(|statement| may_fill(statement, &table));
            is_empty.then(|| {
                let message = format!("{table}.{name} becomes NOT NULL before anything fills it");
                Problem::at(action.syntax(), message)
                    .with_mend("fill the column first (UPDATE), or give it a DEFAULT")
            })
        }
        _ => None,
    };
    let problems: Vec<_> = node.actions().filter_map(add).collect();
    if problems.is_empty() || context.is_emptied(&table) { Vec::new() } else { problems }
}

/// Whether a new column would have to be NULL in existing rows, and must not be.
fn lacks_default(column: &ast::AddColumn) -> bool {
    let has = |is: fn(&ast::Constraint) -> bool| column.constraints().any(|constraint| is(&constraint));
    let must_be = has(|c| {
        matches!(c, ast::Constraint::NotNullConstraint(_) | ast::Constraint::PrimaryKeyConstraint(_))
    });
    let has_value =
        has(|c| matches!(c, ast::Constraint::DefaultConstraint(_) | ast::Constraint::GeneratedConstraint(_)));
    must_be && !has_value && !column.ty().is_some_and(|ty| TypeName::of(&ty).is_serial())
}

/// Whether a statement may give a table's rows values.
fn may_fill(statement: &Statement, table: &Name) -> bool {
    match &statement.node {
        ast::Stmt::Do(_) | ast::Stmt::Call(_) | ast::Stmt::Select(_) => true,
        ast::Stmt::Update(_) | ast::Stmt::Merge(_) => Context::mentions(statement.node.syntax(), table),
        ast::Stmt::AlterTable(node) => node.actions().any(|action| {
            let ast::AlterTableAction::AlterColumn(alter) = action else { return false };
            matches!(alter.option(), Some(ast::AlterColumnOption::SetType(set)) if set.using_expr().is_some())
        }),
        _ => false,
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
    fn columns_that_have_a_value_are_let_be() {
        for sql in [
            "CREATE TABLE t (a int);\nALTER TABLE t ADD b int NOT NULL;",
            "ALTER TABLE t ADD b bigserial NOT NULL;",
            "ALTER TABLE t ADD b bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;",
            "ALTER TABLE t ADD b int;\nUPDATE t SET b = 1;\nALTER TABLE t ALTER b SET NOT NULL;",
            "ALTER TABLE t ADD b serial;\nALTER TABLE t ALTER b SET NOT NULL;",
            "ALTER TABLE t ADD b int DEFAULT 1;\nALTER TABLE t ALTER b SET NOT NULL;",
            "TRUNCATE t;\nALTER TABLE t ADD b int NOT NULL;",
            "DELETE FROM t;\nALTER TABLE t ADD b int NOT NULL;",
        ] {
            assert_eq!(found(&RULE.about, sql), [""; 0], "{sql}");
        }
        for sql in [
            "ALTER TABLE t ADD b int PRIMARY KEY;",
            "DELETE FROM t WHERE a;\nALTER TABLE t ADD b int NOT NULL;",
            "ALTER TABLE t ADD b int;\nUPDATE u SET b = 1;\nALTER TABLE t ALTER b SET NOT NULL;",
        ] {
            assert_eq!(found(&RULE.about, sql).len(), 1, "{sql}");
        }
    }
}
