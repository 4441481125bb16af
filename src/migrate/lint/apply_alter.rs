//! What ALTER TABLE does to the schema.

use squawk_syntax::ast::{self, NameLike};

use crate::migrate::lint::keys::unique;
use crate::migrate::lint::names::{Name, column_ref, constraint_name, constraint_ref};
use crate::migrate::lint::schema::{Column, NotValid, Origin, Schema, Table, Unique};
use crate::migrate::lint::types::TypeName;

/// Does to the schema what an ALTER TABLE at `origin` does.
pub fn alter_table(schema: &mut Schema, node: &ast::AlterTable, origin: &Origin) -> Option<()> {
    let name = Name::of_relation(node.table_relation_name())?;
    if schema.views.contains(&name) {
        return None;
    }
    for action in node.actions() {
        if let ast::AlterTableAction::TableRenameTo(rename) = &action {
            let new = Name::of_path(rename.table_name()?.path())?;
            let table = schema.tables.remove(&name).unwrap_or_default();
            schema.tables.insert(name.renamed(new.name), table);
            return Some(());
        }
        if let ast::AlterTableAction::SetSchema(set) = &action {
            let table = schema.tables.remove(&name).unwrap_or_default();
            schema.tables.insert(Name { schema: set.schema_ref()?.text(), name: name.name }, table);
            return Some(());
        }
        alter(schema.table(name.clone()), &name, &action, origin);
    }
    Some(())
}

fn alter(table: &mut Table, name: &Name, action: &ast::AlterTableAction, origin: &Origin) -> Option<()> {
    match action {
        ast::AlterTableAction::AddColumn(node) => return add_column(table, name, node, origin),
        ast::AlterTableAction::DropColumn(node) => {
            let column = column_ref(node.column_name_ref())?;
            table.columns.remove(&column);
            table.uniques.retain(|unique| !unique.columns.contains(&column));
        }
        ast::AlterTableAction::RenameColumn(node) => {
            let (old, new) = (column_ref(node.column_name_ref())?, node.column_name()?.text());
            let column = table.columns.remove(&old).unwrap_or_default();
            table.columns.insert(new.clone(), column);
            for unique in &mut table.uniques {
                if unique.columns.remove(&old) {
                    unique.columns.insert(new.clone());
                }
            }
        }
        ast::AlterTableAction::AlterColumn(node) => {
            let column = table.column(column_ref(node.column_name_ref())?);
            match node.option()? {
                ast::AlterColumnOption::SetType(set) => column.ty = Some(TypeName::of(&set.ty()?)),
                ast::AlterColumnOption::AddGenerated(_) => column.has_value = true,
                _ => {}
            }
        }
        ast::AlterTableAction::AddConstraint(node) => {
            let constraint = node.constraint()?;
            let given = constraint_name(&constraint);
            if constraint.is_not_valid() {
                table.not_valid.push(NotValid { name: given.clone(), origin: origin.clone() });
            }
            let (parameters, is_key) = match &constraint {
                ast::Constraint::UniqueConstraint(node) => (node.index_parameters(), false),
                ast::Constraint::PrimaryKeyConstraint(node) => (node.index_parameters(), true),
                _ => return None,
            };
            table.uniques.extend(unique(name, given, parameters, is_key));
        }
        ast::AlterTableAction::ValidateConstraint(node) => {
            let name = constraint_ref(node.constraint_name_ref());
            table.not_valid.retain(|constraint| constraint.name != name);
        }
        ast::AlterTableAction::DropConstraint(node) => {
            let name = constraint_ref(node.constraint_name_ref());
            table.not_valid.retain(|constraint| constraint.name != name);
            table.drop_unique(name.as_ref(), origin.file);
        }
        ast::AlterTableAction::RenameConstraint(node) => {
            let old = constraint_ref(node.constraint_name_ref());
            let new = node.constraint_name().map(|name| name.text());
            for constraint in table.not_valid.iter_mut().filter(|constraint| constraint.name == old) {
                constraint.name.clone_from(&new);
            }
        }
        ast::AlterTableAction::EnableRls(_) => table.row_security.is_enabled = true,
        ast::AlterTableAction::DisableRls(_) => table.row_security.is_enabled = false,
        _ => {}
    }
    None
}

fn add_column(table: &mut Table, name: &Name, node: &ast::AddColumn, origin: &Origin) -> Option<()> {
    let column = node.column_name()?.text();
    let is_given = node.constraints().any(|constraint| {
        matches!(constraint, ast::Constraint::DefaultConstraint(_) | ast::Constraint::GeneratedConstraint(_))
    });
    let ty = node.ty().map(|ty| TypeName::of(&ty));
    let has_value = is_given || ty.as_ref().is_some_and(TypeName::is_serial);
    let is_unique = |constraint| matches!(constraint, ast::Constraint::UniqueConstraint(_));
    if node.constraints().any(is_unique) {
        let unique = format!("{}_{column}_key", name.name);
        table.uniques.push(Unique { name: Some(unique), columns: [column.clone()].into(), dropped_in: None });
    }
    let new = Column { made_in: Some(origin.file), ty, has_value, deprecation: None };
    table.columns.entry(column).or_insert(new);
    None
}
