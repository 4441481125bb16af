//! "Drop columns immediately (deprecate first)."

use std::ops::Range;

use squawk_syntax::ast::{self, AstNode};

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Context, Problem, Rule};
use crate::migrate::lint::file::range;
use crate::migrate::lint::finding::Level;
use crate::migrate::lint::names::{Name, column_ref};
use crate::migrate::lint::schema::{Deprecated, TableKind};

pub const RULE: Rule = Rule {
    about: About {
        id: "drop-without-deprecation",
        level: Level::Error,
        summary: "DROP of a column or table that was not deprecated first, or before its date",
        why: "What is dropped is lost, and clients that still use it fail at once. An earlier migration renames it and \
              says until when it stays, so that a client that was forgotten shows while the values are still there. \
              Nothing is reported of what the same file made, or puts another column or table in the place of.",
        mend: "deprecate it first (a column with `crm-seed migrate deprecate`, a table with COMMENT ... IS 'Deprecated: \
               YYYY-MM-DD. Remove after YYYY-MM-DD'), or say in the header why it can go now: `-- Drop: reason`",
        bad: "ALTER TABLE opportunities DROP COLUMN old_field;\n",
        good: "-- 20250127090000_deprecate_old_field.sql\n\
               ALTER TABLE opportunities RENAME COLUMN old_field TO old_field_deprecated;\n\
               COMMENT ON COLUMN opportunities.old_field_deprecated IS\n  \
               'Deprecated: 2025-01-27. Remove after 2025-02-27';\n\
               -- 20250303090000_drop_old_field.sql\n\
               ALTER TABLE opportunities DROP COLUMN old_field_deprecated;\n",
        in_rollbacks: false,
    },
    check: Check::Statement(check),
};

fn check(context: &Context<'_>) -> Vec<Problem> {
    let ast::Stmt::Do(block) = context.statement() else { return check_statement(context) };
    let Some(code) = block.plpgsql() else { return Vec::new() };
    let at = range(block.syntax());
    let drops = code.syntax().descendants().filter_map(ast::Stmt::cast);
    drops.flat_map(|statement| in_code(context, &statement, &at)).collect()
}

/// What a statement in a block of code drops, told at the block.
fn in_code(context: &Context<'_>, statement: &ast::Stmt, at: &Range<usize>) -> Vec<Problem> {
    match statement {
        ast::Stmt::DropTable(node) => {
            let names = node.table_name_refs().filter_map(|name| Name::of_ref(name.path_ref()));
            names
                .filter_map(|name| drop_table(context, &name, node.if_exists().is_some(), at.clone()))
                .collect()
        }
        ast::Stmt::AlterTable(node) => {
            let Some(table) = Name::of_relation(node.table_relation_name()) else { return Vec::new() };
            if !context.is_existing(&table) {
                return Vec::new();
            }
            let columns = node.actions().filter_map(|action| match action {
                ast::AlterTableAction::DropColumn(node) => column_ref(node.column_name_ref()),
                _ => None,
            });
            columns.filter_map(|column| drop_column(context, &table, &column, at.clone())).collect()
        }
        _ => Vec::new(),
    }
}

fn check_statement(context: &Context<'_>) -> Vec<Problem> {
    if let ast::Stmt::DropTable(node) = context.statement() {
        let names = node.table_name_refs();
        let drop = |name: ast::TableNameRef| {
            drop_table(
                context,
                &Name::of_ref(name.path_ref())?,
                node.if_exists().is_some(),
                range(name.syntax()),
            )
        };
        return names.filter_map(drop).collect();
    }
    let Some((node, table)) = context.alter_existing() else { return Vec::new() };
    let drop = |action: ast::AlterTableAction| match action {
        ast::AlterTableAction::DropColumn(node) => {
            drop_column(context, &table, &column_ref(node.column_name_ref())?, range(node.syntax()))
        }
        _ => None,
    };
    node.actions().filter_map(drop).collect()
}

fn drop_table(context: &Context<'_>, name: &Name, if_exists: bool, at: Range<usize>) -> Option<Problem> {
    let table = context.schema.tables.get(name);
    let is_temporary = table.is_some_and(|table| table.kind == TableKind::Temporary);
    // A file that begins with DROP TABLE IF EXISTS only makes sure that its own table is new.
    let is_precaution = table.is_none() && if_exists && is_made_anew(context, name);
    if !context.is_existing(name) || is_temporary || is_precaution || is_replaced(context, name) {
        return None;
    }
    judge(context, table.and_then(|table| table.deprecation), &format!("the table {name}"), at)
}

fn drop_column(context: &Context<'_>, table: &Name, column: &str, at: Range<usize>) -> Option<Problem> {
    if context.is_new_column(table, column) || is_column_replaced(context, table, column) {
        return None;
    }
    let known = context.schema.tables.get(table);
    let of_table = known.and_then(|table| table.deprecation);
    let of_column = context.schema.column(table, column).and_then(|column| column.deprecation);
    judge(context, of_column.or(of_table), &format!("{table}.{column}"), at)
}

/// A reason in the header stands for a deprecation that is missing; it does not move a day that clients were told.
fn judge(context: &Context<'_>, known: Option<Deprecated>, what: &str, at: Range<usize>) -> Option<Problem> {
    let has_reason = context.file.header("Drop").is_some();
    let Some(Deprecated { dates, file }) = known else {
        return (!has_reason)
            .then(|| Problem::new(at, format!("{what} is dropped without having been deprecated")));
    };
    if file == context.number && !has_reason {
        let message = format!("{what} is dropped by the migration that deprecates it");
        return Some(Problem::new(at, message).with_mend("drop it in a later migration, after its date"));
    }
    let (until, today) = (dates.until, context.today);
    (!dates.is_over(today)).then(|| {
        Problem::new(at, format!("{what} is to stay until {until}; today is {today}")).with_mend(
            "wait until that day has passed, or set an earlier one first: COMMENT ... IS 'Deprecated: YYYY-MM-DD. \
             Remove after YYYY-MM-DD'",
        )
    })
}

