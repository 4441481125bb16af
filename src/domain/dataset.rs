//! Everything that a value may depend on: the seed, the as-of date, the pools that rows refer
//! to, the weights and the vocabulary. Immutable, and shared by all workers.

use std::collections::BTreeMap;

use crate::calendar::{DAY, Day};
use crate::domain::counts::{CountRange, Counts, MOST, MOST_PRINCIPALS, Weights};
use crate::domain::explicit::{AddedRow, CompletedRow, ExistingRow};
use crate::domain::vocabulary::Vocabulary;
use crate::error::{Error, Result};
use crate::random::{Slot, Weighted};

/// A run of rows, the first of which need not be the very first: `--append` goes on where an
/// earlier run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Index of the first row.
    pub first: u64,
    pub count: u64,
}

impl Pool {
    /// A member, which a larger pool changes as rarely as can be.
    #[inline]
    pub fn member(self, slot: Slot) -> u64 {
        self.first + slot.member(self.count)
    }

    /// The member after `index`, the first after the last.
    pub const fn after(self, index: u64) -> u64 {
        if index + 1 < self.first + self.count { index + 1 } else { self.first }
    }
}

/// What the numbers of rows go by: [`principal_id`] and the functions beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// The rounds in which organizations of the three kinds take turns.
    Organizations,
    /// A thousand for each customer.
    OfCustomers,
    /// A thousand for each principal.
    OfPrincipals,
    /// The deals, one after the other.
    Opportunities,
    /// Four for each deal.
    OfOpportunities,
    /// None: the key is made of those of a deal and another row.
    ByOthers,
}

/// Where `--append` begins: whole rounds of the default counts that are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Rounds of 5 principals, 3 distributors and 20 customers.
    pub organizations: u64,
    /// Number of opportunities.
    pub opportunities: u64,
}

/// A stage of the pipeline and what follows from it.
#[derive(Debug, PartialEq, Eq)]
pub struct Stage {
    /// The `stage` column.
    pub name: &'static str,
    /// Least and most probability, in steps of five.
    pub probability: (i64, i64),
    /// Days from the as-of date in which an open deal closes.
    pub closes_in: (i64, i64),
}

/// All stages, in the order of the pipeline.
pub const STAGES: [Stage; 8] = [
    Stage { name: "new_lead", probability: (5, 15), closes_in: (45, 180) },
    Stage { name: "initial_outreach", probability: (15, 25), closes_in: (40, 150) },
    Stage { name: "sample_visit_offered", probability: (25, 40), closes_in: (30, 120) },
    Stage { name: "awaiting_response", probability: (40, 55), closes_in: (21, 100) },
    Stage { name: "feedback_logged", probability: (60, 75), closes_in: (14, 75) },
    Stage { name: "demo_scheduled", probability: (75, 90), closes_in: (7, 45) },
    Stage { name: "closed_won", probability: (100, 100), closes_in: (0, 0) },
    Stage { name: "closed_lost", probability: (0, 0), closes_in: (0, 0) },
];

impl Stage {
    /// Whether deals of this stage are over.
    pub fn is_closed(&self) -> bool {
        self.name.starts_with("closed_")
    }
}

/// The values of the `stage` column, in the order of [`STAGES`].
pub const STAGE_NAMES: [&str; STAGES.len()] = {
    let mut names = [""; STAGES.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = STAGES[i].name;
        i += 1;
    }
    names
};

/// Priorities of a deal.
pub const PRIORITIES: [&str; 4] = ["low", "medium", "high", "critical"];
pub const DEAL_CATEGORIES: [&str; 3] = ["New Business", "Expansion", "Renewal"];

