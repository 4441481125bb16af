//! What the statements of a migration make, rename, comment and drop, by squawk's syntax tree.

use squawk_syntax::ast::{self, AstNode, NameLike};

use crate::migrate::sql::identifier::Identifier;
use crate::migrate::sql::nesting::parse;

/// Something that is done to a table or column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    TableMade(Identifier),
    TableRenamed(Identifier, Identifier),
    TableDropped(Identifier),
    /// The comment that it has from here on.
    TableCommented(Identifier, Option<String>),
    ColumnMade(Identifier, String),
    ColumnRenamed(Identifier, String, String),
    ColumnDropped(Identifier, String),
    ColumnCommented(Identifier, String, Option<String>),
}

/// The events of a statement in their order, each with the byte at which it stands. What IF NOT EXISTS makes may have
/// been there before, and is none.
pub fn events(statement: &str) -> Vec<(usize, Event)> {
    let mut events = Vec::new();
    for statement in parse(statement).tree().stmts() {
        match &statement {
            // Code may do it under a condition, which nobody knows beforehand.
            ast::Stmt::Do(block) => {
                let Some(code) = block.plpgsql() else { continue };
                let mut of_code = Vec::new();
                for inner in code.syntax().descendants().filter_map(ast::Stmt::cast) {
                    of_statement(&inner, &mut of_code);
                }
                // Where in the code it stands is not where in the file.
                of_code.into_iter().for_each(|(_, event)| push(&mut events, block, Some(event)));
            }
            other => of_statement(other, &mut events),
        }
    }
    events
}

fn of_statement(statement: &ast::Stmt, events: &mut Vec<(usize, Event)>) {
    match statement {
        ast::Stmt::CreateTable(made) if made.if_not_exists().is_none() => {
            push(events, made, made.table_name().and_then(|name| of_name(&name)).map(Event::TableMade));
        }
        ast::Stmt::CreateTableAs(made) if made.if_not_exists().is_none() => {
            push(events, made, made.table_name().and_then(|name| of_name(&name)).map(Event::TableMade));
        }
        ast::Stmt::SelectInto(made) => {
            let name = made.into_clause().and_then(|into| into.table_name());
            push(events, made, name.and_then(|name| of_name(&name)).map(Event::TableMade));
        }
        ast::Stmt::DropTable(dropped) => {
            for name in dropped.table_name_refs() {
                push(events, &name, of_name_ref(&name).map(Event::TableDropped));
            }
        }
        ast::Stmt::AlterTable(altered) => alterations(altered, events),
        ast::Stmt::CommentOn(comment) => push(events, comment, of_comment(comment)),
        _ => {}
    }
}

fn push(events: &mut Vec<(usize, Event)>, node: &impl AstNode, event: Option<Event>) {
    // Comments before a node belong to it.
    let tokens = node.syntax().descendants_with_tokens().filter_map(|element| element.into_token());
    let first =
        tokens.map(|token| (token.kind(), token.text_range().start())).find(|(kind, _)| !kind.is_trivia());
    let at = first.map_or_else(|| node.syntax().text_range().start(), |(_, at)| at);
    events.extend(event.map(|event| (usize::from(at), event)));
}

fn alterations(altered: &ast::AlterTable, events: &mut Vec<(usize, Event)>) {
    let name = altered.table_relation_name().and_then(|relation| relation.table_name_ref());
    let Some(table) = name.and_then(|name| of_name_ref(&name)) else { return };
    for action in altered.actions() {
        let table = table.clone();
        match &action {
            ast::AlterTableAction::AddColumn(added) if added.if_not_exists().is_none() => {
                push(events, added, added.column_name().map(|name| Event::ColumnMade(table, name.text())));
            }
            ast::AlterTableAction::DropColumn(dropped) => {
                let name = dropped.column_name_ref();
                push(events, dropped, name.map(|name| Event::ColumnDropped(table, name.text())));
            }
            ast::AlterTableAction::RenameColumn(renamed) => {
                let names = renamed.column_name_ref().zip(renamed.column_name());
                let event = |(old, new): (ast::ColumnNameRef, ast::ColumnName)| {
                    Event::ColumnRenamed(table, old.text(), new.text())
                };
                push(events, renamed, names.map(event));
            }
            ast::AlterTableAction::TableRenameTo(renamed) => {
                let new = renamed.table_name().and_then(|name| of_name(&name));
                let event = |new: Identifier| Event::TableRenamed(table.clone(), table.sibling(new.name));
                push(events, renamed, new.map(event));
            }
            ast::AlterTableAction::SetSchema(moved) => {
                let schema = moved.schema_ref().map(|schema| schema.text());
                let event = |schema| {
                    let new = Identifier { schema: Some(schema), name: table.name.clone() };
                    Event::TableRenamed(table, new)
                };
                push(events, moved, schema.map(event));
            }
            _ => {}
        }
    }
}

