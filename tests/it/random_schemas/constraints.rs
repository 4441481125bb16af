//! What the tables of a schema have and are held to beyond the domain.

use super::dice::Dice;
use super::generate::Maker;
use super::naming::Style;
use super::schema::{Class, Column, Table, class};
use super::templates::{Added, Group, added, groups, never};

/// Types of which no two rows need to have the same.
const TELLING: [&str; 6] = ["text", "integer", "bigint", "uuid", "varchar(40)", "varchar(12)"];

/// CHECKs between the domain's columns: the table, what stands in it, how often of a hundred.
const BETWEEN: [(&str, &str, u64); 9] = [
    ("*", "$updated_at >= $created_at", 12),
    ("*", "$deleted_at IS NULL OR $deleted_at >= $created_at", 8),
    ("opportunities", "$actual_close_date IS NULL OR $actual_close_date >= $created_at::date", 8),
    ("opportunities", "$customer_organization_id <> $principal_organization_id", 10),
    ("products", "$list_price >= $cost_per_unit", 12),
    ("tasks", "num_nonnulls($opportunity_id, $contact_id) >= 1", 12),
    ("notes", "num_nonnulls($opportunity_id, $contact_id) = 1", 25),
    ("product_pricing_tiers", "$max_quantity IS NULL OR $max_quantity >= $min_quantity", 60),
    ("distributor_authorizations", "$principal_id <> $distributor_id", 50),
];

/// Adds columns, groups of columns, unique keys and CHECKs between the domain's columns.
pub fn add(maker: &mut Maker) {
    let (added, groups, style) = (added(), groups(), maker.style);
    for at in 0..maker.schema.tables.len() {
        let mut dice = maker.dice(&format!("added {}", maker.schema.tables[at].ours));
        let table = &mut maker.schema.tables[at];
        for _ in 0..dice.below(4) {
            let wanted = &added[dice.below(added.len())];
            one(&mut dice, table, wanted, style);
        }
        if dice.chance(22) {
            let group = &groups[dice.below(groups.len())];
            several(&mut dice, table, group, style);
        }
        between(&mut dice, table);
        generated(&mut dice, table, style);
        unique(&mut dice, table, &mut maker.schema.after);
    }
    let mut dice = maker.dice("never");
    if dice.chance(4) {
        let at = dice.below(maker.schema.tables.len());
        let never = never();
        let group = dice.pick(&never);
        several(&mut dice, &mut maker.schema.tables[at], group, style);
    }
}

fn one(dice: &mut Dice, table: &mut Table, wanted: &Added, style: Style) {
    let name: &str = dice.pick::<&str>(&wanted.names);
    let mut column = Column::new("", &style.column(name), wanted.kind);
    if table.has(&column.name) {
        return;
    }
    column.not_null = !wanted.is_exotic && dice.chance(50);
    if let Some(default) = dice.pick_some(&wanted.defaults, 35) {
        column.rest = format!("DEFAULT {default}");
    }
    if let Some(check) = dice.pick_some(&wanted.checks, 65) {
        column.checks.push((*check).to_owned());
    }
    if TELLING.contains(&wanted.kind) && column.checks.is_empty() && column.rest.is_empty() && dice.chance(20)
    {
        let nulls = if dice.chance(15) && column.not_null { "NULLS NOT DISTINCT " } else { "" };
        table.constraints.push(format!("UNIQUE {nulls}({})", column.quoted()));
    }
    table.columns.push(column);
}

fn several(dice: &mut Dice, table: &mut Table, group: &Group, style: Style) {
    if group.columns.iter().any(|(name, _, _)| table.has(&style.column(name))) {
        return;
    }
    let mut checks: Vec<String> = group.checks.iter().map(|check| (*check).to_owned()).collect();
    for (number, (name, kind, not_null)) in group.columns.iter().enumerate() {
        let mut column = Column::new("", &style.column(name), kind);
        column.not_null = *not_null;
        for check in &mut checks {
            *check = check.replace(&format!("${}", number + 1), &column.quoted());
        }
        table.columns.push(column);
    }
    let name = if dice.chance(40) { format!("CONSTRAINT {}_agrees ", table.ours) } else { String::new() };
    let all: Vec<String> = checks.iter().map(|check| format!("({check})")).collect();
    table.constraints.push(format!("{name}CHECK ({})", all.join(" AND ")));
}

