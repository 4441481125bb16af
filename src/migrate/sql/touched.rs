//! Which tables a statement touches, and how: read from its syntax tree. What a function, a trigger or dynamic SQL
//! does is not seen; the SQL in a DO block is.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind as K, SyntaxNode};

use crate::migrate::sql::lock_mode::LockMode as L;
use crate::migrate::sql::nesting::parse;
use crate::migrate::sql::rewrites::rewrites;

/// PostgreSQL cuts longer names off.
const LONGEST_NAME: usize = 63;

/// A relation that a statement names: a table, a view, or an index, which stands for its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Its schema, where it is said, as the catalog has it: without quotes.
    pub schema: Option<String>,
    /// Its name, as the catalog has it.
    pub name: String,
    /// The strongest lock that the statement takes on it. Of one that is made there it is what nobody waits for.
    pub lock: L,
    /// The lock whose holders elsewhere keep the statement waiting: a concurrent command takes a weak one, and waits
    /// until those are gone who write, or read, the table.
    pub waits_as: L,
    /// The statement makes it, or gives it this name.
    pub is_made: bool,
    /// It is likely to be written anew, which takes as much disk as it is large, and its time.
    pub is_rewritten: bool,
}

/// The relations that a statement touches, each once, in the order in which they stand in it.
pub fn tables(statement: &str) -> Vec<Touched> {
    let mut all = Vec::new();
    collect(&parse(statement).syntax_node(), &mut all);
    all
}

/// The schemas of which a statement drops all that is in them, as the catalog has their names.
pub fn dropped_schemas(statement: &str) -> Vec<String> {
    let root = parse(statement).syntax_node();
    let drops = root.descendants().filter(|node| node.kind() == K::DROP_SCHEMA);
    let named = drops.flat_map(|drop| drop.children().filter(|child| child.kind() == K::SCHEMA_REF));
    named.filter_map(|node| names(&node).pop()).collect()
}

fn collect(root: &SyntaxNode, all: &mut Vec<Touched>) {
    let ctes: Vec<String> = root
        .descendants()
        .filter_map(ast::CteName::cast)
        .filter_map(|name| names(name.syntax()).pop())
        .collect();
    for node in root.descendants() {
        if let Some(body) = ast::Do::cast(node.clone()).and_then(|block| block.plpgsql()) {
            collect(&body.syntax(), all);
        }
        let Some((is_made, mut path)) = relation(&node) else { continue };
        let Some(name) = path.pop() else { continue };
        let schema = path.pop();
        let is_cte = schema.is_none() && is_read(&node) && ctes.contains(&name);
        if is_cte || is_kept_for_later(&node) {
            continue;
        }
        let (lock, is_rewritten) = how(&node);
        let waits_as = waits_as(&node).unwrap_or(lock);
        add(all, Touched { schema, name, lock, waits_as, is_made, is_rewritten });
    }
}

/// Adds what is not there yet. Of what is there the stronger lock counts.
fn add(all: &mut Vec<Touched>, new: Touched) {
    match all.iter_mut().find(|known| known.name == new.name && known.schema == new.schema) {
        Some(known) => {
            known.lock = known.lock.max(new.lock);
            known.waits_as = known.waits_as.max(new.waits_as);
            known.is_made |= new.is_made;
            known.is_rewritten |= new.is_rewritten;
        }
        None => all.push(new),
    }
}

/// The relation that a node names, as the parts of its path, and whether it is made there.
fn relation(node: &SyntaxNode) -> Option<(bool, Vec<String>)> {
    match node.kind() {
        K::TABLE_NAME_REF | K::RELATION_NAME_REF | K::VIEW_REF | K::INDEX_REF => Some((false, names(node))),
        K::TABLE_NAME | K::VIEW => Some((true, renamed_in(node).unwrap_or_else(|| names(node)))),
        // `COMMENT ON COLUMN a.b.c`: the last part is the column.
        K::QUALIFIED_COLUMN_NAME_REF
            if node.parent().is_some_and(|parent| parent.kind() == K::OBJECT_COLUMN) =>
        {
            let mut path = names(node);
            path.pop();
            Some((false, path))
        }
        _ => None,
    }
}

