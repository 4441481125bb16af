//! What a statement does to the schema.

use squawk_syntax::ast::{self, AstNode, NameLike};

use crate::migrate::deprecation::Deprecation;
use crate::migrate::lint::apply_alter;
use crate::migrate::lint::keys::{indexed_columns, unique};
use crate::migrate::lint::names::{Name, table_and_column, table_of};
use crate::migrate::lint::schema::{Column, Deprecated, Origin, Schema, Table, TableKind, Unique};
use crate::migrate::lint::types::TypeName;

/// Does to the schema what a statement at `origin` does.
pub fn apply(schema: &mut Schema, statement: &ast::Stmt, origin: &Origin) {
    // What has no name, or not the form that it should have, is not known.
    let _: Option<()> = match statement {
        ast::Stmt::CreateTable(node) => create_table(schema, node, origin),
        ast::Stmt::CreateTableAs(node) => {
            let kind = temporary(node.persistence());
            Name::of_path(node.table_name().and_then(|name| name.path()))
                .map(|name| make(schema, name, kind, origin))
        }
        ast::Stmt::SelectInto(node) => node.into_clause().and_then(|into| {
            let name = Name::of_path(into.table_name()?.path())?;
            make(schema, name, temporary(into.persistence()), origin);
            Some(())
        }),
        ast::Stmt::CreateMaterializedView(node) => {
            let name = Name::of_path(node.view().and_then(|view| view.path()));
            name.map(|name| make(schema, name, TableKind::MaterializedView, origin))
        }
        ast::Stmt::CreateView(node) => {
            schema.views.extend(Name::of_path(node.view().and_then(|view| view.path())));
            None
        }
        ast::Stmt::CreateType(node) => create_type(schema, node),
        ast::Stmt::CreateIndex(node) => create_index(schema, node),
        ast::Stmt::CreatePolicy(node) => {
            table_of(node.on_table()).map(|name| schema.table(name).row_security.policies += 1)
        }
        ast::Stmt::CommentOn(node) => comment(schema, node, origin.file),
        ast::Stmt::AlterTable(node) => apply_alter::alter_table(schema, node, origin),
        ast::Stmt::Do(node) => {
            apply_code(schema, node, origin);
            None
        }
        _ => drop_any(schema, statement, origin.file),
    };
}

fn drop_any(schema: &mut Schema, statement: &ast::Stmt, file: usize) -> Option<()> {
    match statement {
        ast::Stmt::DropTable(node) => {
            for name in node.table_name_refs().filter_map(|name| Name::of_ref(name.path_ref())) {
                schema.tables.remove(&name);
            }
        }
        ast::Stmt::DropMaterializedView(node) => {
            for name in node.view_refs().filter_map(|view| Name::of_ref(view.path_ref())) {
                schema.tables.remove(&name);
            }
        }
        ast::Stmt::DropView(node) => {
            for name in node.view_refs().filter_map(|view| Name::of_ref(view.path_ref())) {
                schema.views.remove(&name);
            }
        }
        ast::Stmt::DropSchema(node) => {
            for gone in node.schema_refs().map(|name| name.text()) {
                schema.tables.retain(|name, _| name.schema != gone);
                schema.views.retain(|name| name.schema != gone);
            }
        }
        ast::Stmt::DropIndex(node) => {
            for name in node.index_refs().filter_map(|index| Name::of_ref(index.path_ref())) {
                drop_index(schema, &name, file);
            }
        }
        ast::Stmt::DropPolicy(node) => {
            let security = &mut schema.table(table_of(node.on_table())?).row_security;
            security.policies = security.policies.saturating_sub(1);
        }
        _ => {}
    }
    None
}

fn drop_index(schema: &mut Schema, index: &Name, file: usize) {
    if let Some(table) = schema.indexes.remove(index).and_then(|table| schema.tables.get_mut(&table)) {
        table.drop_unique(Some(&index.name), file);
    }
}

fn temporary(persistence: Option<ast::Persistence>) -> TableKind {
    match persistence {
        Some(ast::Persistence::Temp(_)) => TableKind::Temporary,
        _ => TableKind::Ordinary,
    }
}

/// A new table; one that is there stays (IF NOT EXISTS).
fn make(schema: &mut Schema, name: Name, kind: TableKind, origin: &Origin) {
    let new = || Table { made: Some(origin.clone()), kind, ..Table::default() };
    schema.tables.entry(name).or_insert_with(new);
}

