//! References without a foreign key that crm-seed knows of: those of the bundled schema, those that `crm-seed.toml`
//! names, and those that names suggest, which are told as warnings. A pair of columns that may mean any of several
//! tables (`record_type`, `record_id`) is left out.

use std::time::Duration;

use crate::calendar::Day;
use crate::catalog::Schema;
use crate::domain::counts::{Counts, Weights};
use crate::domain::dataset::{Dataset, Origin};
use crate::error::{Error, Result};
use crate::infer::build;
use crate::infer::model::{Reference, ReferenceStrategy, TableModel};
use crate::infer::overrides::Overrides;
use crate::infer::recognition;
use crate::infer::table_selection::ExistingRows;
use crate::migrate::validation::finding::Level;
use crate::migrate::validation::orphans::{KeyColumn, ReferenceKey};
use crate::sql::quote_identifier;

/// No schema that we know takes a second.
const PATIENCE: Duration = Duration::from_secs(20);

/// The references of a schema, or why nothing is known of it.
pub async fn find(schema: Schema, overrides: &Overrides) -> Result<Vec<ReferenceKey>, String> {
    let mut overrides = overrides.clone();
    // Nothing is written: rows of sign-in tables, which only a local target gets, may be thought of anywhere.
    overrides.is_local = true;
    let work = tokio::task::spawn_blocking(move || infer(&schema, &overrides));
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(found)) => found.map_err(|why| format!("{why:#}")),
        Ok(Err(_)) => Err("internal error while reading the schema".to_owned()),
        Err(_) => Err(format!("reading the schema takes longer than {} s", PATIENCE.as_secs())),
    }
}

fn infer(schema: &Schema, overrides: &Overrides) -> Result<Vec<ReferenceKey>, Error> {
    // A schema without a CRM in it has no references that crm-seed knows.
    if !recognition::recognize(schema, overrides)?.is_crm() && !overrides.names_tables() {
        return Ok(Vec::new());
    }
    let dataset = Dataset::new(42, Day::DEFAULT_AS_OF, &Counts::TRIAL, &Weights::new(), Origin::default())?;
    let built = build::build(&dataset, schema, overrides, &ExistingRows::new())?;
    let members = &built.model.members;
    let of = |member: &TableModel| {
        let references = member.references.iter().filter(|reference| is_undeclared(reference));
        references
            .filter_map(|reference| key(schema, member, reference, members.get(reference.to)?))
            .collect::<Vec<_>>()
    };
    Ok(members.iter().flat_map(of).collect())
}

fn is_undeclared(reference: &Reference) -> bool {
    !reference.is_declared && reference.alternative.is_none() && !reference.columns.is_empty()
}

fn key(
    schema: &Schema,
    member: &TableModel,
    reference: &Reference,
    parent: &TableModel,
) -> Option<ReferenceKey> {
    let (child, target) = (&schema.tables[member.position], &schema.tables[parent.position]);
    let column = |(own, theirs): &(String, String)| {
        let of = |table: &crate::catalog::Table, name: &str| {
            table.columns.iter().find(|column| column.name == name).map(|c| (c.type_name.clone(), c.not_null))
        };
        let ((own_type, not_null), (their_type, _)) = (of(child, own)?, of(target, theirs)?);
        // Types that do not compare are compared as what people read.
        let is_text = |name: &str| ["text", "uuid", "character"].iter().any(|begin| name.starts_with(begin));
        let cast = if own_type != their_type && (is_text(&own_type) || is_text(&their_type)) {
            "::text"
        } else {
            ""
        };
        Some(KeyColumn {
            own: quote_identifier(own),
            theirs: quote_identifier(theirs),
            operator: "=".into(),
            cast: cast.into(),
            not_null,
        })
    };
    let columns: Option<Vec<KeyColumn>> = reference.columns.iter().map(column).collect();
    let names: Vec<&str> = reference.columns.iter().map(|(own, _)| own.as_str()).collect();
    let is_sure = reference.is_told || matches!(reference.strategy, ReferenceStrategy::FromDomain(_));
    Some(ReferenceKey {
        name: format!("{} of {} (no foreign key declared)", names.join(", "), member.qualified),
        level: if is_sure { Level::Error } else { Level::Warning },
        child: member.qualified.clone(),
        parent: parent.qualified.clone(),
        child_only: false,
        parent_only: false,
        is_full: false,
        columns: columns?,
    })
}
