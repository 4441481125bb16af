//! What a column's name means beside the others of its table.

use super::Decision;
use crate::infer::kinds::TableKind;
use crate::infer::lifecycle;
use crate::infer::names::{self, FieldName, NameWords};
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics::{self, Addresses, whose};

/// Characters of a country's short and long codes.
const SHORT: usize = 2;
const LONG: usize = 3;

impl Decision<'_> {
    /// The words of the column's name, or of what it means here: a state beside a city is no status.
    pub(super) fn meant(&self) -> Vec<String> {
        let mut name = self.column_type.words.clone();
        if let Some(last) = name.last_mut().filter(|_| self.column_type.is_list) {
            // One of a list: `states` as `state`.
            *last = names::singular(last);
        }
        let meant = match name.last().map(String::as_str) {
            _ if self.column_type.scalar != ScalarType::Text => None,
            Some("title") if self.is_of_person() => Some(&["job", "title"][..]),
            Some("role") if self.is_of_member() => Some(&["member", "role"][..]),
            Some("token") if self.is_of_devise() => Some(&["secret", "token"][..]),
            Some("state" | "region" | "province") => self.state(&name),
            Some("address" | "addr") => self.street(&name),
            Some("country" | "code") => self.code(&name),
            _ => None,
        };
        if name.last().is_some_and(|last| last.ends_with("name"))
            && self.column_type.scalar == ScalarType::Text
        {
            if self.is_after_table() {
                return vec!["name".to_owned()];
            }
            let kind = self.frame.chosen[self.member].kind;
            if self.is_beside_mailbox()
                && semantics::meaning(kind, &name, self.column_type.scalar).is_name_of_thing()
            {
                name.pop();
                name.extend(["full".to_owned(), "name".to_owned()]);
                return name;
            }
        }
        let is_tax_share = self.column_type.is_share() && lifecycle::is_tax_rate(&name.join("_"));
        let meant = meant.or(is_tax_share.then_some(&["tax", "share"][..]));
        meant.map_or(name, |meant| meant.iter().map(|word| (*word).to_owned()).collect())
    }

    /// A title beside the parts of a person's name is what somebody does.
    fn is_of_person(&self) -> bool {
        let parts = ["first name", "firstname", "last name", "lastname", "surname"];
        self.column_type.words.len() == 1
            && self.names().iter().any(|words| parts.contains(&words.join(" ").as_str()))
    }

    /// A role in a link of users and what they are members of.
    fn is_of_member(&self) -> bool {
        let kind = |to: usize| self.frame.chosen[to].kind;
        kind(self.member) == TableKind::Links
            && self.references.iter().any(|reference| kind(reference.to) == TableKind::Users)
            && self.references.iter().all(|reference| {
                matches!(kind(reference.to), TableKind::Users | TableKind::Teams | TableKind::Tenants)
            })
    }

    /// A token of users who do not sign in by GoTrue, which has empty texts in place of NULL.
    fn is_of_devise(&self) -> bool {
        self.frame.chosen[self.member].kind == TableKind::Users
            && self.table().schema != "auth"
            && !self
                .table()
                .columns
                .iter()
                .any(|column| matches!(column.name.as_str(), "instance_id" | "aud" | "raw_user_meta_data"))
    }

    /// How the name says that a country is written, if it does.
    pub(super) fn country(&self) -> Option<&'static str> {
        let words = &self.column_type.words;
        let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
        if self.column_type.labels.is_some() || self.column_type.max_length == Some(LONG) {
            return None;
        }
        match () {
            () if has(&["3"]) => None,
            () if has(&["code", "iso", "alpha", "abbr", "abbreviation", "2"]) => Some("US"),
            () if has(&["name"]) => Some("United States"),
            () => None,
        }
    }

    /// The words of the names of the table's columns.
    fn names(&self) -> Vec<Vec<String>> {
        self.table().columns.iter().map(|column| FieldName::of(&column.name).words).collect()
    }

    /// A state, or what else is called so, of an address that has a town.
    fn state(&self, name: &[String]) -> Option<&'static [&'static str]> {
        let columns = self.names();
        let addresses = Addresses::of(columns.iter().map(Vec::as_slice));
        let is_state = name.last().is_some_and(|last| last != "region");
        let is_place = match is_state {
            true => self.column_type.max_length == Some(SHORT) || addresses.has_any(),
            false => addresses.is_named(name),
        };
        is_place.then_some(&["state", "code"])
    }

    /// An address beside its town is the street.
    fn street(&self, name: &[String]) -> Option<&'static [&'static str]> {
        let is_whole = name.iter().any(|word| NameWords::get().whole.contains(word.as_str()));
        let columns = self.names();
        let addresses = Addresses::of(columns.iter().map(Vec::as_slice));
        (!is_whole && addresses.lacks_street(name)).then_some(&["street", "address"])
    }

    /// The code of a country in two letters or three, or the one that is dialled.
    fn code(&self, name: &[String]) -> Option<&'static [&'static str]> {
        if !name.iter().any(|word| word == "country") {
            return None;
        }
        let is_phone = name
            .iter()
            .any(|word| matches!(word.as_str(), "phone" | "phones" | "mobile" | "telephone" | "fax"));
        let says_dialled = |word: &String| matches!(word.as_str(), "calling" | "dial" | "dialing" | "prefix");
        let is_dialled = |words: &Vec<String>| {
            let others: Vec<String> = words.iter().filter(|word| !says_dialled(word)).cloned().collect();
            others.len() < words.len() && whose(&others) == whose(name)
        };
        match self.column_type.max_length {
            Some(SHORT) => Some(&["country", "code"]),
            _ if is_phone && !self.names().iter().any(is_dialled) => Some(&["calling", "code"]),
            Some(LONG) => Some(&["country", "iso", "3"]),
            _ if is_phone => Some(&["country", "code"]),
            _ => None,
        }
    }
}
