//! Rule 11: the size of an organization is told the same way everywhere.

use super::rule::{Rule, values};
use crate::domain::vocabulary::Vocabulary;
use crate::domain::{DISTRIBUTOR_SIZE, PRINCIPAL_SIZE};
use crate::sql::quote_literal;

pub const RULES: &[Rule] = &[
    Rule {
        number: 11,
        name: "customer-segment-of-its-size",
        about: "customer_segment follows from employee_count (more than 1000, 100 or 10)",
        needs: &["organizations.id", "organizations.customer_segment", "organizations.employee_count"],
        query: |_| {
            "SELECT format('organization %s: %s employees, %s', id, employee_count, customer_segment)
             FROM organizations
             WHERE customer_segment::text IS DISTINCT FROM CASE
               WHEN employee_count > 1000 THEN 'enterprise' WHEN employee_count > 100 THEN 'mid-market'
               WHEN employee_count > 10 THEN 'small-business'
               WHEN employee_count IS NOT NULL THEN 'startup' END"
                .to_owned()
        },
    },
    Rule {
        number: 11,
        name: "segment-of-its-size",
        about: "segment follows from employee_count (more than 1000 or 100)",
        needs: &["organizations.id", "organizations.segment", "organizations.employee_count"],
        query: |_| {
            "SELECT format('organization %s: %s employees, %s', id, employee_count, segment)
             FROM organizations
             WHERE segment::text IS DISTINCT FROM CASE
               WHEN employee_count > 1000 THEN 'Enterprise' WHEN employee_count > 100 THEN 'Mid-Market'
               WHEN employee_count IS NOT NULL THEN 'Small Business' END"
                .to_owned()
        },
    },
    Rule {
        number: 11,
        name: "employees-of-its-industry",
        about: "employee_count is in the range of the industry",
        needs: &["organizations.id", "organizations.industry", "organizations.employee_count"],
        query: |_| {
            format!(
                "SELECT format('organization %s: %s, %s employees', o.id, o.industry, o.employee_count)
                 FROM organizations o LEFT JOIN ({}) i ON i.industry = o.industry::text
                 WHERE coalesce(o.employee_count NOT BETWEEN i.fewest AND i.most, true)",
                industries()
            )
        },
    },
    Rule {
        number: 11,
        name: "revenue-of-its-employees",
        about: "annual_revenue per employee is in the range of the industry",
        needs: &[
            "organizations.id",
            "organizations.industry",
            "organizations.employee_count",
            "organizations.annual_revenue",
        ],
        query: |_| {
            format!(
                "SELECT format('organization %s: %s, %s employees, revenue %s',
                   o.id, o.industry, o.employee_count, o.annual_revenue)
                 FROM organizations o LEFT JOIN ({}) i ON i.industry = o.industry::text
                 WHERE coalesce(o.annual_revenue::numeric
                   NOT BETWEEN o.employee_count * i.low AND o.employee_count * i.high, true)",
                industries()
            )
        },
    },
];

/// What an industry knows.
struct Industry {
    name: &'static str,
    employees: (i64, i64),
    /// Dollars an employee and year.
    revenue: (i64, i64),
}

/// `industry`, `fewest` and `most` employees, `low` and `high` revenue of each.
fn industries() -> String {
    let customers = Vocabulary::get().customers.shares().map(|(kind, _)| Industry {
        name: kind.industry,
        employees: kind.employees,
        revenue: kind.revenue_per_employee,
    });
    let sellers = [PRINCIPAL_SIZE, DISTRIBUTOR_SIZE].map(|size| Industry {
        name: size.industry,
        employees: size.employees,
        revenue: (size.revenue_per_employee.0 * 1000, size.revenue_per_employee.1 * 1000),
    });
    let rows = customers.chain(sellers).map(|Industry { name, employees, revenue }| {
        let [fewest, most] = [employees.0, employees.1].map(|n| n.to_string());
        // As numeric, the products of the query do not overflow.
        let [low, high] = [revenue.0, revenue.1].map(|n| format!("{n}::numeric"));
        [quote_literal(name), fewest, most, low, high]
    });
    format!("SELECT * FROM (VALUES {}) v(industry, fewest, most, low, high)", values(rows))
}
