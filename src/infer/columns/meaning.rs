//! A column of which nothing is known but its name, its type and its default.

use super::{Decided, Decision};
use crate::catalog::Here;
use crate::error::Result;
use crate::infer::column_type::domain_checks;
use crate::infer::exotic;
use crate::infer::kinds::TableKind;
use crate::infer::model::Generator;
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics;
use crate::sqlexpr;
use crate::sqlexpr::value::Value;

impl Decision<'_> {
    /// What its name means, unless its default says more.
    ///
    /// # Errors
    /// It must have a value, and nobody knows of what.
    pub(super) fn meaning(&self) -> Result<Decided> {
        let column_type = &self.column_type;
        let meaning = if column_type.unit.is_some() { semantics::amount } else { semantics::meaning };
        let meaning = meaning(self.frame.chosen[self.member].kind, &self.meant(), column_type.scalar);
        if meaning.is_unknown()
            && let Some(setting) = self.meant_by_the_user()
        {
            return Err(self.means_nothing(setting));
        }
        if column_type.digits.is_some_and(|digits| digits.unit().is_none()) {
            return match (column_type.not_null, column_type.has_default) {
                (false, _) if !self.is_in_key() => {
                    Ok(Decided::Null("numeric with this precision and scale is not supported".into()))
                }
                (_, true) => Ok(Decided::LeftOut("type not supported; its default applies".into())),
                _ => Ok(Decided::Generated(Generator::Exotic, 0, format!("any {}", column_type.type_name))),
            };
        }
        if matches!(column_type.scalar, ScalarType::Other | ScalarType::Range) {
            return self.exotic();
        }
        if let Some(decided) = self.one_default() {
            return Ok(decided);
        }
        if let Some(decided) = self.default(meaning).or_else(|| self.drawn(meaning)) {
            return Ok(decided);
        }
        let is_in_key = self.is_in_key() || self.is_in_key_with_null();
        if !column_type.not_null && meaning.is_always_null() && !is_in_key && !self.may_have_happened() {
            return Ok(Decided::Null(meaning.about().to_owned()));
        }
        if column_type.not_null && column_type.is_default_changing && self.is_by_function() {
            return Ok(self.left_to_server());
        }
        // What nobody asked says the same for each row, if it says anything.
        if self.column.has_telling_default() && self.column.default_here == Here::Unknown {
            return Ok(Decided::LeftOut("its default applies".into()));
        }
        if let Some(in_turn) = self.each_its_own(meaning) {
            return Ok(in_turn);
        }
        // A note that says nothing is none.
        let kind = self.frame.chosen[self.member].kind;
        let must_speak =
            column_type.scalar == ScalarType::Text && matches!(kind, TableKind::Notes | TableKind::Comments);
        let must_speak = must_speak || (kind.is_document() && meaning.is_number_of_document());
        let null_percent = if column_type.not_null || must_speak { 0 } else { meaning.null_percent() };
        Ok(Decided::Generated(Generator::Semantics(meaning), null_percent, meaning.about().to_owned()))
    }

    /// Whether what the name of a unique text means is what its CHECK constraints ask for: an address fits the pattern of
    /// addresses.
    pub(super) fn is_natural(&self) -> bool {
        let column = Some(self.column.name.clone());
        let is_unique = self.table().uniques.iter().any(|unique| unique.columns == [column.clone()]);
        let kind = self.frame.chosen[self.member].kind;
        let meaning = semantics::meaning(kind, &self.meant(), self.column_type.scalar);
        is_unique
            && !self.column_type.is_list
            && meaning.is_individual()
            && self.column_type.fits_patterns(meaning)
    }

    /// A column of a type that few tables have.
    fn exotic(&self) -> Result<Decided> {
        let column_type = &self.column_type;
        let known = || Decided::Generated(Generator::Exotic, 0, format!("any {}", column_type.base));
        let is_known = exotic::is_known(column_type);
        match (column_type.has_default, column_type.is_default_changing) {
            (true, false) => Ok(Decided::LeftOut("type not supported; its default applies".into())),
            _ if !column_type.not_null && !self.is_in_key() => Ok(Decided::Null("type not supported".into())),
            _ if is_known => Ok(known()),
            (true, true) => Ok(self.left_to_server()),
            _ => Err(self.unsupported()),
        }
    }

    /// Whether the column's own CHECK constraints like a value.
    pub(super) fn passes(&self, value: &Value) -> bool {
        let holds = |expression: &sqlexpr::Expression, name: &str| {
            expression.columns() != [name.to_owned()]
                || expression.verdict(&|_| value.clone(), self.now) != sqlexpr::Verdict::Fails
        };
        self.checks.iter().all(|check| holds(&check.expression, &self.column.name))
            && domain_checks(self.column).iter().all(|expression| holds(expression, "VALUE"))
    }
}
