//! "Create unique constraints without checking duplicates."

use std::collections::BTreeSet;

use squawk_syntax::ast::{self, AstNode, NameLike};

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Context, Problem, Rule};
use crate::migrate::lint::file::Statement;
use crate::migrate::lint::finding::Level;
use crate::migrate::lint::keys::indexed_columns;
use crate::migrate::lint::names::Name;
use crate::migrate::sql::statements;

pub const RULE: Rule = Rule {
    about: About {
        id: "unique-without-duplicate-check",
        level: Level::Warning,
        summary: "UNIQUE added to an existing table without a look for duplicates",
        why: "The migration fails on the first database that holds duplicates, and until then nobody can write to the \
              table. Enough is any statement before it that reads or removes rows of the table, or a unique index that \
              is built CONCURRENTLY and then used by the constraint. Nothing is reported if the columns were unique \
              before, or are new and empty.",
        mend: "find or merge duplicates first in the same file, or build the index CONCURRENTLY in an earlier migration \
               and add the constraint with USING INDEX",
        bad: "ALTER TABLE products ADD CONSTRAINT products_upc_key UNIQUE (upc);\n",
        good: "DELETE FROM products a USING products b WHERE a.upc = b.upc AND a.id > b.id;\n\
               ALTER TABLE products ADD CONSTRAINT products_upc_key UNIQUE (upc);\n",
        in_rollbacks: false,
    },
    check: Check::Statement(check),
};

fn check(context: &Context<'_>) -> Vec<Problem> {
    let added = match context.statement() {
        ast::Stmt::CreateIndex(node)
            if node.unique_token().is_some()
                && node.concurrently_token().is_none()
                && !context.is_built_already(node) =>
        {
            let Some(table) = Name::of_relation(node.table_relation_name()) else { return Vec::new() };
            vec![(table, indexed_columns(node), node.syntax().clone())]
        }
        _ => constraints(context),
    };
    let is_new = |(table, columns, _): &(Name, Option<BTreeSet<String>>, _)| {
        let is_safe = |columns: &BTreeSet<String>| {
            is_unique_already(context, table, columns) || is_empty(context, table, columns)
        };
        context.is_existing(table)
            && !columns.as_ref().is_some_and(is_safe)
            && !context.is_emptied(table)
            && !context.before().iter().any(|statement| looks_at(context, statement, table))
    };
    let problem = |(table, _, node): (Name, _, squawk_syntax::SyntaxNode)| {
        Problem::at(
            &node,
            format!("this fails if {table} holds duplicates, and nothing looks for them first"),
        )
    };
    added.into_iter().filter(is_new).map(problem).collect()
}

/// The UNIQUE constraints that an ALTER TABLE adds, each with its columns.
fn constraints(context: &Context<'_>) -> Vec<(Name, Option<BTreeSet<String>>, squawk_syntax::SyntaxNode)> {
    let Some((node, table)) = context.alter_existing() else { return Vec::new() };
    let unique = |action: ast::AlterTableAction| {
        let ast::AlterTableAction::AddConstraint(add) = &action else { return None };
        let Some(ast::Constraint::UniqueConstraint(unique)) = add.constraint() else { return None };
        if unique.using_index().is_some() {
            return None;
        }
        let columns = unique.index_parameters().and_then(|parameters| parameters.column_list());
        let columns = columns.map(|list| list.column_name_refs().map(|column| column.text()).collect());
        Some((table.clone(), columns, action.syntax().clone()))
    };
    node.actions().filter_map(unique).collect()
}

/// Whether fewer columns were unique before: then more of them are too. A constraint that this file drops first
/// counts as well.
fn is_unique_already(context: &Context<'_>, table: &Name, columns: &BTreeSet<String>) -> bool {
    let known = context.schema.tables.get(table).map(|table| table.uniques.as_slice()).unwrap_or_default();
    let is_in_force = |dropped: Option<usize>| dropped.is_none_or(|file| file == context.number);
    known.iter().any(|unique| {
        is_in_force(unique.dropped_in) && !unique.columns.is_empty() && unique.columns.is_subset(columns)
    })
}

/// Whether a column is new and NULL in all rows.
fn is_empty(context: &Context<'_>, table: &Name, columns: &BTreeSet<String>) -> bool {
    columns.iter().any(|column| {
        let column = context.schema.column(table, column);
        column.is_some_and(|column| column.made_in == Some(context.number) && !column.has_value)
    })
}

/// Whether a statement reads or changes rows of a table.
fn looks_at(context: &Context<'_>, statement: &Statement, table: &Name) -> bool {
    match &statement.node {
        ast::Stmt::Select(_)
        | ast::Stmt::CompoundSelect(_)
        | ast::Stmt::SelectInto(_)
        | ast::Stmt::CreateTableAs(_)
        | ast::Stmt::Insert(_)
        | ast::Stmt::Update(_)
        | ast::Stmt::Delete(_)
        | ast::Stmt::Merge(_) => Context::mentions(statement.node.syntax(), table),
        ast::Stmt::Do(_) => statements::words(&context.file.text[statement.range.clone()])
            .any(|word| word.eq_ignore_ascii_case(&table.name)),
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
    fn columns_that_cannot_hold_duplicates_are_let_be() {
        for sql in [
            "CREATE TABLE t (a int);\nCREATE UNIQUE INDEX ON t (a);",
            "SELECT a FROM t GROUP BY a HAVING count(*) > 1;\nCREATE UNIQUE INDEX ON t (a);",
            "DO $$ BEGIN IF EXISTS (SELECT a FROM t GROUP BY a) THEN RAISE 'x'; END IF; END $$;\n\
             ALTER TABLE t ADD UNIQUE (a);",
            "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i;",
            "ALTER TABLE t ADD a int;\nCREATE UNIQUE INDEX ON t (a);",
            "-- 20250301090000_a.sql\nCREATE TABLE t (a int PRIMARY KEY, b int);\n\
             -- 20250302090000_b.sql\nALTER TABLE t ADD UNIQUE (a, b);",
            "-- 20250301090000_a.sql\nCREATE TABLE t (a int UNIQUE, b int);\n\
             -- 20250302090000_b.sql\nALTER TABLE t DROP CONSTRAINT t_a_key;\nALTER TABLE t ADD UNIQUE (b, a);",
        ] {
            assert_eq!(found(&RULE.about, sql), [""; 0], "{sql}");
        }
        for sql in [
            "CREATE UNIQUE INDEX ON t (a);",
            "SELECT 1 FROM u;\nCREATE UNIQUE INDEX ON t (lower(a));",
            "-- 20250301090000_a.sql\nCREATE TABLE t (a int, b int, UNIQUE (a, b));\n\
             -- 20250302090000_b.sql\nALTER TABLE t ADD UNIQUE (a);",
        ] {
            assert_eq!(found(&RULE.about, sql).len(), 1, "{sql}");
        }
    }
}
