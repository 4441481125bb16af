//! What is asked for: how many of each, how the choices are weighted, and rows that are spelled out.
//!
//! The default counts are the scenario `default`; flags override a scenario's counts.

use serde::{Deserialize, Serialize};

use crate::crm::counts::{Counts, Weights};

/// A named situation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The name by which it is loaded.
    pub name: String,
    /// A line for lists.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// How many of each.
    pub counts: Counts,
    /// For a column (`opportunities.stage`), how likely each of its values is.
    pub weights: Weights,
}

impl Scenario {
    /// The scenario that is loaded when none is named.
    pub fn default_scenario() -> Self {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/default.json"));
        serde_json::from_str(text).expect("scenarios/default.json is held by a test")
    }
}
