//! "Document breaking changes."

use std::ops::Range;

use squawk_syntax::ast::{self, AstNode};

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Context, Problem, Rule};
use crate::migrate::lint::file::range;
use crate::migrate::lint::finding::Level;
use crate::migrate::lint::names::{Name, column_ref};
use crate::migrate::lint::types::{Cast, TypeName};

pub const RULE: Rule = Rule {
    about: About {
        id: "undocumented-breaking-change",
        level: Level::Warning,
        summary: "A DROP, RENAME or change of type of which no comment says a word",
        why: "Queries of running clients fail from this migration on. Who reads the file later has to learn from it that \
              this was meant. What counts as a word about it: `-- Breaking: ...` or `-- Drop: ...` in the header, or any \
              comment there or at the statement (a Description too) that names the table or column, or says that \
              something is dropped, renamed or converted.",
        mend: "say in the header what breaks and what clients are to do: `-- Breaking: ...`",
        bad: "-- Migration: 20250301090000_tidy.sql\n-- Description: Tidy up\n\n\
              ALTER TABLE visits ALTER COLUMN length TYPE integer USING round(length);\n",
        good: "-- Migration: 20250301090000_tidy.sql\n-- Description: Tidy up\n\
               -- Breaking: length of visits is in whole minutes\n\n\
               ALTER TABLE visits ALTER COLUMN length TYPE integer USING round(length);\n",
        in_rollbacks: false,
    },
    check: Check::Statement(check),
};

/// A change.
struct Breaking {
    what: String,
    /// The table or column that it is about.
    name: String,
    /// Beginnings of words by which a comment tells of it.
    words: &'static [&'static str],
    at: Range<usize>,
}

const OF_DROPS: &[&str] = &[
    "drop", "remov", "delet", "retir", "deprecat", "clean", "unused", "obsolete", "legacy", "replac", "break",
];
const OF_RENAMES: &[&str] = &["renam", "deprecat", "replac", "swap", "move", "break"];
const OF_TYPES: &[&str] =
    &["type", "convert", "cast", "chang", "alter", "widen", "migrat", "replac", "break"];
/// A shorter name may be part of any word.
const SHORTEST_NAME: usize = 3;

fn check(context: &Context<'_>) -> Vec<Problem> {
    if context.file.header("Breaking").is_some() || context.file.header("Drop").is_some() {
        return Vec::new();
    }
    let changes = changes(context);
    if changes.is_empty() {
        return Vec::new();
    }
    // What the file is called says nothing that its reader does not know.
    let comments = context.file.comments_for(context.at).map(str::to_lowercase);
    let comments: Vec<String> = comments.filter(|line| !line.starts_with("migration:")).collect();
    let is_told = |change: &Breaking| {
        let name = change.name.to_lowercase();
        comments.iter().any(|line| {
            change.words.iter().any(|word| line.contains(word))
                || name.len() >= SHORTEST_NAME && line.contains(&name)
        })
    };
    let untold = changes.into_iter().filter(|change| !is_told(change));
    let problem = |change: Breaking| {
        let message = format!("{} breaks clients that use it, and no comment says so", change.what);
        Problem::new(change.at, message)
    };
    untold.map(problem).collect()
}

fn changes(context: &Context<'_>) -> Vec<Breaking> {
    if let ast::Stmt::DropTable(node) = context.statement() {
        let names = node.table_name_refs().filter_map(|name| Name::of_ref(name.path_ref()));
        // What may not be there, and no file has made, is cleaned up as a precaution.
        let may_be_there =
            |name: &Name| node.if_exists().is_none() || context.schema.tables.contains_key(name);
        let dropped = names.filter(|name| may_be_there(name) && context.is_existing(name));
        return dropped
            .map(|table| Breaking {
                what: format!("dropping the table {table}"),
                name: table.name,
                words: OF_DROPS,
                at: range(node.syntax()),
            })
            .collect();
    }
    let Some((node, table)) = context.alter_existing() else { return Vec::new() };
    node.actions().filter_map(|action| change(context, &table, &action)).collect()
}

