//! Which tables are the domain's: all of its main ones at once, so that what refers to what has a say, then those that
//! hang on them.

use std::cmp::Reverse;

use crate::catalog::Table;
use crate::domain::TABLES;
use crate::domain::table::ColumnInfo;
use crate::infer::column_match::Found;
use crate::infer::names;
use crate::infer::recognition::evidence::{KNOWN, TableEvidence};
use crate::infer::recognition::graph::Graph;
use crate::infer::recognition::signatures::Meaning;

/// Names this alike are the same name in other letters.
const SAME: u8 = 95;
/// What is known by its columns alone.
const NAMELESS: u8 = 60;
/// Tables that are considered for each of the main ones.
const CONSIDERED: usize = 6;
/// Columns of the domain that a table of another name has at least.
const ALIKE: usize = 3;
/// The weight of what the configuration says.
const WISHED: i32 = 10_000;

/// The tables on which the others hang, in the order of [`TABLES`].
pub const MAIN: [&str; 4] = ["organizations", "contacts", "products", "opportunities"];

/// What it weighs that one main table refers to another.
const LEADS: [(usize, usize, i32); 5] = [(1, 0, 12), (3, 0, 10), (3, 1, 6), (2, 0, 3), (3, 2, 2)];
/// The same, by way of a table that links them.
const LINKED: [(usize, usize, i32); 4] = [(1, 0, 8), (3, 0, 6), (3, 1, 6), (3, 2, 6)];

/// How a table of the domain was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleChoice {
    /// The table of the domain.
    pub role: &'static str,
    /// The table of the target.
    pub is: usize,
    /// The one that comes next, and how much less speaks for it.
    pub rather_than: Option<(usize, i32)>,
}

impl RoleChoice {
    /// Whether the other would be about as good.
    pub fn is_close(&self) -> bool {
        self.rather_than.is_some_and(|(_, less)| less <= CLOSE)
    }
}

/// What two candidates differ by that are about equally good.
const CLOSE: i32 = 8;

/// What roles are decided by.
pub struct Target<'a> {
    pub tables: &'a [TableEvidence<'a>],
    /// Their references.
    pub graph: &'a Graph,
    /// Whether a table may be one of the domain's by what is known of it.
    pub is_open: &'a dyn Fn(usize) -> bool,
    /// The table of the domain that the user says a table is, or none.
    pub setting: &'a dyn Fn(usize) -> Option<Option<usize>>,
    /// What its columns say, where its name does not.
    pub shape: &'a dyn Fn(usize) -> Option<Meaning>,
    /// What a table links, where it does no more.
    pub ends: &'a [Option<Vec<Option<usize>>>],
    /// Whether a table is a link by what it refers to or by its name.
    pub is_linking: &'a dyn Fn(usize) -> bool,
    /// Whether a table has a meaning of its own, and so is no link whatever it refers to.
    pub has_kind: &'a dyn Fn(usize) -> bool,
}

/// A table that may be one of the domain's.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    at: usize,
    /// How alike the names are.
    name: u8,
    /// How many columns of the domain it has.
    alike: usize,
    /// What speaks for it by itself.
    weight: i32,
    /// It is called like a table of the domain, this one or another.
    is_named: bool,
}

/// Which table is which, and what else might have been.
pub fn assign(target: &Target<'_>) -> (Vec<Option<Found>>, Vec<RoleChoice>) {
    let mut found: Vec<Option<Found>> = vec![None; TABLES.len()];
    let mut choices = Vec::new();
    target.main(&mut found, &mut choices);
    for (domain, table) in TABLES.iter().enumerate() {
        if !MAIN.contains(&table.info().name) {
            target.hanging(domain, &mut found, &mut choices);
        }
    }
    (found, choices)
}

