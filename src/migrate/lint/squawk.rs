//! squawk's rules, where they say what ours do not, and about what was there before the file.
//!
//! Left out are those that our own rules cover (DROP, RENAME, UNIQUE, IF NOT EXISTS, CONCURRENTLY), those about timeouts,
//! which a run sets itself, and those of style (types of numbers, texts and keys). Its own `-- squawk-ignore` comments
//! hold for them too.

use squawk_linter::{Linter, Rule, Violation};
use squawk_syntax::ast::{self, AstNode, NameLike};

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Context, Problem};
use crate::migrate::lint::expressions;
use crate::migrate::lint::file::{File, range};
use crate::migrate::lint::names::{Name, column_ref};
use crate::migrate::lint::squawk_rules as texts;
use crate::migrate::lint::types::{Cast, TypeName};

/// One of squawk's rules.
pub struct SquawkRule {
    pub about: About,
    rule: Rule,
    /// Whether something that it finds is worth telling.
    is_told: fn(&Context<'_>, &Violation) -> bool,
}

const fn rule(about: About, rule: Rule, is_told: fn(&Context<'_>, &Violation) -> bool) -> SquawkRule {
    SquawkRule { about, rule, is_told }
}

/// Those that are asked.
pub const ALL: [SquawkRule; 14] = [
    rule(texts::ADDING_FIELD_WITH_DEFAULT, Rule::AddingFieldWithDefault, rewrites),
    rule(texts::ADDING_FOREIGN_KEY, Rule::AddingForeignKeyConstraint, scans_for_key),
    rule(texts::CONSTRAINT_MISSING_NOT_VALID, Rule::ConstraintMissingNotValid, scans_for_check),
    rule(texts::ADDING_NOT_NULLABLE, Rule::AddingNotNullableField, scans_for_null),
    rule(texts::ADDING_PRIMARY_KEY, Rule::AddingSerialPrimaryKeyField, is_existing),
    rule(texts::CHANGING_COLUMN_TYPE, Rule::ChangingColumnType, changes_type),
    rule(texts::BAN_CHAR_FIELD, Rule::BanCharField, always),
    rule(texts::IDENTIFIER_TOO_LONG, Rule::IdentifierTooLong, always),
    rule(texts::TRANSACTION_NESTING, Rule::TransactionNesting, is_inside),
    rule(texts::BAN_DROP_SCHEMA, Rule::BanDropSchema, lacks_reason),
    rule(texts::BAN_DROP_DATABASE, Rule::BanDropDatabase, lacks_reason),
    rule(texts::BAN_TRUNCATE_CASCADE, Rule::BanTruncateCascade, always),
    rule(texts::PARTITION_DETACH, Rule::RequireConcurrentPartitionDetach, is_existing),
    rule(texts::CONCURRENT_REINDEX, Rule::RequireConcurrentReindex, always),
];

/// What squawk finds in a file, in order.
pub fn violations(file: &File<'_>) -> Vec<Violation> {
    let mut linter = Linter::from(
        ALL.iter().filter(|rule| !file.is_down || rule.about.in_rollbacks).map(|rule| rule.rule),
    );
    linter.settings.assume_in_transaction = file.source.in_transaction;
    linter.lint(&file.parse, &file.text)
}

/// Those of a file's violations that are in a statement and worth telling.
pub fn problems(context: &Context<'_>, violations: &[Violation]) -> Vec<(&'static About, Problem)> {
    let statement = &context.file.statements[context.at].range;
    let at = |violation: &Violation| usize::from(violation.text_range.start());
    let first = violations.partition_point(|violation| at(violation) < statement.start);
    let inside = violations[first..].iter().take_while(|violation| at(violation) < statement.end);
    let told = inside.filter_map(|violation| {
        let rule = ALL.iter().find(|rule| rule.rule == violation.code)?;
        let end = usize::from(violation.text_range.end()).min(statement.end);
        let message = violation.message.split_whitespace().collect::<Vec<_>>().join(" ");
        let problem = Problem::new(at(violation)..end, message.trim_end_matches('.'));
        (rule.is_told)(context, violation).then_some((&rule.about, problem))
    });
    told.collect()
}

fn always(_: &Context<'_>, _: &Violation) -> bool {
    true
}

fn lacks_reason(context: &Context<'_>, _: &Violation) -> bool {
    context.file.header("Drop").is_none()
}

/// Of a table that was there before the file.
fn is_existing(context: &Context<'_>, _: &Violation) -> bool {
    context.alter_existing().is_some()
}

/// A BEGIN and COMMIT around the whole file give way to the transaction of the run.
fn is_inside(context: &Context<'_>, _: &Violation) -> bool {
    let statements = &context.file.statements;
    let begins = matches!(statements.first().map(|s| &s.node), Some(ast::Stmt::Begin(_)));
    let ends = matches!(statements.last().map(|s| &s.node), Some(ast::Stmt::Commit(_)));
    let is_edge = context.at == 0 || context.at + 1 == statements.len();
    !(context.file.source.in_transaction && begins && ends && is_edge)
}

/// The action of an ALTER TABLE of an existing table in which something was found.
fn action(context: &Context<'_>, violation: &Violation) -> Option<(Name, ast::AlterTableAction)> {
    let (node, table) = context.alter_existing()?;
    let at = usize::from(violation.text_range.start());
    let action = node.actions().find(|action| range(action.syntax()).contains(&at))?;
    Some((table, action))
}

fn rewrites(context: &Context<'_>, violation: &Violation) -> bool {
    let Some((_, ast::AlterTableAction::AddColumn(column))) = action(context, violation) else {
        return false;
    };
    let is_harmless = |constraint| match constraint {
        ast::Constraint::DefaultConstraint(default) => {
            default.expr().is_none_or(|expr| expressions::is_known_once(&expr))
        }
        _ => false,
    };
    !column.constraints().any(is_harmless)
}

/// A new column that is NULL everywhere is not compared, and the table of a new column is locked as it is.
fn scans_for_key(context: &Context<'_>, violation: &Violation) -> bool {
    match action(context, violation) {
        Some((_, ast::AlterTableAction::AddColumn(column))) => {
            column.constraints().any(|constraint| matches!(constraint, ast::Constraint::DefaultConstraint(_)))
        }
        Some((table, ast::AlterTableAction::AddConstraint(add))) => match add.constraint() {
            Some(ast::Constraint::ForeignKeyConstraint(key)) => {
                let columns = key.from_columns().into_iter().flat_map(|list| list.column_name_refs());
                !columns.into_iter().any(|column| context.is_new_column(&table, &column.text()))
            }
            _ => true,
        },
        _ => false,
    }
}

/// Our own rules tell of UNIQUE, another of squawk's of foreign keys; the others know no NOT VALID.
fn scans_for_check(context: &Context<'_>, violation: &Violation) -> bool {
    match action(context, violation) {
        Some((table, ast::AlterTableAction::AddConstraint(add))) => match add.constraint() {
            Some(ast::Constraint::CheckConstraint(check)) => {
                let columns = check.syntax().descendants().filter_map(ast::NameRef::cast);
                !columns.into_iter().any(|column| context.is_new_column(&table, &column.text()))
            }
            _ => false,
        },
        Some((table, ast::AlterTableAction::ValidateConstraint(_))) => {
            context.schema.tables.contains_key(&table)
        }
        _ => false,
    }
}

fn scans_for_null(context: &Context<'_>, violation: &Violation) -> bool {
    let Some((table, ast::AlterTableAction::AlterColumn(alter))) = action(context, violation) else {
        return false;
    };
    column_ref(alter.column_name_ref()).is_some_and(|column| !context.is_new_column(&table, &column))
}

/// Whether the table is rewritten, and our own rule does not refuse the change anyway.
fn changes_type(context: &Context<'_>, violation: &Violation) -> bool {
    let Some((table, ast::AlterTableAction::AlterColumn(alter))) = action(context, violation) else {
        return false;
    };
    let Some(column) = column_ref(alter.column_name_ref()) else { return false };
    let Some(ast::AlterColumnOption::SetType(set)) = alter.option() else { return false };
    let old = context.schema.column(&table, &column).and_then(|column| column.ty.as_ref());
    let new = set.ty().map(|ty| TypeName::of(&ty));
    let cast = old.zip(new).map(|(old, new)| old.cast(&new, |name| context.schema.enums.contains(name)));
    !context.is_new_column(&table, &column) && cast != Some(Cast::Kept)
}
