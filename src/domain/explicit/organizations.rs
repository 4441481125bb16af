//! What is left out of an organization.

use std::collections::HashSet;

use crate::calendar::Day;
use crate::domain::dataset::Moment;
use crate::domain::explicit::Value;
use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::facts::Facts;
use crate::domain::explicit::text::{area_code, domain_label, host};
use crate::domain::explicit::times::touched;
use crate::domain::name::{Name, unique_name, write_phone};
use crate::domain::organizations::{DISTRIBUTOR_SIZE, PRINCIPAL_SIZE, SellerSize, priority, size};
use crate::domain::parties::{brand, revenue};
use crate::domain::vocabulary::{Category, CustomerKind, Place};
use crate::random::{Permutation, Slot};
use crate::stream_labels;

/// How many draws are tried for one that fits what is given.
const TRIES: u64 = 400;

/// Fills the columns of organizations that are not given.
pub fn finish(completer: &mut Completer) {
    let mut names = HashSet::new();
    for draft in completer.of_table("organizations") {
        if let Some(name) = completer.text(draft, "name") {
            names.insert(name.to_lowercase());
        }
    }
    for draft in completer.of_table("organizations") {
        let kind = business(completer, draft);
        named(completer, draft, kind, &mut names);
        located(completer, draft);
        reached(completer, draft);
        timed(completer, draft);
    }
}

/// Type, flags, industry, employees, revenue and segments. Returns what kind of customer it is, if it is one.
fn business(completer: &mut Completer, draft: usize) -> Option<&'static CustomerKind> {
    let organization_type = completer.text(draft, "organization_type").unwrap_or("customer").to_owned();
    completer.fill(draft, "is_principal", |_| Value::Bool(organization_type == "principal"));
    completer.fill(draft, "is_distributor", |_| Value::Bool(organization_type == "distributor"));
    let choice = match organization_type.as_str() {
        "customer" | "prospect" => customer(completer, draft),
        "principal" => seller(completer, draft, PRINCIPAL_SIZE),
        // A partner trades as a distributor does.
        _ => seller(completer, draft, DISTRIBUTOR_SIZE),
    };
    completer.fill(draft, "industry", |_| choice.industry.into());
    completer.fill(draft, "employee_count", |_| Value::Int(choice.employees));
    completer.fill(draft, "annual_revenue", |_| Value::Cents(choice.revenue.saturating_mul(100)));
    let employees = completer.number(draft, "employee_count");
    let segments = employees.map(size);
    let text = |segment: Option<&'static str>| segment.map_or(Value::Null, Value::from);
    completer.fill(draft, "segment", |_| text(segments.map(|(segment, _)| segment)));
    completer.fill(draft, "customer_segment", |_| text(segments.map(|(_, segment)| segment)));
    let appeal = completer.slot(draft, "priority").below(100);
    let is_customer = organization_type == "customer";
    completer.fill(draft, "priority", |_| if is_customer { priority(appeal).into() } else { Value::Null });
    choice.kind
}

/// One draw of what an organization is.
#[derive(Clone, Copy)]
struct Choice {
    kind: Option<&'static CustomerKind>,
    industry: &'static str,
    employees: i64,
    /// Annual revenue in dollars.
    revenue: i64,
}

impl Choice {
    /// How much of what is given it does not fit.
    fn misfits(&self, completer: &Completer, draft: usize) -> u32 {
        let differs =
            |column: &str, value: &str| completer.text(draft, column).is_some_and(|text| text != value);
        let (segment, customer_segment) = size(self.employees);
        let mut misfits = 8 * u32::from(differs("industry", self.industry));
        misfits += 4 * u32::from(differs("segment", segment));
        misfits += 4 * u32::from(differs("customer_segment", customer_segment));
        // What one employee brings in is of the same order everywhere.
        let given = completer.number(draft, "annual_revenue").map(|cents| cents / 100);
        misfits +=
            2 * u32::from(given.is_some_and(|given| given / 2 > self.revenue || given * 2 < self.revenue));
        misfits + u32::from(self.revenue.saturating_mul(100) < completer.drafts[draft].least_revenue)
    }
}

/// The draw that fits best: the first without a misfit.
fn best(completer: &Completer, draft: usize, draw: impl Fn(Slot) -> Choice) -> Choice {
    let slot = completer.slot(draft, "industry");
    let mut best = draw(slot.child(0));
    for number in 0..TRIES {
        let choice = draw(slot.child(number));
        let misfits = choice.misfits(completer, draft);
        if misfits == 0 {
            return choice;
        }
        if (misfits, -choice.revenue) < (best.misfits(completer, draft), -best.revenue) {
            best = choice;
        }
    }
    best
}