/// `ALTER TABLE a.b RENAME TO c` makes `a.c`.
fn renamed_in(node: &SyntaxNode) -> Option<Vec<String>> {
    let parent = node.parent()?;
    if !matches!(parent.kind(), K::TABLE_RENAME_TO | K::VIEW_RENAME_TO) {
        return None;
    }
    let before =
        parent.parent()?.descendants().find(|node| matches!(node.kind(), K::TABLE_NAME_REF | K::VIEW_REF))?;
    let mut path = names(&before);
    *path.last_mut()? = names(node).pop()?;
    Some(path)
}

/// The parts of a name with its schema.
fn names(node: &SyntaxNode) -> Vec<String> {
    let part = |node: SyntaxNode| {
        let is_name =
            matches!(node.kind(), K::PATH_SEGMENT | K::PATH_SEGMENT_REF | K::CTE_NAME | K::SCHEMA_REF);
        let mut name = is_name.then(|| ast::normalize_name_node(&node)).filter(|name| !name.is_empty())?;
        name.truncate(name.floor_char_boundary(LONGEST_NAME));
        Some(name)
    };
    node.descendants().filter_map(part).collect()
}

/// Whether a node stands where a query reads from.
fn is_read(node: &SyntaxNode) -> bool {
    node.ancestors().skip(1).take(2).any(|above| matches!(above.kind(), K::RELATION_FROM_ITEM | K::TABLE))
}

/// Whether a node stands in what is stored and not run: the body of a function, a prepared statement, what a rule does.
fn is_kept_for_later(node: &SyntaxNode) -> bool {
    node.ancestors().any(|above| {
        matches!(above.kind(), K::CREATE_FUNCTION | K::CREATE_PROCEDURE | K::PREPARE | K::RULE_DO)
    })
}

/// How a relation is locked where it is named, and whether it is rewritten: decided by what it stands in.
fn how(node: &SyntaxNode) -> (L, bool) {
    let found = node.ancestors().find_map(|above| {
        let lock = match above.kind() {
            K::ALTER_TABLE | K::ALTER_FOREIGN_TABLE | K::ALTER_MATERIALIZED_VIEW => {
                return Some((altering(&above), above.children().any(|action| rewrites(&action))));
            }
            K::VACUUM if has(&above, "full") => return Some((L::AccessExclusive, true)),
            K::CLUSTER | K::REPACK => return Some((L::AccessExclusive, true)),
            K::REFRESH => {
                let is_gentle = has(&above, "concurrently");
                return Some((if is_gentle { L::Exclusive } else { L::AccessExclusive }, !is_gentle));
            }
            K::ALTER_INDEX => {
                let moves = above.children().any(|action| rewrites(&action));
                return Some((if moves { L::AccessExclusive } else { L::ShareUpdateExclusive }, false));
            }
            _ => in_clause(&above).or_else(|| in_statement(&above))?,
        };
        Some((lock, false))
    });
    found.unwrap_or((L::AccessShare, false))
}

/// For whom a concurrent command waits.
fn waits_as(node: &SyntaxNode) -> Option<L> {
    node.ancestors().find_map(|above| match above.kind() {
        K::CREATE_INDEX if has(&above, "concurrently") => Some(L::Share),
        K::DROP_INDEX | K::REINDEX | K::DETACH_PARTITION if has(&above, "concurrently") => {
            Some(L::AccessExclusive)
        }
        _ => None,
    })
}

/// The lock that a clause takes on the other relation that it names.
fn in_clause(clause: &SyntaxNode) -> Option<L> {
    match clause.kind() {
        K::RELATION_FROM_ITEM => Some(if is_locking(clause) { L::RowShare } else { L::AccessShare }),
        K::LIKE_CLAUSE | K::TABLE => Some(L::AccessShare),
        K::FOREIGN_KEY_CONSTRAINT | K::REFERENCES_CONSTRAINT => Some(L::ShareRowExclusive),
        K::INHERITS | K::INHERIT_TABLE | K::NO_INHERIT_TABLE => Some(L::ShareUpdateExclusive),
        K::PARTITION_OF
        | K::ATTACH_PARTITION
        | K::DETACH_PARTITION
        | K::MERGE_PARTITIONS
        | K::SPLIT_PARTITION => Some(L::AccessExclusive),
        _ => None,
    }
}