impl Target<'_> {
    fn main(&self, found: &mut [Option<Found>], choices: &mut Vec<RoleChoice>) {
        let domain: Vec<usize> = MAIN.iter().map(|name| position(name)).collect();
        let candidates: Vec<Vec<Candidate>> = domain.iter().map(|domain| self.candidates(*domain)).collect();
        let mut search = Search { target: self, candidates: &candidates, best: None, others: Vec::new() };
        search.try_all(&mut [None; MAIN.len()], 0);
        let Some((best, chosen)) = search.best else { return };
        for (role, candidate) in chosen.iter().enumerate() {
            let Some(candidate) = candidate.map(|at| candidates[role][at]) else { continue };
            found[domain[role]] = Some(Found { at: candidate.at, score: candidate.name });
            let others = search.others.iter().filter(|other| other.role == role && other.at != candidate.at);
            let other = others.max_by_key(|other| (other.weight, Reverse(other.at)));
            choices.push(RoleChoice {
                role: MAIN[role],
                is: candidate.at,
                rather_than: other.map(|other| (other.at, best - other.weight)),
            });
        }
    }

    /// Tables that may be one of the domain's, the likeliest first.
    fn candidates(&self, domain: usize) -> Vec<Candidate> {
        let mut found: Vec<Candidate> =
            (0..self.tables.len()).filter_map(|at| self.candidate(domain, at)).collect();
        found.sort_by_key(|candidate| (Reverse(candidate.weight), candidate.at));
        found.truncate(CONSIDERED);
        found
    }

    fn candidate(&self, domain: usize, at: usize) -> Option<Candidate> {
        let table = &self.tables[at];
        match (self.setting)(at) {
            Some(setting) if setting == Some(domain) => {
                return Some(Candidate { at, name: u8::MAX, alike: 0, weight: WISHED, is_named: true });
            }
            Some(_) => return None,
            None => {}
        }
        if !(self.is_open)(at) {
            return None;
        }
        let name = TABLES[domain].info().name;
        let is_main = MAIN.contains(&name);
        let score = table.called(domain);
        let is_shaped = is_main && (self.shape)(at) == Some(Meaning::Domain(domain));
        let score = match score {
            Some(score) => score,
            None if is_shaped => NAMELESS,
            None => return None,
        };
        if is_main && score < SAME && self.ends[at].is_some() {
            return None;
        }
        let is_named = score != NAMELESS || MAIN.iter().any(|other| table.called(position(other)).is_some());
        let alike = likeness(domain, table);
        let by_name = match score {
            SAME.. => i32::from(score) * 2 / 5,
            KNOWN.. => 32,
            NAMELESS => 16,
            _ => 20,
        };
        let referring = self.graph.to(at).filter(|edge| edge.from != at).count().min(8) as i32;
        let graph = if name == "organizations" { referring } else { referring / 4 };
        let is_person = name == "organizations" && score < SAME && is_person(table);
        let weight = by_name + 2 * alike.min(10) as i32 + graph - if is_person { 30 } else { 0 };
        Some(Candidate { at, name: score, alike, weight, is_named })
    }

    /// What it adds that main tables refer to one another.
    fn together(&self, chosen: &[Option<usize>]) -> (i32, [i32; MAIN.len()]) {
        let mut of_role = [0; MAIN.len()];
        let mut sum = 0;
        let mut add = |(one, other, weight): (usize, usize, i32), holds: bool| {
            if holds {
                sum += weight;
                of_role[one] += weight;
                of_role[other] += weight;
            }
        };
        for pair in LEADS {
            let (Some(from), Some(to)) = (chosen[pair.0], chosen[pair.1]) else { continue };
            add(pair, self.graph.leads(from, to));
        }
        for pair in LINKED {
            let (Some(one), Some(other)) = (chosen[pair.0], chosen[pair.1]) else { continue };
            add(pair, self.is_linked(one, other));
        }
        (sum, of_role)
    }

    fn is_linked(&self, one: usize, other: usize) -> bool {
        self.graph.to(one).any(|edge| {
            self.ends[edge.from]
                .as_ref()
                .is_some_and(|ends| ends.contains(&Some(one)) && ends.contains(&Some(other)))
        })
    }

    /// A table that hangs on the main ones.
    fn hanging(&self, domain: usize, found: &mut [Option<Found>], choices: &mut Vec<RoleChoice>) {
        let info = TABLES[domain].info();
        let is_taken = |at: usize| found.iter().flatten().any(|found| found.at == at);
        let mut candidates: Vec<Candidate> = (0..self.tables.len())
            .filter(|at| !is_taken(*at))
            .filter_map(|at| {
                let candidate = self.candidate(domain, at).or_else(|| self.by_ends(domain, at, found))?;
                (candidate.name == u8::MAX || self.may_hang(domain, &candidate, found)).then_some(candidate)
            })
            .collect();
        candidates.sort_by_key(|candidate| (Reverse(candidate.weight), candidate.at));
        let Some(first) = candidates.first() else { return };
        found[domain] = Some(Found { at: first.at, score: first.name });
        choices.push(RoleChoice {
            role: info.name,
            is: first.at,
            rather_than: candidates.get(1).map(|other| (other.at, first.weight - other.weight)),
        });
    }

    /// A link of the domain's two tables, whatever it is called.
    fn by_ends(&self, domain: usize, at: usize, found: &[Option<Found>]) -> Option<Candidate> {
        let is_open = (self.is_open)(at) && (self.setting)(at).is_none() && !(self.has_kind)(at);
        let ends = ends_of(domain);
        if !is_open || ends.len() != 2 {
            return None;
        }
        let leads = |info: &ColumnInfo| {
            let to = info.holds.refers_to.and_then(|name| found[position(name)]);
            to.is_some_and(|to| self.graph.leads(at, to.at))
        };
        if !ends.iter().all(leads) {
            return None;
        }
        let alike = likeness(domain, &self.tables[at]);
        // A table that says more than what it links is the domain's where it says what the domain does.
        let own = TABLES[domain].columns().into_iter().filter(|info| {
            let is_own = info.name != "id" && info.holds.refers_to.is_none();
            is_own && has_column(domain, &self.tables[at], &[info.name])
        });
        let says_as_much = own.count() > 1;
        let is_link = self.ends[at].as_ref().is_some_and(|ends| ends.len() == 2);
        let is_link = is_link || alike > ends.len() + 2 || says_as_much;
        is_link.then_some(Candidate {
            at,
            name: NAMELESS,
            alike,
            weight: 16 + 2 * alike as i32,
            is_named: false,
        })
    }

    /// Whether a table looks enough like one of the domain's that hangs on others.
    fn may_hang(&self, domain: usize, candidate: &Candidate, found: &[Option<Found>]) -> bool {
        let (at, table) = (candidate.at, &self.tables[candidate.at]);
        let info = TABLES[domain].info();
        let ends = ends_of(domain);
        let leads = |info: &ColumnInfo| self.leads(domain, info, at, found);
        if !ends.iter().all(|info| leads(info).unwrap_or(candidate.name >= SAME)) {
            return false;
        }
        // A link that says no role is what it links, and no more: each row has one.
        let needs_role = (self.is_linking)(at)
            && match info.name {
                "contact_organizations" => true,
                "opportunity_participants" => candidate.name < SAME,
                _ => false,
            };
        if needs_role && !has_column(domain, table, &["role", "is_primary"]) {
            return false;
        }
        let has_own_key = info.key.iter().all(|key| *key == "id");
        candidate.name >= SAME
            || match has_own_key {
                true => candidate.alike >= ALIKE || ends.len() == 2,
                false => candidate.alike >= 2 && table.columns.len() >= 2,
            }
    }

    /// Whether a table leads where the domain's column does; `None` where nothing says so.
    fn leads(&self, domain: usize, info: &ColumnInfo, at: usize, found: &[Option<Found>]) -> Option<bool> {
        let table = &self.tables[at];
        let to = info.holds.refers_to.and_then(|name| found[position(name)]).map(|found| found.at);
        if to.is_some_and(|to| self.graph.leads(at, to)) {
            return Some(true);
        }
        let called = table.columns.iter().filter(|column| {
            names::column_match(TABLES[domain].info().name, info.name, &column.name).is_some()
        });
        let mut answers = called.map(|column| {
            let mut edges = self.graph.from(at).filter(|edge| edge.column == column.column.name);
            edges.all(|edge| !edge.is_declared)
        });
        let first = answers.next()?;
        Some(first || answers.any(|is_free| is_free))
    }
}

