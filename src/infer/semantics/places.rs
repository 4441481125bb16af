//! Towns, streets and what belongs to them.

use super::rules::RuleContext;
use crate::domain::vocabulary::{Place, Vocabulary};
use crate::sqlexpr::value::Value;

const STREETS: &str = "Market Street|Orchard Avenue|Mill Road|Harbor Drive|\
         Commerce Parkway|Main Street|Depot Street|Industrial Boulevard|Oak Street|Canal Street|\
         Railroad Avenue|Prairie Lane|Foundry Way|Maple Avenue";

/// State, name, and a time zone of its largest part.
const STATES: &str = "AL Alabama Chicago|AK Alaska Anchorage|AZ Arizona Phoenix|\
         AR Arkansas Chicago|CA California Los_Angeles|CO Colorado Denver|CT Connecticut New_York|\
         DE Delaware New_York|DC District_of_Columbia New_York|FL Florida New_York|\
         GA Georgia New_York|HI Hawaii Honolulu|ID Idaho Boise|IL Illinois Chicago|\
         IN Indiana Indiana/Indianapolis|IA Iowa Chicago|KS Kansas Chicago|KY Kentucky New_York|\
         LA Louisiana Chicago|ME Maine New_York|MD Maryland New_York|MA Massachusetts New_York|\
         MI Michigan Detroit|MN Minnesota Chicago|MS Mississippi Chicago|MO Missouri Chicago|\
         MT Montana Denver|NE Nebraska Chicago|NV Nevada Los_Angeles|NH New_Hampshire New_York|\
         NJ New_Jersey New_York|NM New_Mexico Denver|NY New_York New_York|NC North_Carolina New_York|\
         ND North_Dakota Chicago|OH Ohio New_York|OK Oklahoma Chicago|OR Oregon Los_Angeles|\
         PA Pennsylvania New_York|RI Rhode_Island New_York|SC South_Carolina New_York|\
         SD South_Dakota Chicago|TN Tennessee Chicago|TX Texas Chicago|UT Utah Denver|\
         VT Vermont New_York|VA Virginia New_York|WA Washington Los_Angeles|\
         WV West_Virginia New_York|WI Wisconsin Chicago|WY Wyoming Denver";

/// The town of the row: what it says already, else any. With one of its ZIP codes.
pub(super) fn place(draw: &RuleContext<'_>) -> (&'static Place, &'static str) {
    let places = &Vocabulary::get().places;
    let hidden = draw.context.hidden.child(4);
    let city = draw.given(&["city", "town", "billing_city", "shipping_city"]);
    let state = draw.given(&["state", "province", "state_code", "billing_state", "shipping_state"]);
    let state = state.map(|state| abbreviation(&state));
    let postal = draw.given(&["postal_code", "zip", "zip_code", "postcode"]);
    let in_state = |place: &Place| state.as_ref().is_none_or(|state| state.eq_ignore_ascii_case(place.state));
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

/// One of the area codes of the row's town.
pub(super) fn area_code(draw: &RuleContext<'_>) -> &'static str {
    let codes = &place(draw).0.area_codes;
    codes.get(draw.slot.child(2).below(codes.len() as u64) as usize).copied().unwrap_or("312")
}

fn states() -> impl Iterator<Item = (&'static str, String, &'static str)> {
    STATES.split('|').filter_map(|state| {
        let (code, rest) = state.split_once(' ')?;
        let (name, zone) = rest.split_once(' ')?;
        Some((code, name.replace('_', " "), zone))
    })
}

fn abbreviation(state: &str) -> String {
    let found = states().find(|(_, name, _)| name.eq_ignore_ascii_case(state));
    found.map_or_else(|| state.to_owned(), |(code, _, _)| code.to_owned())
}

/// A house number and a street.
pub(super) fn street(draw: &RuleContext<'_>) -> Value {
    format!("{} {}", draw.slot.child(3).between(10, 9800), draw.one_of(STREETS)).into()
}

/// A whole address on one line.
pub(super) fn whole(draw: &RuleContext<'_>) -> Value {
    let (place, postal) = place(draw);
    let street = draw.one_of(STREETS);
    format!("{} {street}, {}, {} {postal}", draw.slot.child(3).between(10, 9800), place.city, place.state)
        .into()
}

/// The name of the row's state.
pub(super) fn state_name(draw: &RuleContext<'_>) -> Value {
    let code = place(draw).0.state;
    states().find(|(its, _, _)| *its == code).map_or_else(|| code.into(), |(_, name, _)| name.into())
}

/// The time zone of the row's state.
pub(super) fn zone(draw: &RuleContext<'_>) -> Value {
    let code = place(draw).0.state;
    let zone = states().find(|(its, _, _)| *its == code).map_or("Chicago", |(_, _, zone)| zone);
    if zone == "Honolulu" { "Pacific/Honolulu".into() } else { format!("America/{zone}").into() }
}
