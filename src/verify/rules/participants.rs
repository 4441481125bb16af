//! Rule 2: participants mirror the opportunity.

use super::rule::Rule;

macro_rules! mirror {
    ($role:literal) => {
        Rule {
            number: 2,
            name: concat!("participants-mirror-", $role),
            about: concat!("the primary participant with role ", $role, " is the opportunity's ", $role),
            needs: &[
                "opportunities.id",
                concat!("opportunities.", $role, "_organization_id"),
                "opportunity_participants.opportunity_id",
                "opportunity_participants.organization_id",
                "opportunity_participants.role",
                "opportunity_participants.is_primary",
            ],
            query: |_| {
                format!(
                    "SELECT CASE WHEN p.opportunity_id IS NULL
                       THEN format('opportunity %s: {role} %s is no primary participant', d.id, d.party)
                       ELSE format('opportunity %s: primary participant %s is not its {role}',
                         p.opportunity_id, p.organization_id) END
                     FROM (SELECT id, {role}_organization_id AS party FROM opportunities
                       WHERE {role}_organization_id IS NOT NULL) d
                     FULL JOIN (SELECT opportunity_id, organization_id FROM opportunity_participants
                       WHERE role::text = '{role}' AND is_primary) p
                     ON p.opportunity_id = d.id AND p.organization_id = d.party
                     WHERE d.id IS NULL OR p.opportunity_id IS NULL",
                    role = $role
                )
            },
        }
    };
}

pub const RULES: &[Rule] = &[
    mirror!("customer"),
    mirror!("principal"),
    mirror!("distributor"),
    Rule {
        number: 2,
        name: "one-primary-participant-a-role",
        about: "an opportunity has one primary participant per role",
        needs: &[
            "opportunity_participants.opportunity_id",
            "opportunity_participants.role",
            "opportunity_participants.is_primary",
        ],
        query: |_| {
            "SELECT format('opportunity %s: %s primary participants in the role of %s',
               opportunity_id, count(*) FILTER (WHERE is_primary), role)
             FROM opportunity_participants GROUP BY opportunity_id, role
             HAVING count(*) FILTER (WHERE is_primary) <> 1"
                .to_owned()
        },
    },
    Rule {
        number: 2,
        name: "participant-role-fits-type",
        about: "a participant's role is its organization's type",
        needs: &[
            "opportunity_participants.opportunity_id",
            "opportunity_participants.organization_id",
            "opportunity_participants.role",
            "organizations.id",
            "organizations.organization_type",
        ],
        query: |_| {
            "SELECT format('opportunity %s: participant %s in the role of %s is a %s',
               p.opportunity_id, o.id, p.role, o.organization_type)
             FROM opportunity_participants p JOIN organizations o ON o.id = p.organization_id
             WHERE p.role::text IS DISTINCT FROM o.organization_type::text"
                .to_owned()
        },
    },
];
