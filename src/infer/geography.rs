//! What rows of lists of countries, states, towns and currencies say besides their names, what they are in,
//! and which of them a name means: never one that is only spelled alike.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::vocabulary::Vocabulary;
use crate::fixture::fixture;
use crate::infer::kinds::phrase;
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics::{state_code, state_facts};
use crate::sqlexpr::value::Value;

/// A list of which more is known than the names of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownList {
    Countries,
    States,
    Towns,
    Currencies,
}

/// The currency of all amounts.
pub const CURRENCY: &str = "USD";
/// The country that all states are in.
const HOME: &str = "United States";

struct Country {
    name: &'static str,
    iso2: &'static str,
    iso3: &'static str,
    calling: &'static str,
    currency: &'static str,
    region: &'static str,
}

static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    fixture!("countries.tsv", ["name", "iso2", "iso3", "calling", "currency", "region"])
        .map(|[name, iso2, iso3, calling, currency, region]| Country {
            name,
            iso2,
            iso3,
            calling,
            currency,
            region,
        })
        .collect()
});

/// Name, sign and decimals of a currency.
type Currency = (&'static str, &'static str, &'static str);

static CURRENCIES: LazyLock<HashMap<&'static str, Currency>> = LazyLock::new(|| {
    fixture!("currencies.tsv", ["code", "name", "symbol", "decimals"])
        .map(|[code, name, symbol, decimals]| (code, (name, symbol, decimals)))
        .collect()
});

/// The towns by their names, each with the state of the largest that is called so.
static TOWNS: LazyLock<HashMap<&'static str, (&'static str, &'static str)>> = LazyLock::new(|| {
    let mut towns: HashMap<&'static str, (f64, &'static str, &'static str)> = HashMap::new();
    for (place, weight) in Vocabulary::get().places.shares() {
        let postal = place.postal_codes.first().copied().unwrap_or_default();
        let known = towns.entry(place.city).or_insert((weight, place.state, postal));
        if known.0 < weight {
            *known = (weight, place.state, postal);
        }
    }
    towns.into_iter().map(|(city, (_, state, postal))| (city, (state, postal))).collect()
});

impl KnownList {
    /// The one that a table of this name is: the states of orders are none.
    pub fn of(table: &str) -> Option<Self> {
        let phrase = phrase(table);
        let about = ["us ", "geo ", "world ", "address ", "country "];
        let bare = about.iter().find_map(|about| phrase.strip_prefix(about)).unwrap_or(&phrase);
        Some(match bare {
            "country" => Self::Countries,
            "state" | "province" | "state province" => Self::States,
            "city" | "town" | "municipality" => Self::Towns,
            "currency" => Self::Currencies,
            _ => return None,
        })
    }

    /// Whether its rows are in rows of another list, or have one of them.
    pub const fn is_within(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Towns, Self::States)
                | (Self::Towns | Self::States, Self::Countries)
                | (Self::Countries, Self::Currencies)
        )
    }

    /// The name of the row of another list in which a row of this one is.
    pub fn within(self, name: &str, other: Self) -> Option<&'static str> {
        match (self, other) {
            (Self::Towns, Self::States) => Some(state_facts(TOWNS.get(name)?.0)?.0),
            (Self::Towns | Self::States, Self::Countries) => Some(HOME),
            (Self::Countries, Self::Currencies) => Some(country(name)?.currency),
            _ => None,
        }
    }

    /// Which of the rows of these names another name means.
    pub fn find(self, names: &[String], wanted: &str) -> Option<usize> {
        let position = |name: &str| names.iter().position(|its| its.eq_ignore_ascii_case(name));
        let other = || match self {
            Self::Countries => country(wanted).map(|country| country.name),
            Self::States => state_facts(state_code(wanted)).map(|(name, ..)| name),
            Self::Towns | Self::Currencies => None,
        };
        position(wanted).or_else(|| position(other()?))
    }

    /// Whether a town is in the state of this code: others may have one of its name.
    pub fn is_in(town: &str, state: &str) -> bool {
        TOWNS.get(town).is_some_and(|(its, _)| its.eq_ignore_ascii_case(state_code(state)))
    }

    /// What a row says in a column of these words beside its name, if that is known.
    pub fn says(self, name: &str, words: &[String], scalar: ScalarType) -> Option<Value> {
        let phrase = words.join(" ");
        let ends = |wanted: &[&str]| {
            wanted.iter().any(|wanted| phrase == *wanted || phrase.ends_with(&format!(" {wanted}")))
        };
        let text = match self {
            Self::Countries => country(name)?.says(&ends)?,
            Self::States => of_state(name, &ends)?,
            Self::Towns => of_town(name, &ends)?,
            Self::Currencies => of_currency(name, &ends)?,
        };
        match scalar {
            ScalarType::Text => Some(text.into()),
            ScalarType::Integer => text.trim_start_matches('+').parse::<i64>().ok().map(Value::from),
            _ => None,
        }
    }
}

