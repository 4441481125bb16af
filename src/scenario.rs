//! What is asked for: how many of each, and how the choices are weighted.
//!
//! The default counts are the scenario `default`; flags override a scenario's counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A number of rows for each parent, drawn between two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// Fewest.
    pub min: u64,
    /// Most.
    pub max: u64,
}

/// How many of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Manufacturers that the broker represents.
    pub principals: u64,
    /// Distributors that deliver.
    pub distributors: u64,
    /// Restaurants, schools, grocers, hotels, hospitals.
    pub customers: u64,
    /// Deals.
    pub opportunities: u64,
    /// People at each customer.
    pub contacts_per_customer: Spread,
    /// Products of each principal.
    pub products_per_principal: Spread,
}

/// The most children that one parent may have: ids leave a thousand places for each parent, so
/// that no other parent's children move when one gets more.
pub const MOST_CHILDREN: u64 = 999;
/// The most principals: every product of each has a UPC of its own among ten billion.
pub const MOST_PRINCIPALS: u64 = 10_000_000;
/// The most of anything else: keys stay far inside 64 bits.
pub const MOST: u64 = 1_000_000_000;

impl Counts {
    /// The same with the base counts multiplied by `scale`.
    ///
    /// # Errors
    /// Where a product exceeds what [`Counts::check`] allows.
    pub fn scaled(self, scale: u64) -> Result<Self> {
        let times = |count: u64| count.saturating_mul(scale);
        let scaled = Self {
            principals: times(self.principals),
            distributors: times(self.distributors),
            customers: times(self.customers),
            opportunities: times(self.opportunities),
            ..self
        };
        scaled
            .check()
            .map_err(|error| error.with_hint(format!("the base counts are multiplied by --scale {scale}")))?;
        Ok(scaled)
    }

    /// Holds every count to its range.
    ///
    /// # Errors
    /// Names the flag, the value and the range.
    pub fn check(&self) -> Result<()> {
        let singles = [
            ("--principals", self.principals, MOST_PRINCIPALS),
            ("--distributors", self.distributors, MOST),
            ("--customers", self.customers, MOST),
            ("--opportunities", self.opportunities, MOST),
        ];
        for (flag, value, most) in singles {
            if !(1..=most).contains(&value) {
                return Err(Error::usage(format!("{flag} {value} is out of range: 1 to {most}")));
            }
        }
        let spreads = [
            ("--contacts-per-customer", self.contacts_per_customer),
            ("--products-per-principal", self.products_per_principal),
        ];
        for (flag, Spread { min, max }) in spreads {
            if min > max {
                return Err(Error::usage(format!(
                    "{flag} {min}..{max} is reversed: the smaller number comes first"
                )));
            }
            if min < 1 || max > MOST_CHILDREN {
                return Err(Error::usage(format!(
                    "{flag} {min}..{max} is out of range: 1 to {MOST_CHILDREN}"
                )));
            }
        }
        Ok(())
    }
}

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
    pub weights: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Scenario {
    /// The scenario that is loaded when none is named.
    pub fn default_scenario() -> Self {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/default.json"));
        serde_json::from_str(text).expect("scenarios/default.json is held by a test")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts() -> Counts {
        Scenario::default_scenario().counts
    }

    #[test]
    fn the_default_counts_are_in_range() {
        counts().check().expect("default counts");
        assert_eq!(counts().scaled(3).expect("scaled").customers, 60);
    }

    #[test]
    fn zero_reversed_and_overflowing_counts_are_refused_by_name() {
        let cases = [
            (Counts { principals: 0, ..counts() }, "--principals 0"),
            (Counts { customers: u64::MAX, ..counts() }, "--customers 18446744073709551615"),
            (Counts { contacts_per_customer: Spread { min: 5, max: 2 }, ..counts() }, "reversed"),
            (
                Counts { products_per_principal: Spread { min: 0, max: 2 }, ..counts() },
                "--products-per-principal 0..2",
            ),
            (Counts { products_per_principal: Spread { min: 1, max: 1000 }, ..counts() }, "1 to 999"),
        ];
        for (counts, message) in cases {
            let error = counts.check().expect_err("out of range").to_string();
            assert!(error.contains(message), "{error}");
        }
        assert!(counts().scaled(u64::MAX).is_err());
        assert!(counts().scaled(0).is_err());
    }
}