fn is_made_anew(context: &Context<'_>, name: &Name) -> bool {
    context.file.statements.iter().any(|statement| {
        let made = match &statement.node {
            ast::Stmt::CreateTable(node) => node.table_name(),
            ast::Stmt::CreateTableAs(node) => node.table_name(),
            _ => None,
        };
        made.and_then(|made| Name::of_path(made.path())).as_ref() == Some(name)
    })
}

/// Whether this file renames another table to the name that becomes free.
fn is_replaced(context: &Context<'_>, name: &Name) -> bool {
    context.file.statements.iter().any(|statement| {
        let ast::Stmt::AlterTable(node) = &statement.node else { return false };
        node.actions().any(|action| {
            let ast::AlterTableAction::TableRenameTo(rename) = action else { return false };
            rename
                .table_name()
                .and_then(|new| Name::of_path(new.path()))
                .is_some_and(|new| new.name == name.name)
        })
    })
}

/// Whether this file renames another column to the name that becomes free.
fn is_column_replaced(context: &Context<'_>, table: &Name, column: &str) -> bool {
    context.file.statements.iter().any(|statement| {
        let ast::Stmt::AlterTable(node) = &statement.node else { return false };
        Name::of_relation(node.table_relation_name()).as_ref() == Some(table)
            && node.actions().any(|action| {
                let ast::AlterTableAction::RenameColumn(rename) = action else { return false };
                rename.column_name().is_some_and(|new| new.text() == column)
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::lint::tests::{check_examples, found, messages};

    /// A deprecation that is over, or not, on the day of the tests: 2025-06-01.
    fn after(until: &str, drop: &str) -> String {
        format!(
            "-- 20250301090000_a.sql\nCOMMENT ON COLUMN t.a IS 'Deprecated: 2025-03-01. Remove after {until}';\n\
             -- 20250302090000_b.sql\n{drop}"
        )
    }

    #[test]
    fn its_examples_are_judged_right() {
        check_examples(&RULE.about);
    }

    #[test]
    fn a_deprecation_counts_from_its_date_on_and_follows_a_rename() {
        let drop = "ALTER TABLE t DROP a;";
        assert_eq!(found(&RULE.about, &after("2025-05-31", drop)), [""; 0]);
        assert!(
            messages(&RULE.about, &after("2025-06-01", drop))[0]
                .contains("to stay until 2025-06-01; today is 2025-06-01")
        );
        let with_reason = format!("-- Drop: nobody reads it\n\n{drop}");
        assert_eq!(found(&RULE.about, &after("2025-06-01", &with_reason)).len(), 1);
        let renamed = "ALTER TABLE t RENAME a TO b;\nALTER TABLE t DROP b;";
        assert_eq!(found(&RULE.about, &after("2025-05-31", renamed)), [""; 0]);
        let taken_back = format!("COMMENT ON COLUMN t.a IS NULL;\n{drop}");
        assert_eq!(found(&RULE.about, &after("2025-05-31", &taken_back)).len(), 1);
        let at_once =
            format!("COMMENT ON COLUMN t.a IS 'Deprecated: 2024-01-01. Remove after 2024-01-02';\n{drop}");
        assert!(messages(&RULE.about, &at_once)[0].contains("by the migration that deprecates it"));
    }

    #[test]
    fn nothing_is_lost_of_what_the_file_made_or_replaces() {
        for sql in [
            "CREATE TABLE t (a int);\nDROP TABLE t;",
            "DROP TABLE IF EXISTS t;\nCREATE TABLE t (a int);",
            "CREATE TABLE new_t AS SELECT * FROM t;\nDROP TABLE t;\nALTER TABLE new_t RENAME TO t;",
            "ALTER TABLE t ADD b int;\nALTER TABLE t DROP a;\nALTER TABLE t RENAME b TO a;",
            "CREATE TEMP TABLE x (a int);\nDROP TABLE x;",
            "-- Drop: nobody has used it since 2023\n\nDROP TABLE t;",
        ] {
            assert_eq!(found(&RULE.about, sql), [""; 0], "{sql}");
        }
        let again = "-- 20250301090000_a.sql\nCREATE TABLE t (a int);\n-- 20250302090000_b.sql\n\
                     DROP TABLE IF EXISTS t, u;\nCREATE TABLE t (a int);";
        assert_eq!(found(&RULE.about, again), ["20250302090000_b.sql:1", "20250302090000_b.sql:1"]);
        assert_eq!(found(&RULE.about, "-- Drop:\n\nDROP TABLE t;").len(), 1);
    }

    #[test]
    fn blocks_of_code_are_looked_into() {
        let block = "DO $$ BEGIN\n  IF true THEN ALTER TABLE t DROP COLUMN a; END IF;\nEND $$;";
        assert_eq!(found(&RULE.about, &after("2025-05-31", block)), [""; 0]);
        assert!(
            messages(&RULE.about, &after("2025-06-01", block))[0].contains("t.a is to stay until 2025-06-01")
        );
        let table = "SELECT 1;\nDO $$ BEGIN DROP TABLE t; END $$;";
        assert_eq!(found(&RULE.about, table).len(), 1);
        assert_eq!(found(&RULE.about, "CREATE TABLE t (a int);\nDO $$ BEGIN DROP TABLE t; END $$;"), [""; 0]);
    }
}
