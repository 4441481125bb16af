//! What a rule sees, and what it says.

use std::ops::Range;

use jiff::civil::Date;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use crate::migrate::lint::about::About;
use crate::migrate::lint::file::{self, File, Statement};
use crate::migrate::lint::finding::Level;
use crate::migrate::lint::names::Name;
use crate::migrate::lint::schema::Schema;

/// A rule of our own.
pub struct Rule {
    pub about: About,
    pub check: Check,
}

/// What a rule is asked about.
#[derive(Clone, Copy)]
pub enum Check {
    /// Each statement, in order.
    Statement(fn(&Context<'_>) -> Vec<Problem>),
    /// Each file that applies a migration, with the one that undoes it.
    Pair(fn(&Pair<'_>) -> Vec<Problem>),
    /// What is left when all files have been read: the number of the file, and the problem.
    End(fn(&Schema) -> Vec<(usize, Problem)>),
}

/// A statement, and what was before it.
pub struct Context<'a> {
    pub file: &'a File<'a>,
    /// The number of the file.
    pub number: usize,
    /// The number of the statement in the file.
    pub at: usize,
    /// As the statements before this one have left it.
    pub schema: &'a Schema,
    pub today: Date,
}

/// A migration and its rollback.
pub struct Pair<'a> {
    pub up: &'a File<'a>,
    pub down: Option<&'a File<'a>>,
    /// Whether the directory's form has rollbacks, or any of its migrations has one.
    pub has_rollbacks: bool,
}

/// What a rule says of a place.
pub struct Problem {
    pub range: Range<usize>,
    pub message: String,
    /// What to do, where the rule's own text does not fit.
    pub mend: Option<String>,
    /// How bad it is, where the rule's own level does not fit.
    pub level: Option<Level>,
    /// It is about the rollback, not the migration.
    pub is_in_rollback: bool,
}

impl Problem {
    pub fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), mend: None, level: None, is_in_rollback: false }
    }

    /// At a node of the tree.
    pub fn at(node: &SyntaxNode, message: impl Into<String>) -> Self {
        Self::new(file::range(node), message)
    }

    #[must_use]
    pub const fn of_level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    #[must_use]
    pub fn with_mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }
}

impl Context<'_> {
    pub fn statement(&self) -> &ast::Stmt {
        &self.file.statements[self.at].node
    }

    /// The statements of the file before this one.
    pub fn before(&self) -> &[Statement] {
        &self.file.statements[..self.at]
    }

    /// The ALTER TABLE that the statement is, with its table; none of a table made in the same file, or of a view.
    pub fn alter_existing(&self) -> Option<(&ast::AlterTable, Name)> {
        let ast::Stmt::AlterTable(node) = self.statement() else { return None };
        let table = Name::of_relation(node.table_relation_name())?;
        self.is_existing(&table).then_some((node, table))
    }

    /// Whether a table was there before the file, as far as is known, and may hold rows.
    pub fn is_existing(&self, table: &Name) -> bool {
        !self.schema.is_made_in(table, self.number) && !self.schema.views.contains(table)
    }

    /// Whether a column was made in this file.
    pub fn is_new_column(&self, table: &Name, column: &str) -> bool {
        self.schema.is_made_in(table, self.number)
            || self.schema.column(table, column).is_some_and(|column| column.made_in == Some(self.number))
    }

    /// Whether an index IF NOT EXISTS is there: then nothing is built.
    pub fn is_built_already(&self, index: &ast::CreateIndex) -> bool {
        let table = Name::of_relation(index.table_relation_name());
        let name = Name::of_path(index.index().and_then(|index| index.path()));
        let name = table.zip(name).map(|(table, index)| table.renamed(index.name));
        index.if_not_exists().is_some() && name.is_some_and(|name| self.schema.indexes.contains_key(&name))
    }

    /// Whether a statement of this file, before this one, empties a table.
    pub fn is_emptied(&self, table: &Name) -> bool {
        self.before().iter().any(|statement| match &statement.node {
            ast::Stmt::Truncate(node) => node
                .table_list()
                .into_iter()
                .flat_map(|list| list.table_relation_names())
                .any(|name| Name::of_relation(Some(name)).as_ref() == Some(table)),
            ast::Stmt::Delete(node) => {
                let name = node.relation_name().and_then(|name| name.relation_name_ref());
                let name = name.and_then(|name| Name::of_ref(name.path_ref()));
                name.as_ref() == Some(table) && node.where_clause_or_current_of().is_none()
            }
            _ => false,
        })
    }

    /// Whether a node names a relation.
    pub fn mentions(node: &SyntaxNode, table: &Name) -> bool {
        let refs = node.descendants().filter_map(ast::PathRef::cast);
        refs.into_iter().any(|path| path.segment().is_some_and(|segment| segment.text() == table.name))
    }
}
