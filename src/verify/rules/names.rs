//! Rule 12: names and texts say what they are about.

use super::rule::{Rule, values};
use crate::domain::dataset::{DEAL_CATEGORIES, STAGES};
use crate::domain::vocabulary::{Piece, Template, Vocabulary};
use crate::sql::quote_literal;

/// The first two words of a principal's name, which are its brand or begin it.
macro_rules! brand {
    ($name:literal) => {
        concat!("(split_part(", $name, ", ' ', 1) || ' ' || split_part(", $name, ", ' ', 2))")
    };
}

pub const RULES: &[Rule] = &[
    Rule {
        number: 12,
        name: "organization-names-unique",
        about: "no two organizations have the same name, ignoring case",
        needs: &["organizations.name"],
        query: |_| {
            "SELECT format('%s organizations: %s', count(*), min(name))
             FROM organizations GROUP BY lower(name) HAVING count(*) > 1"
                .to_owned()
        },
    },
    Rule {
        number: 12,
        name: "customers-sound-like-what-they-are",
        about: "customers' names have an ending of their industry",
        needs: &[
            "organizations.id",
            "organizations.name",
            "organizations.organization_type",
            "organizations.industry",
        ],
        query: |_| {
            let endings = Vocabulary::get().customers.shares().flat_map(|(kind, _)| {
                kind.names.0.iter().skip(2).flatten().map(|word| (kind.industry, word.text))
            });
            format!(
                "SELECT format('organization %s: %s, %s', o.id, o.name, o.industry) FROM organizations o
                 WHERE o.organization_type::text = 'customer' AND NOT EXISTS (
                   SELECT FROM (VALUES {}) e(industry, ending) WHERE e.industry = o.industry::text
                     AND regexp_replace(o.name, ' No[.] [0-9]+$', '') LIKE e.ending)",
                values(endings.map(|(industry, ending)| [quote_literal(industry), ends_in(ending)]))
            )
        },
    },
    Rule {
        number: 12,
        name: "sellers-sound-like-what-they-are",
        about: "names of principals and distributors have an ending of manufacturers or wholesalers",
        needs: &["organizations.id", "organizations.name", "organizations.organization_type"],
        query: |_| {
            let vocabulary = Vocabulary::get();
            let makers = vocabulary.categories.iter().flat_map(|category| &category.suffixes);
            let wholesalers = vocabulary.distributors.0.iter().skip(2).flatten();
            let endings = makers
                .map(|word| ("principal", word.text))
                .chain(wholesalers.map(|word| ("distributor", word.text)));
            format!(
                "SELECT format('organization %s: %s, a %s', o.id, o.name, o.organization_type)
                 FROM organizations o
                 WHERE o.organization_type::text IN ('principal', 'distributor') AND NOT EXISTS (
                   SELECT FROM (VALUES {}) e(kind, ending) WHERE e.kind = o.organization_type::text
                     AND regexp_replace(o.name, ' No[.] [0-9]+$', '') LIKE e.ending)",
                values(endings.map(|(kind, ending)| [quote_literal(kind), ends_in(ending)]))
            )
        },
    },
    Rule {
        number: 12,
        name: "deal-names-say-who-buys",
        about: "an opportunity's name ends with the name of its customer",
        needs: &[
            "opportunities.id",
            "opportunities.name",
            "opportunities.customer_organization_id",
            "organizations.id",
            "organizations.name",
        ],
        query: |_| {
            "SELECT format('opportunity %s: %s, customer %s', d.id, d.name, o.name)
             FROM opportunities d JOIN organizations o ON o.id = d.customer_organization_id
             WHERE right(d.name, length(o.name) + 3) <> ' - ' || o.name"
                .to_owned()
        },
    },
    Rule {
        number: 12,
        name: "deal-names-say-who-sells",
        about: "an opportunity's name begins with the brand of its principal",
        needs: &[
            "opportunities.id",
            "opportunities.name",
            "opportunities.principal_organization_id",
            "organizations.id",
            "organizations.name",
        ],
        query: |_| {
            concat!(
                "SELECT format('opportunity %s: %s, principal %s', d.id, d.name, o.name)
                 FROM opportunities d JOIN organizations o ON o.id = d.principal_organization_id
                 WHERE NOT starts_with(d.name, ",
                brand!("o.name"),
                " || ' ')"
            )
            .to_owned()
        },
    },
    Rule {
        number: 12,
        name: "deal-names-say-what",
        about: "an opportunity's name contains a category of its line items",
        needs: &[
            "opportunities.id",
            "opportunities.name",
            "opportunity_products.opportunity_id",
            "opportunity_products.product_id",
            "products.id",
            "products.category",
        ],
        query: |_| {
            let labels = Vocabulary::get()
                .categories
                .iter()
                .map(|category| [quote_literal(category.name), quote_literal(category.label)]);
            format!(
                "SELECT format('opportunity %s: %s, of %s', d.id, d.name,
                   string_agg(DISTINCT p.category::text, ', '))
                 FROM opportunities d
                 JOIN opportunity_products i ON i.opportunity_id = d.id
                 JOIN products p ON p.id = i.product_id
                 LEFT JOIN (VALUES {}) l(category, label) ON l.category = p.category::text
                 GROUP BY d.id, d.name
                 HAVING NOT bool_or(coalesce(strpos(d.name, ' ' || l.label || ' ') > 0, false))",
                values(labels)
            )
        },
    },
    Rule {
        number: 12,
        name: "deal-names-say-why",
        about: "an opportunity's name contains a motive of its category",
        needs: &["opportunities.id", "opportunities.name", "opportunities.category"],
        query: |_| {
            let motions = DEAL_CATEGORIES.iter().flat_map(|category| {
                let motions = Vocabulary::get().motions.of(category);
                motions.iter().map(move |motion| {
                    let pattern = format!("% {} - %", pattern(motion).to_lowercase());
                    [quote_literal(category), quote_literal(&pattern)]
                })
            });
            format!(
                "SELECT format('opportunity %s: %s, %s', d.id, d.name, d.category)
                 FROM opportunities d
                 WHERE NOT EXISTS (SELECT FROM (VALUES {}) m(category, pattern)
                   WHERE m.category = d.category::text AND lower(d.name) LIKE m.pattern)",
                values(motions)
            )
        },
    },
    Rule {
        number: 12,
        name: "competition-is-a-rival",
        about: "competition is neither the opportunity's principal nor its brand",
        needs: &[
            "opportunities.id",
            "opportunities.competition",
            "opportunities.principal_organization_id",
            "organizations.id",
            "organizations.name",
        ],
        query: |_| {
            concat!(
                "SELECT format('opportunity %s: competition %s, principal %s', d.id, d.competition, o.name)
                 FROM opportunities d JOIN organizations o ON o.id = d.principal_organization_id
                 WHERE starts_with(lower(d.competition) || ' ', lower(",
                brand!("o.name"),
                ") || ' ')"
            )
            .to_owned()
        },
    },
    Rule {
        number: 12,
        name: "next-actions-are-a-rep-s",
        about: "next_action is one that fits the stage",
        needs: &["opportunities.id", "opportunities.stage", "opportunities.next_action"],
        query: |_| {
            let open = STAGES.iter().filter(|stage| !stage.is_closed()).map(|stage| stage.name);
            let actions = open.flat_map(|stage| {
                let actions = Vocabulary::get().next_actions.of(stage);
                actions.iter().map(move |action| [quote_literal(stage), quote_literal(&pattern(action))])
            });
            format!(
                "SELECT format('opportunity %s: %s: %s', d.id, d.stage, d.next_action)
                 FROM opportunities d
                 WHERE d.next_action IS NOT NULL AND (d.next_action ~ '[{{}}]' OR NOT EXISTS (
                   SELECT FROM (VALUES {}) a(stage, pattern)
                   WHERE a.stage = d.stage::text AND d.next_action LIKE a.pattern))",
                values(actions)
            )
        },
    },
    Rule {
        number: 12,
        name: "tasks-are-a-rep-s",
        about: "titles of tasks are known ones; those about a decision only for closed opportunities",
        needs: &[
            "tasks.id",
            "tasks.title",
            "tasks.completed_at",
            "tasks.opportunity_id",
            "opportunities.id",
            "opportunities.stage",
        ],
        query: |_| {
            let tasks = &Vocabulary::get().tasks;
            let titles = ["open", "done", "closed"].into_iter().flat_map(|when| {
                tasks.of(when).iter().map(move |title| [quote_literal(when), quote_literal(&pattern(title))])
            });
            format!(
                "SELECT format('task %s: %s, deal %s', t.id, t.title, coalesce(d.stage::text, '(none)'))
                 FROM tasks t LEFT JOIN opportunities d ON d.id = t.opportunity_id
                 WHERE t.title ~ '[{{}}]' OR NOT EXISTS (
                   SELECT FROM (VALUES {}) a(story, pattern)
                   WHERE t.title LIKE a.pattern AND CASE a.story WHEN 'open' THEN t.completed_at IS NULL
                     WHEN 'done' THEN t.completed_at IS NOT NULL
                     ELSE t.completed_at IS NOT NULL AND d.stage::text IN ('closed_won', 'closed_lost') END)",
                values(titles)
            )
        },
    },
];

/// A LIKE pattern of a sentence, with anything where it has a name.
fn pattern(template: &Template) -> String {
    template
        .0
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => escaped(text),
            _ => "%".to_owned(),
        })
        .collect()
}

fn ends_in(word: &str) -> String {
    quote_literal(&format!("% {}", escaped(word)))
}

/// `text` as a LIKE pattern of nothing but itself.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_anything_where_the_sentence_has_a_name() {
        let template = Template(vec![Piece::Literal("Call "), Piece::Contact, Piece::Literal(" on 5 %")]);
        assert_eq!(pattern(&template), r"Call % on 5 \%");
    }
}
