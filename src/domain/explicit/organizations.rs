//! What is left out of an organization.

use std::collections::HashSet;

use crate::calendar::Day;
use crate::domain::explicit::Value;
use crate::domain::explicit::cast::Cast;
use crate::domain::explicit::facts::Facts;
use crate::domain::explicit::text::{area_code, domain_label, host};
use crate::domain::explicit::times::touched;
use crate::domain::name::{Name, unique_name, write_phone};
use crate::domain::organizations::{DISTRIBUTOR_SIZE, PRINCIPAL_SIZE, SellerSize, priority, size};
use crate::domain::parties::{brand, revenue};
use crate::domain::vocabulary::{Category, CustomerKind, Place};
use crate::domain::world::Moment;
use crate::random::{Permutation, Slot};

/// How many draws are tried for one that fits what is given.
const TRIES: u64 = 400;

/// Finishes all organizations.
pub fn finish(cast: &mut Cast) {
    let mut names = HashSet::new();
    for draft in cast.of_table("organizations") {
        if let Some(name) = cast.text(draft, "name") {
            names.insert(name.to_lowercase());
        }
    }
    for draft in cast.of_table("organizations") {
        let kind = business(cast, draft);
        named(cast, draft, kind, &mut names);
        located(cast, draft);
        reached(cast, draft);
        timed(cast, draft);
    }
}

/// Type, flags, industry, employees, revenue and segments. Returns what kind of customer it is, if it is one.
fn business(cast: &mut Cast, draft: usize) -> Option<&'static CustomerKind> {
    let organization_type = cast.text(draft, "organization_type").unwrap_or("customer").to_owned();
    cast.fill(draft, "is_principal", |_| Value::Bool(organization_type == "principal"));
    cast.fill(draft, "is_distributor", |_| Value::Bool(organization_type == "distributor"));
    let choice = match organization_type.as_str() {
        "customer" | "prospect" => customer(cast, draft),
        "principal" => seller(cast, draft, PRINCIPAL_SIZE),
        // A partner trades as a distributor does.
        _ => seller(cast, draft, DISTRIBUTOR_SIZE),
    };
    cast.fill(draft, "industry", |_| choice.industry.into());
    cast.fill(draft, "employee_count", |_| Value::Int(choice.employees));
    cast.fill(draft, "annual_revenue", |_| Value::Cents(choice.revenue.saturating_mul(100)));
    let employees = cast.number(draft, "employee_count");
    let segments = employees.map(size);
    let text = |segment: Option<&'static str>| segment.map_or(Value::Null, Value::from);
    cast.fill(draft, "segment", |_| text(segments.map(|(segment, _)| segment)));
    cast.fill(draft, "customer_segment", |_| text(segments.map(|(_, segment)| segment)));
    let appeal = cast.slot(draft, "priority").below(100);
    let is_customer = organization_type == "customer";
    cast.fill(draft, "priority", |_| if is_customer { priority(appeal).into() } else { Value::Null });
    choice.kind
}

/// One draw of what an organization is.
#[derive(Clone, Copy)]
struct Choice {
    kind: Option<&'static CustomerKind>,
    industry: &'static str,
    employees: i64,
    /// Dollars a year.
    revenue: i64,
}

impl Choice {
    /// How much of what is given it does not fit.
    fn misfits(&self, cast: &Cast, draft: usize) -> u32 {
        let differs = |column: &str, value: &str| cast.text(draft, column).is_some_and(|text| text != value);
        let (segment, customer_segment) = size(self.employees);
        let mut misfits = 8 * u32::from(differs("industry", self.industry));
        misfits += 4 * u32::from(differs("segment", segment));
        misfits += 4 * u32::from(differs("customer_segment", customer_segment));
        // What one employee brings in is of the same order everywhere.
        let given = cast.number(draft, "annual_revenue").map(|cents| cents / 100);
        misfits +=
            2 * u32::from(given.is_some_and(|given| given / 2 > self.revenue || given * 2 < self.revenue));
        misfits + u32::from(self.revenue.saturating_mul(100) < cast.drafts[draft].least_revenue)
    }
}

