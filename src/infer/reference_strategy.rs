//! Which row each reference leads to, so that what hangs together agrees: the contact of a note is one of its
//! deal's customer, the owner of a task is the owner of its deal.

use crate::domain::TABLES;
use crate::domain::dataset::OrganizationType;
use crate::infer::cardinality::named_column;
use crate::infer::geography::KnownList;
use crate::infer::kinds::TableKind;
use crate::infer::model::{DecidedBy, Reference, ReferenceStrategy, Rows};
use crate::infer::names;
use crate::infer::overrides::RowNames;
use crate::infer::references::{TargetView, main_column};
use crate::infer::table_key::key_of;
use crate::infer::tuples;
use crate::infer::weighted;

/// The references of all members, with their rows.
pub struct ReferenceResolver<'a, 'f> {
    /// Where they were found.
    pub frame: &'a TargetView<'f>,
    /// Of each member.
    pub references: Vec<Vec<Reference>>,
    /// Of each member.
    pub rows: Vec<Rows>,
}

impl ReferenceResolver<'_, '_> {
    /// Decides all modes that are not decided yet.
    pub fn decide(&mut self) {
        for member in 0..self.references.len() {
            self.sort(member);
            tuples::agree(self.frame, &self.rows, member, &mut self.references[member]);
        }
        for member in 0..self.references.len() {
            for at in 0..self.references[member].len() {
                self.alone(member, at);
            }
        }
        for member in 0..self.references.len() {
            self.pairs(member);
        }
        // What may be followed is decided by now: nothing leads through a reference that leads through another.
        let plain: Vec<Vec<bool>> =
            self.references.iter().map(|references| references.iter().map(is_plain).collect()).collect();
        for member in 0..self.references.len() {
            for at in 0..self.references[member].len() {
                if !self.references[member][at].is_free_to_choose {
                    self.follow(member, at);
                } else if matches!(self.references[member][at].strategy, ReferenceStrategy::Any(_)) {
                    self.beside(member, at, &plain);
                }
            }
        }
        for member in 0..self.references.len() {
            for at in 0..self.references[member].len() {
                if let Some(path) = self.back(member, at, &plain) {
                    self.references[member][at].strategy = ReferenceStrategy::Inverse(path);
                }
            }
        }
        for member in 0..self.references.len() {
            for at in 0..self.references[member].len() {
                self.references[member][at].null_percent = self.null_percent(member, at);
            }
        }
    }

