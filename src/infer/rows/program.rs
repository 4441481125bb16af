//! What depends on the plan alone, and so is decided once for each table rather than for each row.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::domain::dataset::OrganizationType;
use crate::domain::{TABLES, all_columns_of};
use crate::infer::column_type::ColumnType;
use crate::infer::geography::KnownList;
use crate::infer::key::KeyForm;
use crate::infer::kinds::TableKind;
use crate::infer::labels::Index;
use crate::infer::model::{ColumnModel, Generator, Reference, ReferenceStrategy, Rows, TableModel};
use crate::infer::organization_type::organization_type_hint;
use crate::infer::references::main_column;
use crate::infer::rows::order::{is_created, order};
use crate::infer::rows::{amounts, facts};
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics::{self, Addresses, Semantics, together};
use crate::random::{Keyed, Permutation};
use crate::stream_labels;

/// Of all tables. That of each is made where rows are, as planning asks hundreds of tables for their numbers
/// alone.
pub(super) struct Program {
    pub(super) tables: Vec<OnceCell<TableProgram>>,
    /// The lines of each table of documents.
    pub(super) lines: Vec<Option<usize>>,
    pub(super) seed: u64,
    pub(super) now: i64,
}

impl Program {
    pub(super) fn new(members: &[TableModel], seed: u64, now: i64) -> Self {
        let tables = members.iter().map(|_| OnceCell::new()).collect();
        Self { tables, lines: amounts::lines(members), seed, now }
    }
}

/// What the values of a table's rows are drawn from, and in which order.
pub(super) struct TableProgram {
    /// Of each step.
    pub(super) columns: Vec<ColumnProgram>,
    /// Of each reference.
    pub(super) references: Vec<ReferenceProgram>,
    pub(super) story: Keyed,
    pub(super) made: Keyed,
    pub(super) order: Vec<usize>,
    /// What each of its events is drawn from.
    pub(super) events: Vec<Keyed>,
    /// Where its rows say what others ask for by a name.
    pub(super) said: Said,
    /// The reference to the company whose town is that of the row's person.
    pub(super) employer: Option<usize>,
    /// The list of places or currencies that it is.
    pub(super) list: Option<KnownList>,
    /// What the rows are called, where they are listed or there already.
    pub(super) names: OnceCell<Index>,
}

/// What is decided of a column.
pub(super) struct ColumnProgram {
    /// What its values are drawn from.
    pub(super) stream: Keyed,
    /// What they are drawn from together with those of other columns.
    pub(super) hidden: Keyed,
    /// It is about another person than the row's.
    pub(super) is_of_other: bool,
    /// It says when the row was made.
    pub(super) is_created: bool,
    /// It follows from what the domain says of the row, and is left NULL where that says so only.
    pub(super) is_fact: bool,
    /// What its name means.
    meaning: OnceCell<Semantics>,
    /// What its values are names of, where they are names.
    thing: OnceCell<String>,
    /// The order in which the combinations of which it is a digit are gone through.
    digits: OnceCell<Permutation>,
    /// What other rows are drawn from, where it refers to one that a constraint refuses.
    another: OnceCell<Keyed>,
    /// The first half of its UUIDs.
    uuids: OnceCell<KeyForm>,
}

impl ColumnProgram {
    /// What the name of this column means: asked for where its values are made in another way at first.
    pub(super) fn meaning(&self, kind: TableKind, column_type: &ColumnType) -> Semantics {
        let meaning = if column_type.unit.is_some() { semantics::amount } else { semantics::meaning };
        *self.meaning.get_or_init(|| meaning(kind, &column_type.words, column_type.scalar))
    }

    /// What its values are names of, where they are names.
    pub(super) fn thing(&self, member: &TableModel, column_type: &ColumnType) -> &str {
        self.thing.get_or_init(|| semantics::thing(&column_type.name, &member.short_name))
    }

    /// Of so many combinations.
    pub(super) fn digits(&self, seed: u64, table: &str, size: u64) -> &Permutation {
        self.digits.get_or_init(|| Permutation::new(seed, table, stream_labels::DIGITS, size))
    }

    /// Of rows of a table, by this column of theirs.
    pub(super) fn another(&self, seed: u64, table: &str, theirs: &str) -> Keyed {
        *self.another.get_or_init(|| Keyed::new(seed, table, &stream_labels::another(theirs)))
    }