/// Everything that decides the rows of the CRM tables.
pub struct Dataset {
    pub seed: u64,
    /// The day on which all dates hang.
    pub as_of: Day,
    pub principals: Pool,
    pub distributors: Pool,
    pub customers: Pool,
    pub opportunities: Pool,
    /// Contacts of each customer.
    pub contacts_per_customer: CountRange,
    /// Products of each principal.
    pub products_per_principal: CountRange,
    /// Contacts in all, where that is what was asked for: they are shared out among the customers.
    pub contacts: Option<u64>,
    /// Products in all, likewise among the principals.
    pub products: Option<u64>,
    /// Stages of deals.
    pub stages: Weighted<&'static Stage>,
    /// Priorities of deals.
    pub priorities: Weighted<&'static str>,
    /// Categories of deals.
    pub categories: Weighted<&'static str>,
    pub vocabulary: &'static Vocabulary,
    /// Rows that were spelled out, and what stands beside them, in the order of their tables.
    pub explicit: Vec<CompletedRow>,
    /// Rows of scenarios in tables that only the target has, table by table.
    pub added: Vec<AddedRow>,
    /// Rows that are there, and that those refer to.
    pub existing: Vec<ExistingRow>,
}

/// How many principals, distributors and customers make one round of ids: the default counts,
/// so that the default and any `--scale` of it have ids without gaps.
const ROUND: (u64, u64, u64) = (5, 3, 20);
const ROUND_IDS: u64 = ROUND.0 + ROUND.1 + ROUND.2;

/// Ids that each parent leaves for its children; see [`crate::domain::counts::MOST_CHILDREN`].
pub const CHILD_IDS: u64 = 1000;
/// Ids that each deal leaves for its participants and its tasks.
pub const DEAL_IDS: u64 = 4;

/// Id of the `index`th principal. It does not depend on how many rows there are of any kind.
pub const fn principal_id(index: u64) -> u64 {
    index / ROUND.0 * ROUND_IDS + index % ROUND.0 + 1
}

/// Id of the `index`th distributor.
pub const fn distributor_id(index: u64) -> u64 {
    index / ROUND.1 * ROUND_IDS + ROUND.0 + index % ROUND.1 + 1
}

/// Id of the `index`th customer.
pub const fn customer_id(index: u64) -> u64 {
    index / ROUND.2 * ROUND_IDS + ROUND.0 + ROUND.1 + index % ROUND.2 + 1
}

/// What an organization of the base is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganizationType {
    Principal,
    Distributor,
    Customer,
}

impl OrganizationType {
    /// As `organization_type` has it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Distributor => "distributor",
            Self::Customer => "customer",
        }
    }
}

/// What the organization with this id (at least 1) is, and its index among those.
pub const fn organization_type_and_index(id: u64) -> (OrganizationType, u64) {
    let (round, place) = ((id - 1) / ROUND_IDS, (id - 1) % ROUND_IDS);
    if place < ROUND.0 {
        (OrganizationType::Principal, round * ROUND.0 + place)
    } else if place < ROUND.0 + ROUND.1 {
        (OrganizationType::Distributor, round * ROUND.1 + place - ROUND.0)
    } else {
        (OrganizationType::Customer, round * ROUND.2 + place - ROUND.0 - ROUND.1)
    }
}

/// Id of a contact: the customer in the thousands.
pub const fn contact_id(customer: u64, child: u64) -> u64 {
    customer * CHILD_IDS + child + 1
}

/// Id of a product: the principal in the thousands.
pub const fn product_id(principal: u64, child: u64) -> u64 {
    principal * CHILD_IDS + child + 1
}

/// Id of a deal.
pub const fn opportunity_id(index: u64) -> u64 {
    index + 1
}

impl Origin {
    /// The first origin whose ids all lie above the highest that `highest` finds in a table.
    pub fn above(highest: impl IntoIterator<Item = (Numbering, u64)>) -> Self {
        let mut origin = Self::default();
        for (numbering, highest) in highest {
            let (first, ids) = match numbering {
                Numbering::Organizations => (&mut origin.organizations, ROUND_IDS),
                Numbering::OfCustomers => (&mut origin.organizations, CHILD_IDS * ROUND.2),
                Numbering::OfPrincipals => (&mut origin.organizations, CHILD_IDS * ROUND.0),
                Numbering::Opportunities => (&mut origin.opportunities, 1),
                Numbering::OfOpportunities => (&mut origin.opportunities, DEAL_IDS),
                Numbering::ByOthers => continue,
            };
            *first = (*first).max(highest.div_ceil(ids));
        }
        origin
    }
}

