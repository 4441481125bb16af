//! Lists of words that several tables of `fixtures/` draw from.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::domain::dataset::{STAGE_NAMES, STAGES};
use crate::fixture::{fixture, list};

static LISTS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    fixture!("word_lists.tsv", ["list", "words"]).map(|[name, words]| (name, list(words))).collect()
});

/// The words that a field means: its items, or those of the list that `@list` names. `@stages` and `@open_stages` are
/// those that the domain has for deals, `@states` and `@towns` those of its addresses, each name once.
///
/// # Errors
/// Where there is no such list.
pub fn words(field: &'static str) -> Result<Vec<&'static str>, String> {
    let found = match field.strip_prefix('@') {
        None => list(field),
        Some("stages") => STAGE_NAMES.to_vec(),
        Some("open_stages") => {
            STAGES.iter().filter(|stage| !stage.is_closed()).map(|stage| stage.name).collect()
        }
        Some("states") => fixture!("states.tsv", ["state", "name", "time_zone", "territory"])
            .map(|[_, name, ..]| name)
            .collect(),
        Some("towns") => {
            let mut seen = HashSet::new();
            let towns = fixture!("places.tsv", ["city", "state", "weight", "area_codes", "postal_codes"]);
            towns.map(|[city, ..]| city).filter(|city| seen.insert(*city)).collect()
        }
        Some(name) => LISTS.get(name).cloned().unwrap_or_default(),
    };
    if found.is_empty() { Err(format!("there is no list {field}")) } else { Ok(found) }
}
