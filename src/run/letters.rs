//! In which letters the rows are written: those of the database's encoding.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::catalog::Server;
use crate::db::encoding;
use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::domain::explicit::Value;
use crate::error::{Error, Result};
use crate::infer::overrides::Overrides;
use crate::letters::{self, Letters};
use crate::scenario::Scenario;
use crate::sqlexpr;

/// Letters that are told of one text.
const TOLD: usize = 5;

/// Those of the database, for our own words, the explicit rows of the scenario and what the configuration says.
///
/// # Errors
/// Somebody spelled out a text in letters that it lacks, and that cannot be written otherwise.
pub async fn letters(
    connection: &mut PgConnection,
    server: &Server,
    dataset: &Dataset,
    (scenario, overrides): (&Scenario, &Overrides),
) -> Result<Letters> {
    if server.encoding == "UTF8" {
        return Ok(Letters::default());
    }
    let spelled = spelled_out(dataset, scenario, overrides);
    let mut all = letters::known();
    all.extend(spelled.iter().flat_map(|(_, text)| letters::beyond_ascii(text)));
    let lacking = encoding::lacking(connection, &server.encoding, &all).await?;
    let (letters, without) = Letters::new(&server.encoding, &lacking);
    let faults: Vec<String> =
        spelled.iter().filter_map(|(location, text)| fault(location, text, &without)).collect();
    match &faults[..] {
        [] => Ok(letters),
        [first, others @ ..] => {
            let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
            Err(Error::refused(format!(
                "the encoding of database {} is {}, which cannot hold {first}{more}",
                server.database, server.encoding
            ))
            .with_hint(
                "nothing was changed; spell it otherwise, or make the database in UTF-8: \
                 CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0",
            ))
        }
    }
}

/// What of a text cannot be written.
fn fault(location: &str, text: &str, without: &[char]) -> Option<String> {
    let found: BTreeSet<char> = text.chars().filter(|letter| without.contains(letter)).collect();
    let told: Vec<String> = found.iter().take(TOLD).map(char::to_string).collect();
    (!found.is_empty()).then(|| format!("{} of {location}", told.join(", ")))
}

/// Texts that somebody spelled out, and where.
fn spelled_out(dataset: &Dataset, scenario: &Scenario, overrides: &Overrides) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for made in &dataset.explicit {
        let scenario =
            scenario.scenario_rows.get(made.scenario_index).map_or("", |rows| rows.scenario.as_str());
        for (info, value) in TABLES[made.table].columns().iter().zip(&made.values) {
            if let Value::Text(text) | Value::Json(text) = value {
                let location =
                    format!("{}.{} in scenario {scenario}", TABLES[made.table].info().name, info.name);
                texts.push((location, text.clone()));
            }
        }
    }
    for (table, settings) in &overrides.tables {
        for (column, setting) in &settings.columns {
            let location = || format!("{table}.{column} ({})", setting.location);
            if let Some(sqlexpr::value::Value::Text(text)) = &setting.value {
                texts.push((location(), text.clone()));
            }
            texts.extend(setting.shape.iter().map(|shape| (location(), shape.clone())));
            texts.extend(setting.weights.iter().flatten().map(|(label, _)| (location(), label.clone())));
        }
    }
    texts
}
