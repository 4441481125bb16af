//! What is left out of a product.

use std::fmt::Write;

use crate::domain::explicit::Value;
use crate::domain::explicit::cast::Cast;
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
use crate::domain::world::{CHILD_IDS, kin_of_organization};
use crate::random::Permutation;

/// Finishes all products, whose principals are finished.
pub fn finish(cast: &mut Cast) {
    for draft in cast.of_table("products") {
        let principal = cast.referred(draft, "principal_id");
        let brand = principal.as_ref().map_or_else(String::new, brand);
        cast.fill(draft, "brand", |_| Value::Text(brand.clone()));
        let category = category(cast, draft);
        cast.fill(draft, "category", |_| category.name.into());
        let item = item(cast, draft, category, &brand);
        named(cast, draft, item, &brand);
        numbered(cast, draft, category, &brand);
        packed(cast, draft, item);
        priced(cast, draft, item, category);
        described(cast, draft, item, category);
        let slot = cast.slot(draft, "created_at");
        let after = principal.and_then(|facts| facts.number("created_at"));
        let second = between(after, cast.drafts[draft].latest, 900, slot);
        cast.fill(draft, "created_at", |_| Value::Timestamp(second));
        touched(cast, draft);
    }
}

/// The words by which an organization's brand is known: the first two of its name, if it has more.
pub fn brand(organization: &Facts) -> String {
    let words: Vec<&str> = organization.text("name").split(' ').collect();
    words[..(words.len() - 1).clamp(1, 2)].join(" ")
}

/// What was given, else what its principal makes.
fn category(cast: &Cast, draft: usize) -> &'static Category {
    let categories = &cast.vocabulary().categories;
    if let Some(name) = cast.text(draft, "category")
        && let Some(category) = categories.iter().find(|category| category.name == name)
    {
        return category;
    }
    let slot = cast.slot(draft, "category");
    match cast.reference(draft, "principal_id") {
        None => slot.pick(categories),
        Some(id) => match cast.of_id(table_called("organizations"), id) {
            Some(principal) => main_category(cast, principal),
            None => Principals::new(cast.world).categories(kin_of_organization(id).1).0,
        },
    }
}

