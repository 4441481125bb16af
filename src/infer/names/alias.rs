//! Other names of one thing.

use super::moment::without_moment;
use crate::fixture::list;

/// Other names of a table or a column, without underscores.
#[derive(Debug)]
pub struct Names {
    /// Well-known ones.
    known: Vec<String>,
    /// Those that may mean it.
    weak: Vec<String>,
    /// Both without the words that say only that it is a moment.
    moments: Vec<String>,
}

/// How surely a name means a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sureness {
    /// It is a well-known other name.
    Known,
    /// It may mean it.
    Weak,
}

impl Names {
    /// As fields of a table.
    pub fn read(known: &'static str, weak: &'static str) -> Self {
        let bare = |names| list(names).into_iter().map(|name| name.replace('_', "")).collect();
        let all = list(known).into_iter().chain(list(weak));
        let moments = all.filter_map(|name| without_moment(&name.split('_').collect::<Vec<_>>())).collect();
        Self { known: bare(known), weak: bare(weak), moments }
    }

    /// How surely a name, with or without underscores, is one of them.
    pub fn sureness(&self, name: &str) -> Option<Sureness> {
        let name = name.replace('_', "");
        match () {
            () if self.known.contains(&name) => Some(Sureness::Known),
            () if self.weak.contains(&name) => Some(Sureness::Weak),
            () => None,
        }
    }

    /// Whether one of them says this, but for the words that say only that it is a moment.
    pub fn says_moment(&self, moment: &str) -> bool {
        self.moments.iter().any(|its| its == moment)
    }

    /// All of them, for tests.
    #[cfg(test)]
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.known.iter().chain(&self.weak)
    }
}