fn between(dice: &mut Dice, table: &mut Table) {
    for (of, check, percent) in BETWEEN {
        let is_asked = dice.chance(percent);
        if (of != "*" && of != table.ours) || !is_asked {
            continue;
        }
        let Some((filled, columns)) = fill(table, check) else { continue };
        let classes: Vec<Class> = columns.iter().map(|column| class(&column.kind)).collect();
        let is_null_check = check.starts_with("num") || check.contains("_id <>");
        let is_same = columns.iter().all(|column| column.kind == columns[0].kind);
        let is_of_time = classes.iter().all(|class| *class == Class::Time);
        let is_of_numbers = classes.iter().all(|class| *class == Class::Number);
        if (check.starts_with("num") || (is_null_check && is_same) || is_of_time || is_of_numbers)
            && (!check.starts_with("num") || columns.iter().all(|column| !column.not_null))
        {
            table.constraints.push(format!("CHECK ({filled})"));
        }
    }
}

/// The text with the columns that `$name` means, all of which the table must have.
fn fill<'a>(table: &'a Table, text: &str) -> Option<(String, Vec<&'a Column>)> {
    let mut filled = String::new();
    let mut columns = Vec::new();
    let mut parts = text.split('$');
    filled.push_str(parts.next()?);
    for part in parts {
        let end =
            part.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_').unwrap_or(part.len());
        let column = table.column(&part[..end])?;
        filled.push_str(&column.quoted());
        filled.push_str(&part[end..]);
        columns.push(column);
    }
    Some((filled, columns))
}

fn generated(dice: &mut Dice, table: &mut Table, style: Style) {
    let text = table.columns.iter().find(|column| column.is_text() && !column.ours.is_empty());
    let expression = match (table.ours, table.column("quantity"), table.column("unit_price")) {
        ("opportunity_products", Some(a), Some(b)) if class(&b.kind) == Class::Number => {
            Some(("line_total", "numeric", format!("({} * {})::numeric", a.quoted(), b.quoted())))
        }
        _ => text.map(|text| ("search_key", "text", format!("lower({})", text.quoted()))),
    };
    let Some((name, kind, expression)) = expression.filter(|_| dice.chance(10)) else { return };
    let mut column = Column::new("", &style.column(name), kind);
    column.rest = format!("GENERATED ALWAYS AS ({expression}) STORED");
    table.columns.push(column);
}

fn unique(dice: &mut Dice, table: &mut Table, after: &mut Vec<String>) {
    for line in include_str!("uniques.txt").lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.split(" |").map(str::trim).collect();
        let is_asked = dice.chance(parts[1].parse().expect("a number"));
        if parts[0] != table.ours || !is_asked {
            continue;
        }
        let (Some((keys, columns)), Some((holds, conditions))) =
            (fill(table, parts[2]), fill(table, parts[3]))
        else {
            continue;
        };
        let needs_text = parts[2].contains("lower") || parts[2].contains("upper");
        let fits = columns.iter().all(|c| if needs_text { c.is_text() } else { c.kind != "json" });
        let is_bare = !parts[3].is_empty() && !parts[3].contains("NULL");
        if !fits || (is_bare && conditions.iter().any(|column| column.kind != "boolean")) {
            continue;
        }
        if holds.is_empty() && !needs_text && dice.chance(70) {
            table.constraints.push(format!("UNIQUE ({keys})"));
        } else {
            let condition = if holds.is_empty() { String::new() } else { format!(" WHERE {holds}") };
            after.push(format!("CREATE UNIQUE INDEX ON {} ({keys}){condition}", table.quoted()));
        }
    }
}