/// A food of the category that fits what is given and that its principal does not make yet.
fn item(cast: &Cast, draft: usize, category: &'static Category, brand: &str) -> &'static Item {
    let principal = cast.reference(draft, "principal_id");
    let siblings = principal.map(|id| cast.referring("products", "principal_id", id)).unwrap_or_default();
    let others: Vec<&str> =
        siblings.iter().filter(|row| **row != draft).filter_map(|row| cast.text(*row, "name")).collect();
    let fits = |item: &Item| {
        let units = cast.number(draft, "units_per_case");
        let seasonal = cast.value(draft, "is_seasonal");
        let in_name = cast.text(draft, "name").is_none_or(|name| name.contains(&item.name));
        units.is_none_or(|units| units == item.units_per_case)
            && seasonal.is_none_or(|seasonal| *seasonal == Value::Bool(item.seasonal))
            && cast.text(draft, "unit_of_measure").is_none_or(|unit| unit == item.unit_of_measure)
            && in_name
    };
    let repeats = |item: &Item| {
        let end = brand.rsplit(' ').next();
        others.iter().any(|name| name.contains(&item.name)) || end == item.name.split(' ').next()
    };
    let slot = cast.slot(draft, "name");
    let drawn = || (0..400).map(|number| slot.child(number).pick(&category.items));
    let fresh = drawn().find(|item| fits(item) && !repeats(item));
    fresh
        .or_else(|| category.items.iter().find(|item| fits(item)))
        .or_else(|| drawn().find(|item| !repeats(item)))
        .unwrap_or_else(|| slot.pick(&category.items))
}

fn named(cast: &mut Cast, draft: usize, item: &Item, brand: &str) {
    cast.fill(draft, "name", |_| {
        Value::Text(format!("{brand} {}, {}", item.name, item.pack).trim_start().to_owned())
    });
}

/// SKU and UPC, which no base product has.
fn numbered(cast: &mut Cast, draft: usize, category: &Category, brand: &str) {
    let principal = cast.reference(draft, "principal_id");
    let siblings = principal.map(|id| cast.referring("products", "principal_id", id)).unwrap_or_default();
    let before = siblings.iter().filter(|row| **row < draft).count() as u64;
    // From the top, as base products count from 1; behind them where they reach so far.
    let most = cast.world.products_per_principal.max;
    let is_base = principal.is_some_and(|id| !ids::is_explicit(id));
    let number = match 999_u64.checked_sub(before) {
        Some(number) if !is_base || number > most => number,
        _ => 1000 + before,
    };
    cast.fill(draft, "sku", |_| Value::Text(format!("{}-{}-{number:03}", initials(brand), category.code)));
    let slot = cast.slot(draft, "upc");
    // The thousandth place of a principal is no base product's.
    let place = slot.below(UPC_NUMBERS / CHILD_IDS) * CHILD_IDS + CHILD_IDS - 1;
    let order = Permutation::new(cast.world.seed, "products", "upc", UPC_NUMBERS);
    cast.fill(draft, "upc", |_| {
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

fn packed(cast: &mut Cast, draft: usize, item: &Item) {
    let slot = |cast: &Cast, column| cast.slot(draft, column);
    let (order, lead, shelf) = (
        min_order_quantity(slot(cast, "min_order_quantity")),
        slot(cast, "lead_time_days").between(item.lead_time.0, item.lead_time.1),
        slot(cast, "shelf_life_days").between(item.shelf_life.0, item.shelf_life.1),
    );
    cast.fill(draft, "unit_of_measure", |_| item.unit_of_measure.into());
    cast.fill(draft, "units_per_case", |_| Value::Int(item.units_per_case));
    cast.fill(draft, "min_order_quantity", |_| Value::Int(order));
    cast.fill(draft, "lead_time_days", |_| Value::Int(lead));
    cast.fill(draft, "shelf_life_days", |_| Value::Int(shelf));
    cast.fill(draft, "is_seasonal", |_| Value::Bool(item.seasonal));
    cast.fill(draft, "status", |_| "active".into());
}

/// Cost and list price by the margin of the category, whichever of them is given.
fn priced(cast: &mut Cast, draft: usize, item: &Item, category: &Category) {
    let (low, high) = category.margin;
    let percent = cast.slot(draft, "list_price").between(low, high);
    let drawn = cast.slot(draft, "cost_per_unit").between(item.cost.0, item.cost.1);
    cast.fill(draft, "cost_per_unit", |cast| match cast.number(draft, "list_price") {
        Some(list) => Value::Cents(list * 100 / (100 + percent)),
        None => Value::Cents(drawn),
    });
    cast.fill(draft, "list_price", |cast| match cast.number(draft, "cost_per_unit") {
        Some(cost) => {
            let list = cost + (cost * percent + 99) / 100;
            Value::Cents((list + PRICE_STEP - 1) / PRICE_STEP * PRICE_STEP)
        }
        None => Value::Null,
    });
}

fn described(cast: &mut Cast, draft: usize, item: &Item, category: &Category) {
    let brand = cast.text(draft, "brand").unwrap_or_default().to_owned();
    let slot = cast.slot(draft, "description");
    cast.fill(draft, "description", |_| {
        let mut text = String::new();
        phrase::fill(&mut text, slot.pick(&category.descriptions), |out, piece| match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Brand => out.push_str(&brand),
            Piece::Category => out.push_str(category.label),
            _ => out.push_str(&item.lower),
        });
        Value::Text(text)
    });
    let slot = cast.slot(draft, "custom_attributes");
    cast.fill(draft, "custom_attributes", |_| {
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
