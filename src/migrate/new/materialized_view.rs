//! `--pattern materialized-view`: rows counted by a column and month, with the unique index that a concurrent refresh
//! needs, and the refresh.

use crate::error::Result;
use crate::infer::table_key::singular_of;
use crate::migrate::new::draft::Draft;
use crate::migrate::new::name::made_by;
use crate::migrate::new::options::Options;
use crate::migrate::new::template::render;
use crate::migrate::sql::identifier::{Identifier, fitted};
use crate::sql::quote_identifier;

pub const OPTIONS: &[&str] = &["--view", "--table", "--column", "--where"];

const TABLE: &str = "opportunities";

/// The migration.
///
/// # Errors
/// What is no name or condition.
pub fn drafts(name: &str, options: &Options) -> Result<Vec<Draft>> {
    let table = options.identifier("--table", TABLE)?;
    let column = options.column("--column", "stage")?;
    let view = match options.one("--view") {
        Some(name) => Identifier::parse(name, "--view")?,
        None => table.sibling(fitted(made_by(name))),
    };
    let is_pipeline = table.name == TABLE;
    let condition =
        if is_pipeline { "deleted_at IS NULL AND status = 'active'" } else { "deleted_at IS NULL" };
    let condition = options.condition("--where", condition)?;
    let index = |column: &str| quote_identifier(&fitted(&format!("idx_{}_{column}", view.name)));
    let pairs = [
        ("view", view.sql()),
        ("table", table.sql()),
        ("column", quote_identifier(&column)),
        ("count", quote_identifier(&fitted(&format!("{}_count", singular_of(&table.name))))),
        (
            "measures",
            if is_pipeline { include_str!("materialized_view/pipeline.sql").trim_end() } else { "" }
                .to_owned(),
        ),
        ("where", condition.map_or_else(String::new, |condition| format!("\nWHERE {condition}"))),
        ("unique_index", index(&format!("{column}_month"))),
        ("month_index", index("month")),
    ];
    let pairs = pairs.each_ref().map(|(key, value)| (*key, value.as_str()));
    let description = format!("Summarize {} by {column} and month, in a materialized view", table.name);
    Ok(vec![
        Draft::new(name, description, render(include_str!("materialized_view/up.sql"), &pairs)).undone_by(
            format!("Drop {}, and with it its indexes and comments", view.name),
            render(include_str!("materialized_view/down.sql"), &pairs),
        ),
    ])
}
