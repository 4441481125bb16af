//! Amounts, and the lines that they are the sums of.

use rust_decimal::Decimal;

use crate::infer::kinds::TableKind;
use crate::infer::model::{Rows, TableModel};

/// The amounts of a line or a document.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Amounts {
    pub(super) quantity: Decimal,
    pub(super) price: Decimal,
    pub(super) percent: Decimal,
    pub(super) discount: Decimal,
    pub(super) subtotal: Decimal,
    pub(super) tax: Decimal,
    /// Percent of tax.
    pub(super) rate: Decimal,
    pub(super) shipping: Decimal,
    pub(super) total: Decimal,
}

/// The lines of each table of documents: the first table of lines that is made for its rows.
pub(super) fn lines(members: &[TableModel]) -> Vec<Option<usize>> {
    let is_line_of = |line: &TableModel, document: usize| {
        line.kind == TableKind::OrderLines
            && line.domain.is_none()
            && matches!(line.rows, Rows::Children { of, .. } if of == document)
    };
    (0..members.len()).map(|document| members.iter().position(|line| is_line_of(line, document))).collect()
}