    /// UUIDs that say the number of the row.
    pub(super) fn uuids(&self, column_type: &ColumnType) -> &KeyForm {
        self.uuids.get_or_init(|| KeyForm::of_column(&column_type.name))
    }
}

/// What is decided of a reference.
pub(super) struct ReferenceProgram {
    /// What its choices are drawn from.
    pub(super) stream: Keyed,
    /// Of organizations the kin that its column's name asks for.
    pub(super) kin: OrganizationType,
    /// It cannot be decided without others of its row, besides the one that it follows.
    pub(super) hangs_on_others: bool,
    /// It leads nowhere else, as what the row says to which it leads is repeated, or its rows are counted there.
    pub(super) is_held: bool,
    /// The steps that repeat what the row says to which it leads.
    pub(super) copies: Vec<usize>,
    permutation: OnceCell<Permutation>,
}

impl ReferenceProgram {
    /// The order in which it leads to each of so many rows once.
    pub(super) fn permutation(&self, seed: u64, table: &str, name: &str, size: u64) -> &Permutation {
        self.permutation.get_or_init(|| Permutation::new(seed, table, name, size))
    }
}

impl TableProgram {
    pub(super) fn of(seed: u64, members: &[TableModel], at_member: usize) -> Self {
        let member = &members[at_member];
        let keyed = |what: &str| Keyed::new(seed, &member.name, what);
        let root = &members[root(members, at_member)].name;
        let addresses =
            Addresses::of(member.columns.iter().map(|column| column.column_type.words.as_slice()));
        let domain = member.domain.map(|domain| TABLES[domain].info().name);
        let group = |column: &ColumnModel| {
            let known = match &column.generator {
                Generator::Semantics(meaning) => meaning.group(),
                _ => None,
            };
            let is_of_person = column.column_type.scalar == ScalarType::Json
                && matches!(member.kind, TableKind::Users | TableKind::Leads);
            match known {
                Some(known) => known.to_owned(),
                // Documents about a person are about the row's.
                None if is_of_person => String::new(),
                None => together(&column.column_type.words, &addresses),
            }
        };
        let column = |column: &ColumnModel| ColumnProgram {
            stream: keyed(&column.column_type.name),
            hidden: Keyed::new(seed, root, &stream_labels::together(&group(column))),
            is_of_other: semantics::is_of_other(&column.column_type.words),
            is_created: is_created(column),
            is_fact: domain.is_some_and(|domain| {
                facts::says(domain, &column.column_type.words, column.column_type.scalar)
            }),
            meaning: OnceCell::new(),
            thing: OnceCell::new(),
            digits: OnceCell::new(),
            another: OnceCell::new(),
            uuids: OnceCell::new(),
        };
        let reference = |(at, reference): (usize, &Reference)| ReferenceProgram {
            stream: keyed(&stream_labels::reference(
                reference.columns.last().map_or(&reference.name, |(own, _)| own),
            )),
            kin: organization_type_hint(&main_column(&reference.columns)),
            hangs_on_others: hangs_on_others(member, at),
            is_held: member.columns.iter().any(|column| copies(column, at))
                || is_counted(&members[reference.to], at_member, at),
            copies: (0..member.columns.len()).filter(|column| copies(&member.columns[*column], at)).collect(),
            permutation: OnceCell::new(),
        };
        Self {
            columns: member.columns.iter().map(column).collect(),
            references: member.references.iter().enumerate().map(reference).collect(),
            story: keyed(stream_labels::LIFECYCLE),
            made: keyed(stream_labels::CREATED),
            order: order(&member.columns),
            events: member
                .events
                .iter()
                .map(|event| Keyed::new(seed, root, &stream_labels::together(&event.drawn_by)))
                .collect(),
            said: Said::of(member),
            employer: (domain == Some("contacts") && addresses.has_any())
                .then(|| member.references.iter().position(|reference| is_employer(members, reference)))
                .flatten(),
            list: KnownList::of(&member.short_name),
            names: OnceCell::new(),
        }
    }
}

