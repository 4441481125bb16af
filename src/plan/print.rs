//! The plan in print: for `--dry-run`.

use crate::error::{Error, Result};
use crate::plan::{Plan, TablePlan};
use crate::suggestion::suggestion;
use crate::terminal::name;

impl Plan {
    /// Keeps only the table called `name`.
    ///
    /// # Errors
    /// There is none; the hint tells the nearest, or which there are.
    pub fn keep_only(&mut self, name: &str) -> Result<()> {
        let names: Vec<&str> = self.tables.iter().map(TablePlan::name).collect();
        if !names.contains(&name) {
            return Err(Error::usage(format!("unknown table {name}")).with_hint(suggestion(name, &names)));
        }
        self.tables.retain(|table| table.name() == name);
        Ok(())
    }

    /// The plan as text: a paragraph per table, a line per column.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (i, table) in self.tables.iter().enumerate() {
            let spelled_out = match table.explicit {
                0 => String::new(),
                explicit => format!(", {explicit} of them explicit"),
            };
            let is_other = table.name() != table.header.table || !table.is_domain();
            let why = if is_other { format!(" ({})", self.why(table)) } else { String::new() };
            out.push_str(&format!(
                "{}. {}  {} rows{spelled_out}{why}\n",
                i + 1,
                name(&table.header.table),
                table.all_rows()
            ));
            let width = table.columns.iter().map(|c| c.name.len()).max().unwrap_or(0);
            let types = table.columns.iter().map(|c| c.type_name.len()).max().unwrap_or(0);
            for column in &table.columns {
                out.push_str(&format!(
                    "   {:width$}  {:types$}  {}\n",
                    name(&column.name),
                    column.type_name,
                    column.source.about()
                ));
            }
            for left in &table.left_out {
                out.push_str(&format!("   {:width$}  left out: {}\n", name(&left.column), left.why));
            }
        }
        for skipped in &self.skipped {
            out.push_str(&format!("-  {}  skipped: {}\n", name(&skipped.table), skipped.why));
        }
        for trouble in &self.troubles {
            out.push_str(&format!("refused: {trouble:#}\n"));
            out.extend(trouble.hint().map(|hint| format!("  hint: {hint}\n")));
        }
        for note in self.notes() {
            out.push_str(&format!("note: {note}\n"));
        }
        if self.tables.iter().any(|table| !table.is_plain()) {
            out.push_str(
                "to change this plan, use --exclude, --include and --only, or create a crm-seed.toml with \
                 `crm-seed init`\n",
            );
        }
        out.push_str(&format!("{} rows in {} tables; nothing was changed\n", self.rows(), self.tables.len()));
        out
    }

    /// Why a table is filled.
    fn why(&self, table: &TablePlan) -> String {
        if table.is_domain() { format!("recognised as {}", table.name()) } else { table.why.clone() }
    }

    /// The plan as `--dry-run --json` prints it; see `docs/json.md`.
    pub fn json(&self) -> serde_json::Value {
        use serde_json::{Value, json};
        let tables: Vec<Value> = self
            .tables
            .iter()
            .map(|table| {
                let columns = table.columns.iter().map(|column| {
                    json!({
                        "name": column.name,
                        "type": column.type_name,
                        "source": column.source.kind(),
                        "about": column.source.about(),
                    })
                });
                let left_out = table.left_out.iter().map(|l| json!({ "name": l.column, "why": l.why }));
                json!({
                    "name": table.name(),
                    "target": table.header.table,
                    "rows": table.all_rows(),
                    "explicit": table.explicit,
                    "columns": columns.collect::<Vec<_>>(),
                    "left_out": left_out.collect::<Vec<_>>(),
                    "domain": table.is_domain(),
                    "why": self.why(table),
                })
            })
            .collect();
        let skipped: Vec<Value> =
            self.skipped.iter().map(|s| json!({ "name": s.table, "why": s.why })).collect();
        json!({
            "dry_run": true,
            "rows": self.rows(),
            "tables": tables,
            "skipped": skipped,
            "notes": self.notes().collect::<Vec<_>>(),
            "troubles": self
                .troubles
                .iter()
                .map(|trouble| json!({ "why": format!("{trouble:#}"), "hint": trouble.hint() }))
                .collect::<Vec<_>>(),
        })
    }
}
