//! What was seen, on one screen.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::run::doctor::parts::{Filled, Trigger, Unfilled};
use crate::run::doctor::seen::Inspection;
use crate::run::doctor::shorten::{count, cut, grouped, names, rights, section};
use crate::terminal::name;

/// Maximum number of other tables that are listed one by one.
const OTHERS: usize = 12;
/// Maximum number of triggers that are listed one by one.
const TRIGGERS: usize = 5;

impl Inspection {
    /// The report as text; with `all`, including what is usually left out.
    pub fn text(&self, all: bool) -> String {
        let mut out = String::new();
        self.connection(&mut out);
        self.tables(&mut out, all);
        self.others(&mut out, all);
        self.columns(&mut out, all);
        self.server_side(&mut out, all);
        for note in &self.notes {
            section(&mut out, "note", &note.text);
        }
        self.verdict(&mut out, all);
        out
    }

    fn connection(&self, out: &mut String) {
        let server = &self.server;
        // What a packager adds to the number is of no use here.
        let version = server.version.split_whitespace().next().unwrap_or_default();
        let is = format!("{}, PostgreSQL {version}, at {}", server.database, self.target);
        section(out, "database", &is);
        let kind = if server.in_recovery { "a read replica" } else { "a primary" };
        let writes = if server.read_only { "read-only" } else { "writable" };
        let tls = match (server.tls, &server.tls_version) {
            (Some(true), Some(version)) => version.clone(),
            (Some(true), None) => "TLS".into(),
            (Some(false), _) => "no TLS".into(),
            (None, _) => "TLS not known".into(),
        };
        let pooler = server.pooler.as_ref().map_or("none seen", String::as_str);
        section(out, "session", &format!("{kind}, {writes}; {tls}; pooler: {pooler}"));
        let role = &self.role;
        let is = match (role.superuser, role.bypass_rls) {
            (true, _) => "a superuser",
            (_, true) => "has BYPASSRLS",
            _ => "not a superuser, no BYPASSRLS",
        };
        let owns = match (role.owns, self.tables.len()) {
            _ if self.migrations > 0 => String::new(),
            _ if self.tables.iter().all(|table| table.rows.is_none()) => String::new(),
            (0, _) => "; owns none of the tables".into(),
            (owned, all) if owned == all => "; owns all of the tables".into(),
            (owned, all) => format!("; owns {owned} of the {all} tables"),
        };
        section(out, "role", &format!("{}: {is}{owns}", role.name));
        if self.migrations > 0 {
            let migrations = count(self.migrations as u64, "bundled migration");
            section(
                out,
                "schema",
                &format!("the database is empty; the {migrations} would be applied first"),
            );
        }
    }

    fn tables(&self, out: &mut String, all: bool) {
        let (domain, others): (Vec<&Filled>, Vec<&Filled>) =
            self.tables.iter().partition(|table| table.is.is_some());
        let told = if all || others.len() <= OTHERS + 1 { others.len() } else { OTHERS };
        let sums = [
            (domain.len(), "CRM"),
            (others.len(), "other"),
            (self.referred.len(), "referenced"),
            (self.unfilled.len(), "not filled"),
        ];
        let sums: Vec<String> =
            sums.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        section(out, "tables", if sums.is_empty() { "none".into() } else { sums.join(", ") }.as_str());
        let shown: Vec<&&Filled> = domain.iter().chain(&others[..told]).collect();
        let width = shown.iter().map(|table| table.target.chars().count()).max().unwrap_or(0).min(40);
        let digits = shown.iter().filter_map(|table| table.rows).map(grouped).map(|n| n.len()).max();
        for table in shown {
            let rows = table.rows.map_or_else(|| "?".into(), grouped);
            let what = cut(table.is.as_ref().unwrap_or(&table.why), 30);
            let columns = match table.rows {
                Some(_) => format!("{} of {} columns", table.columns, table.of),
                None => format!("{} columns", table.of),
            };
            let mark = if table.is.is_some() { "as" } else { "  " };
            let line = format!(
                "  {:width$}  {mark} {what:30}  {rows:>digits$} rows  {columns}",
                name(&table.target),
                digits = digits.unwrap_or(1),
            );
            let _ = writeln!(out, "{}", line.trim_end());
        }
        if told < others.len() {
            let _ = writeln!(out, "  and {} other tables (--verbose)", others.len() - told);
        }
    }

    fn others(&self, out: &mut String, all: bool) {
        if !self.referred.is_empty() {
            let list: Vec<String> = self
                .referred
                .iter()
                .map(|table| {
                    let more = if table.rows >= 1000 { "at least " } else { "" };
                    format!("{} ({more}{})", table.target, count(table.rows as u64, "row"))
                })
                .collect();
            section(out, "referenced", &format!("{}: existing rows are used and kept", names(&list, all)));
        }
        let mut by_why: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for Unfilled { target, why, .. } in &self.unfilled {
            by_why.entry(why).or_default().push(target);
        }
        for (why, list) in by_why {
            section(out, "left", &format!("{}: {why}", names(&list, all)));
        }
        if !self.missing.is_empty() {
            section(out, "missing", &format!("{}: not in this database", names(&self.missing, all)));
        }
        for choice in self.choices.iter().filter(|choice| all || choice.close || choice.tenant) {
            section(out, "choice", &format!("{}; to have it so: {}", choice.what, choice.setting));
        }
        if !self.occupied.is_empty() {
            let whose = match self.recorded {
                true => "created by crm-seed; --clean replaces them".to_owned(),
                false => format!("crm-seed did not create {}; --clean asks first", self.not_ours),
            };
            section(out, "rows", &format!("in {}: {whose}", names(&self.occupied, all)));
        }
    }

