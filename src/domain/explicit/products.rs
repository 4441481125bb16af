//! What is left out of a product.

use std::fmt::Write;

use crate::domain::dataset::{CHILD_IDS, organization_type_and_index};
use crate::domain::explicit::Value;
use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::facts::{Facts, table_called};
use crate::domain::explicit::ids;
use crate::domain::explicit::organizations::main_category;
use crate::domain::explicit::text::domain_label;
use crate::domain::explicit::times::between;
use crate::domain::explicit::times::touched;
use crate::domain::parties::Principals;
use crate::domain::phrase;
use crate::domain::products::{PRICE_STEP, UPC_NUMBERS, UPC_PREFIX, min_order_quantity, upc};
use crate::domain::vocabulary::{Category, Item, Piece};
use crate::random::Permutation;
use crate::stream_labels;

/// Finishes all products, whose principals are finished.
pub fn finish(completer: &mut Completer) {
    for draft in completer.of_table("products") {
        let principal = completer.referred(draft, "principal_id");
        let brand = principal.as_ref().map_or_else(String::new, brand);
        completer.fill(draft, "brand", |_| Value::Text(brand.clone()));
        let category = category(completer, draft);
        completer.fill(draft, "category", |_| category.name.into());
        let item = item(completer, draft, category, &brand);
        named(completer, draft, item, &brand);
        numbered(completer, draft, category, &brand);
        packed(completer, draft, item);
        priced(completer, draft, item, category);
        described(completer, draft, item, category);
        let slot = completer.slot(draft, "created_at");
        let after = principal.and_then(|facts| facts.number("created_at"));
        let second = between(after, completer.drafts[draft].latest, 900, slot);
        completer.fill(draft, "created_at", |_| Value::Timestamp(second));
        touched(completer, draft);
    }
}

/// The words by which an organization's brand is known: the first two of its name, if it has more.
pub fn brand(organization: &Facts) -> String {
    let words: Vec<&str> = organization.text("name").split(' ').collect();
    words[..(words.len() - 1).clamp(1, 2)].join(" ")
}

/// What was given, else what its principal makes.
fn category(completer: &Completer, draft: usize) -> &'static Category {
    let categories = &completer.vocabulary().categories;
    if let Some(name) = completer.text(draft, "category")
        && let Some(category) = categories.iter().find(|category| category.name == name)
    {
        return category;
    }
    let slot = completer.slot(draft, "category");
    match completer.reference(draft, "principal_id") {
        None => slot.pick(categories),
        Some(id) => match completer.of_id(table_called("organizations"), id) {
            Some(principal) => main_category(completer, principal),
            None => Principals::new(completer.dataset).categories(organization_type_and_index(id).1).0,
        },
    }
}