fn customer(completer: &Completer, draft: usize) -> Choice {
    let given = completer.number(draft, "employee_count");
    let said = kind_of_name(completer, draft);
    best(completer, draft, |slot| {
        let drawn: &'static CustomerKind = completer.vocabulary().customers.pick(slot);
        let kind = said.unwrap_or(drawn);
        let (least, most) = kind.employees;
        // Where much is asked of it, it may be of any size; else most are small.
        let top = if slot.child(4).chance(50) { most } else { least + (most - least) / 8 };
        let employees = given.unwrap_or_else(|| slot.child(1).skewed(least, top));
        let (low, high) = kind.revenue_per_employee;
        let revenue = revenue(employees, (low / 1000, high / 1000), slot.child(2));
        Choice { kind: Some(kind), industry: kind.industry, employees, revenue }
    })
}

/// What a given name says of a customer: a diner is a restaurant.
fn kind_of_name(completer: &Completer, draft: usize) -> Option<&'static CustomerKind> {
    let name = completer.text(draft, "name")?.to_lowercase();
    let kinds = completer.vocabulary().customers.shares().map(|(kind, _)| *kind);
    let ends =
        |ending: &str| name.strip_suffix(&ending.to_lowercase()).is_some_and(|rest| rest.ends_with(' '));
    // The longest ending says most: `High School` more than `School`.
    let fitting = kinds.flat_map(|kind| {
        let endings = kind.names.0.iter().skip(2).flatten().map(|word| word.text);
        endings
            .flat_map(|ending| [ending, ending.rsplit(' ').next().unwrap_or(ending)])
            .map(move |e| (e, kind))
    });
    fitting.filter(|(ending, _)| ends(ending)).max_by_key(|(ending, _)| ending.len()).map(|(_, kind)| kind)
}

fn seller(completer: &Completer, draft: usize, size: SellerSize) -> Choice {
    let given = completer.number(draft, "employee_count");
    best(completer, draft, |slot| {
        let employees = given.unwrap_or_else(|| slot.child(1).skewed(size.employees.0, size.employees.1));
        let revenue = revenue(employees, size.revenue_per_employee, slot.child(2));
        Choice { kind: None, industry: size.industry, employees, revenue }
    })
}

/// The category that an explicit principal makes above all: its name and its products follow.
pub fn main_category(completer: &Completer, draft: usize) -> &'static Category {
    let goods = completer.referring("products", "principal_id", completer.drafts[draft].id);
    let given = goods.into_iter().find_map(|row| completer.text(row, "category"));
    let categories = &completer.vocabulary().categories;
    let known = given.and_then(|name| categories.iter().find(|category| category.name == name));
    known.unwrap_or_else(|| completer.slot(draft, "category").pick(categories))
}

/// Where base rows take names from the beginning of a list, explicit ones take them from its end.
fn from_the_end(size: u64, slot: Slot) -> u64 {
    size - 1 - slot.below((size / 8).max(1))
}

fn named(completer: &mut Completer, draft: usize, kind: Option<&CustomerKind>, names: &mut HashSet<String>) {
    if completer.value(draft, "name").is_some() {
        return;
    }
    let slot = completer.slot(draft, "name");
    let (name, text) = (0..TRIES)
        .map(|number| {
            let name = invented(completer, draft, kind, slot.child(number));
            let mut text = String::new();
            name.write(&mut text);
            (name, text)
        })
        .find(|(_, text)| !names.contains(&text.to_lowercase()))
        .expect("hundreds of names for a scenario's few rows");
    names.insert(text.to_lowercase());
    completer.fill(draft, "name", |_| Value::Text(text));
    let mut website = String::from("https://www.");
    name.write_domain(&mut website);
    completer.fill(draft, "website", |completer| match completer.text(draft, "email").and_then(host) {
        Some(host) => Value::Text(format!("https://www.{host}")),
        None => Value::Text(website),
    });
}

fn invented(completer: &Completer, draft: usize, kind: Option<&CustomerKind>, slot: Slot) -> Name {
    let (seed, vocabulary) = (completer.dataset.seed, completer.vocabulary());
    match (kind, completer.text(draft, "organization_type")) {
        (Some(kind), _) => {
            let order =
                Permutation::new(seed, stream_labels::CUSTOMERS, kind.kind, kind.names.combinations());
            unique_name(&kind.names, &order, from_the_end(order.size(), slot))
        }
        (None, Some("principal")) => {
            let order = Permutation::new(
                seed,
                stream_labels::PRINCIPALS,
                stream_labels::NAME,
                vocabulary.brands.combinations(),
            );
            let brand = brand(&vocabulary.brands, &order, from_the_end(order.size(), slot));
            brand.with(*slot.child(0).pick(&main_category(completer, draft).suffixes))
        }
        (None, _) => {
            let names = &vocabulary.distributors;
            let order = Permutation::new(
                seed,
                stream_labels::DISTRIBUTORS,
                stream_labels::NAME,
                names.combinations(),
            );
            unique_name(names, &order, from_the_end(order.size(), slot))
        }
    }
}

