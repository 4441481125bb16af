//! What is left out of an opportunity, and its line items.

use crate::calendar::{DAY, Day};
use crate::domain::dataset::{STAGES, Stage};
use crate::domain::deals::Deals;
use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::facts::Facts;
use crate::domain::explicit::products::brand;
use crate::domain::explicit::times::between;
use crate::domain::explicit::times::touched;
use crate::domain::explicit::{Value, items, required_rows};
use crate::domain::opportunities::forecast;
use crate::domain::phrase::{self, NO_DISTRIBUTOR};
use crate::domain::vocabulary::{Category, Piece, Template};

/// Finishes all deals, whose organizations, contacts and products are finished.
pub fn finish(completer: &mut Completer) {
    for draft in completer.of_table("opportunities") {
        items::finish(completer, draft);
        let stage = stage(completer, draft);
        completer.fill(draft, "stage", |_| stage.name.into());
        judged(completer, draft, stage);
        timed(completer, draft, stage);
        told(completer, draft, stage);
        touched(completer, draft);
    }
}

/// A stage that agrees with what else is given, by the weights.
fn stage(completer: &Completer, draft: usize) -> &'static Stage {
    if let Some(name) = completer.text(draft, "stage")
        && let Some(stage) = STAGES.iter().find(|stage| stage.name == name)
    {
        return stage;
    }
    let slot = completer.slot(draft, "stage");
    let weighted = (0..64).map(|number| *completer.dataset.stages.pick(slot.child(number)));
    let found = weighted.clone().find(|stage| agrees(completer, draft, stage));
    let found = found.or_else(|| STAGES.iter().find(|stage| agrees(completer, draft, stage)));
    found.unwrap_or_else(|| completer.dataset.stages.pick(slot))
}

fn agrees(completer: &Completer, draft: usize, stage: &Stage) -> bool {
    let (low, high) = stage.probability;
    let closes = |column: &str, when_closed: &dyn Fn(&Value) -> bool| {
        completer.value(draft, column).is_none_or(|value| when_closed(value) == stage.is_closed())
    };
    let forecast = completer.text(draft, "forecast_category").is_none_or(|category| match category {
        "commit" => !stage.is_closed() && high >= 80,
        "best_case" => !stage.is_closed() && low < 80 && high >= 50,
        "pipeline" => low < 50 && !stage.is_closed(),
        _ => stage.is_closed(),
    });
    completer.number(draft, "probability").is_none_or(|percent| (low..=high).contains(&percent))
        && closes("status", &|value| value.as_text() == Some("closed"))
        && closes("actual_close_date", &|value| !value.is_null())
        && closes("next_action", &Value::is_null)
        && forecast
}

/// Status, probability, forecast, priority and category.
fn judged(completer: &mut Completer, draft: usize, stage: &Stage) {
    let is_closed = stage.is_closed();
    completer.fill(draft, "status", |_| if is_closed { "closed".into() } else { "active".into() });
    let slot = completer.slot(draft, "probability");
    let drawn = (0..32).map(|number| Deals::probability(stage, slot.child(number)));
    let wanted = completer.text(draft, "forecast_category").map(str::to_owned);
    let fits =
        |percent: &i64| wanted.as_deref().is_none_or(|wanted| wanted == forecast(!is_closed, *percent));
    let percent = drawn.clone().find(fits).unwrap_or_else(|| Deals::probability(stage, slot));
    completer.fill(draft, "probability", |_| Value::Int(percent));
    let percent = completer.number(draft, "probability").unwrap_or(0);
    completer.fill(draft, "forecast_category", |_| forecast(!is_closed, percent).into());
    let (priority, category) = (completer.slot(draft, "priority"), completer.slot(draft, "category"));
    completer.fill(draft, "priority", |completer| (*completer.dataset.priorities.pick(priority)).into());
    completer.fill(draft, "category", |completer| (*completer.dataset.categories.pick(category)).into());
}

