//! "Add indexes CONCURRENTLY in production."

use std::collections::BTreeSet;

use squawk_syntax::ast::{self, AstNode};

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Context, Problem, Rule};
use crate::migrate::lint::finding::Level;
use crate::migrate::lint::names::Name;
use crate::migrate::lint::schema::TableKind;

pub const RULE: Rule = Rule {
    about: About {
        id: "index-without-concurrently",
        level: Level::Warning,
        summary: "CREATE INDEX on an existing table without CONCURRENTLY",
        why: "Until the index is built, nobody can write to the table. Nothing is reported of tables made in the same \
              file, of partitioned tables (PostgreSQL cannot), of an index on a column that the same file adds (the \
              table is locked already), and of an index IF NOT EXISTS of which a comment says that it can be built \
              beforehand CONCURRENTLY.",
        mend: "build it CONCURRENTLY, in a migration of its own that begins with the line `-- Transaction: none`",
        bad: "CREATE INDEX tasks_title ON tasks (title);\n",
        good: "-- Transaction: none\n\nCREATE INDEX CONCURRENTLY IF NOT EXISTS tasks_title ON tasks (title);\n",
        in_rollbacks: false,
    },
    check: Check::Statement(check),
};

fn check(context: &Context<'_>) -> Vec<Problem> {
    let ast::Stmt::CreateIndex(node) = context.statement() else { return Vec::new() };
    let Some(table) = Name::of_relation(node.table_relation_name()) else { return Vec::new() };
    let is_split =
        context.schema.tables.get(&table).is_some_and(|table| table.kind == TableKind::Partitioned);
    if node.concurrently_token().is_some()
        || !context.is_existing(&table)
        || is_split
        || context.is_emptied(&table)
        || has_new_column(context, node, &table)
        || context.is_built_already(node)
        || node.if_not_exists().is_some() && can_be_built_before(context)
    {
        return Vec::new();
    }
    vec![Problem::at(node.syntax(), format!("building this index blocks writes to {table}"))]
}

/// Whether the index needs a column that the same file adds.
fn has_new_column(context: &Context<'_>, node: &ast::CreateIndex, table: &Name) -> bool {
    let columns = node.syntax().descendants().filter_map(ast::NameRef::cast).map(|name| name.text());
    let columns: BTreeSet<String> = columns.collect();
    columns.iter().any(|column| context.is_new_column(table, column))
}

/// Whether a comment tells how the index is built where the table is large.
fn can_be_built_before(context: &Context<'_>) -> bool {
    // A comment on the first of several indexes is about them all.
    let until = context.file.statements[context.at].range.start;
    let comments = context.file.comments.iter().take_while(|comment| comment.range.start < until);
    comments
        .flat_map(|c| c.lines(&context.file.text))
        .any(|line| line.to_lowercase().contains("concurrently"))
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
    fn indexes_that_block_nobody_are_let_be() {
        for sql in [
            "CREATE TABLE t (a int);\nCREATE INDEX ON t (a);",
            "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;\nCREATE INDEX ON m (a);",
            "ALTER TABLE t ADD a int;\nCREATE INDEX ON t (lower(a));",
            "TRUNCATE t;\nCREATE INDEX ON t (a);",
            "-- 20250301090000_a.sql\nCREATE TABLE t (a int);\nCREATE INDEX i ON t (a);\n\
             -- 20250302090000_b.sql\nCREATE INDEX IF NOT EXISTS i ON t (a);",
            "-- Large? Build it first, CONCURRENTLY.\nCREATE INDEX IF NOT EXISTS i ON t (a);",
            "-- 20250301090000_a.sql\nCREATE TABLE t (a int) PARTITION BY LIST (a);\n\
             -- 20250302090000_b.sql\nCREATE INDEX ON t (a);",
        ] {
            assert_eq!(found(&RULE.about, sql), [""; 0], "{sql}");
        }
        let later = "-- 20250301090000_a.sql\nCREATE TABLE t (a int);\n-- 20250302090000_b.sql\n\nCREATE INDEX ON t (a);";
        assert_eq!(found(&RULE.about, later), ["20250302090000_b.sql:2"]);
        assert_eq!(found(&RULE.about, "CREATE INDEX IF NOT EXISTS i ON t (a);").len(), 1);
    }
}