/// A town that fits what is given of city, state and postal code; an unknown city has no codes.
fn located(completer: &mut Completer, draft: usize) {
    let slot = completer.slot(draft, "city");
    let fits = |completer: &Completer, place: &Place| {
        let is = |column: &str, value: &str| completer.text(draft, column).is_none_or(|text| text == value);
        let postal = completer.text(draft, "postal_code");
        let code = completer.text(draft, "phone").and_then(area_code);
        is("city", place.city)
            && is("state", place.state)
            && postal.is_none_or(|code| place.postal_codes.contains(&code))
            && code.is_none_or(|code| place.area_codes.contains(&code))
    };
    let places: Vec<&'static Place> = completer
        .vocabulary()
        .places
        .shares()
        .map(|(place, _)| *place)
        .filter(|place| fits(completer, place))
        .collect();
    let country = completer.text(draft, "country").unwrap_or("USA").to_owned();
    completer.fill(draft, "country", |_| Value::Text(country.clone()));
    // By size among all, or any of those that fit.
    let given = ["city", "state", "postal_code", "phone"]
        .iter()
        .any(|column| completer.value(draft, column).is_some());
    let place = match (country.as_str(), given) {
        ("USA", false) => Some(*completer.vocabulary().places.pick(slot)),
        ("USA", true) if !places.is_empty() => Some(*slot.pick(&places)),
        _ => None,
    };
    let text = |value: Option<&'static str>| value.map_or(Value::Null, Value::from);
    completer.fill(draft, "city", |_| text(place.map(|place| place.city)));
    completer.fill(draft, "state", |_| text(place.map(|place| place.state)));
    completer
        .fill(draft, "postal_code", |_| text(place.map(|place| slot.child(0).word(&place.postal_codes))));
    let phone = completer.slot(draft, "phone");
    completer.fill(draft, "phone", |_| match place {
        Some(place) => {
            let mut text = String::new();
            write_phone(&mut text, slot.child(1).word(&place.area_codes), phone);
            Value::Text(text)
        }
        None => Value::Null,
    });
}

/// Website and e-mail at one domain, which its name gives where neither does.
fn reached(completer: &mut Completer, draft: usize) {
    let id = completer.drafts[draft].id;
    completer.fill(draft, "website", |completer| {
        let host = match completer.text(draft, "email").and_then(host) {
            Some(host) => host.to_owned(),
            None => match domain_label(completer.text(draft, "name").unwrap_or_default()) {
                label if label.is_empty() => format!("organization-{id}.example"),
                label => format!("{label}.example"),
            },
        };
        Value::Text(format!("https://www.{host}"))
    });
    let office = completer.slot(draft, "email").word(&["office", "info", "orders"]);
    completer.fill(draft, "email", |completer| match completer.text(draft, "website").and_then(host) {
        Some(host) => Value::Text(format!("{office}@{host}")),
        None => Value::Null,
    });
}

fn timed(completer: &mut Completer, draft: usize) {
    // Older than what base products and deals are, and than what happened to it.
    let (least, most) = match completer.text(draft, "organization_type") {
        Some("principal") => (1000, 2600),
        Some("distributor") => (950, 2400),
        _ => (400, 1500),
    };
    let slot = completer.slot(draft, "created_at");
    let age = slot.skewed(least, most);
    let latest = completer.drafts[draft].latest;
    let before = Day(Moment { second: latest }.day());
    let created = Moment::days_ago(before, age, slot.child(0)).second;
    completer.fill(draft, "created_at", |_| Value::Timestamp(created.min(latest)));
    touched(completer, draft);
}

/// The area code of an organization: of its telephone, else of its town.
pub fn area_code_of(completer: &Completer, organization: &Facts, slot: Slot) -> Option<String> {
    if let Some(code) = area_code(organization.text("phone")) {
        return Some(code.to_owned());
    }
    let places = &completer.vocabulary().places;
    let place = places.shares().find(|(place, _)| {
        place.city == organization.text("city") && place.state == organization.text("state")
    })?;
    Some(slot.word(&place.0.area_codes).to_owned())
}
