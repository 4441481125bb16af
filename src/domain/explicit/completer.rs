//! The rows on their way from what was given to what is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::dataset::Dataset;
use crate::domain::explicit::facts::{self, position, table_called};
use crate::domain::explicit::ids;
use crate::domain::explicit::own::{AddedRow, OwnDrafts, RowTable};
use crate::domain::explicit::row::{CompletedRow, Fault, Row, ScenarioRows};
use crate::domain::explicit::value::{CellValue, Reference, Value};
use crate::domain::{TABLES, vocabulary::Vocabulary};

/// A row that is not finished.
#[derive(Debug)]
pub struct RowDraft {
    /// Position of its table.
    pub table: usize,
    /// Position of its scenario among those that are loaded.
    pub scenario_index: usize,
    /// Its handle in the scenario.
    pub handle: String,
    /// It was not in the file.
    pub is_implied: bool,
    /// It is there already, and is not written.
    pub is_existing: bool,
    /// What is known so far.
    pub values: Vec<Option<Value>>,
    /// Its id; 0 where its table has none.
    pub id: u64,
    /// What is not to be made beside it.
    pub without: Vec<String>,
    /// Of a contact: the organization that it works for.
    pub employer: Option<u64>,
    /// Of an organization: what its deals ask of its yearly revenue, in cents.
    pub least_revenue: i64,
    /// What happened to it or to its children by this second: it is no younger.
    pub latest: i64,
}

/// A reference that waits for its row.
pub(super) struct Pending {
    pub(super) draft: usize,
    pub(super) column: usize,
    reference: Reference,
}

/// All rows of a run's scenario_rows.
pub struct Completer<'a> {
    /// What base rows there are, and the words.
    pub dataset: &'a Dataset,
    /// The rows; those that were given come first.
    pub drafts: Vec<RowDraft>,
    pub(super) scenario_rows: &'a [ScenarioRows],
    pub(super) by_id: HashMap<(usize, u64), usize>,
    pub(super) by_handle: HashMap<(usize, String), usize>,
    /// Rows by their table.
    pub(super) by_table: Vec<Vec<usize>>,
    /// Rows by table, column and what that refers to.
    pub(super) by_reference: HashMap<(usize, usize, u64), BTreeSet<usize>>,
    /// Contacts by whom they work for.
    pub(super) by_employer: HashMap<u64, BTreeSet<usize>>,
    /// Places among the scenario's ids that are taken, by scenario and table.
    taken: BTreeMap<(usize, usize), BTreeSet<u64>>,
    pub(super) pending: Vec<Pending>,
    pub(super) own: OwnDrafts,
    pub(super) faults: Vec<Fault>,
}

impl<'a> Completer<'a> {
    pub(super) fn new(dataset: &'a Dataset, scenario_rows: &'a [ScenarioRows]) -> Self {
        Self {
            dataset,
            drafts: Vec::new(),
            scenario_rows,
            by_id: HashMap::new(),
            by_handle: HashMap::new(),
            by_table: vec![Vec::new(); TABLES.len()],
            by_reference: HashMap::new(),
            by_employer: HashMap::new(),
            taken: BTreeMap::new(),
            pending: Vec::new(),
            own: OwnDrafts::default(),
            faults: Vec::new(),
        }
    }

    /// Base rows must not reach the ids of explicit ones.
    pub(super) fn check_base(&mut self) {
        let limits = [
            ("customers", self.dataset.customers, ids::MOST_CUSTOMERS),
            ("principals", self.dataset.principals, ids::MOST_PRINCIPALS),
            ("opportunities", self.dataset.opportunities, ids::MOST_OPPORTUNITIES),
        ];
        for (what, pool, most) in limits {
            if pool.first + pool.count > most {
                let mut parts = self.scenario_rows.iter().enumerate();
                let first = parts.find_map(|(number, part)| Some((number, part.first_handle()?.to_owned())));
                let (scenario_index, handle) = first.unwrap_or_default();
                let message = format!(
                    "explicit rows have ids from {} on, which more than {most} {what} would reach",
                    ids::FIRST
                );
                self.faults.push(Fault { scenario_index, handle, column: None, message });
            }
        }
    }

    /// Links of the same ends are told here, where we know their rows, rather than by the server.
    pub(super) fn check_unique(&mut self) {
        let mut seen: HashMap<(usize, Vec<Option<Value>>), String> = HashMap::new();
        for draft in 0..self.drafts.len() {
            let table = self.drafts[draft].table;
            let Some((_, columns)) = UNIQUE.iter().find(|(name, _)| *name == TABLES[table].info().name)
            else {
                continue;
            };
            let key: Vec<Option<Value>> =
                columns.iter().map(|column| self.value(draft, column).cloned()).collect();
            if key.iter().any(|value| value.as_ref().is_none_or(Value::is_null)) {
                continue;
            }
            let handle = self.drafts[draft].handle.clone();
            if let Some(other) = seen.insert((table, key), handle) {
                let message = format!("it has the same {} as `{other}`", columns.join(" and "));
                self.fault(draft, Some(columns[0]), message);
            }
        }
    }

