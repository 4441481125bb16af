//! Rule 1: the parties of a deal are organizations of that type, and flags agree with types.

use super::rule::Rule;

macro_rules! party {
    ($role:literal) => {
        Rule {
            number: 1,
            name: concat!("deal-", $role, "-type"),
            about: concat!("an opportunity's ", $role, " is an organization of that type"),
            needs: &[
                "opportunities.id",
                concat!("opportunities.", $role, "_organization_id"),
                "organizations.id",
                "organizations.organization_type",
            ],
            query: |_| {
                format!(
                    "SELECT format('opportunity %s: {role} %s is %s', d.id,
                       coalesce(d.{role}_organization_id::text, '(none)'),
                       coalesce(o.organization_type::text, 'no organization'))
                     FROM opportunities d LEFT JOIN organizations o ON o.id = d.{role}_organization_id
                     WHERE o.organization_type::text IS DISTINCT FROM '{role}'",
                    role = $role
                )
            },
        }
    };
}

macro_rules! flag {
    ($role:literal) => {
        Rule {
            number: 1,
            name: concat!($role, "-flag"),
            about: concat!("is_", $role, " agrees with the organization's type"),
            needs: &[
                "organizations.id",
                "organizations.organization_type",
                concat!("organizations.is_", $role),
            ],
            query: |_| {
                format!(
                    "SELECT format('organization %s: type %s, is_{role} %s', id, organization_type, is_{role})
                     FROM organizations
                     WHERE is_{role} IS DISTINCT FROM (organization_type::text = '{role}')",
                    role = $role
                )
            },
        }
    };
}

pub const RULES: &[Rule] = &[
    party!("customer"),
    party!("principal"),
    party!("distributor"),
    flag!("principal"),
    flag!("distributor"),
];
