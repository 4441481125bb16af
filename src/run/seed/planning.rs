//! Planning on a thread of its own: it may take a while on a strange schema, and a signal must be heard meanwhile.

use std::time::Duration;

use crate::catalog::Schema;
use crate::domain::dataset::Dataset;
use crate::error::{Error, Result};
use crate::infer::key_space;
use crate::infer::overrides::Overrides;
use crate::infer::table_selection::ExistingRows;
use crate::plan::Plan;

/// No schema that we know takes a second; one that takes so long will not end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Plans, and gives back what it was given.
///
/// # Errors
/// Whatever stands against it; it takes too long.
pub async fn plan(
    dataset: Dataset,
    schema: Schema,
    overrides: &Overrides,
    there: ExistingRows,
) -> Result<(Dataset, Schema, ExistingRows, Result<Plan>)> {
    let overrides = overrides.clone();
    let work = tokio::task::spawn_blocking(move || {
        let mut dataset = dataset;
        let fewer = key_space::shrink(&mut dataset, &schema, &overrides);
        let plan = fewer.and_then(|fewer| {
            let mut plan = Plan::of_target(&dataset, &schema, &overrides, &there)?;
            plan.fewer = fewer;
            Ok(plan)
        });
        (dataset, schema, there, plan)
    });
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(panic)) => Err(Error::failed("internal error while planning")
            .with_source(panic)
            .with_hint("nothing was changed; please report this with the schema (pg_dump --schema-only)")),
        Err(_) => Err(Error::failed(format!("planning took longer than {} s", PATIENCE.as_secs()))
            .with_hint(
                "nothing was changed; leave tables out with --exclude (`crm-seed doctor` lists them)",
            )),
    }
}
