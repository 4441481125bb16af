//! The column by which others refer to a table.

use crate::catalog::{Column, ForeignKey, Schema, Table};
use crate::infer::column_type::scalar_type;
use crate::infer::names;
use crate::infer::scalar_type::ScalarType;

/// A table's name in the singular.
pub fn singular_of(table: &str) -> String {
    let mut words = names::words(table);
    if let Some(last) = words.last_mut() {
        *last = names::singular(last);
    }
    words.join("_")
}

/// The column that tells the rows of a table apart: its primary key, or what of it is no reference.
pub fn main_key<'a>(schema: &Schema, table: &'a Table) -> Option<&'a Column> {
    if let Some(own) = own_key(table) {
        return Some(own);
    }
    let primary = table.uniques.iter().find(|unique| unique.primary)?;
    let is_reference = |name: &str| {
        schema
            .foreign_keys
            .iter()
            .any(|key| key.from == table.oid && key.columns.iter().any(|own| own == name))
    };
    let mut own = primary.columns.iter().flatten().filter(|name| !is_reference(name));
    match (own.next(), own.next()) {
        (Some(name), None) => table.columns.iter().find(|column| column.name == *name),
        _ => None,
    }
}

/// The column that is a table's own part of its primary key: all of it, or what a tenant is put before.
pub fn own_key(table: &Table) -> Option<&Column> {
    let primary = table.uniques.iter().find(|unique| unique.primary)?;
    let is_own = |column: &&Column| {
        let own = format!("{}_id", singular_of(&table.name));
        primary.columns.contains(&Some(column.name.clone()))
            && (column.name == "id" || names::words(&column.name).join("_") == own)
    };
    key_of(table).or_else(|| table.columns.iter().find(is_own))
}

/// The column of a primary key of one.
pub fn key_of(table: &Table) -> Option<&Column> {
    let primary = table.uniques.iter().find(|unique| unique.primary)?;
    match &primary.columns[..] {
        [Some(name)] => table.columns.iter().find(|column| column.name == *name),
        _ => None,
    }
}

/// Whether a column can hold a key.
pub fn is_same_type(column: &Column, key: &Column) -> bool {
    let base = column.element.as_deref().filter(|_| column.category == 'A').unwrap_or(&column.base);
    let of = |base: &str| scalar_type(base, ' ', false);
    match (of(base), of(&key.base)) {
        (ScalarType::Integer | ScalarType::Decimal, ScalarType::Integer)
        | (ScalarType::Uuid, ScalarType::Uuid) => true,
        (ScalarType::Text, ScalarType::Text) => column.labels.is_none(),
        _ => false,
    }
}

/// Whether a column can hold a key, if only as text.
pub fn can_hold(column: &Column, key: &Column) -> bool {
    let base = column.element.as_deref().filter(|_| column.category == 'A').unwrap_or(&column.base);
    let is_text =
        scalar_type(base, ' ', column.labels.is_some()) == ScalarType::Text && column.labels.is_none();
    let room = match (base, column.typmod) {
        ("varchar" | "bpchar", typmod) if typmod > 4 => typmod as usize - 4,
        _ => usize::MAX,
    };
    let needed = match scalar_type(&key.base, ' ', false) {
        ScalarType::Uuid => UUID_CHARACTERS,
        ScalarType::Integer => INTEGER_CHARACTERS,
        _ => return is_same_type(column, key),
    };
    is_same_type(column, key) || (is_text && room >= needed)
}

/// The most characters of a key that is written as text.
const UUID_CHARACTERS: usize = 36;
const INTEGER_CHARACTERS: usize = 10;

/// A foreign key of which no column may be NULL.
pub fn is_required(table: &Table, key: &ForeignKey) -> bool {
    key.columns.iter().all(|own| {
        let column = table.columns.iter().find(|column| column.name == *own);
        column.is_some_and(|column| match column.generated {
            true => is_constant(column),
            false => column.not_null,
        })
    })
}

/// Whether the server computes the same value for each row.
pub fn is_constant(column: &Column) -> bool {
    let read = column.generated_as.as_deref().map(crate::sqlexpr::read);
    matches!(read, Some(Ok(expression)) if expression.is_constant())
}

/// The column of a foreign key that says which row is meant: of several the last that no other key of the table has,
/// as a tenant is part of many.
pub fn who<'a>(schema: &Schema, key: &'a ForeignKey) -> Option<&'a String> {
    if let [only] = &key.columns[..] {
        return Some(only);
    }
    let is_shared = |own: &&String| {
        let mut others =
            schema.foreign_keys.iter().filter(|other| other.from == key.from && other.to != key.to);
        others.any(|other| other.columns.contains(own))
    };
    key.columns.iter().rev().find(|own| !is_shared(own)).or_else(|| key.columns.last())
}

/// What a column is a key of by its name: its words without `id`; of a UUID all of them, as a UUID says nothing else.
pub fn called_like(column: &Column, words: &[String]) -> Option<Vec<String>> {
    let is_key = |word: &str| matches!(word, "id" | "ids" | "uuid" | "fk");
    match words.split_last() {
        // `company_id_fk`.
        Some((last, base @ [.., _])) if is_key(last) => {
            called_like(column, base).or_else(|| Some(base.to_vec()))
        }
        Some((last, _)) if is_key(last) => None,
        Some(_) if column.base == "uuid" => Some(words.to_vec()),
        _ => None,
    }
}