impl Origin {
    /// Holds the rows that begin here to the same limits as those that begin at nothing.
    fn check(self, counts: &Counts) -> Result<()> {
        let ends = [
            (self.organizations.saturating_mul(ROUND.0), counts.principals, MOST_PRINCIPALS),
            (self.organizations.saturating_mul(ROUND.1), counts.distributors, MOST),
            (self.organizations.saturating_mul(ROUND.2), counts.customers, MOST),
            (self.opportunities, counts.opportunities, MOST),
        ];
        if ends.iter().any(|(first, count, most)| first.saturating_add(*count) > *most) {
            return Err(Error::failed("the existing ids are too high to add rows after them")
                .with_hint("crm-seed would run out of ids; use another database, or --clean this one"));
        }
        Ok(())
    }
}

impl Dataset {
    /// The dataset of these counts and weights.
    ///
    /// # Errors
    /// Counts out of range; weights of unknown values, or none above zero.
    pub fn new(seed: u64, as_of: Day, counts: &Counts, weights: &Weights, origin: Origin) -> Result<Self> {
        counts.check()?;
        origin.check(counts)?;
        let pool = |first, count| Pool { first, count };
        Ok(Self {
            seed,
            as_of,
            principals: pool(origin.organizations * ROUND.0, counts.principals),
            distributors: pool(origin.organizations * ROUND.1, counts.distributors),
            customers: pool(origin.organizations * ROUND.2, counts.customers),
            opportunities: pool(origin.opportunities, counts.opportunities),
            contacts_per_customer: counts.contacts_of_each(),
            products_per_principal: counts.products_of_each(),
            contacts: counts.contacts,
            products: counts.products,
            stages: weighted(weights, "opportunities.stage", STAGES.iter().map(|s| (s.name, s)))?,
            priorities: weighted(weights, "opportunities.priority", PRIORITIES.map(|p| (p, p)))?,
            categories: weighted(weights, "opportunities.category", DEAL_CATEGORIES.map(|c| (c, c)))?,
            vocabulary: Vocabulary::get(),
            explicit: Vec::new(),
            added: Vec::new(),
            existing: Vec::new(),
        })
    }

    /// How many rows a scenario has, by its position among those that are loaded.
    pub fn rows_of_scenario(&self, scenario_index: usize) -> u64 {
        let explicit = self.explicit.iter().filter(|made| made.scenario_index == scenario_index).count();
        let added = self.added.iter().filter(|row| row.scenario_index == scenario_index).count();
        (explicit + added) as u64
    }

    /// The explicit rows of the table at this position of [`crate::domain::TABLES`].
    pub fn explicit_of(&self, table: usize) -> &[CompletedRow] {
        let start = self.explicit.partition_point(|made| made.table < table);
        let end = self.explicit.partition_point(|made| made.table <= table);
        &self.explicit[start..end]
    }

    /// The first second that has not happened yet: nothing in the data is younger.
    pub const fn now(&self) -> i64 {
        self.as_of.midnight()
    }
}

/// The weights of a column, over the values that we know.
fn weighted<T>(
    weights: &Weights,
    column: &str,
    known: impl IntoIterator<Item = (&'static str, T)>,
) -> Result<Weighted<T>> {
    static NONE: BTreeMap<String, u64> = BTreeMap::new();
    let weights = weights.get(column).unwrap_or(&NONE);
    let known: Vec<(&str, T)> = known.into_iter().collect();
    if let Some(unknown) = weights.keys().find(|key| known.iter().all(|(name, _)| name != key)) {
        return Err(Error::usage(format!("weights of {column}: unknown value `{unknown}`")));
    }
    // A column without weights has all its values alike.
    let weight = |name: &str| weights.get(name).copied().unwrap_or(u64::from(weights.is_empty()));
    Weighted::new(known.into_iter().map(|(name, value)| (value, weight(name))))
        .ok_or_else(|| Error::usage(format!("all weights of {column} are 0")))
}

/// A moment in the past of the as-of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Seconds since 1970-01-01 UTC.
    pub second: i64,
}

