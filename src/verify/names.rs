//! What a rule needs of a target, and its query there.

use crate::infer::domain_views::{DomainView, DomainViews, NamedRows};
use crate::infer::reading::Reading;
use crate::verify::Rule;

/// The first table or column that the rule needs, and why the target does not have it.
pub fn missing(views: &DomainViews<'_>, rule: &Rule) -> Option<String> {
    rule.needed().find_map(|need| {
        let missing = || Some(format!("no {} in this database", need.name()));
        let Some(view) = views.table(need.table) else { return missing() };
        if need.column.is_empty() {
            return None;
        }
        let Some((own, reading)) = view.column(need.column) else { return missing() };
        match reading {
            Reading::Whole(_) => None,
            Reading::Short(..) if need.may_be_short => None,
            Reading::Short(_, why) | Reading::Not(why) => Some(format!("{}.{own} {why}", view.target.name)),
        }
    })
}

/// A query of the rule, with the names that it needs.
pub fn query(views: &DomainViews<'_>, rule: &Rule, sql: &str) -> String {
    query_without(views, rule, sql, &NamedRows::new())
}

/// The same, as if these rows were not there.
pub fn query_without(views: &DomainViews<'_>, rule: &Rule, sql: &str, rows: &NamedRows) -> String {
    let is_needed = |view: &&DomainView<'_>| rule.needed().any(|need| need.table == view.name);
    let needed: Vec<String> = views.tables().filter(is_needed).map(|view| view.sql_without(rows)).collect();
    format!("WITH {} SELECT * FROM ({sql}) AS of_rule(what)", needed.join(", "))
}