    fn domain(&self, member: usize) -> Option<&'static str> {
        self.frame.chosen[member].domain.map(|(domain, _)| TABLES[domain].info().name)
    }

    /// The parent first, then what the domain knows, then those from which others follow.
    fn sort(&mut self, member: usize) {
        let depth: Vec<usize> = (0..self.references.len()).map(|m| self.depth(m)).collect();
        self.references[member].sort_by_key(|reference| {
            let decided = match reference.strategy {
                ReferenceStrategy::Parent => 0,
                _ if reference.is_spread => 0,
                ReferenceStrategy::FromDomain(_) => 1,
                // It may follow any other.
                ReferenceStrategy::Polymorphic { .. } => 3,
                _ => 2,
            };
            (
                decided,
                std::cmp::Reverse(reference.columns.len().max(1)),
                std::cmp::Reverse(depth[reference.to]),
            )
        });
    }

    /// What a pair of columns leads to that the row refers to by another reference, too: it is the same row.
    fn pairs(&mut self, member: usize) {
        let references = &self.references[member];
        let same = |to: usize| {
            let is_plain = |reference: &&(usize, &Reference)| {
                reference.1.to == to
                    && reference.1.alternative.is_none()
                    && reference.1.is_free_to_choose
                    && self.kin_of(member, reference.1) == OrganizationType::Customer
            };
            let all: Vec<(usize, &Reference)> = references.iter().enumerate().collect();
            all.iter().find(is_plain).map(|(at, _)| *at)
        };
        let of_pair = |id: &str| -> Vec<Option<usize>> {
            let its = references
                .iter()
                .filter(|reference| reference.alternative.as_ref().is_some_and(|pair| pair.id == id));
            its.map(|reference| same(reference.to)).collect()
        };
        let follows: Vec<Option<Vec<Option<usize>>>> = references
            .iter()
            .map(|reference| {
                let is_pair = matches!(reference.strategy, ReferenceStrategy::Polymorphic { .. });
                reference.alternative.as_ref().filter(|_| is_pair).map(|pair| of_pair(&pair.id))
            })
            .collect();
        for (reference, follows) in self.references[member].iter_mut().zip(follows) {
            let is_any = follows.iter().flatten().any(Option::is_some);
            if let (Some(pair), Some(follows)) = (&mut reference.alternative, follows.filter(|_| is_any)) {
                pair.follows = follows;
            }
        }
    }

    /// How much of the rest follows from a row of a table.
    fn depth(&self, member: usize) -> usize {
        match self.domain(member) {
            Some("opportunities") => 100,
            Some("contacts" | "products") => 90,
            Some("organizations") => 80,
            Some(_) => 95,
            None => self.references[member].len().min(70),
        }
    }

    /// What a reference is by itself.
    fn alone(&mut self, member: usize, at: usize) {
        if let Some(asked) = weighted::asked(self.frame, member, &self.references[member][at]) {
            let to = self.references[member][at].to;
            match (weighted::rows(self.frame, to, &self.rows[to], asked), asked) {
                (Err(why), _) => self.references[member][at].unnamed = Some(why),
                (Ok(rows), RowNames::Weighted(_)) => {
                    self.references[member][at].strategy = ReferenceStrategy::Weighted(rows);
                }
                (Ok(_), RowNames::Named(_)) => {}
            }
        }
        let reference = &self.references[member][at];
        if !matches!(reference.strategy, ReferenceStrategy::Any(_)) {
            return;
        }
        let strategy = if reference.to == member {
            ReferenceStrategy::Preceding
        } else if self.is_single(reference.to)
            || self.is_tenant(member, reference)
            || self.is_step_of(member, reference.to)
        {
            ReferenceStrategy::First
        } else if self.is_known(member, reference.to) {
            ReferenceStrategy::Known
        } else if let Some(position) = self.named(member, reference) {
            ReferenceStrategy::Named(position)
        } else if self.is_own_child(member, reference) {
            ReferenceStrategy::OwnChild
        } else {
            return;
        };
        self.references[member][at].strategy = strategy;
    }

    /// The stages that the domain has are those of one pipeline.
    fn is_step_of(&self, member: usize, to: usize) -> bool {
        let has = |at: usize, wanted: &[&str]| {
            names::words(&self.frame.table(at).name)
                .iter()
                .any(|word| wanted.contains(&names::singular(word).as_str()))
        };
        matches!(self.rows[member], Rows::Listed(_))
            && has(member, &["stage", "status", "step", "phase"])
            && has(to, &["pipeline", "workflow", "process", "funnel", "board"])
    }

    /// All rows belong to one tenant: to the first that there is, by whatever column.
    fn is_tenant(&self, member: usize, reference: &Reference) -> bool {
        let known = self.frame.recognition;
        let column = main_column(&reference.columns);
        known.tenants.contains(&self.frame.chosen[reference.to].at)
            || (known.tenant_columns.contains(&column) && !self.frame.is_own_tenant(member, &column))
    }

    /// A table of one row: there is no choice.
    fn is_single(&self, member: usize) -> bool {
        matches!(&self.rows[member], Rows::Standing(1))
    }

    /// Whether a list that is known says which of its rows is meant.
    fn is_known(&self, member: usize, to: usize) -> bool {
        let named = |at: usize| matches!(self.rows[at], Rows::Listed(_) | Rows::Existing { .. });
        let list = |at: usize| KnownList::of(&self.frame.chosen[at].name);
        let Some(other) = list(to).filter(|_| named(to)) else { return false };
        match &self.rows[member] {
            Rows::Listed(_) => list(member).is_some_and(|own| own.is_within(other)),
            // Of two currencies, as a rate has them, none is that of the data.
            _ => {
                let all = self.references[member].iter().filter(|reference| reference.to == to);
                other == KnownList::Currencies && all.count() == 1
            }
        }
    }

    /// The domain's column that names the row of a lookup table.
    fn named(&self, member: usize, reference: &Reference) -> Option<usize> {
        let (Some((own, _)), None) = (reference.columns.last(), self.frame.chosen[reference.to].domain)
        else {
            return None;
        };
        if !matches!(self.rows[reference.to], Rows::Listed(_) | Rows::Existing { .. })
            || self.frame.chosen[reference.to].kind == TableKind::Users
        {
            return None;
        }
        named_column(self.frame, member, own)
    }

    /// Rows of the other table are made for rows of this one.
    fn is_own_child(&self, member: usize, reference: &Reference) -> bool {
        let is_child = matches!(self.rows[reference.to], Rows::Children { of, .. } if of == member);
        is_child
            || (self.domain(member), self.domain(reference.to)) == (Some("organizations"), Some("contacts"))
    }

    /// What a reference is beside those that were decided before it.
    fn beside(&mut self, member: usize, at: usize, plain: &[Vec<bool>]) {
        if let Some(same) = self.again(member, at) {
            self.references[member][at].strategy = ReferenceStrategy::Same(same);
            return;
        }
        let reference = &self.references[member][at];
        let mut best = None;
        for (via, other) in self.references[member][..at].iter().enumerate() {
            if matches!(
                other.strategy,
                ReferenceStrategy::Preceding
                    | ReferenceStrategy::OwnChild
                    | ReferenceStrategy::Polymorphic { .. }
            ) {
                continue;
            }
            // Who made or owns the tenant is nobody's colleague in particular.
            let is_who = self.frame.chosen[reference.to].kind == TableKind::Users;
            if is_who && self.is_tenant(member, other) {
                continue;
            }
            for (through, next) in self.references[other.to].iter().enumerate() {
                if next.to == reference.to
                    && plain[other.to][through]
                    && !self.leads_to(other.to, through, (member, at))
                {
                    let score = self.alikeness(reference, other.to, next);
                    best = best.max(score.map(|score| (score, std::cmp::Reverse((via, through)))));
                }
            }
        }
        let found = best.map(|(_, std::cmp::Reverse((via, through)))| ReferenceStrategy::Via(via, through));
        let among = self.among(member, at);
        if let Some(ReferenceStrategy::SiblingOf(via, through)) = among {
            self.references[member][at].among = Some((via, through));
        }
        if let Some(strategy) = found.or(among) {
            self.references[member][at].strategy = strategy;
        }
    }

    /// The reference that the domain knows or a key declares, where a column that is called like the table alone leads
    /// there, too.
    fn again(&self, member: usize, at: usize) -> Option<usize> {
        let reference = &self.references[member][at];
        let [(own, _)] = &reference.columns[..] else { return None };
        let mut base = names::words(own);
        if base.len() > 1 && base.last().is_some_and(|last| matches!(last.as_str(), "id" | "uuid" | "fk")) {
            base.pop();
        }
        if let Some(same) = self.same_hand(member, at) {
            return Some(same);
        }
        let is_plain = names::singular_phrase(&base)
            == names::singular_phrase(&names::words(&self.frame.chosen[reference.to].name));
        if reference.is_declared || reference.is_told || !is_plain {
            return None;
        }
        let is_it = |other: &Reference| {
            other.to == reference.to
                && (other.is_declared || matches!(other.strategy, ReferenceStrategy::FromDomain(_)))
                && self.kin_of(member, other) == self.kin_of(member, reference)
        };
        self.references[member][..at].iter().position(is_it)
    }

    /// An earlier reference that tells by whose hand the same thing happened, in other words: `created_by` and
    /// `created_by_user_id`.
    fn same_hand(&self, member: usize, at: usize) -> Option<usize> {
        let deed = |reference: &Reference| {
            let [(own, _)] = &reference.columns[..] else { return None };
            let mut words = names::words(own);
            let by = words.iter().position(|word| word == "by")?;
            let says_nothing = |word: &String| matches!(word.as_str(), "id" | "uuid" | "fk" | "user");
            if by == 0 || !words[by + 1..].iter().all(says_nothing) {
                return None;
            }
            words.truncate(by);
            Some(words)
        };
        let reference = &self.references[member][at];
        let wanted = deed(reference)?;
        let is_it = |other: &Reference| other.to == reference.to && deed(other).as_ref() == Some(&wanted);
        self.references[member][..at].iter().position(is_it)
    }

    /// A reference whose only column another one decides: where the row to which that one leads refers by a reference
    /// of its own, it is the same row.
    fn follow(&mut self, member: usize, at: usize) {
        let reference = &self.references[member][at];
        let ([agreed], 1) = (&reference.agrees[..], reference.columns.len()) else { return };
        let DecidedBy::Reference(via, theirs) = &agreed.by else { return };
        let (via, to) = (*via, reference.to);
        let through = self.references[self.references[member][via].to]
            .iter()
            .position(|next| next.to == to && matches!(&next.columns[..], [(own, _)] if own == theirs));
        if let Some(through) = through
            && !self.leads_to(self.references[member][via].to, through, (member, at))
        {
            self.references[member][at].strategy = ReferenceStrategy::Via(via, through);
            self.references[member][at].is_free_to_choose = true;
        }
    }

    /// The way back from what a reference may do without: one or two references that must be there.
    fn back(&self, member: usize, at: usize, plain: &[Vec<bool>]) -> Option<Vec<usize>> {
        let reference = &self.references[member][at];
        if !matches!(reference.strategy, ReferenceStrategy::Any(_))
            || !reference.is_nullable
            || reference.columns.is_empty()
            || !reference.is_free_to_choose
        {
            return None;
        }
        let must = |from: usize| {
            let references = self.references[from].iter().enumerate();
            references.filter(move |(next, reference)| plain[from][*next] && !reference.is_nullable)
        };
        let direct = must(reference.to).find(|(_, next)| next.to == member).map(|(next, _)| vec![next]);
        let by_one = || {
            must(reference.to).find_map(|(first, via)| {
                let (second, _) = must(via.to).find(|(_, next)| next.to == member)?;
                Some(vec![first, second])
            })
        };
        direct.or_else(by_one)
    }

    /// Whether a reference leads through others to `end`.
    fn leads_to(&self, mut member: usize, mut at: usize, end: (usize, usize)) -> bool {
        for _ in 0..=self.references.len() {
            if (member, at) == end {
                return true;
            }
            let (ReferenceStrategy::Via(via, through) | ReferenceStrategy::SiblingOf(via, Some(through))) =
                self.references[member][at].strategy
            else {
                return false;
            };
            (member, at) = (self.references[member][via].to, through);
        }
        true
    }

    /// How much two references to the same table mean the same.
    fn alikeness(&self, reference: &Reference, other: usize, next: &Reference) -> Option<u8> {
        let name =
            |reference: &Reference| reference.columns.last().map(|(own, _)| names::words(own).join(" "));
        let known = match next.strategy {
            ReferenceStrategy::FromDomain(position) => {
                self.frame.infos(other).get(position).map(|info| info.name.replace('_', " "))
            }
            _ => None,
        };
        let own = name(reference)?;
        if self.domain(reference.to) == Some("organizations") {
            let wanted = crate::infer::organization_type::organization_type_hint(&own);
            let has = known
                .as_deref()
                .map_or(OrganizationType::Customer, crate::infer::organization_type::organization_type_hint);
            return (wanted == has).then_some(if name(next).as_ref() == Some(&own) { 3 } else { 2 });
        }
        Some(if name(next).as_ref() == Some(&own) { 3 } else { 1 })
    }

    /// What kind of organization a reference leads to.
    fn kin_of(&self, member: usize, reference: &Reference) -> OrganizationType {
        let known = match reference.strategy {
            ReferenceStrategy::FromDomain(position) => {
                self.frame.infos(member).get(position).map(|info| info.name.to_owned())
            }
            _ => None,
        };
        crate::infer::organization_type::organization_type_hint(
            &known.unwrap_or_else(|| main_column(&reference.columns)),
        )
    }

    /// A contact of the customer, or a product of the principal, that is known already.
    fn among(&self, member: usize, at: usize) -> Option<ReferenceStrategy> {
        let reference = &self.references[member][at];
        if let Rows::Children { of, kin, .. } = self.rows[reference.to] {
            let is_it = |other: &&(usize, &Reference)| {
                other.1.to == of
                    && !matches!(other.1.strategy, ReferenceStrategy::Polymorphic { .. })
                    && (self.domain(of) != Some("organizations") || self.kin_of(member, other.1) == kin)
            };
            let before: Vec<(usize, &Reference)> = self.references[member][..at].iter().enumerate().collect();
            return before.iter().find(is_it).map(|(via, _)| ReferenceStrategy::SiblingOf(*via, None));
        }
        let wanted = match self.domain(reference.to)? {
            "contacts" => "customer_organization_id",
            "products" => "principal_organization_id",
            _ => return None,
        };
        let before = &self.references[member][..at];
        for (via, other) in before.iter().enumerate() {
            if matches!(other.strategy, ReferenceStrategy::Polymorphic { .. }) {
                continue;
            }
            match self.domain(other.to) {
                Some("organizations") if wanted.starts_with("customer") => {
                    return Some(ReferenceStrategy::SiblingOf(via, None));
                }
                Some("opportunities") => {
                    let infos = self.frame.infos(other.to);
                    let is_wanted = |next: &Reference| matches!(next.strategy, ReferenceStrategy::FromDomain(p) if infos[p].name == wanted);
                    let through = self.references[other.to].iter().position(is_wanted);
                    if through.is_some() {
                        return Some(ReferenceStrategy::SiblingOf(via, through));
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Whether a reference leads from a person or company to the lead that it was before.
    fn was_a_lead(&self, member: usize, reference: &Reference) -> bool {
        self.frame.chosen[reference.to].kind == TableKind::Leads
            && matches!(self.domain(member), Some("contacts" | "organizations"))
    }

    /// How many rows of a hundred do without.
    fn null_percent(&self, member: usize, at: usize) -> u64 {
        let reference = &self.references[member][at];
        let table = self.frame.table(member);
        let is_key =
            reference.columns.iter().any(|(own, _)| key_of(table).is_some_and(|key| key.name == *own));
        let is_sure = is_key || reference.is_spread;
        if !reference.is_nullable
            || reference.columns.is_empty()
            || reference.alternative.is_some()
            || is_sure
        {
            return 0;
        }
        let is_domain = self.frame.chosen[member].domain.is_some();
        // Without what it refers to such a row says nothing.
        let is_essential = self.frame.chosen[member].kind.must_refer();
        match reference.strategy {
            // Somebody else's lead: it would have another name.
            ReferenceStrategy::Any(_) | ReferenceStrategy::Permuted if self.was_a_lead(member, reference) => {
                100
            }
            ReferenceStrategy::Any(_) if is_essential => 0,
            ReferenceStrategy::Preceding if is_domain => 85,
            ReferenceStrategy::Preceding => 60,
            ReferenceStrategy::Any(_)
                if !is_domain && self.frame.chosen[reference.to].kind != TableKind::Users =>
            {
                50
            }
            _ => 0,
        }
    }
}

/// What others may lead through.
fn is_plain(reference: &Reference) -> bool {
    reference.is_free_to_choose
        && matches!(
            reference.strategy,
            ReferenceStrategy::FromDomain(_)
                | ReferenceStrategy::Parent
                | ReferenceStrategy::Any(_)
                | ReferenceStrategy::Named(_)
                | ReferenceStrategy::Weighted(_)
                | ReferenceStrategy::Known
                | ReferenceStrategy::First
        )
}
