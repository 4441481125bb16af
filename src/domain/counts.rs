//! How many of each, and how choices are weighted.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Range of the number of rows per parent, both ends included; all numbers in it are equally likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountRange {
    /// Smallest number, from 1.
    #[schemars(range(min = 1, max = 999))]
    pub min: u64,
    /// Largest number, up to 999.
    #[schemars(range(min = 1, max = 999))]
    pub max: u64,
}

/// How many of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    pub contacts_per_customer: CountRange,
    /// Products of each principal.
    pub products_per_principal: CountRange,
    /// Contacts in all, shared out evenly among the customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacts: Option<u64>,
    /// Products in all, shared out evenly among the principals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<u64>,
}

/// For a column (`opportunities.stage`), how likely each of its values is.
pub type Weights = BTreeMap<String, BTreeMap<String, u64>>;

/// The most children that one parent may have: ids leave a thousand places for each parent, so
/// that no other parent's children move when one gets more.
pub const MOST_CHILDREN: u64 = 999;
/// The most principals: every product of each has a UPC of its own among ten billion.
pub const MOST_PRINCIPALS: u64 = 10_000_000;
/// The most of anything else: keys stay far inside 64 bits.
pub const MOST: u64 = 1_000_000_000;

impl Counts {
    /// None of anything: a scenario that holds only the rows that it names.
    pub const NONE: Self = Self {
        principals: 0,
        distributors: 0,
        customers: 0,
        opportunities: 0,
        contacts_per_customer: CountRange { min: 2, max: 5 },
        products_per_principal: CountRange { min: 10, max: 20 },
        contacts: None,
        products: None,
    };

    /// What rows are tried with before a load, whatever the load asks for: as many as a small broker has.
    pub const TRIAL: Self =
        Self { principals: 5, distributors: 3, customers: 20, opportunities: 50, ..Self::NONE };

    /// Whether no row is asked for.
    pub const fn is_none(&self) -> bool {
        self.principals == 0 && self.distributors == 0 && self.customers == 0 && self.opportunities == 0
    }

    /// Contacts of each customer, also where their number in all is given.
    pub fn contacts_of_each(&self) -> CountRange {
        share(self.contacts, self.customers).unwrap_or(self.contacts_per_customer)
    }

    /// Products of each principal, likewise.
    pub fn products_of_each(&self) -> CountRange {
        share(self.products, self.principals).unwrap_or(self.products_per_principal)
    }

    /// The same with the base counts multiplied by `scale`.
    ///
    /// # Errors
    /// A scale of 0, or a product that exceeds what [`Counts::check`] allows.
    pub fn scaled(self, scale: u64) -> Result<Self> {
        if scale == 0 {
            return Err(Error::usage("--scale 0 is out of range: at least 1"));
        }
        let times = |count: u64| count.saturating_mul(scale);
        let scaled = Self {
            principals: times(self.principals),
            distributors: times(self.distributors),
            customers: times(self.customers),
            opportunities: times(self.opportunities),
            ..self
        };
        scaled.check().map_err(|error| {
            error.with_hint(format!("this includes --scale {scale}, by which the base counts are multiplied"))
        })?;
        Ok(scaled)
    }

    /// Holds every count to its range.
    ///
    /// # Errors
    /// Names the count, the value and the range.
    pub fn check(&self) -> Result<()> {
        let singles = [
            ("--principals", self.principals, MOST_PRINCIPALS),
            ("--distributors", self.distributors, MOST),
            ("--customers", self.customers, MOST),
            ("--opportunities", self.opportunities, MOST),
        ];
        for (flag, value, most) in singles {
            if value > most {
                return Err(Error::usage(format!("{flag} {value} is out of range: at most {most}")));
            }
        }
        if self.opportunities > 0 && (self.principals == 0 || self.customers == 0) {
            let lacks = if self.customers == 0 { "customers" } else { "principals" };
            return Err(Error::usage(format!(
                "{} opportunities need {lacks}, but there are none",
                self.opportunities
            )));
        }
        let spreads = [
            ("--contacts-per-customer", self.contacts_per_customer),
            ("--products-per-principal", self.products_per_principal),
        ];
        for (flag, CountRange { min, max }) in spreads {
            if min > max {
                return Err(Error::usage(format!(
                    "{flag} {min}..{max}: the first number must not be larger than the second"
                )));
            }
            if min < 1 || max > MOST_CHILDREN {
                return Err(Error::usage(format!(
                    "{flag} {min}..{max} is out of range: 1 to {MOST_CHILDREN}"
                )));
            }
        }
        let shared = [
            ("contacts", self.contacts, "customers", self.customers),
            ("products", self.products, "principals", self.principals),
        ];
        for (children, total, parents, count) in shared {
            let (least, most) = (count, count.saturating_mul(MOST_CHILDREN));
            let Some(total) = total.filter(|total| *total < least || *total > most) else { continue };
            let why = match count {
                0 => format!("there are no {parents} to whom they could belong"),
                _ => {
                    format!("{count} {parents} have from 1 to {MOST_CHILDREN} each, {least} to {most} in all")
                }
            };
            return Err(Error::usage(format!("{total} {children} cannot be: {why}"))
                .with_hint(format!("set --{parents} too")));
        }
        Ok(())
    }
}

/// How many of `total` each of `parents` gets.
fn share(total: Option<u64>, parents: u64) -> Option<CountRange> {
    let total = total.filter(|_| parents > 0)?;
    Some(CountRange { min: total / parents, max: total.div_ceil(parents) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: Counts =
        Counts { principals: 5, distributors: 3, customers: 20, opportunities: 50, ..Counts::NONE };

    #[test]
    fn counts_in_range_pass_and_are_multiplied() {
        FEW.check().expect("counts");
        Counts::NONE.check().expect("none");
        assert_eq!(FEW.scaled(3).expect("scaled").customers, 60);
    }

    #[test]
    fn reversed_overflowing_and_senseless_counts_are_refused_by_name() {
        let cases = [
            (Counts { principals: 0, ..FEW }, "50 opportunities need principals"),
            (Counts { customers: u64::MAX, ..FEW }, "--customers 18446744073709551615"),
            (Counts { contacts_per_customer: CountRange { min: 5, max: 2 }, ..FEW }, "must not be larger"),
            (
                Counts { products_per_principal: CountRange { min: 0, max: 2 }, ..FEW },
                "--products-per-principal 0..2",
            ),
            (Counts { products_per_principal: CountRange { min: 1, max: 1000 }, ..FEW }, "1 to 999"),
            (
                Counts { contacts: Some(19), ..FEW },
                "19 contacts cannot be: 20 customers have from 1 to 999 each",
            ),
            (Counts { products: Some(4996), ..FEW }, "5 to 4995 in all"),
            (Counts { contacts: Some(1), ..Counts::NONE }, "there are no customers"),
        ];
        for (counts, message) in cases {
            let error = counts.check().expect_err("out of range").to_string();
            assert!(error.contains(message), "{error}");
        }
        assert!(FEW.scaled(u64::MAX).is_err());
        assert!(FEW.scaled(0).is_err());
    }
}
