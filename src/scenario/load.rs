//! Scenarios by name or path, with all that they extend, as one for a run.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::rc::Rc;

use super::base::{self, larger};
use super::check::{self, Checked};
use super::document::{self, Document};
use super::library::{self, Source};
use super::location::{At, Problems, error};
use super::wishes::{Wish, Wishes};
use super::{AsOf, Scenario, ScenarioLocations};
use crate::domain::counts::{Counts, Weights};
use crate::domain::explicit::ids;
use crate::error::{Error, Result};
use crate::note::{Note, NoteKind};

/// Scenarios that extend one another, one behind the other.
const DEEPEST: usize = 16;

impl Scenario {
    /// The scenario that is loaded when none is named.
    pub fn default_scenario() -> Self {
        Self::load(&[], None, &[], true, true).expect("scenarios/default.json is held by a test")
    }

    /// The scenarios `wanted`, names or paths, as one; `default` where none is. Names are looked
    /// for in `directory` before the built-in ones. `rules` are the consistency rules that there
    /// are. Where a date is given anyway (`as_of_given`), those of scenarios need not agree. Where it `is_alone`, no database
    /// will be asked about names that it might have.
    ///
    /// # Errors
    /// Unknown names; all that is wrong in the files; scenarios that cannot be loaded together.
    pub fn load(
        wanted: &[String],
        directory: Option<&Path>,
        rules: &[&str],
        as_of_given: bool,
        is_alone: bool,
    ) -> Result<Self> {
        let mut loader = Loader { directory, rules, read: HashMap::new(), problems: Problems::default() };
        let mut chains: Vec<Chain> = Vec::new();
        let default = ["default".to_owned()];
        for name in if wanted.is_empty() { &default[..] } else { wanted } {
            let source = library::find(name, directory, Some(library::HERE.as_ref())).map_err(|why| {
                Error::usage(why).with_hint("`crm-seed scenario list` lists the available ones")
            })?;
            let mut chain = Chain::default();
            let document = loader.document(&source)?;
            loader.follow(&source, document, &mut Vec::new(), &mut chain);
            chains.push(chain);
        }
        let (chains, notes) = alone(chains);
        let parts: Vec<Part> = chains.into_iter().filter_map(|chain| loader.part(&chain)).collect();
        let mut scenario = join(parts, as_of_given, &mut loader.problems);
        scenario.notes = notes;
        loader.problems.settle(is_alone);
        if is_alone {
            scenario.notes.extend(scenario.own_notes());
        }
        match loader.problems.is_empty() {
            true => Ok(scenario),
            false => Err(error(&loader.problems.sorted())),
        }
    }
}

/// A scenario and all that it extends, in the order in which they are laid over one another.
#[derive(Default)]
struct Chain {
    sources: Vec<Source>,
    documents: Vec<Rc<Document>>,
    lacks_some: bool,
}

/// The chains without those that another one has in it, and what to tell of these.
fn alone(chains: Vec<Chain>) -> (Vec<Chain>, Vec<Note>) {
    let is_in = |inner: &Chain, outer: &Chain, before: bool| match inner.sources.last() {
        Some(source) => outer.sources.contains(source) && (before || outer.sources.last() != Some(source)),
        None => false,
    };
    let keep: Vec<bool> = (0..chains.len())
        .map(|i| !(0..chains.len()).any(|other| other != i && is_in(&chains[i], &chains[other], other < i)))
        .collect();
    let name = |chain: &Chain| chain.documents.last().map(|document| document.name.value.clone());
    let mut notes = Vec::new();
    for (i, chain) in chains.iter().enumerate().filter(|(i, _)| !keep[*i]) {
        let outer = (0..chains.len()).find(|other| keep[*other] && is_in(chain, &chains[*other], *other < i));
        if let (Some(inner), Some(outer)) = (name(chain), outer.and_then(|outer| name(&chains[outer])))
            && inner != outer
        {
            let text = format!("scenario {inner} is already part of {outer}, which extends it");
            notes.push(Note::new(NoteKind::ScenarioMerged, text));
        }
    }
    let kept = chains.into_iter().zip(keep).filter_map(|(chain, keep)| keep.then_some(chain)).collect();
    (kept, notes)
}

struct Loader<'a> {
    directory: Option<&'a Path>,
    rules: &'a [&'a str],
    /// Each file is read once; `None` is one that is no JSON object.
    read: HashMap<Source, Option<Rc<Document>>>,
    problems: Problems,
}