/// Whether a column repeats what the row says to which a reference leads.
fn copies(column: &ColumnModel, reference: usize) -> bool {
    matches!(&column.generator, Generator::Copy(copied) if copied.sources.iter().any(|source| source.reference == reference))
}

/// Whether rows of a table count those that refer to them so.
fn is_counted(to: &TableModel, member: usize, reference: usize) -> bool {
    to.columns.iter().any(
        |column| matches!(&column.generator, Generator::Count(counted) if counted.of.contains(&(member, reference))),
    )
}

/// Whether the row that a reference leads to depends on where the other references of the same row lead.
fn hangs_on_others(member: &TableModel, at: usize) -> bool {
    let reference = &member.references[at];
    reference.groups.is_some()
        || reference.apart_from.is_some()
        || reference.alternative.as_ref().is_some_and(|pair| !pair.follows.is_empty())
        || matches!(reference.strategy, ReferenceStrategy::Pair(_))
        || member.ordered.iter().any(|(lesser, greater)| [*lesser, *greater].contains(&at))
        || reference.strategy.followed().is_some_and(|via| via < at && hangs_on_others(member, via))
}

/// Where the value that is known by a name is found: in a CRM column, in a generated column, or in both.
#[derive(Clone, Copy, Default)]
pub(super) struct NamedValue {
    /// The position of the domain's column.
    pub(super) domain: Option<usize>,
    /// The position of the first generated column of this name.
    pub(super) own: Option<usize>,
}

/// The names by which others may ask for what a table's rows say.
pub(super) struct Said {
    values: HashMap<String, NamedValue>,
    /// The marks of all names: most that are asked for are none, and are told by theirs.
    marks: u64,
}

impl Said {
    fn of(member: &TableModel) -> Self {
        let mut values: HashMap<String, NamedValue> = HashMap::new();
        for (name, at) in called(member) {
            values.entry(name).or_default().own = Some(at);
        }
        let infos = member.domain.map_or(&[][..], all_columns_of).iter().enumerate();
        for (position, info) in infos {
            values.entry(info.name.to_owned()).or_default().domain.get_or_insert(position);
        }
        let marks = values.keys().fold(0, |marks, name| marks | mark(name));
        Self { values, marks }
    }

    /// Where it is.
    pub(super) fn named(&self, name: &str) -> NamedValue {
        if self.marks & mark(name) == 0 {
            return NamedValue::default();
        }
        self.values.get(name).copied().unwrap_or_default()
    }
}

/// Whether a reference of a person leads to the company that the domain says.
fn is_employer(members: &[TableModel], reference: &Reference) -> bool {
    let to = members[reference.to].domain.map(|domain| TABLES[domain].info().name);
    to == Some("organizations") && matches!(reference.strategy, ReferenceStrategy::FromDomain(_))
}

/// A bit that names of one length with one first letter share.
fn mark(name: &str) -> u64 {
    let first = name.bytes().next().unwrap_or_default();
    1 << ((usize::from(first) + 5 * name.len()) % 64)
}

/// The first column of a table that others know by each name.
fn called(member: &TableModel) -> HashMap<String, usize> {
    let mut called = HashMap::new();
    for (at, column) in member.columns.iter().enumerate() {
        let domain = match &column.generator {
            Generator::Passthrough(position) | Generator::Converted(position) => {
                member.domain.map(|d| (d, *position))
            }
            _ => None,
        };
        if let Some((domain, position)) = domain {
            if let Some(info) = all_columns_of(domain).get(position) {
                called.entry(info.name.to_owned()).or_insert(at);
            }
            continue;
        }
        called.entry(column.column_type.name.clone()).or_insert(at);
        called.entry(column.column_type.words.join("_")).or_insert(at);
    }
    called
}

/// The table, not the domain's, to each of whose rows a member has one that only adds to it.
pub(super) fn adds_to(members: &[TableModel], member: usize) -> Option<usize> {
    match members[member].rows {
        Rows::Children { of, spread, .. } if spread.max == 1 => {
            (members[of].domain.is_none() && members[of].is_written()).then_some(of)
        }
        _ => None,
    }
}

/// The last table that is reached so.
fn root(members: &[TableModel], mut member: usize) -> usize {
    for _ in 0..members.len() {
        let Some(of) = adds_to(members, member) else { break };
        member = of;
    }
    member
}
