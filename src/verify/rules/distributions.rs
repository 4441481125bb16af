//! Rule 13: the data is skewed as life is, and as the default scenario says.

use super::rule::{Rule, values};
use crate::scenario::Scenario;
use crate::sql::quote_literal;

/// The shares of a column's values among at least 200 opportunities.
macro_rules! shares {
    ($column:literal) => {
        Rule {
            number: 13,
            name: concat!("shares-of-", $column),
            about: concat!(
                "shares of each ",
                $column,
                " are within five standard deviations and a percentage point of the default weights"
            ),
            needs: &[concat!("opportunities.", $column)],
            query: |_| shares($column),
        }
    };
}

pub const RULES: &[Rule] = &[
    shares!("stage"),
    shares!("priority"),
    shares!("category"),
    Rule {
        number: 13,
        name: "few-customers-have-most-deals",
        about: "the 20 % of customers with the most opportunities have at least 45 % of them",
        needs: &[
            "organizations.id",
            "organizations.organization_type",
            "opportunities.id",
            "opportunities.customer_organization_id",
        ],
        query: |_| {
            "WITH busy AS (
               SELECT o.id, count(d.id) AS deals, row_number() OVER (ORDER BY count(d.id) DESC) AS rank
               FROM organizations o LEFT JOIN opportunities d ON d.customer_organization_id = o.id
               WHERE o.organization_type::text = 'customer' GROUP BY o.id),
             whole AS (SELECT count(*) AS customers, sum(deals) AS deals FROM busy),
             top AS (SELECT sum(b.deals) AS deals FROM busy b, whole w WHERE b.rank * 5 <= w.customers + 4)
             SELECT format('the busiest fifth of %s customers has %s of %s opportunities',
               w.customers, t.deals, w.deals)
             FROM whole w, top t
             WHERE w.customers >= 100 AND w.deals >= 200 AND t.deals < w.deals * 0.45"
                .to_owned()
        },
    },
    Rule {
        number: 13,
        name: "amounts-are-skewed",
        about: "the mean of the amounts is at least 5 % above the median",
        needs: &["opportunities.amount"],
        query: |_| {
            "WITH whole AS (SELECT count(amount) AS n, avg(amount::numeric) AS mean,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY amount::numeric::float8)::numeric AS median
               FROM opportunities)
             SELECT format('amounts: mean %s, median %s', round(mean, 2), round(median, 2))
             FROM whole WHERE n >= 200 AND mean < median * 1.05"
                .to_owned()
        },
    },
];

fn shares(column: &str) -> String {
    let scenario = Scenario::default_scenario();
    let weights = &scenario.weights[&format!("opportunities.{column}")];
    let whole: u64 = weights.values().sum();
    let rows =
        weights.iter().map(|(value, weight)| [quote_literal(value), format!("{weight}::float8 / {whole}")]);
    format!(
        "WITH whole AS (SELECT count(*)::float8 AS n FROM opportunities),
         counts AS (SELECT {column}::text AS value, count(*) AS n FROM opportunities GROUP BY 1)
         SELECT format('{column} %s: %s %% of %s opportunities, expected %s %%',
           coalesce(w.value, c.value, '(none)'), round((coalesce(c.n, 0) / whole.n * 100)::numeric, 2),
           whole.n, round((coalesce(w.share, 0) * 100)::numeric, 2))
         FROM (VALUES {}) w(value, share) FULL JOIN counts c ON c.value = w.value CROSS JOIN whole
         WHERE whole.n >= 200 AND abs(coalesce(c.n, 0) / whole.n - coalesce(w.share, 0))
           > 5 * sqrt(coalesce(w.share * (1 - w.share), 0) / whole.n) + 0.01",
        values(rows)
    )
}
