//! `--pattern jsonb-field`: a JSONB column and its GIN index.

use crate::error::Result;
use crate::migrate::new::draft::Draft;
use crate::migrate::new::name::made_by;
use crate::migrate::new::options::Options;
use crate::migrate::new::template::render;
use crate::migrate::sql::identifier::fitted;
use crate::sql::quote_identifier;

pub const OPTIONS: &[&str] = &["--table", "--column"];

/// The migrations: one for the column, and one for the index, which no transaction may be around.
///
/// # Errors
/// What is no name.
pub fn drafts(name: &str, options: &Options) -> Result<Vec<Draft>> {
    let table = options.identifier("--table", "products")?;
    let column = options.column("--column", made_by(name))?;
    let index = fitted(&format!("idx_{}_{column}", table.name));
    let pairs = [
        ("table", table.sql()),
        ("column", quote_identifier(&column)),
        ("index", quote_identifier(&index)),
        ("qualified_index", table.sibling(&index).sql()),
        ("empty", "'{}'".to_owned()),
        ("example", "'{\"key\": \"value\"}'".to_owned()),
    ];
    let pairs = pairs.each_ref().map(|(key, value)| (*key, value.as_str()));
    let of = |template: &str| render(template, &pairs);
    let what = format!("{column} of {}", table.name);
    Ok(vec![
        Draft::new(
            name,
            format!("Add {column} to {}, as JSONB", table.name),
            of(include_str!("jsonb_field/up.sql")),
        )
        .undone_by(format!("Drop {what}"), of(include_str!("jsonb_field/down.sql"))),
        Draft::new(
            format!("{name}_index"),
            format!("Index the members of {what}"),
            of(include_str!("jsonb_field/index.sql")),
        )
        .undone_by(format!("Drop the index of {what}"), of(include_str!("jsonb_field/index.down.sql")))
        .without_transaction(),
    ])
}