/// Tries all tables for the main ones.
struct Search<'a> {
    target: &'a Target<'a>,
    candidates: &'a [Vec<Candidate>],
    best: Option<(i32, [Option<usize>; MAIN.len()])>,
    /// The best that can be had with each candidate.
    others: Vec<Other>,
}

struct Other {
    role: usize,
    at: usize,
    weight: i32,
}

impl Search<'_> {
    fn try_all(&mut self, chosen: &mut [Option<usize>; MAIN.len()], role: usize) {
        if role == MAIN.len() {
            self.weigh(*chosen);
            return;
        }
        let taken: Vec<usize> = (0..role).filter_map(|role| self.table(chosen, role)).collect();
        for candidate in 0..self.candidates[role].len() {
            if !taken.contains(&self.candidates[role][candidate].at) {
                chosen[role] = Some(candidate);
                self.try_all(chosen, role + 1);
            }
        }
        chosen[role] = None;
        self.try_all(chosen, role + 1);
    }

    fn table(&self, chosen: &[Option<usize>; MAIN.len()], role: usize) -> Option<usize> {
        chosen[role].map(|candidate| self.candidates[role][candidate].at)
    }

    fn weigh(&mut self, chosen: [Option<usize>; MAIN.len()]) {
        let tables: Vec<Option<usize>> = (0..MAIN.len()).map(|role| self.table(&chosen, role)).collect();
        let (mut sum, of_role) = self.target.together(&tables);
        for (role, candidate) in chosen.iter().enumerate() {
            let Some(candidate) = candidate.map(|at| self.candidates[role][at]) else { continue };
            if !is_likely(&candidate, of_role[role]) {
                return;
            }
            sum += candidate.weight.max(1);
        }
        for (role, at) in tables.iter().enumerate() {
            let Some(at) = *at else { continue };
            match self.others.iter_mut().find(|other| other.role == role && other.at == at) {
                Some(other) => other.weight = other.weight.max(sum),
                None => self.others.push(Other { role, at, weight: sum }),
            }
        }
        if self.best.is_none_or(|(best, _)| sum > best) {
            self.best = Some((sum, chosen));
        }
    }
}