    fn columns(&self, out: &mut String, all: bool) {
        let kinds: Vec<String> = [
            ("domain", "CRM"),
            ("fitted", "CRM (converted)"),
            ("key", "key"),
            ("reference", "reference"),
            ("name", "by name"),
            ("labels", "by list of values"),
            ("lookup", "by row name"),
            ("check", "by CHECK constraint"),
            ("constant", "constant"),
            ("type", "by type"),
            ("left", "left NULL or at their default"),
        ]
        .iter()
        .filter_map(|(kind, what)| Some((self.columns.get(kind).filter(|n| **n > 0)?, what)))
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
        if !kinds.is_empty() {
            section(out, "columns", &kinds.join(", "));
        }
        if !all {
            return;
        }
        for table in &self.tables {
            for (column, why) in &table.left {
                section(out, "", &format!("{}.{column}: {why}", table.target));
            }
            if !table.lacks.is_empty() {
                section(out, "", &format!("{} has no column for {}", table.target, names(&table.lacks, all)));
            }
        }
    }

    /// Row-level security, triggers, circular foreign keys and unsupported constraints.
    fn server_side(&self, out: &mut String, all: bool) {
        if !self.rls.tables.is_empty() {
            let tables: Vec<&String> = self.rls.tables.keys().collect();
            let mut policies: Vec<&String> = self.rls.tables.values().flatten().collect();
            policies.sort_unstable();
            policies.dedup();
            let policies = match policies.is_empty() {
                true => "no policy allows the role to insert".to_owned(),
                false => format!("policies {}", names(&policies, all)),
            };
            let text =
                format!("applies to {}, so INSERT is used instead of COPY; {policies}", names(&tables, all));
            section(out, "row level", &text);
        }
        self.triggers(out, all);
        for circle in &self.circles {
            let text = match &circle.made_deferrable {
                Some(name) => {
                    format!("{name} of {} is made DEFERRABLE during the load", circle.table)
                }
                None => {
                    format!("{} of {}: set after all rows are loaded", circle.late.join(", "), circle.table)
                }
            };
            section(out, "circle", &text);
        }
        for unread in &self.unread {
            let what =
                format!("{} of {} uses {}, which is not supported", unread.name, unread.table, unread.why);
            section(out, "check", &format!("{what}: {}", cut(&unread.definition, 120)));
        }
    }

    fn triggers(&self, out: &mut String, all: bool) {
        let (doing, others): (Vec<&Trigger>, Vec<&Trigger>) = self.triggers.iter().partition(|trigger| {
            trigger.changes || trigger.opaque || !trigger.adds_to.is_empty() || !trigger.touches.is_empty()
        });
        let told = if all || doing.len() <= TRIGGERS + 1 { doing.len() } else { TRIGGERS };
        for trigger in &doing[..told] {
            let mut does = Vec::new();
            if trigger.changes {
                does.push("may change rows".to_owned());
            }
            if !trigger.adds_to.is_empty() {
                does.push(format!("may add rows to {}", names(&trigger.adds_to, all)));
            }
            if !trigger.touches.is_empty() {
                does.push(format!("may change or delete rows of {}", names(&trigger.touches, all)));
            }
            if trigger.opaque {
                does.push("may have effects that its source does not show".to_owned());
            }
            let unstable =
                if trigger.unstable { ", different in each run (clock or random values)" } else { "" };
            let does = does.join(" and ");
            section(out, "trigger", &format!("{} of {} {does}{unstable}", trigger.name, trigger.table));
        }
        if told < doing.len() {
            section(out, "trigger", &format!("and {} more like these (--verbose)", doing.len() - told));
        }
        if !others.is_empty() {
            let list: Vec<String> =
                others.iter().map(|trigger| format!("{} of {}", trigger.name, trigger.table)).collect();
            section(out, "trigger", &format!("{}: fire, but apparently write no rows", names(&list, all)));
        }
    }

    fn verdict(&self, out: &mut String, all: bool) {
        if let Some(trial) = &self.trial {
            section(out, "trial", trial);
        }
        for reason in &self.reasons {
            // What else stands against --clean names it.
            let told = match &reason.rights {
                Some(missing) if reason.clean => format!("--clean: {}", rights(missing, all)),
                Some(missing) => rights(missing, all),
                None => reason.why.clone(),
            };
            section(out, "refused", &told);
            if let Some(hint) = &reason.hint {
                section(out, "  hint", hint);
            }
        }
        match &self.command {
            Some(command) => {
                let tables = count(self.tables.len() as u64, "table");
                let rows = count(self.rows, "row");
                let _ = writeln!(out, "ready: {command} would load {rows} into {tables}");
            }
            None => {
                let reasons = count(self.reasons.len() as u64, "reason");
                let _ = writeln!(out, "not ready: {reasons} above");
            }
        }
    }
}
