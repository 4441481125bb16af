//! What frameworks write of a table where a row refers to a row of any: the name of its class, or an entry in a list of
//! the models that there are.

use crate::catalog::{Column, Schema};
use crate::infer::names;

/// Whose classes are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    /// `Contact`.
    Classes,
    /// `App\Models\Contact`.
    Namespaces,
    /// `res.partner`: the table, with dots.
    Dotted,
    /// The word for a row: `contact`.
    None,
}

impl Framework {
    /// The one that a target shows.
    pub fn of(schema: &Schema) -> Self {
        let has = |table: &str, columns: &[&str]| {
            schema.tables.iter().any(|its| {
                its.name == table
                    && columns.iter().all(|name| its.columns.iter().any(|column| column.name == *name))
            })
        };
        if has("res_partner", &["id"]) && has("res_users", &["id"]) {
            return Self::Dotted;
        }
        // Devise, of Rails, has users with a `remember_token`, too.
        if has("ar_internal_metadata", &["key"]) || has("users", &["encrypted_password", "sign_in_count"]) {
            return Self::Classes;
        }
        if has("migrations", &["migration", "batch"])
            || has("users", &["remember_token"])
            || has("failed_jobs", &["connection", "queue"])
            || has("personal_access_tokens", &["tokenable_type"])
        {
            return Self::Namespaces;
        }
        let mut columns = schema.tables.iter().flat_map(|table| &table.columns);
        if columns.any(|column| column.name.ends_with("able_type")) { Self::Classes } else { Self::None }
    }
}

/// What a type column says of a table: the name of its class where frameworks write that, else the word for one
/// of its rows, or where that is asked for, its name. `short` is the name without a prefix that others share.
pub fn spelled(framework: Framework, of_type: &Column, table: &str, short: &str) -> String {
    let words = names::words(&of_type.name);
    if words.iter().any(|word| word == "table") {
        return table.to_owned();
    }
    let is_class = words.last().is_some_and(|word| word == "class");
    let singular: Vec<String> = names::words(short).iter().map(|word| names::singular(word)).collect();
    let class = || singular.iter().map(|word| names::capitalized(word)).collect::<String>();
    match framework {
        Framework::Namespaces => format!("App\\Models\\{}", class()),
        Framework::Classes => class(),
        Framework::Dotted => table.replace('_', "."),
        Framework::None if is_class => class(),
        Framework::None => singular.join("_"),
    }
}

/// The letters of a name whose words are put in the singular; of a class those behind its namespace.
pub fn letters(name: &str) -> String {
    let class = name.rsplit(['\\', '.', ':']).next().unwrap_or(name);
    names::words(class).iter().map(|word| names::singular(word)).collect()
}

/// Whether a row of a list of models names a table: by its model alone, or with its app before it.
pub fn names_table(row: &[Option<String>], table: &str) -> bool {
    let wanted = letters(table);
    let texts: Vec<String> = row.iter().flatten().map(|text| letters(text)).collect();
    let is_pair = |app: &String| texts.iter().any(|model| format!("{app}{model}") == wanted);
    texts.contains(&wanted) || texts.iter().any(is_pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_found_by_their_letters() {
        let row =
            |app: &str, model: &str| vec![Some("7".to_owned()), Some(app.to_owned()), Some(model.to_owned())];
        assert!(names_table(&row("crm", "contact"), "crm_contact"));
        assert!(names_table(&row("sales", "purchaseorder"), "purchase_orders"));
        assert!(names_table(&row("accounts", "account"), "accounts"));
        assert!(!names_table(&row("crm", "contact"), "crm_account"));
        assert!(!names_table(&row("sessions", "session"), "contacts"));
        assert_eq!(letters("App\\Models\\Contact"), letters("contacts"));
    }
}
