//! How names and labels are spelled.

use super::dice::Dice;

/// A way to spell the names of a schema.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `deal_contacts`, `created_at`.
    Snake,
    /// `deal_contacts`, `createdAt`.
    Camel,
    /// `DealContact`, `createdAt`.
    Pascal,
}

/// A way to spell labels.
#[derive(Clone, Copy)]
pub enum Labels {
    /// As they are.
    Plain,
    /// `New Lead`.
    Title,
    /// `NEW_LEAD`.
    Upper,
    /// `new-lead`.
    Kebab,
}

impl Style {
    /// One of them.
    pub fn any(dice: &mut Dice) -> Self {
        *dice.pick(&[Self::Snake, Self::Snake, Self::Snake, Self::Snake, Self::Camel, Self::Pascal])
    }

    /// A column.
    pub fn column(self, name: &str) -> String {
        match self {
            Self::Snake => name.to_owned(),
            Self::Camel | Self::Pascal => camel(name),
        }
    }

    /// A table.
    pub fn table(self, name: &str) -> String {
        match self {
            Self::Snake | Self::Camel => name.to_owned(),
            Self::Pascal => capital(&camel(&singular(name))),
        }
    }
}

impl Labels {
    /// One of them.
    pub fn any(dice: &mut Dice) -> Self {
        *dice.pick(&[Self::Plain, Self::Plain, Self::Plain, Self::Title, Self::Upper, Self::Kebab])
    }

    /// A label.
    pub fn spell(self, label: &str) -> String {
        match self {
            Self::Plain => label.to_owned(),
            Self::Title => label.split('_').map(capital).collect::<Vec<_>>().join(" "),
            Self::Upper => label.to_uppercase().replace('-', "_"),
            Self::Kebab => label.to_lowercase().replace('_', "-"),
        }
    }
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &capital(word))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// The word for a row of a table.
pub fn singular(name: &str) -> String {
    if name == "people" {
        return "person".to_owned();
    }
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.strip_suffix('s').filter(|stem| !stem.ends_with('s')).unwrap_or(name).to_owned(),
    }
}
