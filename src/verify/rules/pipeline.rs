//! Rule 7: what follows from the stage of a deal.

use super::rule::{Asked, Rule, values};
use crate::domain::dataset::STAGES;
use crate::sql::quote_literal;

/// Whether the deal `d` is over.
const CLOSED: &str = "d.stage::text IN ('closed_won', 'closed_lost')";

pub const RULES: &[Rule] = &[
    Rule {
        number: 7,
        name: "probability-of-its-stage",
        about: "probability is in the range of the stage (closed_won 100, closed_lost 0)",
        needs: &["opportunities.id", "opportunities.stage", "opportunities.probability"],
        query: |_| {
            let stages = STAGES.iter().map(|stage| {
                let (low, high) = stage.probability;
                [quote_literal(stage.name), low.to_string(), high.to_string()]
            });
            format!(
                "SELECT format('opportunity %s: %s at %s %%', d.id, d.stage, d.probability)
                 FROM opportunities d
                 LEFT JOIN (VALUES {}) s(stage, low, high) ON s.stage = d.stage::text
                 WHERE coalesce(d.probability NOT BETWEEN s.low AND s.high, true)",
                values(stages)
            )
        },
    },
    Rule {
        number: 7,
        name: "status-of-its-stage",
        about: "status is closed if and only if the stage is closed_won or closed_lost",
        needs: &["opportunities.id", "opportunities.stage", "opportunities.status"],
        query: |_| {
            format!(
                "SELECT format('opportunity %s: stage %s, status %s', d.id, d.stage, d.status)
                 FROM opportunities d
                 WHERE (d.status::text = 'closed') IS DISTINCT FROM ({CLOSED})"
            )
        },
    },
    Rule {
        number: 7,
        name: "closed-deals-closed-in-the-past",
        about: "actual_close_date is before the as-of date for closed opportunities, NULL for open ones",
        needs: &["opportunities.id", "opportunities.stage", "opportunities.actual_close_date"],
        query: |Asked { as_of, .. }| {
            format!(
                "SELECT format('opportunity %s: %s, closed %s', d.id, d.stage,
                   coalesce(d.actual_close_date::text, '(never)'))
                 FROM opportunities d
                 WHERE CASE WHEN {CLOSED} THEN coalesce(d.actual_close_date >= '{as_of}', true)
                   ELSE d.actual_close_date IS NOT NULL END"
            )
        },
    },
    Rule {
        number: 7,
        name: "open-deals-close-in-the-future",
        about: "estimated_close_date of open opportunities is after the as-of date",
        needs: &["opportunities.id", "opportunities.stage", "opportunities.estimated_close_date"],
        query: |Asked { as_of, .. }| {
            format!(
                "SELECT format('opportunity %s: %s, to close %s', d.id, d.stage,
                   coalesce(d.estimated_close_date::text, '(never)'))
                 FROM opportunities d
                 WHERE NOT ({CLOSED}) AND coalesce(d.estimated_close_date <= '{as_of}', true)"
            )
        },
    },
    Rule {
        number: 7,
        name: "open-deals-have-a-next-action",
        about: "next_action is set for open opportunities, NULL for closed ones",
        needs: &["opportunities.id", "opportunities.stage", "opportunities.next_action"],
        query: |_| {
            format!(
                "SELECT format('opportunity %s: %s, next action %s', d.id, d.stage,
                   coalesce(d.next_action, '(none)'))
                 FROM opportunities d WHERE (d.next_action IS NULL) IS DISTINCT FROM ({CLOSED})"
            )
        },
    },
    Rule {
        number: 7,
        name: "next-action-is-to-come",
        about: "next_action_date is on or after the as-of date for open opportunities, NULL for closed ones",
        needs: &["opportunities.id", "opportunities.stage", "opportunities.next_action_date"],
        query: |Asked { as_of, .. }| {
            format!(
                "SELECT format('opportunity %s: %s, next action on %s', d.id, d.stage,
                   coalesce(d.next_action_date::text, '(no day)'))
                 FROM opportunities d
                 WHERE CASE WHEN {CLOSED} THEN d.next_action_date IS NOT NULL
                   ELSE coalesce(d.next_action_date < '{as_of}', true) END"
            )
        },
    },
    Rule {
        number: 7,
        name: "forecast-of-its-probability",
        about: "forecast_category is closed if closed, else commit from 80 %, best_case from 50 %, \
                pipeline below",
        needs: &[
            "opportunities.id",
            "opportunities.stage",
            "opportunities.probability",
            "opportunities.forecast_category",
        ],
        query: |_| {
            format!(
                "SELECT format('opportunity %s: %s at %s %%, forecast %s', d.id, d.stage, d.probability,
                   coalesce(d.forecast_category::text, '(none)'))
                 FROM opportunities d
                 WHERE d.forecast_category::text IS DISTINCT FROM CASE
                   WHEN {CLOSED} THEN 'closed' WHEN d.probability >= 80 THEN 'commit'
                   WHEN d.probability >= 50 THEN 'best_case' ELSE 'pipeline' END"
            )
        },
    },
];
