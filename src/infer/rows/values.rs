//! The value of each column.

use crate::domain::{TABLES, all_columns_of, columns_of};
use crate::infer::column_type;
use crate::infer::exotic;
use crate::infer::geography::KnownList;
use crate::infer::kinds::TableKind;
use crate::infer::lifecycle::LifecycleField;
use crate::infer::model::{Called, ColumnModel, Generator, ReferenceStrategy, Rows};
use crate::infer::rows::forms::{MINUTE, coded, in_words, is_from, made_of, patterned, shape_list, weighted};
use crate::infer::rows::maker::Maker;
use crate::infer::rows::program::NamedValue;
use crate::infer::rows::row::Row;
use crate::infer::rows::row::{lookup, turn};
use crate::infer::rows::{facts, listed, tiers, variants};
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics::{Context, Semantics};
use crate::infer::stages;
use crate::random::Slot;
use crate::sqlexpr::Interval;
use crate::sqlexpr::value::Value;

impl Maker<'_> {
    pub(super) fn value(&mut self, member: usize, at: usize, row: &Row) -> Value {
        let model = self.model;
        let column = &model.members[member].columns[at];
        let value = in_words(column, self.first(member, at, column, row));
        match (&column.unique, value) {
            // What is unique in the row that this one belongs to is unique here.
            (Some(_), value) if row.inherited.iter().any(|(name, _)| *name == column.column_type.name) => {
                value
            }
            (Some(unique), value) => self.unique(member, at, unique, value, row),
            (None, Value::Null)
                if column.column_type.not_null && !matches!(column.generator, Generator::Reference(..)) =>
            {
                self.fallback(member, at, row)
            }
            (None, value) => value,
        }
    }

    fn first(&mut self, member: usize, at: usize, column: &ColumnModel, row: &Row) -> Value {
        let column_type = &column.column_type;
        let known = |position: usize| row.identity.known.as_ref()?.get(position);
        let slot = self.slot(member, at, &row.identity);
        match &column.generator {
            Generator::Passthrough(position) => {
                let value = known(*position).unwrap_or(Value::Null);
                if column_type.facts.patterns.is_empty() || column_type.meets_patterns(&value) {
                    return value;
                }
                variants::of(&value, |variant| column_type.meets_patterns(variant))
                    .unwrap_or_else(|| patterned(column_type, slot))
            }
            Generator::Converted(position) => {
                let mut value = known(*position).unwrap_or(Value::Null);
                let of_stage = || {
                    let stage = self.model.members[member].domain.and_then(|domain| {
                        columns_of(domain).iter().position(|column| column.name == "stage")
                    });
                    stage.and_then(known)
                };
                if let Some(labels) = &column.labels {
                    return match (value.as_text(), of_stage()) {
                        // The same for the app's words.
                        (Some("closed"), Some(stage)) if !labels.contains_key("closed") => stage,
                        _ => value,
                    };
                }
                // Where won and lost are states of their own, closed is too little.
                if column_type.labels.is_some() && value.as_text() == Some("closed") {
                    value = of_stage().unwrap_or(value);
                }
                let labels = self.model.members[member].domain.map_or(&[][..], |domain| {
                    all_columns_of(domain).get(*position).map_or(&[][..], |info| info.holds.labels)
                });
                let value = column_type.fit_counted(coded(column_type, labels, value));
                if column_type.meets_patterns(&value) {
                    return value;
                }
                variants::of(&value, |variant| column_type.meets_patterns(variant))
                    .unwrap_or_else(|| patterned(column_type, slot))
            }
            Generator::Key(form) => form.value(self.key_number(member, row.identity.row_ref)),
            Generator::Reference(reference, theirs) => {
                let to = self.model.members[member].references[*reference].to;
                let value =
                    row.refs[*reference].map_or(Value::Null, |row_ref| self.column(to, row_ref, theirs));
                // A key that is kept as a text.
                if column_type.scalar == ScalarType::Text && matches!(value, Value::Number(_)) {
                    return column_type.fit(value);
                }
                if column_type.is_list && !value.is_null() { Value::List(vec![value]) } else { value }
            }
            Generator::Labels(labels) => shape_list(column_type, weighted(labels, slot)),
            Generator::Semantics(meaning) => match self.correspondent(member, column, row) {
                Some(address) => column_type.fit(address),
                None => self.meaning(member, at, *meaning, row, slot),
            },
            Generator::Document(document) => self.json_document(member, at, document, row, slot),
            Generator::Lifecycle(part) => self.part(member, column, part, row),
            Generator::Constant(value) | Generator::Tenant(value) => value.clone(),
            Generator::InTurn(values) => {
                let at = turn(row.identity.row_ref) % (values.len() as u64).max(1);
                values.get(at as usize).cloned().unwrap_or(Value::Null)
            }
            Generator::Default(expression) => {
                let position = Value::from(turn(row.identity.row_ref) as i64 + 1);
                column_type.fit(expression.value(&|_| position.clone(), self.program.now))
            }
            Generator::Pattern(pattern) => {
                self.in_pattern(member, at, row, slot).unwrap_or_else(|| made_of(column_type, pattern, slot))
            }
            Generator::Equals(expression) => {
                let columns = &self.model.members[member].columns;
                let value = expression.value(&|name| lookup(columns, row, name), self.program.now);
                column_type.fit(value)
            }
            Generator::Name(called) => self.name(member, column, *called, row),
            Generator::Record(references) => {
                let followed = references
                    .iter()
                    .find_map(|(reference, key)| Some((*reference, key, row.refs[*reference]?)));
                let to = |reference: usize| self.model.members[member].references[reference].to;
                let followed = followed.map(|(reference, key, row_ref)| (to(reference), key, row_ref));
                followed
                    .map_or(Value::Null, |(to, key, row_ref)| column_type.fit(self.column(to, row_ref, key)))
            }
            Generator::RecordType(references) => {
                let followed = references.iter().find(|(reference, _)| row.refs[*reference].is_some());
                followed.map_or(Value::Null, |(_, label)| label.clone())
            }
            Generator::Count(counted) => {
                let count = counted.counts.as_ref().map_or(0, |counts| counts.of(row.identity.row_ref));
                column_type.fit(Value::from(i64::from(count)))
            }
            Generator::Copy(copied) => self.copied(member, column_type, copied, row),
            Generator::Exotic => {
                self.exotic(column_type, slot, row).map_or(Value::Null, |v| shape_list(column_type, v))
            }
        }
    }

    /// A value of a rare type.
    fn exotic(&self, column_type: &column_type::ColumnType, slot: Slot, row: &Row) -> Option<Value> {
        let times = (row.created.unwrap_or(self.program.now), self.program.now);
        exotic::value(column_type, slot, row.identity.row_ref.number, times)
    }

    fn name(&self, member: usize, column: &ColumnModel, called: Called, row: &Row) -> Value {
        let Rows::Listed(names) = &self.model.members[member].rows else { return Value::Null };
        let name = names.get(row.identity.row_ref.ordinal as usize).map_or("", String::as_str);
        let planned = &self.model.members[member];
        // A code is that of the standard; the name of a currency stands beside its code.
        let is_code = |other: &ColumnModel| {
            other.column_type.words.last().is_some_and(|word| word == "code" || word == "iso")
        };
        let known = self.table(member).list.filter(|list| match called {
            Called::Code => true,
            _ => *list == KnownList::Currencies && planned.columns.iter().any(is_code),
        });
        let whole = known.and_then(|list| list.says(name, &column.column_type.words, ScalarType::Text));
        column.column_type.fit(whole.unwrap_or_else(|| Value::Text(listed::called(name, called))))
    }

    /// The address of the user who wrote an e-mail, or of the contact who got it.
    fn correspondent(&mut self, member: usize, column: &ColumnModel, row: &Row) -> Option<Value> {
        let model = self.model;
        let planned = &model.members[member];
        let has =
            |wanted: &[&str]| column.column_type.words.iter().any(|word| wanted.contains(&word.as_str()));
        if planned.kind != TableKind::Emails
            || column.column_type.scalar != ScalarType::Text
            || has(&["name", "status", "subject", "id"])
        {
            return None;
        }
        let is_from = is_from(&column.column_type.words);
        if !is_from && !has(&["to", "recipient", "recipients"]) {
            return None;
        }
        let is_it = |to: usize| match is_from {
            true => model.members[to].kind == TableKind::Users && model.members[to].domain.is_none(),
            false => model.members[to].domain.is_some_and(|domain| TABLES[domain].info().name == "contacts"),
        };
        let (reference, row_ref) =
            planned.references.iter().zip(&row.refs).find(|(reference, _)| is_it(reference.to))?;
        let mut theirs = model.members[reference.to].columns.iter();
        let column = theirs.find(|column| column.column_type.words.iter().any(|word| word == "email"))?;
        Some(self.column(reference.to, (*row_ref)?, &column.column_type.name))
            .filter(|value| !value.is_null())
    }

    /// What the column's name means, in the form that its CHECK constraints ask for.
    fn in_pattern(&self, member: usize, at: usize, row: &Row, slot: Slot) -> Option<Value> {
        let planned = &self.model.members[member];
        let column_type = &planned.columns[at].column_type;
        let meant = self.table(member).columns[at].meaning(planned.kind, column_type);
        if column_type.facts.patterns.is_empty()
            || meant.is_always_null()
            || planned.columns[at].unique.is_some()
        {
            return None;
        }
        let value = self.meaning(member, at, meant, row, slot);
        let is_liked =
            |value: &Value| column_type.meets_patterns(value) && column_type.fit(value.clone()) == *value;
        if is_liked(&value) { Some(value) } else { variants::of(&value, is_liked) }
    }

    /// What the column's name means.
    fn meaning(&self, member: usize, at: usize, meaning: Semantics, row: &Row, slot: Slot) -> Value {
        let planned = &self.model.members[member];
        let column = &planned.columns[at];
        let table = self.table(member);
        if planned.kind == TableKind::Pricing && row.identity.child_of_any() {
            let price = row.inherited.iter().find(|(name, _)| name == tiers::PRICE).map(|(_, price)| price);
            if let Some(value) = tiers::value(&column.column_type.words, row.identity.child, price) {
                return column.column_type.fit_counted(value);
            }
        }
        let same = row.inherited.iter().find(|(name, _)| *name == column.column_type.name);
        // The file of one company is not called like it.
        if let Some(same) = same.filter(|_| meaning.group().is_none()) {
            return column.column_type.fit(same.1.clone());
        }
        let of_domain = |named: NamedValue| row.identity.known.as_ref()?.get(named.domain?);
        if let Some(domain) = planned.domain
            && let Some(value) = facts::of_row(
                TABLES[domain].info().name,
                &column.column_type.words,
                column.column_type.scalar,
                &|name| of_domain(table.said.named(name)),
            )
        {
            return column.column_type.fit_counted(value);
        }
        if let Rows::Listed(names) = &planned.rows
            && let Some(name) = names.get(row.identity.row_ref.ordinal as usize)
            && let Some(value) = stages::of_stage(name, &column.column_type.words, column.column_type.scalar)
        {
            return column.column_type.fit_counted(value);
        }
        let value = column.column_type.fit_counted(self.meant_by(member, at, meaning, row, slot));
        self.compared(planned.columns.as_slice(), column, row, value, slot)
    }

    /// What a name means beside what the row says already.
    pub(super) fn meant_by(
        &self,
        member: usize,
        at: usize,
        meaning: Semantics,
        row: &Row,
        slot: Slot,
    ) -> Value {
        let planned = &self.model.members[member];
        let table = self.table(member);
        let inherited = |name: &str| row.inherited.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let of_domain = |named: NamedValue| row.identity.known.as_ref()?.get(named.domain?);
        let own = |named: NamedValue| Some(&row.values[named.own?]).filter(|value| !value.is_null()).cloned();
        // What a column says that we did not make up holds for the others, too.
        let is_made_up = |at: usize| {
            matches!(planned.columns[at].generator, Generator::Semantics(_) | Generator::InTurn(_))
        };
        let is_sure = |at: usize| !is_made_up(at) || row.given.contains(&at);
        let fixed = |named: NamedValue| own(NamedValue { own: named.own.filter(|at| is_sure(*at)), ..named });
        let certain_at = |named: NamedValue, name: &str| {
            let said = of_domain(named).or_else(|| inherited(name)).or_else(|| fixed(named));
            said.filter(|value| !value.is_null())
        };
        let certain = |name: &str| certain_at(table.said.named(name), name);
        let known = |name: &str| {
            let named = table.said.named(name);
            certain_at(named, name).or_else(|| own(named))
        };
        let context = Context {
            now: self.program.now,
            created: row.created,
            number: row.identity.row_ref.number,
            // Those who write are the broker's.
            kind: match planned.kind {
                TableKind::Emails if is_from(&planned.columns[at].column_type.words) => TableKind::Users,
                kind => kind,
            },
            thing: table.columns[at].thing(planned, &planned.columns[at].column_type),
            known: &known,
            certain: &certain,
            hidden: table.columns[at].hidden.at(row.entity_key),
            is_of_other: table.columns[at].is_of_other,
        };
        meaning.make(slot, &context)
    }

    /// Moves a value behind or before the columns with which CHECK constraints compare it.
    fn compared(
        &self,
        columns: &[ColumnModel],
        column: &ColumnModel,
        row: &Row,
        value: Value,
        slot: Slot,
    ) -> Value {
        let facts = &column.column_type.facts;
        let unit = rust_decimal::Decimal::new(
            1,
            if column.column_type.scalar == ScalarType::Decimal { 2 } else { 0 },
        );
        let mut value = value;
        for (others, direction) in [(&facts.above, 1), (&facts.below, -1)] {
            for (name, is_strict) in others {
                let other = lookup(columns, row, name);
                let is_wrong = match (&value, &other) {
                    (Value::Number(a), Value::Number(b)) => {
                        a.cmp(b) as i64 != direction && (*is_strict || a != b)
                    }
                    (Value::Date(a), Value::Date(b)) => {
                        a.cmp(b) as i64 != direction && (*is_strict || a != b)
                    }
                    (Value::Timestamp(a), Value::Timestamp(b)) => {
                        a.cmp(b) as i64 != direction && (*is_strict || a != b)
                    }
                    (Value::Text(a), Value::Text(b)) if column.column_type.scalar == ScalarType::Interval => {
                        let length = |text: &str| Interval::read(text).map(|interval| interval.length());
                        match (length(a), length(b)) {
                            (Some(x), Some(y)) => x.cmp(&y) as i64 != direction && (*is_strict || x != y),
                            _ => false,
                        }
                    }
                    (Value::Text(a), Value::Text(b)) if column.column_type.scalar == ScalarType::Time => {
                        a.cmp(b) as i64 != direction && (*is_strict || a != b)
                    }
                    _ => false,
                };
                if is_wrong
                    && column.column_type.scalar == ScalarType::Interval
                    && let Value::Text(text) = &other
                {
                    // A tenth more or less, in whole minutes.
                    let minutes = Interval::read(text).map_or(60, |interval| interval.length() / MINUTE);
                    let tenth = (minutes / 10).max(1) * i128::from(direction);
                    value = Value::Text(format!("{} minutes", minutes + tenth));
                } else if is_wrong {
                    value = column_type::step(
                        &other,
                        true,
                        direction * (1 + slot.child(7).below(3) as i64),
                        unit,
                    );
                }
            }
        }
        column.column_type.bounded(value)
    }

    /// A value for a column that must have one where the domain has none.
    fn fallback(&self, member: usize, at: usize, row: &Row) -> Value {
        let planned = &self.model.members[member];
        let column = &planned.columns[at];
        let column_type = &column.column_type;
        if let Some(default) = &column_type.default {
            return column_type.fit(default.clone());
        }
        let slot = self.slot(member, at, &row.identity);
        if let Some(labels) = column_type.labels.as_ref().filter(|labels| !labels.is_empty()) {
            return shape_list(column_type, slot.pick(labels).as_str().into());
        }
        if column_type.is_list {
            return Value::List(Vec::new());
        }
        if let Some(literal) = column_type.facts.literals.iter().find(|value| value.as_text().is_some())
            && column_type.scalar == ScalarType::Text
        {
            return column_type.fit(literal.clone());
        }
        let meaning = self.table(member).columns[at].meaning(planned.kind, column_type);
        let known = |_: &str| None;
        let context = Context {
            now: self.program.now,
            created: row.created,
            number: row.identity.row_ref.number,
            kind: planned.kind,
            thing: self.table(member).columns[at].thing(planned, column_type),
            known: &known,
            certain: &known,
            hidden: self.table(member).columns[at].hidden.at(row.entity_key),
            is_of_other: self.table(member).columns[at].is_of_other,
        };
        let value = column_type.fit_counted(meaning.make(slot, &context));
        if column_type.facts.patterns.is_empty() || column_type.meets_patterns(&value) {
            return value;
        }
        variants::of(&value, |variant| column_type.meets_patterns(variant))
            .unwrap_or_else(|| patterned(column_type, slot))
    }

    /// The key of another row to which a reference might lead; of one to earlier rows of its own table the next.
    fn another(
        &mut self,
        member: usize,
        at: usize,
        (at_reference, theirs): (usize, &str),
        offer: u64,
        row: &Row,
    ) -> Option<Value> {
        let planned = &self.model.members[member];
        let reference = &planned.references[at_reference];
        // What several columns say together changes together or not at all.
        if reference.columns.len() != 1 || self.table(member).references[at_reference].is_held {
            return None;
        }
        let row_ref = match reference.strategy {
            ReferenceStrategy::Preceding => self.next_row(member, &row.identity, offer)?,
            ReferenceStrategy::Any(kin) => {
                let key = self.table(member).columns[at].another(self.program.seed, &planned.name, theirs);
                self.pick(reference.to, key.at(row.identity.row_ref.number).child(offer), kin)?
            }
            _ => return None,
        };
        Some(self.column(reference.to, row_ref, theirs)).filter(|value| !value.is_null())
    }

    /// Another value for a column of a row that breaks a CHECK constraint: the `offer`th.
    pub(super) fn other(&mut self, member: usize, at: usize, offer: u64, row: &Row) -> Option<Value> {
        let model = self.model;
        let column = &model.members[member].columns[at];
        let slot = self.slot(member, at, &row.identity).child(1000 + offer);
        if column.unique.is_some() {
            return None;
        }
        match &column.generator {
            Generator::Reference(reference, theirs) => {
                self.another(member, at, (*reference, theirs), offer, row)
            }
            Generator::Semantics(meaning) => Some(self.meaning(member, at, *meaning, row, slot)),
            Generator::Document(document) => Some(self.json_document(member, at, document, row, slot)),
            Generator::Exotic => self
                .exotic(&column.column_type, slot, row)
                .map(|value| shape_list(&column.column_type, value)),
            Generator::Lifecycle(LifecycleField::Status(statuses)) => {
                Some(statuses.get(offer as usize)?.0.clone())
            }
            Generator::Lifecycle(LifecycleField::When(_) | LifecycleField::Due(_) | LifecycleField::Done) => {
                let made = Value::Timestamp(row.created.unwrap_or(self.program.now));
                let alternatives = [Value::Null, made, Value::Timestamp(self.program.now)];
                let alternatives =
                    alternatives.get(usize::from(column.column_type.not_null)..).unwrap_or_default();
                Some(column.column_type.fit(alternatives.get(offer as usize)?.clone()))
            }
            // What the domain left open may be closed by now.
            Generator::Converted(_) | Generator::Passthrough(_)
                if matches!(column.column_type.scalar, ScalarType::Date | ScalarType::Timestamp)
                    && offer < 2 =>
            {
                let made = row.created.unwrap_or(self.program.now);
                let later = if offer == 0 {
                    slot.between(made.min(self.program.now), self.program.now)
                } else {
                    self.program.now
                };
                Some(column.column_type.fit(Value::Timestamp(later)))
            }
            Generator::Labels(labels) => {
                Some(shape_list(&column.column_type, labels.get(offer as usize)?.0.clone()))
            }
            Generator::InTurn(values) => values.get(offer as usize).cloned(),
            Generator::Equals(_) | Generator::Pattern(_) => Some(self.first(member, at, column, row)),
            Generator::Converted(_) => column
                .column_type
                .labels
                .as_ref()
                .and_then(|labels| Some(labels.get(offer as usize)?.as_str().into())),
            _ => None,
        }
    }
}