/// Whether a table may be what it is taken for: its name says so, or enough of its columns and references do.
fn is_likely(candidate: &Candidate, together: i32) -> bool {
    match candidate.name {
        SAME.. => true,
        KNOWN.. => candidate.alike >= ALIKE || together > 0,
        NAMELESS => candidate.alike >= ALIKE && (together > 0 || candidate.is_named),
        _ => candidate.alike >= ALIKE,
    }
}

/// Whether a table of which no more is known is called like one of the domain's.
pub fn is_called_so(domain: &str, table: &Table) -> bool {
    names::table_match(domain, &table.name).is_some()
}

/// The position of a table of the domain.
pub fn position(name: &str) -> usize {
    TABLES.iter().position(|table| table.info().name == name).unwrap_or_default()
}

/// The references of the domain's table without which a row of it makes no sense.
fn ends_of(domain: usize) -> Vec<ColumnInfo> {
    let columns = TABLES[domain].columns().into_iter();
    columns.filter(|info| info.holds.refers_to.is_some() && info.holds.not_null).collect()
}

fn has_column(domain: usize, table: &TableEvidence<'_>, columns: &[&str]) -> bool {
    let name = TABLES[domain].info().name;
    table
        .columns
        .iter()
        .any(|column| columns.iter().any(|info| names::column_match(name, info, &column.name).is_some()))
}

/// How many columns of the domain's table another one has.
fn likeness(domain: usize, table: &TableEvidence<'_>) -> usize {
    let columns = TABLES[domain].columns();
    columns.iter().filter(|info| has_column(domain, table, &[info.name])).count()
}

/// Whether the rows of a table are people and no companies.
fn is_person(table: &TableEvidence<'_>) -> bool {
    let has = |phrases: &[&str]| table.columns.iter().any(|column| phrases.contains(&column.phrase.as_str()));
    has(&["first name", "firstname", "given name", "forename"])
        && has(&["last name", "lastname", "surname", "family name"])
        && !has(&["name", "company", "company name", "business name", "legal name", "organization name"])
}