/// The country of a name, a code, or what else people write for it.
fn country(name: &str) -> Option<&'static Country> {
    const OTHERS: [(&str, &str); 6] = [
        ("United States of America", HOME),
        ("U.S.", HOME),
        ("U.S.A.", HOME),
        ("America", HOME),
        ("UK", "United Kingdom"),
        ("Great Britain", "United Kingdom"),
    ];
    let other = OTHERS.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, name)| *name);
    let name = other.unwrap_or(name);
    let is_it = |country: &&Country| {
        [country.name, country.iso2, country.iso3].iter().any(|its| its.eq_ignore_ascii_case(name))
    };
    COUNTRIES.iter().find(is_it)
}

/// Columns with the code of a row.
const CODES: [&str; 8] = ["iso2", "iso 2", "iso", "code", "iso code", "alpha 2", "abbreviation", "abbr"];

impl Country {
    fn says(&self, ends: &dyn Fn(&[&str]) -> bool) -> Option<&'static str> {
        Some(match () {
            () if ends(&[
                "calling code",
                "phone code",
                "dial code",
                "dialing code",
                "phone prefix",
                "isd code",
            ]) =>
            {
                self.calling
            }
            () if ends(&["currency", "currency code"]) => self.currency,
            () if ends(&["iso3", "iso 3", "alpha 3", "code 3", "iso code 3", "alpha3"]) => self.iso3,
            () if ends(&CODES) || ends(&["alpha2", "short name"]) => self.iso2,
            () if ends(&["region", "continent"]) => self.region,
            () => return None,
        })
    }
}

fn of_state(name: &str, ends: &dyn Fn(&[&str]) -> bool) -> Option<&'static str> {
    let (_, code, time_zone, territory) = state_facts(state_code(name))?;
    Some(match () {
        () if ends(&["country code", "country iso"]) => "US",
        () if ends(&["country", "country name"]) => HOME,
        () if ends(&CODES) || ends(&["state code", "short name"]) => code,
        () if ends(&["timezone", "time zone", "tz"]) => time_zone,
        () if ends(&["region", "territory"]) => territory,
        () => return None,
    })
}

fn of_town(name: &str, ends: &dyn Fn(&[&str]) -> bool) -> Option<&'static str> {
    let (state, postal) = TOWNS.get(name)?;
    let (state_name, code, time_zone, territory) = state_facts(state)?;
    Some(match () {
        () if ends(&["state name", "province name"]) => state_name,
        () if ends(&["state", "state code", "state abbr", "province"]) => code,
        () if ends(&["country code"]) => "US",
        () if ends(&["country", "country name"]) => HOME,
        () if ends(&["zip", "zip code", "zipcode", "postal code", "postcode"]) => postal,
        () if ends(&["timezone", "time zone", "tz"]) => time_zone,
        () if ends(&["region", "territory"]) => territory,
        () => return None,
    })
}

fn of_currency(code: &str, ends: &dyn Fn(&[&str]) -> bool) -> Option<&'static str> {
    let (name, symbol, decimals) = CURRENCIES.get(code)?;
    Some(match () {
        () if ends(&["symbol", "sign"]) => symbol,
        () if ends(&[
            "decimal",
            "decimals",
            "decimal digits",
            "decimal places",
            "precision",
            "minor unit",
            "exponent",
        ]) =>
        {
            decimals
        }
        () if ends(&["name", "full name", "title", "label", "description"]) => name,
        () => return None,
    })
}