/// The draw that fits best: the first without a misfit.
fn best(cast: &Cast, draft: usize, draw: impl Fn(Slot) -> Choice) -> Choice {
    let slot = cast.slot(draft, "industry");
    let mut best = draw(slot.child(0));
    for number in 0..TRIES {
        let choice = draw(slot.child(number));
        let misfits = choice.misfits(cast, draft);
        if misfits == 0 {
            return choice;
        }
        if (misfits, -choice.revenue) < (best.misfits(cast, draft), -best.revenue) {
            best = choice;
        }
    }
    best
}

fn customer(cast: &Cast, draft: usize) -> Choice {
    let given = cast.number(draft, "employee_count");
    let said = kind_of_name(cast, draft);
    best(cast, draft, |slot| {
        let drawn: &'static CustomerKind = cast.vocabulary().customers.pick(slot);
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
fn kind_of_name(cast: &Cast, draft: usize) -> Option<&'static CustomerKind> {
    let name = cast.text(draft, "name")?.to_lowercase();
    let kinds = cast.vocabulary().customers.shares().map(|(kind, _)| *kind);
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

fn seller(cast: &Cast, draft: usize, size: SellerSize) -> Choice {
    let given = cast.number(draft, "employee_count");
    best(cast, draft, |slot| {
        let employees = given.unwrap_or_else(|| slot.child(1).skewed(size.employees.0, size.employees.1));
        let revenue = revenue(employees, size.revenue_per_employee, slot.child(2));
        Choice { kind: None, industry: size.industry, employees, revenue }
    })
}

/// The category that an explicit principal makes above all: its name and its products follow.
pub fn main_category(cast: &Cast, draft: usize) -> &'static Category {
    let goods = cast.referring("products", "principal_id", cast.drafts[draft].id);
    let given = goods.into_iter().find_map(|row| cast.text(row, "category"));
    let categories = &cast.vocabulary().categories;
    let known = given.and_then(|name| categories.iter().find(|category| category.name == name));
    known.unwrap_or_else(|| cast.slot(draft, "category").pick(categories))
}

/// Where base rows take names from the beginning of a list, explicit ones take them from its end.
fn from_the_end(size: u64, slot: Slot) -> u64 {
    size - 1 - slot.below((size / 8).max(1))
}

fn named(cast: &mut Cast, draft: usize, kind: Option<&CustomerKind>, names: &mut HashSet<String>) {
    if cast.value(draft, "name").is_some() {
        return;
    }
    let slot = cast.slot(draft, "name");
    let (name, text) = (0..TRIES)
        .map(|number| {
            let name = invented(cast, draft, kind, slot.child(number));
            let mut text = String::new();
            name.write(&mut text);
            (name, text)
        })
        .find(|(_, text)| !names.contains(&text.to_lowercase()))
        .expect("hundreds of names for a scenario's few rows");
    names.insert(text.to_lowercase());
    cast.fill(draft, "name", |_| Value::Text(text));
    let mut website = String::from("https://www.");
    name.write_domain(&mut website);
    cast.fill(draft, "website", |cast| match cast.text(draft, "email").and_then(host) {
        Some(host) => Value::Text(format!("https://www.{host}")),
        None => Value::Text(website),
    });
}

fn invented(cast: &Cast, draft: usize, kind: Option<&CustomerKind>, slot: Slot) -> Name {
    let (seed, vocabulary) = (cast.world.seed, cast.vocabulary());
    match (kind, cast.text(draft, "organization_type")) {
        (Some(kind), _) => {
            let order = Permutation::new(seed, "customers", kind.kind, kind.names.combinations());
            unique_name(&kind.names, &order, from_the_end(order.size(), slot))
        }
        (None, Some("principal")) => {
            let order = Permutation::new(seed, "principals", "name", vocabulary.brands.combinations());
            let brand = brand(&vocabulary.brands, &order, from_the_end(order.size(), slot));
            brand.with(*slot.child(0).pick(&main_category(cast, draft).suffixes))
        }
        (None, _) => {
            let names = &vocabulary.distributors;
            let order = Permutation::new(seed, "distributors", "name", names.combinations());
            unique_name(names, &order, from_the_end(order.size(), slot))
        }
    }
}

/// A town that fits what is given of city, state and postal code; an unknown city has no codes.
fn located(cast: &mut Cast, draft: usize) {
    let slot = cast.slot(draft, "city");
    let fits = |cast: &Cast, place: &Place| {
        let is = |column: &str, value: &str| cast.text(draft, column).is_none_or(|text| text == value);
        let postal = cast.text(draft, "postal_code");
        let code = cast.text(draft, "phone").and_then(area_code);
        is("city", place.city)
            && is("state", place.state)
            && postal.is_none_or(|code| place.postal_codes.contains(&code))
            && code.is_none_or(|code| place.area_codes.contains(&code))
    };
    let places: Vec<&'static Place> = cast
        .vocabulary()
        .places
        .shares()
        .map(|(place, _)| *place)
        .filter(|place| fits(cast, place))
        .collect();
    let country = cast.text(draft, "country").unwrap_or("USA").to_owned();
    cast.fill(draft, "country", |_| Value::Text(country.clone()));
    // By size among all, or any of those that fit.
    let given =
        ["city", "state", "postal_code", "phone"].iter().any(|column| cast.value(draft, column).is_some());
    let place = match (country.as_str(), given) {
        ("USA", false) => Some(*cast.vocabulary().places.pick(slot)),
        ("USA", true) if !places.is_empty() => Some(*slot.pick(&places)),
        _ => None,
    };
    let text = |value: Option<&'static str>| value.map_or(Value::Null, Value::from);
    cast.fill(draft, "city", |_| text(place.map(|place| place.city)));
    cast.fill(draft, "state", |_| text(place.map(|place| place.state)));
    cast.fill(draft, "postal_code", |_| text(place.map(|place| slot.child(0).word(&place.postal_codes))));
    let phone = cast.slot(draft, "phone");
    cast.fill(draft, "phone", |_| match place {
        Some(place) => {
            let mut text = String::new();
            write_phone(&mut text, slot.child(1).word(&place.area_codes), phone);
            Value::Text(text)
        }
        None => Value::Null,
    });
}

/// Website and e-mail at one domain, which its name gives where neither does.
fn reached(cast: &mut Cast, draft: usize) {
    let id = cast.drafts[draft].id;
    cast.fill(draft, "website", |cast| {
        let host = match cast.text(draft, "email").and_then(host) {
            Some(host) => host.to_owned(),
            None => match domain_label(cast.text(draft, "name").unwrap_or_default()) {
                label if label.is_empty() => format!("organization-{id}.example"),
                label => format!("{label}.example"),
            },
        };
        Value::Text(format!("https://www.{host}"))
    });
    let office = cast.slot(draft, "email").word(&["office", "info", "orders"]);
    cast.fill(draft, "email", |cast| match cast.text(draft, "website").and_then(host) {
        Some(host) => Value::Text(format!("{office}@{host}")),
        None => Value::Null,
    });
}

fn timed(cast: &mut Cast, draft: usize) {
    // Older than what base products and deals are, and than what happened to it.
    let (least, most) = match cast.text(draft, "organization_type") {
        Some("principal") => (1000, 2600),
        Some("distributor") => (950, 2400),
        _ => (400, 1500),
    };
    let slot = cast.slot(draft, "created_at");
    let age = slot.skewed(least, most);
    let latest = cast.drafts[draft].latest;
    let before = Day(Moment { second: latest }.day());
    let created = Moment::days_ago(before, age, slot.child(0)).second;
    cast.fill(draft, "created_at", |_| Value::Timestamp(created.min(latest)));
    touched(cast, draft);
}

/// The area code of an organization: of its telephone, else of its town.
pub fn area_code_of(cast: &Cast, organization: &Facts, slot: Slot) -> Option<String> {
    if let Some(code) = area_code(organization.text("phone")) {
        return Some(code.to_owned());
    }
    let places = &cast.vocabulary().places;
    let place = places.shares().find(|(place, _)| {
        place.city == organization.text("city") && place.state == organization.text("state")
    })?;
    Some(slot.word(&place.0.area_codes).to_owned())
}
