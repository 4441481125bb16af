//! What names of products' columns say that hangs on the product.

use super::context::RuleContext;
use crate::domain::vocabulary::Vocabulary;
use crate::infer::names;

/// The three letters of the category of the row's product, as the row or the domain has it; else any.
pub(super) fn category_code(draw: &RuleContext<'_>) -> &'static str {
    let categories = &Vocabulary::get().categories;
    let known = draw.known(&["category", "product_category"]);
    let found = known.and_then(|known| {
        let letters = names::words(&known).join(" ");
        let is_it = |name: &str| names::words(name).join(" ") == letters;
        categories.iter().find(|category| is_it(category.name) || is_it(category.label))
    });
    found.unwrap_or_else(|| draw.slot.pick(categories)).code
}