fn create_table(schema: &mut Schema, node: &ast::CreateTable, origin: &Origin) -> Option<()> {
    let name = Name::of_path(node.table_name()?.path())?;
    if schema.tables.contains_key(&name) {
        return None;
    }
    let kind = match () {
        () if node.partition_of().is_some() => TableKind::Partition,
        () if node.partition_by().is_some() => TableKind::Partitioned,
        () => temporary(node.persistence()),
    };
    make(schema, name.clone(), kind, origin);
    let table = schema.table(name.clone());
    for argument in node.table_arg_list().into_iter().flat_map(|list| list.args()) {
        match argument {
            ast::TableArg::Column(column) => drop(create_column(table, &name, &column, origin.file)),
            ast::TableArg::TableConstraint(constraint) => table.uniques.extend(unique_of(&name, &constraint)),
            ast::TableArg::LikeClause(_) => {}
        }
    }
    Some(())
}

fn create_column(table: &mut Table, of: &Name, node: &ast::Column, file: usize) -> Option<()> {
    let name = node.name()?.text();
    let ty = node.ty().map(|ty| TypeName::of(&ty));
    let mut column = Column { made_in: Some(file), ty, ..Column::default() };
    for clause in node.clauses() {
        let ast::ColumnClause::ColumnConstraint(constraint) = clause else { continue };
        let default = match constraint {
            ast::ColumnConstraint::UniqueConstraint(_) => format!("{}_{name}_key", of.name),
            ast::ColumnConstraint::PrimaryKeyConstraint(_) => format!("{}_pkey", of.name),
            ast::ColumnConstraint::DefaultConstraint(_) | ast::ColumnConstraint::GeneratedConstraint(_) => {
                column.has_value = true;
                continue;
            }
            _ => continue,
        };
        let given = constraint.constraint_name().map_or(default, |name| name.text());
        let columns = [name.clone()].into();
        table.uniques.push(Unique { name: Some(given), columns, dropped_in: None });
    }
    table.columns.insert(name, column);
    Some(())
}

/// What a constraint of a new table makes unique.
fn unique_of(table: &Name, constraint: &ast::TableConstraint) -> Option<Unique> {
    let given = constraint.constraint_name().map(|name| name.text());
    match constraint {
        ast::TableConstraint::UniqueConstraint(node) => unique(table, given, node.index_parameters(), false),
        ast::TableConstraint::PrimaryKeyConstraint(node) => {
            unique(table, given, node.index_parameters(), true)
        }
        _ => None,
    }
}

fn create_type(schema: &mut Schema, node: &ast::CreateType) -> Option<()> {
    if matches!(node.kind(), Some(ast::CreateTypeKind::EnumType(_))) {
        schema.enums.insert(Name::of_path(node.type_name()?.path())?.name.to_lowercase());
    }
    None
}

fn create_index(schema: &mut Schema, node: &ast::CreateIndex) -> Option<()> {
    let table = Name::of_relation(node.table_relation_name())?;
    let name = Name::of_path(node.index().and_then(|index| index.path()));
    if let Some(name) = name.clone() {
        schema.indexes.insert(table.renamed(name.name), table.clone());
    }
    if node.unique_token().is_some() && node.where_clause().is_none() {
        let columns = indexed_columns(node)?;
        schema.table(table).uniques.push(Unique {
            name: name.map(|name| name.name),
            columns,
            dropped_in: None,
        });
    }
    None
}

fn comment(schema: &mut Schema, node: &ast::CommentOn, file: usize) -> Option<()> {
    let text = node.literal().and_then(|literal| literal.string_value()).unwrap_or_default();
    let deprecation = text.parse::<Deprecation>().ok().map(|dates| Deprecated { dates, file });
    match node.comment_object()? {
        ast::CommentObject::ObjectColumn(object) => {
            let (table, column) = table_and_column(&object)?;
            schema.table(table).column(column).deprecation = deprecation;
        }
        ast::CommentObject::ObjectTable(object) => {
            schema.table(Name::of_ref(object.table_name_ref()?.path_ref())?).deprecation = deprecation;
        }
        _ => {}
    }
    None
}

/// What a block of PL/pgSQL does, as far as its statements stand in it.
fn apply_code(schema: &mut Schema, node: &ast::Do, origin: &Origin) {
    let Some(code) = node.plpgsql() else { return };
    let statements = code.syntax().descendants().filter_map(ast::Stmt::cast);
    // Code in code is looked into by nobody else either.
    for statement in statements.filter(|statement| !matches!(statement, ast::Stmt::Do(_))) {
        apply(schema, &statement, origin);
    }
    // It may go through all tables, and put its statements together from texts.
    let text = code.text().to_lowercase();
    if text.contains("row level security") || text.contains("create policy") {
        schema.tables.values_mut().for_each(|table| table.row_security.is_unsure = true);
    }
}
