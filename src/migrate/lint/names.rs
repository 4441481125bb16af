//! Names as PostgreSQL compares them.

use std::fmt;

use squawk_syntax::ast::{self, NameLike};

/// The schema that a name without one means here.
const PUBLIC: &str = "public";

/// A table, view, index or type: its schema, and its name in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    pub schema: String,
    pub name: String,
}

impl Name {
    /// A name that stands for something that is there.
    pub fn of_ref(path: Option<ast::PathRef>) -> Option<Self> {
        let path = path?;
        Some(Self { name: path.segment()?.text(), schema: schema(path.qualifier()) })
    }

    /// A name that is given.
    pub fn of_path(path: Option<ast::Path>) -> Option<Self> {
        let path = path?;
        Some(Self { name: path.segment()?.text(), schema: schema(path.qualifier()) })
    }

    /// The table that ALTER TABLE or CREATE INDEX is about.
    pub fn of_relation(relation: Option<ast::TableRelationName>) -> Option<Self> {
        Self::of_ref(relation?.table_name_ref()?.path_ref())
    }

    /// The same schema, another name.
    #[must_use]
    pub fn renamed(&self, name: String) -> Self {
        Self { schema: self.schema.clone(), name }
    }
}

fn schema(qualifier: Option<ast::PathRef>) -> String {
    qualifier.and_then(|path| path.segment()).map_or_else(|| PUBLIC.to_owned(), |segment| segment.text())
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.schema.as_str() {
            PUBLIC => f.write_str(&self.name),
            schema => write!(f, "{schema}.{}", self.name),
        }
    }
}

/// The column of COMMENT ON COLUMN, and its table.
pub fn table_and_column(object: &ast::ObjectColumn) -> Option<(Name, String)> {
    let path = object.name()?.path_ref()?;
    Some((Name::of_ref(path.qualifier())?, path.segment()?.text()))
}

/// The name of a constraint that is being made.
pub fn constraint_name(constraint: &ast::Constraint) -> Option<String> {
    constraint.constraint_name().map(|name| name.text())
}

/// The name of a constraint that is there.
pub fn constraint_ref(name: Option<ast::ConstraintNameRef>) -> Option<String> {
    name?.path_ref()?.segment().map(|segment| segment.text())
}

/// The name of a column that is there.
pub fn column_ref(name: Option<ast::ColumnNameRef>) -> Option<String> {
    name.map(|name| name.text())
}

/// The table of a policy.
pub fn table_of(on: Option<ast::OnTable>) -> Option<Name> {
    Name::of_ref(on?.table_name_ref()?.path_ref())
}
