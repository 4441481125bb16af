//! What is told of tables that might have been taken for something else.

use crate::catalog::Schema;
use crate::infer::recognition::roles::{MAIN, RoleChoice, is_called_so};
use crate::infer::setting;

/// A decision, and how to have it otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What was decided of which table.
    pub text: String,
    /// The line of crm-seed.toml that says otherwise.
    pub setting: String,
    /// Another table would have been about as good.
    pub is_close: bool,
    /// It decides whose all rows are.
    pub is_tenant: bool,
}

/// What was decided where there was a choice: of each table of the domain that has another candidate, and of tenants
/// that are called like the domain's tables.
pub fn decisions(schema: &Schema, choices: &[RoleChoice], tenants: &[usize]) -> Vec<Decision> {
    let name = |at: usize| schema.tables[at].qualified();
    let tenants = tenants.iter().filter_map(|at| {
        let role = MAIN.iter().find(|role| is_called_so(role, &schema.tables[*at]))?;
        Some(Decision {
            text: format!("{} is taken for the tenant to which all rows belong, not for {role}", name(*at)),
            setting: setting::is(schema, &schema.tables[*at], role),
            is_close: false,
            is_tenant: true,
        })
    });
    let roles = choices.iter().filter_map(|choice| {
        let (other, _) = choice.rather_than?;
        let is_close = choice.is_close();
        let how = if is_close { "about as good" } else { "less likely" };
        Some(Decision {
            text: format!("{} is taken for {}; {} would be {how}", name(choice.is), choice.role, name(other)),
            setting: setting::is(schema, &schema.tables[other], choice.role),
            is_close,
            is_tenant: false,
        })
    });
    tenants.chain(roles).collect()
}