impl Loader<'_> {
    /// The document of a source, `None` where it has faults that were told.
    fn document(&mut self, source: &Source) -> Result<Option<Rc<Document>>> {
        let key = source.canonical();
        if let Some(document) = self.read.get(&key) {
            return Ok(document.clone());
        }
        let bytes = source.read()?;
        let file = source.file().into();
        let document = document::read(&file, &bytes, self.rules, &mut self.problems).map(Rc::new);
        self.read.insert(key, document.clone());
        Ok(document)
    }

    /// Adds `source` to `chain`, behind all that it extends. `trail` leads to it.
    fn follow(
        &mut self,
        source: &Source,
        document: Option<Rc<Document>>,
        trail: &mut Vec<(Source, String)>,
        chain: &mut Chain,
    ) {
        let Some(document) = document else {
            chain.lacks_some = true;
            chain.sources.push(source.canonical());
            return;
        };
        trail.push((source.canonical(), document.name.value.clone()));
        for name in &document.extends {
            if let Err(message) = self.extend(source, name, trail, chain) {
                self.problems.add(&name.location, message);
                chain.lacks_some = true;
            }
        }
        trail.pop();
        chain.sources.push(source.canonical());
        chain.documents.push(document);
    }

    fn extend(
        &mut self,
        source: &Source,
        name: &At<String>,
        trail: &mut Vec<(Source, String)>,
        chain: &mut Chain,
    ) -> Result<(), String> {
        // A built-in scenario means the built-in ones, whatever a directory has.
        let (directory, base) = match source {
            Source::BuiltIn(_) => (None, None),
            Source::File(path) => (self.directory, path.parent()),
        };
        let mut base_source = library::find(&name.value, directory, base)?;
        // A file that extends its own name means the built-in scenario that it stands for.
        if base_source.canonical() == source.canonical()
            && let Ok(built_in @ Source::BuiltIn(_)) = library::find(&name.value, None, None)
        {
            base_source = built_in;
        }
        let key = base_source.canonical();
        if let Some(first) = trail.iter().position(|(source, _)| *source == key) {
            let names = trail[first..].iter().chain([&trail[first]]).map(|(_, name)| name.as_str());
            return Err(format!(
                "scenarios extend each other in a circle: {}",
                names.collect::<Vec<_>>().join(" -> ")
            ));
        }
        if trail.len() >= DEEPEST {
            return Err(format!("scenarios extend each other too deeply: at most {DEEPEST} levels"));
        }
        if !chain.sources.contains(&key) {
            let document = self.document(&base_source).map_err(|error| format!("{error:#}"))?;
            self.follow(&base_source, document, trail, chain);
        }
        Ok(())
    }

    /// A chain as one scenario, checked.
    fn part(&mut self, chain: &Chain) -> Option<Part> {
        let mut documents = chain.documents.iter().map(|document| Document::clone(document));
        let mut whole = documents.next()?;
        for document in documents {
            whole.lay_over(document, &mut self.problems);
        }
        let checked = check::check(&whole, !chain.lacks_some, &mut self.problems);
        Some(Part { document: whole, checked })
    }
}

struct Part {
    document: Document,
    checked: Checked,
}

fn join(parts: Vec<Part>, as_of_given: bool, problems: &mut Problems) -> Scenario {
    together(&parts, as_of_given, problems);
    let texts = |text: fn(&Document) -> Option<&str>, between: &str| {
        parts.iter().filter_map(|part| text(&part.document)).collect::<Vec<_>>().join(between)
    };
    let catches = texts(|document| document.catches.as_deref(), " ");
    let mut scenario = Scenario {
        name: texts(|document| Some(&document.name.value), "+"),
        title: texts(|document| Some(&document.title), " + "),
        description: texts(|document| Some(&document.description), " "),
        catches: Some(catches).filter(|catches| !catches.is_empty()),
        as_of: None,
        counts: parts.iter().map(|part| part.checked.counts).reduce(larger).unwrap_or(Counts::NONE),
        weights: default_weights(),
        wishes: Wishes::default(),
        scenario_rows: Vec::new(),
        own: Vec::new(),
        existing: Vec::new(),
        expectations: Vec::new(),
        breaks: Vec::new(),
        locations: Vec::new(),
        notes: Vec::new(),
    };
    for Part { document, checked } in parts {
        let name = document.name.value;
        scenario.as_of = document.as_of.map(|as_of| as_of.value).or(scenario.as_of);
        scenario.weights.extend(document.weights.of_domain);
        scenario.wishes.weights.extend(document.weights.of_others);
        take_larger(&mut scenario.wishes.rows, base::wished_rows(&document.counts));
        scenario.expectations.extend(document.expectations.into_iter().map(|mut expectation| {
            expectation.scenario.clone_from(&name);
            expectation
        }));
        if !document.breaks.is_empty() {
            let rules = document.breaks.into_iter().map(Into::into).collect();
            scenario.breaks.push((name, rules));
        }
        if !checked.scenario_rows.rows.is_empty() || !checked.own.is_empty() {
            scenario.scenario_rows.push(checked.scenario_rows);
            scenario.own.push(checked.own);
            scenario.locations.push(ScenarioLocations { file: document.location, rows: checked.locations });
        }
    }
    scenario
}

/// Of numbers of rows for one table the larger.
fn take_larger(rows: &mut Vec<Wish<u64>>, more: Vec<Wish<u64>>) {
    for wish in more {
        match rows.iter_mut().find(|other| other.name == wish.name) {
            Some(other) if other.value < wish.value => *other = wish,
            Some(_) => {}
            None => rows.push(wish),
        }
    }
}

/// The weights of columns for which no scenario has any.
fn default_weights() -> Weights {
    let text = library::BUILTIN.iter().find(|(name, _)| *name == "default").map_or("", |(_, text)| text);
    super::parse::parse("default.json", text, &[])
        .map(|document| document.weights.of_domain)
        .unwrap_or_default()
}

/// Tells what keeps `parts` from being loaded together.
fn together(parts: &[Part], as_of_given: bool, problems: &mut Problems) {
    let mut as_of: Option<&At<AsOf>> = None;
    let mut ids: BTreeMap<u64, &At<String>> = BTreeMap::new();
    for Part { document, .. } in parts {
        let name = &document.name;
        if let Some(date) = &document.as_of {
            if let Some(other) = as_of.filter(|other| other.value != date.value && !as_of_given) {
                let message = format!(
                    "the as-of date is {} here and {} at {}: set --as-of, or load the scenarios separately",
                    date.value, other.value, other.location
                );
                problems.add(&date.location, message);
            }
            as_of = Some(date);
        }
        if let Some(other) = ids.insert(ids::first(&name.value), name) {
            let message = match other.value == name.value {
                true => format!(
                    "`{}` is also the name of the scenario at {}: rename one of them",
                    name.value, other.location
                ),
                false => format!(
                    "`{}` gets the same ids as `{}` at {}: rename one of them",
                    name.value, other.value, other.location
                ),
            };
            problems.add(&name.location, message);
        }
    }
}
