//! Towns and states.

use std::sync::LazyLock;

use super::context::RuleContext;
use crate::domain::vocabulary::{Place, Vocabulary};
use crate::fixture::fixture;
use crate::infer::word_lists::words;

/// A state: its abbreviation, its name, and a time zone.
struct State {
    code: &'static str,
    name: &'static str,
    time_zone: &'static str,
    territory: &'static str,
}

static STATES: LazyLock<Vec<State>> = LazyLock::new(|| {
    fixture!("states.tsv", ["state", "name", "time_zone", "territory"])
        .map(|[code, name, time_zone, territory]| State { code, name, time_zone, territory })
        .collect()
});

/// The town of the row: what it says already, else any. With one of its ZIP codes.
pub(super) fn place(draw: &RuleContext<'_>) -> (&'static Place, &'static str) {
    let places = &Vocabulary::get().places;
    let hidden = draw.context.hidden.child(4);
    let city = draw.certain(&["city", "town", "billing_city", "shipping_city"]);
    let state = draw.certain(&["state", "province", "state_code", "billing_state", "shipping_state"]);
    let state = state.as_deref().map(state_code);
    let postal = draw.certain(&["postal_code", "zip", "zip_code", "postcode"]);
    let in_state = |place: &Place| state.is_none_or(|state| state.eq_ignore_ascii_case(place.state));
    let known = if city.is_none() && state.is_none() && postal.is_none() {
        None
    } else {
        let fits = |place: &Place| match (&city, &postal) {
            (Some(city), _) => place.city.eq_ignore_ascii_case(city) && in_state(place),
            (None, Some(postal)) => place.postal_codes.contains(&postal.as_str()),
            (None, None) => in_state(place),
        };
        let found: Vec<&'static Place> =
            places.shares().map(|(place, _)| *place).filter(|p| fits(p)).collect();
        let found = if found.is_empty() && state.is_some() {
            places.shares().map(|(place, _)| *place).filter(|place| in_state(place)).collect()
        } else {
            found
        };
        found.get(hidden.below(found.len() as u64) as usize).copied()
    };
    let place = known.unwrap_or_else(|| places.pick(hidden));
    if let Some(postal) = &postal
        && let Some(code) = place.postal_codes.iter().find(|code| *code == postal)
    {
        return (place, code);
    }
    let code = hidden.child(1).below(place.postal_codes.len() as u64) as usize;
    (place, place.postal_codes.get(code).copied().unwrap_or("60601"))
}

/// The house and the street of the row's address.
pub(super) fn street(draw: &RuleContext<'_>) -> String {
    static STREETS: LazyLock<Vec<&'static str>> =
        LazyLock::new(|| words("@streets").unwrap_or_else(|error| panic!("{error}")));
    let hidden = draw.context.hidden.child(5);
    format!("{} {}", hidden.between(10, 9800), hidden.child(1).word(&STREETS))
}

/// One of the area codes of the row's town.
pub(super) fn area_code(draw: &RuleContext<'_>) -> &'static str {
    let codes = &place(draw).0.area_codes;
    codes.get(draw.slot.child(2).below(codes.len() as u64) as usize).copied().unwrap_or("312")
}

/// The two letters of a state; its name where there is no state of that name.
pub fn state_code(state: &str) -> &str {
    STATES.iter().find(|its| its.name.eq_ignore_ascii_case(state)).map_or(state, |its| its.code)
}

/// Name, code, time zone and sales territory of the state of a code.
pub fn state_facts(code: &str) -> Option<(&'static str, &'static str, &'static str, &'static str)> {
    state(code).map(|state| (state.name, state.code, state.time_zone, state.territory))
}

fn state(code: &str) -> Option<&'static State> {
    STATES.iter().find(|state| state.code == code)
}

pub(super) fn state_name(code: &'static str) -> &'static str {
    state(code).map_or(code, |state| state.name)
}

/// The sales territory of the state of this abbreviation.
pub(super) fn territory(code: &str) -> &'static str {
    state(code).map_or("Midwest", |state| state.territory)
}

/// The time zone of a state.
pub(super) fn time_zone(code: &str) -> &'static str {
    state(code).map_or("America/Chicago", |state| state.time_zone)
}