/// 13:00 to 23:00 UTC is a working day somewhere in the United States.
const OPENING: i64 = 13 * 3600;
const WORKING_SECONDS: u64 = 10 * 3600;

impl Moment {
    /// A working hour of the day `age` days (at least 1) before `as_of`.
    #[inline]
    pub fn days_ago(as_of: Day, age: i64, slot: Slot) -> Self {
        let hour = OPENING + slot.below(WORKING_SECONDS) as i64;
        Self { second: as_of.midnight() - age * DAY + hour }
    }

    /// A moment from this one up to, not including, `end`.
    #[inline]
    pub fn until(self, end: i64, slot: Slot) -> Self {
        Self { second: self.second + slot.below((end - self.second).max(1) as u64) as i64 }
    }

    /// When a row made now was last touched before `end`: a third never was, recent times
    /// are likelier than old ones.
    #[inline]
    pub fn touched(self, end: i64, slot: Slot) -> Self {
        if slot.chance(33) {
            return self;
        }
        let span = end - self.second - 1;
        Self { second: end - 1 - slot.child(0).skewed(0, span) }
    }

    #[inline]
    pub const fn day(self) -> i32 {
        self.second.div_euclid(DAY) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_the_default_counts_and_their_multiples_have_no_gaps() {
        for scale in [1, 7] {
            let mut ids: Vec<u64> = (0..5 * scale)
                .map(principal_id)
                .chain((0..3 * scale).map(distributor_id))
                .chain((0..20 * scale).map(customer_id))
                .collect();
            ids.sort_unstable();
            assert_eq!(ids, (1..=28 * scale).collect::<Vec<u64>>());
        }
    }

    #[test]
    fn an_id_tells_what_the_organization_is() {
        for index in [0, 1, 4, 5, 19, 20, 1_000_003] {
            let all = [
                (principal_id(index), OrganizationType::Principal),
                (distributor_id(index), OrganizationType::Distributor),
                (customer_id(index), OrganizationType::Customer),
            ];
            for (id, organization_type) in all {
                assert_eq!(organization_type_and_index(id), (organization_type, index));
            }
        }
    }

    #[test]
    fn an_origin_lies_above_every_id_that_is_there() {
        let origin = Origin::above([
            (Numbering::Organizations, 29),
            (Numbering::OfCustomers, 60_001),
            (Numbering::OfOpportunities, 401),
            (Numbering::ByOthers, 5_000_000),
        ]);
        assert_eq!(origin, Origin { organizations: 4, opportunities: 101 });
        assert!(contact_id(origin.organizations * ROUND.2, 0) > 60_001);
        assert_eq!(Origin::above([]), Origin::default());
    }

    const FEW: Counts =
        Counts { principals: 5, distributors: 3, customers: 20, opportunities: 50, ..Counts::NONE };

    #[test]
    fn an_origin_out_of_range_is_refused() {
        let origin = Origin::above([(Numbering::Organizations, i64::MAX as u64)]);
        let error =
            Dataset::new(1, Day::DEFAULT_AS_OF, &FEW, &Weights::new(), origin).err().expect("too high");
        assert!(error.to_string().contains("too high"), "{error}");
    }

    #[test]
    fn unknown_weights_are_named() {
        let stages = BTreeMap::from([("demo_schedule".to_owned(), 1)]);
        let weights = Weights::from([("opportunities.stage".to_owned(), stages)]);
        let error =
            Dataset::new(1, Day::DEFAULT_AS_OF, &FEW, &weights, Origin::default()).err().expect("unknown");
        assert!(error.to_string().contains("demo_schedule"), "{error}");
    }
}