fn of_comment(comment: &ast::CommentOn) -> Option<Event> {
    let text = match comment.literal() {
        Some(literal) => Some(literal.string_value()?),
        None => None,
    };
    match comment.comment_object()? {
        ast::CommentObject::ObjectTable(table) => {
            Some(Event::TableCommented(of_name_ref(&table.table_name_ref()?)?, text))
        }
        ast::CommentObject::ObjectColumn(column) => {
            let path = column.name()?.path_ref()?;
            let table = of_path(&path.qualifier()?)?;
            Some(Event::ColumnCommented(table, path.segment()?.text(), text))
        }
        _ => None,
    }
}

fn of_name_ref(name: &ast::TableNameRef) -> Option<Identifier> {
    of_path(&name.path_ref()?)
}

fn of_path(path: &ast::PathRef) -> Option<Identifier> {
    let schema = path.qualifier().and_then(|schema| schema.segment()).map(|schema| schema.text());
    Some(Identifier { schema, name: path.segment()?.text() })
}

fn of_name(name: &ast::TableName) -> Option<Identifier> {
    let path = name.path()?;
    let schema = path.qualifier().and_then(|schema| schema.segment()).map(|schema| schema.text());
    Some(Identifier { schema, name: path.segment()?.text() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(schema: Option<&str>, name: &str) -> Identifier {
        Identifier { schema: schema.map(str::to_owned), name: name.to_owned() }
    }

    fn of(statement: &str) -> Vec<Event> {
        events(statement).into_iter().map(|(_, event)| event).collect()
    }

    #[test]
    fn what_is_dropped_is_found_with_its_place() {
        let sql =
            "-- c\nALTER TABLE ONLY crm.\"Deals\"\n  DROP a,\n  -- d\n  DROP COLUMN IF EXISTS \"B\" CASCADE";
        let found = events(sql);
        let deals = table(Some("crm"), "Deals");
        assert_eq!(
            found[0],
            (sql.find("DROP a").expect("a"), Event::ColumnDropped(deals.clone(), "a".into()))
        );
        let at = sql.find("DROP COLUMN").expect("b");
        assert_eq!(found[1], (at, Event::ColumnDropped(deals, "B".into())));
        let dropped = of("DROP TABLE IF EXISTS A, public.b");
        assert_eq!(
            dropped,
            [Event::TableDropped(table(None, "a")), Event::TableDropped(table(Some("public"), "b"))]
        );
        let code = "DO $x$ BEGIN IF true THEN ALTER TABLE a DROP b; END IF; END $x$";
        assert_eq!(events(code), [(0, Event::ColumnDropped(table(None, "a"), "b".into()))]);
        for other in
            ["ALTER TABLE a DROP CONSTRAINT b", "ALTER TABLE a ALTER b DROP DEFAULT", "DROP VIEW a", "x ("]
        {
            assert_eq!(of(other), [], "{other}");
        }
    }

    #[test]
    fn what_is_made_renamed_and_commented_is_found() {
        let a = || table(None, "a");
        assert_eq!(of("CREATE TABLE a (b int)"), [Event::TableMade(a())]);
        assert_eq!(of("CREATE TABLE a AS SELECT 1"), [Event::TableMade(a())]);
        assert_eq!(of("SELECT 1 INTO a"), [Event::TableMade(a())]);
        assert_eq!(of("CREATE TABLE IF NOT EXISTS a (b int)"), []);
        assert_eq!(of("ALTER TABLE a ADD b int"), [Event::ColumnMade(a(), "b".into())]);
        assert_eq!(of("ALTER TABLE a RENAME b TO c"), [Event::ColumnRenamed(a(), "b".into(), "c".into())]);
        assert_eq!(of("ALTER TABLE a RENAME TO c"), [Event::TableRenamed(a(), table(None, "c"))]);
        assert_eq!(of("ALTER TABLE a SET SCHEMA c"), [Event::TableRenamed(a(), table(Some("c"), "a"))]);
        let text = Some("it's".to_owned());
        assert_eq!(
            of("COMMENT ON COLUMN a.b IS 'it''s'"),
            [Event::ColumnCommented(a(), "b".into(), text.clone())]
        );
        assert_eq!(of("COMMENT ON TABLE a IS E'it\\'s'"), [Event::TableCommented(a(), text)]);
        assert_eq!(of("COMMENT ON COLUMN a.b IS NULL"), [Event::ColumnCommented(a(), "b".into(), None)]);
    }
}
