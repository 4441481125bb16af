//! For each rule, SQL that breaks it.

/// The rule, SQL that plants a violation in a freshly seeded database, further flags for seeding.
pub const PLANTED: &[(&str, &str, &str)] = &[];
