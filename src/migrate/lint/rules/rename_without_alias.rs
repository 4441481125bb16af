//! "Rename columns without aliases."

use squawk_syntax::ast::{self, AstNode};

use crate::migrate::deprecation::Deprecation;
use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Context, Problem, Rule};
use crate::migrate::lint::finding::Level;
use crate::migrate::lint::names::{Name, column_ref, table_and_column};

pub const RULE: Rule = Rule {
    about: About {
        id: "rename-without-alias",
        level: Level::Error,
        summary: "RENAME of a column or table that leaves nothing readable under the old name",
        why: "A migration and the clients of a database are never deployed at the same instant: whatever reads the old \
              name fails from the migration on. Nothing is reported if the same file keeps the old name (a view or a \
              column of that name), or marks the new one as deprecated: that is how a column is taken out of use.",
        mend: "keep the old name readable in the same file, with a view or a generated column of that name, until no \
               client uses it",
        bad: "ALTER TABLE tasks RENAME COLUMN title TO subject;\n",
        good: "ALTER TABLE tasks RENAME COLUMN title TO subject;\n\
               CREATE VIEW tasks_by_title AS SELECT *, subject AS title FROM tasks;\n",
        in_rollbacks: false,
    },
    check: Check::Statement(check),
};

fn check(context: &Context<'_>) -> Vec<Problem> {
    let Some((node, table)) = context.alter_existing() else { return Vec::new() };
    let rename = |action: ast::AlterTableAction| match &action {
        ast::AlterTableAction::RenameColumn(rename) => {
            let (old, new) = (column_ref(rename.column_name_ref())?, rename.column_name()?.text());
            let is_kept = context.is_new_column(&table, &old)
                || keeps_column(context, &table, &old)
                || is_column_deprecated(context, &table, &new);
            (!is_kept).then(|| {
                Problem::at(action.syntax(), format!("nothing can be read as {table}.{old} any more"))
            })
        }
        ast::AlterTableAction::TableRenameTo(rename) => {
            let new = table.renamed(Name::of_path(rename.table_name()?.path())?.name);
            let is_kept = keeps_table(context, &table) || is_table_deprecated(context, &new);
            (!is_kept)
                .then(|| Problem::at(action.syntax(), format!("nothing can be read as {table} any more")))
        }
        _ => None,
    };
    node.actions().filter_map(rename).collect()
}

/// Whether a statement of the file makes something that is read by the old name of a column.
fn keeps_column(context: &Context<'_>, table: &Name, old: &str) -> bool {
    context.file.statements.iter().any(|statement| match &statement.node {
        ast::Stmt::AlterTable(node)
            if Name::of_relation(node.table_relation_name()).as_ref() == Some(table) =>
        {
            node.actions().any(|action| match action {
                ast::AlterTableAction::AddColumn(column) => {
                    column.column_name().is_some_and(|c| c.text() == old)
                }
                ast::AlterTableAction::RenameColumn(column) => {
                    column.column_name().is_some_and(|c| c.text() == old)
                }
                _ => false,
            })
        }
        ast::Stmt::CreateView(node) => {
            let has_name =
                node.syntax().descendants().filter_map(ast::ColumnName::cast).any(|c| c.text() == old);
            has_name && Context::mentions(node.syntax(), table)
        }
        _ => false,
    })
}

fn keeps_table(context: &Context<'_>, table: &Name) -> bool {
    context.file.statements.iter().any(|statement| {
        let made = match &statement.node {
            ast::Stmt::CreateView(node) => node.view().and_then(|view| Name::of_path(view.path())),
            ast::Stmt::CreateTable(node) => node.table_name().and_then(|name| Name::of_path(name.path())),
            ast::Stmt::AlterTable(node) => node.actions().find_map(|action| match action {
                ast::AlterTableAction::TableRenameTo(to) => {
                    Some(table.renamed(Name::of_path(to.table_name()?.path())?.name))
                }
                _ => None,
            }),
            _ => None,
        };
        made.as_ref() == Some(table)
    })
}

fn is_column_deprecated(context: &Context<'_>, table: &Name, column: &str) -> bool {
    deprecations(context).any(|object| match object {
        ast::CommentObject::ObjectColumn(object) => {
            table_and_column(&object).is_some_and(|(of, name)| of == *table && name == column)
        }
        _ => false,
    })
}

fn is_table_deprecated(context: &Context<'_>, table: &Name) -> bool {
    deprecations(context).any(|object| match object {
        ast::CommentObject::ObjectTable(object) => {
            object.table_name_ref().and_then(|name| Name::of_ref(name.path_ref())).as_ref() == Some(table)
        }
        _ => false,
    })
}

/// What the file deprecates.
fn deprecations(context: &Context<'_>) -> impl Iterator<Item = ast::CommentObject> {
    context.file.statements.iter().filter_map(|statement| {
        let ast::Stmt::CommentOn(node) = &statement.node else { return None };
        node.literal()?.string_value()?.parse::<Deprecation>().ok()?;
        node.comment_object()
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
    fn whatever_keeps_the_old_name_is_enough() {
        let rename = "ALTER TABLE t RENAME a TO b;\n";
        for kept in [
            "ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b) STORED;",
            "CREATE VIEW v (a) AS SELECT b FROM t;",
            "COMMENT ON COLUMN t.b IS 'Deprecated: 2025-01-27. Remove after 2025-02-27';",
        ] {
            assert_eq!(found(&RULE.about, &format!("{rename}{kept}")), [""; 0], "{kept}");
        }
        for lost in ["CREATE VIEW v AS SELECT b FROM t;", "CREATE VIEW v AS SELECT c AS a FROM u;"] {
            assert_eq!(found(&RULE.about, &format!("{rename}{lost}")).len(), 1, "{lost}");
        }
        assert_eq!(found(&RULE.about, "ALTER TABLE t ADD a int;\nALTER TABLE t RENAME a TO b;"), [""; 0]);
    }

    #[test]
    fn a_table_is_kept_by_a_view_or_another_table() {
        let rename = "ALTER TABLE t RENAME TO u;\n";
        assert_eq!(found(&RULE.about, rename).len(), 1);
        assert_eq!(found(&RULE.about, &format!("{rename}CREATE VIEW t AS SELECT * FROM u;")), [""; 0]);
        assert_eq!(
            found(&RULE.about, &format!("CREATE TABLE v (a int);\n{rename}ALTER TABLE v RENAME TO t;")),
            [""; 0]
        );
        let comment = "COMMENT ON TABLE u IS 'Deprecated: 2025-01-27. Remove after 2025-02-27';";
        assert_eq!(found(&RULE.about, &format!("{rename}{comment}")), [""; 0]);
    }
}