    pub const fn vocabulary(&self) -> &'static Vocabulary {
        self.dataset.vocabulary
    }

    pub(super) fn admit(&mut self, scenario_index: usize, row: &Row) {
        let table = table_called(row.table);
        // What only the scenario as a whole asks for is in no file.
        let is_implied = row.handle.contains('.');
        let draft = self.add(table, scenario_index, row.handle.clone(), is_implied);
        self.admit_own_cells(draft, &row.own);
        self.drafts[draft].without.clone_from(&row.without);
        for (column, given) in &row.cells {
            let position = position(table, column);
            let value = match given {
                CellValue::Value(value) => Some(value.clone()),
                CellValue::Date(when) => when.day(self.dataset.as_of).map(|day| Value::Date(day.0)),
                CellValue::Timestamp(when) => when.second(self.dataset.as_of).map(Value::Timestamp),
                // It is looked up in a database only.
                CellValue::Reference(Reference::Existing(lookup)) if self.existing(lookup).is_none() => {
                    continue;
                }
                CellValue::Reference(reference) => {
                    self.pending.push(Pending { draft, column: position, reference: reference.clone() });
                    continue;
                }
            };
            if value.is_none() {
                let why = format!("with as-of date {} it is outside the years 1 to 9999", self.dataset.as_of);
                self.fault(draft, Some(column), why);
            }
            if let Some(value) = value {
                self.set(draft, position, value);
            }
        }
        let is_known = |reference: &&Reference| match reference {
            Reference::Existing(lookup) => self.existing(lookup).is_some(),
            _ => true,
        };
        if let Some(reference) = row.organization.as_ref().filter(is_known) {
            self.pending.push(Pending { draft, column: EMPLOYER, reference: reference.clone() });
        }
    }

    /// Adds a row with nothing but its id, and returns its position.
    pub fn add(&mut self, table: usize, scenario_index: usize, handle: String, is_implied: bool) -> usize {
        let number = self.drafts.len();
        let id = self.next_id(scenario_index, table, &handle);
        let mut values = vec![None; facts::columns(table).len()];
        if TABLES[table].info().key == ["id"] {
            values[position(table, "id")] = Some(Value::Int(id as i64));
            self.by_id.insert((table, id), number);
        }
        self.by_table[table].push(number);
        self.by_handle.insert((scenario_index, handle.clone()), number);
        self.drafts.push(RowDraft {
            table,
            scenario_index,
            handle,
            is_implied,
            is_existing: false,
            values,
            id: if TABLES[table].info().key == ["id"] { id } else { 0 },
            without: Vec::new(),
            employer: None,
            least_revenue: 0,
            latest: self.dataset.now(),
        });
        if id == 0 {
            let message = format!(
                "with its required rows, the scenario has more than {} rows of {}",
                ids::PLACES - 1,
                TABLES[table].info().name
            );
            self.fault(number, None, message);
        }
        number
    }

    /// Adds a row beside another, whose handle it continues by `what`, and returns its position.
    pub fn add_beside(&mut self, draft: usize, what: &str, table: &str) -> usize {
        let RowDraft { scenario_index, handle, .. } = &self.drafts[draft];
        let (scenario_index, handle) = (*scenario_index, format!("{handle}.{what}"));
        self.add(table_called(table), scenario_index, handle, true)
    }

    /// The id of a further row: its handle's place, or the next that is free; 0 where the scenario's are
    /// used up. So another row of the file moves no id but by accident.
    fn next_id(&mut self, scenario_index: usize, table: usize, handle: &str) -> u64 {
        self.number_in(scenario_index, table, handle)
    }

    /// The same in any table, by a number of its own.
    pub(super) fn number_in(&mut self, scenario_index: usize, table: usize, handle: &str) -> u64 {
        let scenario = &self.scenario_rows[scenario_index].scenario;
        let (first, start) = (ids::first(scenario), ids::place(scenario, handle));
        let taken = self.taken.entry((scenario_index, table)).or_default();
        let mut places = (start..ids::PLACES).chain(1..start);
        places.find(|place| taken.insert(*place)).map_or(0, |place| first + place)
    }

    /// Whether nothing is wrong so far.
    pub(super) const fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    /// Notes what is wrong with a row.
    pub fn fault(&mut self, draft: usize, column: Option<&'static str>, message: String) {
        let RowDraft { scenario_index, handle, .. } = &self.drafts[draft];
        // Where ids are used up, one of all the rows that get none is enough.
        if column.is_some() || self.faults.iter().all(|fault| fault.message != message) {
            self.faults.push(Fault {
                scenario_index: *scenario_index,
                handle: handle.clone(),
                column: column.map(str::to_owned),
                message,
            });
        }
    }

    pub(super) fn resolve(&mut self) {
        let mut waiting = Vec::new();
        for pending in std::mem::take(&mut self.pending) {
            match self.id_of(&pending) {
                Some(id) if pending.column == EMPLOYER => self.employ(pending.draft, id),
                Some(id) => self.set(pending.draft, pending.column, Value::Int(id as i64)),
                None => waiting.push(pending),
            }
        }
        self.pending = waiting;
    }

    fn id_of(&self, pending: &Pending) -> Option<u64> {
        let draft = &self.drafts[pending.draft];
        match &pending.reference {
            Reference::Handle(handle) => {
                let wanted = match pending.column {
                    EMPLOYER => "organizations",
                    column => facts::columns(draft.table)[column].holds.refers_to?,
                };
                let row = self.find(draft.scenario_index, handle)?;
                (self.drafts[row].table == table_called(wanted)).then(|| self.drafts[row].id)
            }
            Reference::Existing(lookup) => {
                let wanted = match pending.column {
                    EMPLOYER => "organizations",
                    column => facts::columns(draft.table)[column].holds.refers_to?,
                };
                let found = self.existing(lookup)?;
                (found.table == RowTable::Domain(table_called(wanted))).then_some(found.number)
            }
            Reference::Nth(nth) => facts::is_there(self.dataset, *nth).then(|| facts::nth_id(*nth)),
            Reference::Some(kind) => {
                let column = match pending.column {
                    EMPLOYER => "organization",
                    column => facts::columns(draft.table)[column].name,
                };
                facts::some_id(self.dataset, *kind, self.slot(pending.draft, column))
            }
        }
    }

    pub(super) fn refuse_unresolved(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            let column = match pending.column {
                EMPLOYER => None,
                column => Some(facts::columns(self.drafts[pending.draft].table)[column].name),
            };
            let message = match &pending.reference {
                Reference::Handle(handle) => {
                    format!("there is no row `@{handle}` in the table that the column refers to")
                }
                Reference::Existing(lookup) => {
                    format!("{} is not the table that the column refers to", lookup.table)
                }
                Reference::Nth(nth) => nth.missing(),
                Reference::Some(kind) => {
                    format!("there is no {} among the base rows", kind.name())
                }
            };
            self.fault(pending.draft, column, message);
        }
    }

    /// Rows without an id are found again by what they refer to, so one end is of the scenario.
    pub(super) fn check_ends(&mut self) {
        for draft in 0..self.drafts.len() {
            let table = self.drafts[draft].table;
            if TABLES[table].info().key == ["id"] || self.drafts[draft].is_existing {
                continue;
            }
            let first = ids::first(&self.scenario_rows[self.drafts[draft].scenario_index].scenario);
            let key = TABLES[table].info().key;
            let is_ours = |id: u64| (first..first + ids::PLACES).contains(&id);
            if !key.iter().any(|column| self.reference(draft, column).is_some_and(is_ours)) {
                let message = format!("one of {} must refer to a row of the scenario", key.join(" and "));
                self.fault(draft, None, message);
            }
        }
    }

    pub(super) fn into_made(mut self) -> Result<(Vec<CompletedRow>, Vec<AddedRow>), Vec<Fault>> {
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let (added, mut given) = self.take_own();
        let mut made = Vec::new();
        for (number, draft) in self.drafts.into_iter().enumerate() {
            let values: Vec<Value> =
                draft.values.into_iter().map(|value| value.unwrap_or(Value::Null)).collect();
            if draft.is_existing {
                continue;
            }
            made.push(CompletedRow {
                table: draft.table,
                scenario_index: draft.scenario_index,
                values,
                own: given.remove(&number).unwrap_or_default(),
                handle: draft.handle,
                is_implied: draft.is_implied,
            });
        }
        made.sort_by_key(|made| (made.table, made.scenario_index, made.is_implied));
        Ok((made, added))
    }
}

/// Columns of which no two rows of a table may have the same (the bundled schema's constraints).
const UNIQUE: &[(&str, &[&str])] = &[
    ("contact_organizations", &["contact_id", "organization_id"]),
    ("opportunity_participants", &["opportunity_id", "organization_id", "role"]),
    ("opportunity_contacts", &["opportunity_id", "contact_id"]),
    ("opportunity_products", &["opportunity_id", "product_id"]),
    ("product_inventory", &["product_id", "warehouse"]),
    ("products", &["principal_id", "sku"]),
];

/// Stands for the column of a contact's organization, which is no column.
pub(super) const EMPLOYER: usize = usize::MAX;