/// The lock that a statement takes on the relation that it is about.
fn in_statement(statement: &SyntaxNode) -> Option<L> {
    let unless_concurrent =
        |lock| Some(if has(statement, "concurrently") { L::ShareUpdateExclusive } else { lock });
    match statement.kind() {
        K::CREATE_INDEX | K::REINDEX => unless_concurrent(L::Share),
        K::DROP_INDEX => unless_concurrent(L::AccessExclusive),
        K::CREATE_TRIGGER => Some(L::ShareRowExclusive),
        K::CREATE_STATISTICS | K::COMMENT_ON | K::SECURITY_LABEL | K::ANALYZE | K::VACUUM => {
            Some(L::ShareUpdateExclusive)
        }
        K::LOCK => {
            let mode = statement.children().find(|child| child.kind() == K::LOCK_MODE_CLAUSE);
            let words = mode.map(|mode| mode.text().to_string()).unwrap_or_default();
            let words: Vec<&str> = words.split_whitespace().collect();
            let named = words.get(1..words.len().saturating_sub(1)).and_then(|mode| L::read(&mode.join(" ")));
            Some(named.unwrap_or(L::AccessExclusive))
        }
        K::INSERT | K::UPDATE | K::DELETE | K::MERGE => Some(L::RowExclusive),
        K::COPY => {
            let fills = statement.children().any(|child| child.kind() == K::COPY_FROM);
            Some(if fills { L::RowExclusive } else { L::AccessShare })
        }
        K::GRANT | K::REVOKE | K::SELECT => Some(L::AccessShare),
        K::ALTER_PUBLICATION | K::CREATE_PUBLICATION => Some(L::ShareUpdateExclusive),
        K::TRUNCATE
        | K::DROP_TABLE
        | K::DROP_FOREIGN_TABLE
        | K::DROP_VIEW
        | K::DROP_MATERIALIZED_VIEW
        | K::DROP_POLICY
        | K::DROP_RULE
        | K::DROP_TRIGGER
        | K::ALTER_VIEW
        | K::ALTER_POLICY
        | K::ALTER_RULE
        | K::ALTER_TRIGGER
        | K::CREATE_POLICY
        | K::CREATE_RULE
        | K::CREATE_TABLE
        | K::CREATE_TABLE_AS
        | K::CREATE_FOREIGN_TABLE
        | K::CREATE_VIEW
        | K::CREATE_MATERIALIZED_VIEW
        | K::SELECT_INTO => Some(L::AccessExclusive),
        _ => None,
    }
}

/// The strongest lock of the actions of an ALTER TABLE.
fn altering(statement: &SyntaxNode) -> L {
    let is_action =
        |child: &SyntaxNode| !matches!(child.kind(), K::IF_EXISTS | K::TABLE_RELATION_NAME | K::VIEW_REF);
    statement
        .children()
        .filter(is_action)
        .map(|action| action_lock(&action))
        .max()
        .unwrap_or(L::AccessExclusive)
}

fn action_lock(action: &SyntaxNode) -> L {
    let has_child = |kind: K| action.children().any(|child| child.kind() == kind);
    match action.kind() {
        K::VALIDATE_CONSTRAINT
        | K::CLUSTER_ON
        | K::SET_WITHOUT_CLUSTER
        | K::SET_OPTIONS
        | K::RESET_OPTIONS
        | K::ATTACH_PARTITION => L::ShareUpdateExclusive,
        K::DETACH_PARTITION if has(action, "concurrently") => L::ShareUpdateExclusive,
        K::ALTER_COLUMN if has_child(K::SET_STATISTICS) || has_child(K::SET_OPTIONS_LIST) => {
            L::ShareUpdateExclusive
        }
        K::ENABLE_TRIGGER | K::ENABLE_REPLICA_TRIGGER | K::ENABLE_ALWAYS_TRIGGER | K::DISABLE_TRIGGER => {
            L::ShareRowExclusive
        }
        K::ADD_CONSTRAINT if has_child(K::FOREIGN_KEY_CONSTRAINT) => L::ShareRowExclusive,
        _ => L::AccessExclusive,
    }
}

/// Whether the query that reads a relation locks its rows: `FOR UPDATE`.
fn is_locking(item: &SyntaxNode) -> bool {
    let query = item.ancestors().find(|above| above.kind() == K::SELECT);
    query.is_some_and(|query| query.descendants().any(|node| node.kind() == K::LOCKING_CLAUSE))
}

/// Whether a word stands in a node, outside of quotes.
fn has(node: &SyntaxNode, word: &str) -> bool {
    node.descendants_with_tokens()
        .any(|element| element.into_token().is_some_and(|token| token.text().eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests;