/// An open deal was made lately and is to close soon; a closed one took some weeks.
fn timed(completer: &mut Completer, draft: usize, stage: &Stage) {
    let parents = ["customer_organization_id", "principal_organization_id", "distributor_organization_id"];
    let made = parents.iter().filter_map(|column| completer.referred(draft, column)?.number("created_at"));
    let after = made.chain(items::products_made(completer, draft)).max();
    let (now, as_of) = (completer.dataset.now(), completer.dataset.as_of);
    let slot = completer.slot(draft, "created_at");
    let mut latest = completer.drafts[draft].latest;
    if stage.is_closed() {
        latest = if completer.value(draft, "actual_close_date").is_some() {
            (latest - 5 * DAY).max(after.unwrap_or(latest).min(latest))
        } else {
            latest.min(now - 15 * DAY)
        };
    }
    let second = between(after, latest, 120, slot);
    completer.fill(draft, "created_at", |_| Value::Timestamp(second));
    let created = Day(completer.number(draft, "created_at").unwrap_or(now).div_euclid(DAY) as i32);
    let slot = completer.slot(draft, "actual_close_date");
    let days = i64::from(as_of.0 - 1 - created.0);
    completer.fill(draft, "actual_close_date", |_| match stage.is_closed() {
        true => Value::Date(created.0 + slot.between((days / 2).min(5), days.min(90)).max(0) as i32),
        false => Value::Null,
    });
    let slot = completer.slot(draft, "estimated_close_date");
    completer.fill(draft, "estimated_close_date", |completer| {
        match completer.value(draft, "actual_close_date") {
            Some(Value::Date(closed)) => Value::Date((closed + slot.between(-12, 12) as i32).max(created.0)),
            _ => Value::Date(
                as_of.0 + slot.between(stage.closes_in.0.max(1), stage.closes_in.1.max(30)) as i32,
            ),
        }
    });
    let slot = completer.slot(draft, "next_action_date");
    completer.fill(draft, "next_action_date", |_| match stage.is_closed() {
        true => Value::Null,
        false => Value::Date(as_of.0 + slot.between(0, 14) as i32),
    });
    closed_lately(completer, draft);
}

/// What is over was last touched when it was closed.
fn closed_lately(completer: &mut Completer, draft: usize) {
    let Some(Value::Date(closed)) = completer.value(draft, "actual_close_date") else { return };
    let end_of_work = i64::from(*closed) * DAY + 18 * 3600;
    let created = completer.number(draft, "created_at").unwrap_or(end_of_work);
    if completer.number(draft, "deleted_at").is_none() && end_of_work < completer.dataset.now() {
        completer.fill(draft, "updated_at", |_| Value::Timestamp(end_of_work.max(created)));
    }
}

/// Who deals with whom about what, as texts name them.
pub struct Names {
    contact: String,
    customer: String,
    brand: String,
    food: String,
    category: &'static str,
    distributor: Option<String>,
}

impl Names {
    /// The names of an explicit deal.
    pub fn of(completer: &Completer, draft: usize) -> Self {
        let facts = |column: &str| completer.referred(draft, column);
        let customer = completer.reference(draft, "customer_organization_id");
        let speaker = customer
            .and_then(|id| required_rows::speaker(completer, id))
            .map(|id| completer.facts("contacts", id));
        let product = items::first_product(completer, draft);
        let category = category(completer, draft, product.as_ref());
        let text = |facts: Option<Facts>, column: &str, missing: &str| {
            let text = facts.map(|facts| facts.text(column).to_owned()).unwrap_or_default();
            if text.is_empty() { missing.to_owned() } else { text }
        };
        Self {
            contact: text(speaker, "first_name", "the buyer"),
            customer: text(facts("customer_organization_id"), "name", "the customer"),
            brand: facts("principal_organization_id").as_ref().map_or_else(|| "House".to_owned(), brand),
            food: product.map_or_else(|| category.label.to_owned(), |product| food(category, &product)),
            category: category.label,
            distributor: facts("distributor_organization_id").map(|facts| facts.text("name").to_owned()),
        }
    }

    /// The names of a base deal.
    pub fn of_base(completer: &Completer, deal: &Facts) -> Self {
        let facts = |column: &str| deal.number(column).map(|id| completer.facts("organizations", id as u64));
        let customer = deal.number("customer_organization_id");
        let speaker = customer.and_then(|id| required_rows::speaker(completer, id as u64));
        let contact = speaker.map(|id| completer.facts("contacts", id).text("first_name").to_owned());
        let name = |column: &str| facts(column).map(|facts| facts.text("name").to_owned());
        // What it sells stands in its name.
        let is_named = |category: &&Category| deal.text("name").contains(&format!(" {} ", category.label));
        let categories = &completer.vocabulary().categories;
        let category = categories.iter().find(is_named).unwrap_or(&categories[0]).label;
        Self {
            contact: contact.unwrap_or_else(|| "the buyer".into()),
            customer: name("customer_organization_id").unwrap_or_else(|| "the customer".into()),
            brand: facts("principal_organization_id").as_ref().map_or_else(|| "House".to_owned(), brand),
            food: category.to_owned(),
            category,
            distributor: name("distributor_organization_id"),
        }
    }