/// The change that an action of ALTER TABLE is to those who use what was there before the file.
fn change(context: &Context<'_>, table: &Name, action: &ast::AlterTableAction) -> Option<Breaking> {
    let at = range(action.syntax());
    let (verb, column, words) = match action {
        ast::AlterTableAction::DropColumn(drop) => ("dropping", drop.column_name_ref(), OF_DROPS),
        ast::AlterTableAction::RenameColumn(rename) => ("renaming", rename.column_name_ref(), OF_RENAMES),
        ast::AlterTableAction::TableRenameTo(_) => {
            let what = format!("renaming the table {table}");
            return Some(Breaking { what, name: table.name.clone(), words: OF_RENAMES, at });
        }
        ast::AlterTableAction::AlterColumn(alter) => {
            let Some(ast::AlterColumnOption::SetType(set)) = alter.option() else { return None };
            let column = column_ref(alter.column_name_ref())?;
            if is_compatible(context, table, &column, &set) {
                return None;
            }
            ("another type of", alter.column_name_ref(), OF_TYPES)
        }
        _ => return None,
    };
    let name = column_ref(column)?;
    let is_old = !context.is_new_column(table, &name);
    is_old.then(|| Breaking { what: format!("{verb} {table}.{name}"), name, words, at })
}

/// Whether clients can go on as they did: the type only gets wider.
fn is_compatible(context: &Context<'_>, table: &Name, column: &str, set: &ast::SetType) -> bool {
    let old = context.schema.column(table, column).and_then(|column| column.ty.as_ref());
    let (Some(old), Some(new)) = (old, set.ty()) else { return false };
    old.cast(&TypeName::of(&new), |name| context.schema.enums.contains(name)) == Cast::Kept
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
    fn a_comment_that_names_it_or_says_so_is_enough() {
        let change = "ALTER TABLE visits ALTER length TYPE date USING now();";
        for comment in ["-- the length is a date now", "-- convert what nobody used", "/* Changes a type. */"]
        {
            assert_eq!(found(&RULE.about, &format!("{comment}\n{change}")), [""; 0], "{comment}");
        }
        assert_eq!(found(&RULE.about, &format!("-- about nothing\n{change}")).len(), 1);
    }

    #[test]
    fn a_deprecation_that_is_over_is_a_breaking_change_and_one_finding_is_enough() {
        let drop = |after: &str| {
            format!(
                "-- 20250301090000_a.sql\n\
                 COMMENT ON COLUMN t.a IS 'Deprecated: 2025-03-01. Remove after {after}';\n\
                 -- 20250302090000_b.sql\nALTER TABLE t DROP a;"
            )
        };
        assert_eq!(found(&RULE.about, &drop("2025-03-02")).len(), 1);
        // Another rule has said already that this must not be.
        assert_eq!(found(&RULE.about, &drop("2025-12-31")), [""; 0]);
        assert_eq!(found(&RULE.about, "ALTER TABLE t RENAME a TO b;"), [""; 0]);
    }

    #[test]
    fn what_the_file_made_itself_breaks_nobody() {
        let sql = "CREATE TABLE t (a int);\nALTER TABLE t DROP COLUMN a;\nDROP TABLE t;\n\
                   DROP TABLE IF EXISTS never_was;\nALTER TABLE u ADD b int;\nALTER TABLE u DROP b;";
        assert_eq!(found(&RULE.about, sql), [""; 0]);
        let widened = "-- 20250301090000_a.sql\nCREATE TABLE t (a varchar(20));\n-- 20250302090000_b.sql\n\
                       ALTER TABLE t ALTER a TYPE text;";
        assert_eq!(found(&RULE.about, widened), [""; 0]);
    }
}
