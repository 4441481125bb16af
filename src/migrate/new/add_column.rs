//! `--pattern add-column`: a column with a default for the rows that are there, which is dropped again, and a CHECK
//! that is validated in a migration of its own.

use crate::error::{Error, Result};
use crate::migrate::new::draft::Draft;
use crate::migrate::new::name::made_by;
use crate::migrate::new::options::{Options, literals};
use crate::migrate::new::template::render;
use crate::migrate::sql::identifier::fitted;
use crate::sql::{quote_identifier, quote_literal};

pub const OPTIONS: &[&str] = &["--table", "--column", "--type", "--default", "--values"];

const VALUES: &[&str] = &["pipeline", "best_case", "commit", "closed"];

/// The migrations: one, and one that validates where there is a CHECK.
///
/// # Errors
/// What is no name, type or value.
pub fn drafts(name: &str, options: &Options) -> Result<Vec<Draft>> {
    let table = options.identifier("--table", "opportunities")?;
    let column = options.column("--column", made_by(name))?;
    let data_type = options.data_type("--type", "text")?;
    // The values of the example belong to its type and default.
    let example = if options.has_any(&["--type", "--default", "--values"]) { &[] } else { VALUES };
    let values = options.values("--values", example)?;
    let default = options.one("--default").or(values.first().map(String::as_str)).map(str::to_owned);
    if let Some(default) = default.as_ref().filter(|default| !values.is_empty() && !values.contains(default))
    {
        return Err(Error::usage(format!("--default {default}: is not among --values")));
    }
    let literal = default.as_deref().map(quote_literal);
    let (constraint, list) = (quote_identifier(&fitted(&format!("valid_{column}"))), literals(&values));
    let (quoted_table, quoted_column) = (table.sql(), quote_identifier(&column));
    let clause = literal.as_ref().map_or_else(String::new, |literal| format!(" DEFAULT {literal}"));
    let pairs = [
        ("table", quoted_table.as_str()),
        ("column", &quoted_column),
        ("type", &data_type),
        ("default", if literal.is_some() { include_str!("add_column/default.sql") } else { "" }),
        ("clause", &clause),
        ("constraint", &constraint),
        ("values", &list),
    ];
    let of = |template: &str| render(template, &pairs);
    let mut up = of(include_str!("add_column/up.sql"));
    if literal.is_some() {
        up += &of(include_str!("add_column/drop_default.sql"));
    }
    let what = format!("{column} of {}", table.name);
    if values.is_empty() {
        return Ok(vec![
            Draft::new(name, format!("Add {column} to {}", table.name), up)
                .undone_by(format!("Drop {what}"), of(include_str!("add_column/down.sql"))),
        ]);
    }
    up += &of(include_str!("add_column/check.sql"));
    Ok(vec![
        Draft::new(name, format!("Add {column} to {}", table.name), up).undone_by(
            format!("Drop {what}, and with it its constraint"),
            of(include_str!("add_column/down.sql")),
        ),
        Draft::new(
            format!("{name}_validate"),
            format!("Validate {what}"),
            of(include_str!("add_column/validate.sql")),
        )
        .undone_by(format!("Leave {what} unvalidated"), of(include_str!("add_column/invalidate.sql"))),
    ])
}
