//! Our own rules: what good practice says to do and not to do, a file for each.
//!
//! Two of its fourteen are no matter of files: to test on a copy first, and not to run at peak hours.

mod concurrently_in_transaction;
mod drop_without_deprecation;
mod index_without_concurrently;
mod missing_if_not_exists;
mod missing_rollback;
mod not_null_without_default;
mod policy_permits_everything;
mod rename_without_alias;
mod several_steps_without_transaction;
mod table_without_row_security;
mod type_change_without_using;
mod undocumented_breaking_change;
mod unique_without_duplicate_check;
mod unvalidated_constraint;

use crate::migrate::lint::context::Rule;

/// All of them, those of the DO's first.
pub const ALL: [&Rule; 14] = [
    &missing_rollback::RULE,
    &several_steps_without_transaction::RULE,
    &concurrently_in_transaction::RULE,
    &unvalidated_constraint::RULE,
    &undocumented_breaking_change::RULE,
    &missing_if_not_exists::RULE,
    &index_without_concurrently::RULE,
    &drop_without_deprecation::RULE,
    &rename_without_alias::RULE,
    &type_change_without_using::RULE,
    &not_null_without_default::RULE,
    &unique_without_duplicate_check::RULE,
    &table_without_row_security::RULE,
    &policy_permits_everything::RULE,
];