/// A food of the category that fits what is given and that its principal does not make yet.
fn item(completer: &Completer, draft: usize, category: &'static Category, brand: &str) -> &'static Item {
    let principal = completer.reference(draft, "principal_id");
    let siblings =
        principal.map(|id| completer.referring("products", "principal_id", id)).unwrap_or_default();
    let others: Vec<&str> =
        siblings.iter().filter(|row| **row != draft).filter_map(|row| completer.text(*row, "name")).collect();
    let fits = |item: &Item| {
        let units = completer.number(draft, "units_per_case");
        let seasonal = completer.value(draft, "is_seasonal");
        let in_name = completer.text(draft, "name").is_none_or(|name| name.contains(&item.name));
        units.is_none_or(|units| units == item.units_per_case)
            && seasonal.is_none_or(|seasonal| *seasonal == Value::Bool(item.seasonal))
            && completer.text(draft, "unit_of_measure").is_none_or(|unit| unit == item.unit_of_measure)
            && in_name
    };
    let repeats = |item: &Item| {
        let end = brand.rsplit(' ').next();
        others.iter().any(|name| name.contains(&item.name)) || end == item.name.split(' ').next()
    };
    let slot = completer.slot(draft, "name");
    let drawn = || (0..400).map(|number| slot.child(number).pick(&category.items));
    let fresh = drawn().find(|item| fits(item) && !repeats(item));
    fresh
        .or_else(|| category.items.iter().find(|item| fits(item)))
        .or_else(|| drawn().find(|item| !repeats(item)))
        .unwrap_or_else(|| slot.pick(&category.items))
}

fn named(completer: &mut Completer, draft: usize, item: &Item, brand: &str) {
    completer.fill(draft, "name", |_| {
        Value::Text(format!("{brand} {}, {}", item.name, item.pack).trim_start().to_owned())
    });
}

/// SKU and UPC, which no base product has.
fn numbered(completer: &mut Completer, draft: usize, category: &Category, brand: &str) {
    let principal = completer.reference(draft, "principal_id");
    let siblings =
        principal.map(|id| completer.referring("products", "principal_id", id)).unwrap_or_default();
    let before = siblings.iter().filter(|row| **row < draft).count() as u64;
    // From the top, as base products count from 1; behind them where they reach so far.
    let most = completer.dataset.products_per_principal.max;
    let is_base = principal.is_some_and(ids::is_base);
    let number = match 999_u64.checked_sub(before) {
        Some(number) if !is_base || number > most => number,
        _ => 1000 + before,
    };
    completer
        .fill(draft, "sku", |_| Value::Text(format!("{}-{}-{number:03}", initials(brand), category.code)));
    let slot = completer.slot(draft, "upc");
    // The thousandth place of a principal is no base product's.
    let place = slot.below(UPC_NUMBERS / CHILD_IDS) * CHILD_IDS + CHILD_IDS - 1;
    let order =
        Permutation::new(completer.dataset.seed, stream_labels::PRODUCTS, stream_labels::UPC, UPC_NUMBERS);
    completer.fill(draft, "upc", |_| {
        let mut text = String::new();
        upc(&mut text, UPC_PREFIX * UPC_NUMBERS + order.at(place, 0));
        Value::Text(text)
    });
}

/// `MCR` for Maple Creek.
fn initials(brand: &str) -> String {
    let label = domain_label(brand);
    let mut words = label.split('-');
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    let letters = match second {
        Some(second) => first.chars().take(1).chain(second.chars().take(2)).collect::<String>(),
        None => first.chars().take(3).collect(),
    };
    format!("{letters:x<3}").to_ascii_uppercase()
}

fn packed(completer: &mut Completer, draft: usize, item: &Item) {
    let slot = |completer: &Completer, column| completer.slot(draft, column);
    let (order, lead, shelf) = (
        min_order_quantity(slot(completer, "min_order_quantity")),
        slot(completer, "lead_time_days").between(item.lead_time.0, item.lead_time.1),
        slot(completer, "shelf_life_days").between(item.shelf_life.0, item.shelf_life.1),
    );
    completer.fill(draft, "unit_of_measure", |_| item.unit_of_measure.into());
    completer.fill(draft, "units_per_case", |_| Value::Int(item.units_per_case));
    completer.fill(draft, "min_order_quantity", |_| Value::Int(order));
    completer.fill(draft, "lead_time_days", |_| Value::Int(lead));
    completer.fill(draft, "shelf_life_days", |_| Value::Int(shelf));
    completer.fill(draft, "is_seasonal", |_| Value::Bool(item.seasonal));
    completer.fill(draft, "status", |_| "active".into());
}

/// Cost and list price by the margin of the category, whichever of them is given.
fn priced(completer: &mut Completer, draft: usize, item: &Item, category: &Category) {
    let (low, high) = category.margin;
    let percent = completer.slot(draft, "list_price").between(low, high);
    let drawn = completer.slot(draft, "cost_per_unit").between(item.cost.0, item.cost.1);
    completer.fill(draft, "cost_per_unit", |completer| match completer.number(draft, "list_price") {
        Some(list) => Value::Cents(list * 100 / (100 + percent)),
        None => Value::Cents(drawn),
    });
    completer.fill(draft, "list_price", |completer| match completer.number(draft, "cost_per_unit") {
        Some(cost) => {
            let list = cost + (cost * percent + 99) / 100;
            Value::Cents((list + PRICE_STEP - 1) / PRICE_STEP * PRICE_STEP)
        }
        None => Value::Null,
    });
}

fn described(completer: &mut Completer, draft: usize, item: &Item, category: &Category) {
    let brand = completer.text(draft, "brand").unwrap_or_default().to_owned();
    let slot = completer.slot(draft, "description");
    completer.fill(draft, "description", |_| {
        let mut text = String::new();
        phrase::fill(&mut text, slot.pick(&category.descriptions), |out, piece| match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Brand => out.push_str(&brand),
            Piece::Category => out.push_str(category.label),
            _ => out.push_str(&item.lower),
        });
        Value::Text(text)
    });
    let slot = completer.slot(draft, "custom_attributes");
    completer.fill(draft, "custom_attributes", |_| {
        let mut json = String::new();
        let _ = write!(
            json,
            r#"{{"storage":"{}","organic":{},"kosher":{},"gluten_free":{}}}"#,
            category.storage,
            item.organic,
            item.kosher.holds(slot.child(0).chance(35)),
            item.gluten_free.holds(slot.child(1).chance(40)),
        );
        Value::Json(json)
    });
}
