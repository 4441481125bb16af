//! Columns that the server fills where nothing is said of them, and of which a scenario says something: they are set once
//! the rows are there.

use sqlx::PgConnection;

use crate::db::query::execute;
use crate::domain::dataset::Dataset;
use crate::error::Result;
use crate::infer::model::GivenRow;
use crate::infer::rows::explicit_number;
use crate::plan::{ExplicitKeys, Plan, TargetKey};
use crate::run::scenario_rows::among;
use crate::sql::{quote_identifier, quote_literal};

/// Sets them.
pub async fn set(
    connection: &mut PgConnection,
    plan: &Plan,
    dataset: &Dataset,
    keys: &ExplicitKeys,
) -> Result<()> {
    let of_domain = keys.written(dataset).filter(|(made, _)| !made.own.is_empty());
    let of_domain = of_domain.map(|(made, key)| (explicit_number(dataset, made.table, made), key));
    let added = keys.added().map(|row| (row.number, &row.key));
    let mut sql = String::new();
    for (number, key) in of_domain.chain(added) {
        let given = plan.given(key.oid, number);
        if let Some(given) = given.filter(|given| !given.later.is_empty()) {
            sql.push_str(&update(given, key));
        }
    }
    if sql.is_empty() {
        return Ok(());
    }
    execute(connection, &sql).await.map_err(|error| error.context("setting columns that the server fills"))
}

fn update(given: &GivenRow, key: &TargetKey) -> String {
    let value =
        |text: &Option<String>| text.as_ref().map_or_else(|| "NULL".to_owned(), |text| quote_literal(text));
    let set: Vec<String> = given
        .later
        .iter()
        .map(|(column, text)| format!("{} = {}", quote_identifier(column), value(text)))
        .collect();
    let columns: Vec<String> =
        key.key.iter().map(|(column, _)| format!("t.{}", quote_identifier(column))).collect();
    let values: Vec<serde_json::Value> = key.key.iter().map(|(_, value)| value.clone()).collect();
    format!("UPDATE {} t SET {} WHERE {};", key.qualified, set.join(", "), among(&columns, &[values]))
}