    /// Names for a row without a deal: those of its contact, where it has one.
    pub fn of_nobody(completer: &Completer, row: usize) -> Self {
        let contact =
            completer.referred(row, "contact_id").map(|contact| contact.text("first_name").to_owned());
        let category = completer.slot(row, "food").pick(&completer.vocabulary().categories).label;
        Self {
            contact: contact.filter(|name| !name.is_empty()).unwrap_or_else(|| "the buyer".into()),
            customer: "the customer".into(),
            brand: "House".into(),
            food: category.to_owned(),
            category,
            distributor: None,
        }
    }

    /// Appends `template` with these names in its places.
    pub fn write(&self, out: &mut String, template: &Template) {
        phrase::fill(out, template, |out, piece| {
            out.push_str(match piece {
                Piece::Literal(text) => text,
                Piece::Contact => &self.contact,
                Piece::Customer => &self.customer,
                Piece::Brand => &self.brand,
                Piece::Food => &self.food,
                Piece::Category => self.category,
                Piece::Distributor => self.distributor.as_deref().unwrap_or(NO_DISTRIBUTOR),
            });
        });
    }
}

/// The category of what the deal is about.
fn category(completer: &Completer, draft: usize, product: Option<&Facts>) -> &'static Category {
    let categories = &completer.vocabulary().categories;
    let name = product.map_or("", |product| product.text("category"));
    let known = categories.iter().find(|category| category.name == name);
    known.unwrap_or_else(|| completer.slot(draft, "food").pick(categories))
}

/// What a product is, inside a sentence.
fn food(category: &Category, product: &Facts) -> String {
    let name = product.text("name");
    let known = category.items.iter().filter(|item| name.contains(&item.name));
    match known.max_by_key(|item| item.name.len()) {
        Some(item) => item.lower.clone(),
        None => name.to_owned(),
    }
}

/// Name, description, next action and the other texts.
fn told(completer: &mut Completer, draft: usize, stage: &Stage) {
    let names = Names::of(completer, draft);
    let vocabulary = completer.vocabulary();
    let category = completer.text(draft, "category").unwrap_or("New Business").to_owned();
    let written = |template: &Template| {
        let mut text = String::new();
        names.write(&mut text, template);
        text
    };
    let slot = |completer: &Completer, column| completer.slot(draft, column);
    let (name, story, action, rival, criteria) = (
        slot(completer, "name"),
        slot(completer, "description"),
        slot(completer, "next_action"),
        slot(completer, "competition"),
        slot(completer, "decision_criteria"),
    );
    completer.fill(draft, "name", |_| {
        let mut motion = written(name.pick(vocabulary.motions.of(&category)));
        if let Some(first) = motion.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        Value::Text(format!("{} {} {motion} - {}", names.brand, names.category, names.customer))
    });
    completer.fill(draft, "description", |_| {
        let key = match (stage.name, category.as_str()) {
            ("closed_won", "Renewal") => "closed_won_renewal",
            ("closed_lost", "Renewal") => "closed_lost_renewal",
            (stage_name, _) if stage.is_closed() => stage_name,
            (_, category) => category,
        };
        Value::Text(written(story.pick(vocabulary.descriptions.of(key))))
    });
    completer.fill(draft, "next_action", |_| match stage.is_closed() {
        true => Value::Null,
        false => Value::Text(written(action.pick(vocabulary.next_actions.of(stage.name)))),
    });
    completer.fill(draft, "competition", |_| match rival.chance(66) {
        true => rival.child(0).word(&vocabulary.competitors).into(),
        false => Value::Null,
    });
    completer.fill(draft, "decision_criteria", |_| {
        let all = &vocabulary.criteria;
        let first = criteria.below(all.len() as u64) as usize;
        Value::Text(format!("{}, {}", all[first], all[(first + all.len() / 3) % all.len()]))
    });
}
