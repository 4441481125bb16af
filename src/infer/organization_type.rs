//! Which organizations a reference is to.

use crate::domain::dataset::OrganizationType;
use crate::infer::names;

/// What kind of organization a column's name asks for.
pub fn organization_type_hint(column: &str) -> OrganizationType {
    for word in names::words(column) {
        match word.as_str() {
            "principal" | "manufacturer" | "supplier" | "vendor" | "brand" | "producer" => {
                return OrganizationType::Principal;
            }
            "distributor" | "wholesaler" => return OrganizationType::Distributor,
            _ => {}
        }
    }
    OrganizationType::Customer
}
