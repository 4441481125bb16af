//! Rule 3: customers have contacts, and contacts belong to them.

use super::mailboxes::HOST;
use super::rule::Rule;

pub const RULES: &[Rule] = &[
    Rule {
        number: 3,
        name: "customer-has-contacts",
        about: "every customer has a contact",
        needs: &[
            "organizations.id",
            "organizations.organization_type",
            "contact_organizations.organization_id",
            "contact_organizations.is_primary",
        ],
        query: |_| {
            "SELECT format('organization %s: a customer without contacts', o.id)
             FROM organizations o
             WHERE o.organization_type::text = 'customer' AND NOT EXISTS (
               SELECT FROM contact_organizations l WHERE l.organization_id = o.id AND l.is_primary)"
                .to_owned()
        },
    },
    Rule {
        number: 3,
        name: "customer-has-one-primary-contact",
        about: "exactly one of a customer's contacts is its primary contact",
        needs: &[
            "organizations.id",
            "organizations.organization_type",
            "contact_organizations.organization_id",
            "contact_organizations.contact_id",
            "contact_organizations.is_primary",
            "contacts.id",
            "contacts.is_primary_contact",
        ],
        query: |_| {
            "SELECT format('organization %s: %s primary contacts', o.id, count(c.id))
             FROM organizations o
             LEFT JOIN contact_organizations l ON l.organization_id = o.id AND l.is_primary
             LEFT JOIN contacts c ON c.id = l.contact_id AND c.is_primary_contact
             WHERE o.organization_type::text = 'customer'
             GROUP BY o.id HAVING count(c.id) <> 1"
                .to_owned()
        },
    },
    Rule {
        number: 3,
        name: "contact-has-one-own-organization",
        about: "every contact has exactly one primary organization",
        needs: &["contacts.id", "contact_organizations.contact_id", "contact_organizations.is_primary"],
        query: |_| {
            "SELECT format('contact %s: %s primary organizations', c.id, count(l.contact_id))
             FROM contacts c
             LEFT JOIN contact_organizations l ON l.contact_id = c.id AND l.is_primary
             GROUP BY c.id HAVING count(l.contact_id) <> 1"
                .to_owned()
        },
    },
    Rule {
        number: 3,
        name: "contact-at-its-own-domain",
        about: "a contact's e-mail is at the domain of its primary organization's website",
        needs: &[
            "contacts.id",
            "~contacts.email",
            "contact_organizations.contact_id",
            "contact_organizations.organization_id",
            "contact_organizations.is_primary",
            "organizations.id",
            "~organizations.website",
        ],
        query: |_| {
            format!(
                "SELECT format('contact %s: %s, website of organization %s %s', c.id, e.value, o.id, o.website)
                 FROM contacts c
                 JOIN contact_organizations l ON l.contact_id = c.id AND l.is_primary
                 JOIN organizations o ON o.id = l.organization_id
                 CROSS JOIN LATERAL (
                   SELECT jsonb_path_query(c.email::jsonb, '$[*].value') #>> '{{}}' AS value) e
                 WHERE split_part(e.value, '@', 2) IS DISTINCT FROM substring(o.website FROM '{HOST}')"
            )
        },
    },
    Rule {
        number: 3,
        name: "deal-contacts-of-its-customer",
        about: "contacts of an opportunity work for its customer",
        needs: &[
            "opportunities.id",
            "opportunities.customer_organization_id",
            "opportunity_contacts.opportunity_id",
            "opportunity_contacts.contact_id",
            "contact_organizations.contact_id",
            "contact_organizations.organization_id",
            "contact_organizations.is_primary",
        ],
        query: |_| {
            "SELECT format('opportunity %s: contact %s is of organization %s, not %s',
               d.id, p.contact_id, coalesce(l.organization_id::text, '(none)'), d.customer_organization_id)
             FROM opportunity_contacts p
             JOIN opportunities d ON d.id = p.opportunity_id
             LEFT JOIN contact_organizations l ON l.contact_id = p.contact_id AND l.is_primary
             WHERE l.organization_id IS DISTINCT FROM d.customer_organization_id"
                .to_owned()
        },
    },
    Rule {
        number: 3,
        name: "deal-has-one-primary-contact",
        about: "an opportunity has exactly one primary contact",
        needs: &[
            "opportunities.id",
            "opportunity_contacts.opportunity_id",
            "opportunity_contacts.is_primary",
        ],
        query: |_| {
            "SELECT format('opportunity %s: %s primary contacts', d.id, count(p.opportunity_id))
             FROM opportunities d
             LEFT JOIN opportunity_contacts p ON p.opportunity_id = d.id AND p.is_primary
             GROUP BY d.id HAVING count(p.opportunity_id) <> 1"
                .to_owned()
        },
    },
    Rule {
        number: 3,
        name: "task-contact-of-its-customer",
        about: "a task's contact works for the customer of its opportunity",
        needs: &[
            "opportunities.id",
            "opportunities.customer_organization_id",
            "tasks.id",
            "tasks.opportunity_id",
            "tasks.contact_id",
            "contact_organizations.contact_id",
            "contact_organizations.organization_id",
            "contact_organizations.is_primary",
        ],
        query: |_| {
            "SELECT format('task %s: contact %s is of organization %s, not %s',
               t.id, t.contact_id, coalesce(l.organization_id::text, '(none)'), d.customer_organization_id)
             FROM tasks t
             JOIN opportunities d ON d.id = t.opportunity_id
             LEFT JOIN contact_organizations l ON l.contact_id = t.contact_id AND l.is_primary
             WHERE t.contact_id IS NOT NULL
               AND l.organization_id IS DISTINCT FROM d.customer_organization_id"
                .to_owned()
        },
    },
];
