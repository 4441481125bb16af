//! Rule 5: city, state, postal code and area code exist together.

use super::mailboxes::area_code;
use super::rule::{Rule, values};
use crate::domain::vocabulary::{Place, Vocabulary};
use crate::sql::quote_literal;

pub const RULES: &[Rule] = &[
    Rule {
        number: 5,
        name: "city-of-its-state",
        about: "the city is in the state",
        needs: &["organizations.id", "organizations.city", "organizations.state"],
        query: |_| {
            format!(
                "SELECT format('organization %s: %s, %s', id, city, state)
                 FROM organizations o
                 WHERE NOT EXISTS (SELECT FROM (VALUES {}) p(city, state, code)
                   WHERE p.city = o.city::text AND p.state = o.state::text)",
                codes(|place| &place.postal_codes[..1])
            )
        },
    },
    Rule {
        number: 5,
        name: "postal-code-of-its-city",
        about: "the postal code belongs to the city",
        needs: &[
            "organizations.id",
            "organizations.city",
            "organizations.state",
            "organizations.postal_code",
        ],
        query: |_| {
            format!(
                "SELECT format('organization %s: %s, %s %s', id, city, state, postal_code)
                 FROM organizations o
                 WHERE NOT EXISTS (SELECT FROM (VALUES {}) p(city, state, code)
                   WHERE p.city = o.city::text AND p.state = o.state::text
                     AND p.code = o.postal_code::text)",
                codes(|place| &place.postal_codes)
            )
        },
    },
    Rule {
        number: 5,
        name: "area-code-of-its-city",
        about: "the area code of the telephone number belongs to the city",
        needs: &["organizations.id", "organizations.city", "organizations.state", "~organizations.phone"],
        query: |_| {
            format!(
                "SELECT format('organization %s: %s in %s, %s', id, phone, city, state)
                 FROM organizations o
                 WHERE {area} IS NOT NULL AND NOT EXISTS (SELECT FROM (VALUES {}) p(city, state, code)
                   WHERE p.city = o.city::text AND p.state = o.state::text
                     AND p.code = {area})",
                codes(|place| &place.area_codes),
                area = area_code("o.phone")
            )
        },
    },
];

/// `('Mobile', 'AL', '36602'), ...`: every town with its codes.
fn codes(of: fn(&Place) -> &[&'static str]) -> String {
    values(Vocabulary::get().places.shares().flat_map(|(place, _)| {
        of(place)
            .iter()
            .map(|code| [quote_literal(place.city), quote_literal(place.state), quote_literal(code)])
    }))
}
