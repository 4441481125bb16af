//! What the columns of a document, of its lines and of an appointment say together.

use rust_decimal::Decimal;

use crate::domain::row_sampler::RowRef;
use crate::domain::{TABLES, columns_of};
use crate::infer::column_type::cents;
use crate::infer::kinds::TableKind;
use crate::infer::lifecycle::{Appointment, LifecycleField, Money, PAID, Timeline};
use crate::infer::model::{ColumnModel, Generator, Relation, Rows, TableModel};
use crate::infer::rows::amounts::Amounts;
use crate::infer::rows::maker::Maker;
use crate::infer::rows::row::{NO_ORDINAL, Row, RowKey};
use crate::random::Slot;
use crate::sqlexpr::value::Value;

/// Percent of tax, where a document has any: most food for resale bears none.
const TAXES: [i64; 5] = [0, 0, 0, 6, 7];
/// Percent that are taken off.
const DISCOUNTS: [i64; 6] = [0, 0, 0, 0, 5, 10];

fn tells(member: &TableModel, money: Money) -> bool {
    member.columns.iter().any(
        |column| matches!(column.generator, Generator::Lifecycle(LifecycleField::Money(its)) if its == money),
    )
}

fn tells_discount(member: &TableModel) -> bool {
    let is_value = |relation: &Relation| matches!(relation, Relation::Share { is_taken_off: true, .. });
    tells(member, Money::Discount) || member.relations.iter().any(is_value)
}

fn tells_tax(member: &TableModel) -> bool {
    let is_rate =
        |column: &ColumnModel| matches!(column.generator, Generator::Lifecycle(LifecycleField::TaxRate));
    tells(member, Money::Tax) || member.columns.iter().any(is_rate)
}

fn percent(of: Decimal, percent: Decimal) -> Decimal {
    cents(of * percent / Decimal::ONE_HUNDRED)
}

impl Maker<'_> {
    /// The part of its row's story that a column tells.
    pub(super) fn part(
        &mut self,
        member: usize,
        column: &ColumnModel,
        part: &LifecycleField,
        row: &Row,
    ) -> Value {
        let made = row.created.unwrap_or(self.program.now);
        let kind = self.model.members[member].kind;
        let slot = self.told_by_status(member, row, made);
        let timeline = Timeline::new(slot, kind, made, self.program.now);
        let appointment = Appointment::new(slot, made, self.program.now);
        let past = |at: i64, was: bool| match (was, column.column_type.not_null) {
            (true, _) => Value::Timestamp(at),
            (false, true) => Value::Timestamp(at.min(self.program.now)),
            (false, false) => Value::Null,
        };
        let value = match part {
            LifecycleField::When(taken) => past(timeline.at(*taken), *taken <= timeline.reached()),
            LifecycleField::Whether(taken) => (*taken <= timeline.reached()).into(),
            LifecycleField::Due(days) => Value::Timestamp(timeline.due(*days)),
            LifecycleField::Latest => Value::Timestamp(timeline.latest()),
            LifecycleField::Status(statuses) if kind.is_appointment() => appointment.status(statuses),
            LifecycleField::Status(statuses) => timeline.status(statuses),
            LifecycleField::Begins => Value::Timestamp(appointment.begins()),
            LifecycleField::Ends => Value::Timestamp(appointment.ends()),
            LifecycleField::Minutes => (appointment.lasts() / 60).into(),
            LifecycleField::Done => past(appointment.ends(), appointment.is_done()),
            LifecycleField::Occurred => Value::Timestamp(appointment.occurred()),
            LifecycleField::Reminder => Value::Timestamp(appointment.reminds()),
            LifecycleField::FollowUp => match appointment.follow_up() {
                Some(at) => Value::Timestamp(at),
                None => past(appointment.ends(), false),
            },
            LifecycleField::IsDone => appointment.is_done().into(),
            LifecycleField::Money(money) => {
                let amounts = self.amounts(member, &row.identity, &row.refs);
                let paid = if timeline.reached() >= PAID { amounts.total } else { Decimal::ZERO };
                Value::Number(of(&amounts, *money, paid))
            }
            LifecycleField::Quantity => {
                Value::Number(self.amounts(member, &row.identity, &row.refs).quantity)
            }
            LifecycleField::Percent => Value::Number(self.amounts(member, &row.identity, &row.refs).percent),
            LifecycleField::TaxRate => {
                let rate = self.amounts(member, &row.identity, &row.refs).rate;
                Value::Number(if column.column_type.is_share() { rate / Decimal::ONE_HUNDRED } else { rate })
            }
        };
        column.column_type.fit_counted(value)
    }

    /// What the story of a row is drawn from: where a scenario gives its status, one in which it has that.
    fn told_by_status(&self, member: usize, row: &Row, made: i64) -> Slot {
        /// Stories that are looked at.
        const STORIES: u64 = 512;
        let planned = &self.model.members[member];
        let (slot, now) = (self.table(member).story.at(row.identity.key), self.program.now);
        let given = row.given.iter().find_map(|at| match &planned.columns[*at].generator {
            Generator::Lifecycle(LifecycleField::Status(statuses)) => Some((statuses, &row.values[*at])),
            _ => None,
        });
        let Some((statuses, status)) = given else { return slot };
        let has_it = |slot: &Slot| match planned.kind.is_appointment() {
            true => Appointment::new(*slot, made, now).status(statuses) == *status,
            false => Timeline::new(*slot, planned.kind, made, now).status(statuses) == *status,
        };
        let others = (0..STORIES).map(|story| slot.child(1_000 + story));
        std::iter::once(slot).chain(others).find(has_it).unwrap_or(slot)
    }

    /// The amounts of a row: those of the latest are kept, as each of its columns asks for them.
    pub(super) fn amounts(&mut self, member: usize, identity: &RowKey, refs: &[Option<RowRef>]) -> Amounts {
        let row = (member, identity.key, identity.row_ref.ordinal);
        if let Some((kept, amounts)) = self.state.latest_amounts
            && kept == row
        {
            return amounts;
        }
        let amounts = match self.model.members[member].kind {
            TableKind::OrderLines => self.line(member, identity, refs),
            _ => self.document(member, identity, refs),
        };
        self.state.latest_amounts = Some((row, amounts));
        amounts
    }

    fn line(&mut self, member: usize, identity: &RowKey, refs: &[Option<RowRef>]) -> Amounts {
        let slot = self.table(member).story.at(identity.key);
        let model = self.model;
        let planned = &model.members[member];
        let is_percent =
            |column: &ColumnModel| matches!(column.generator, Generator::Lifecycle(LifecycleField::Percent));
        let has_discount = planned.columns.iter().any(is_percent) || tells_discount(planned);
        let off = if has_discount { Decimal::from(*slot.child(1).pick(&DISCOUNTS)) } else { Decimal::ZERO };
        let quantity = Decimal::from(slot.child(2).skewed(1, 60));
        let price = self.known_amount(member, refs, "products", "list_price");
        let price = price.unwrap_or_else(|| Decimal::new(slot.child(3).skewed(1200, 9000), 2)).round_dp(2);
        let whole = cents(quantity * price);
        let discount = percent(whole, off);
        let subtotal = whole - discount;
        let rate = if tells_tax(planned) { self.tax_rate(member, identity) } else { Decimal::ZERO };
        let tax = percent(subtotal, rate);
        let total = subtotal + tax;
        Amounts { quantity, price, percent: off, discount, subtotal, tax, rate, total, ..Amounts::default() }
    }

    /// Percent of tax of a document, or of that which a line is of.
    fn tax_rate(&mut self, member: usize, identity: &RowKey) -> Decimal {
        let model = self.model;
        let (member, key) = match (&model.members[member].rows, identity.parent) {
            (Rows::Children { of, .. }, Some(parent)) if self.program.lines[*of] == Some(member) => {
                let key = match parent.ordinal {
                    NO_ORDINAL => parent.number,
                    ordinal => self.identity(*of, ordinal).key,
                };
                (*of, key)
            }
            _ => (member, identity.key),
        };
        Decimal::from(*self.table(member).story.at(key).child(42).pick(&TAXES))
    }

    fn document(&mut self, member: usize, identity: &RowKey, refs: &[Option<RowRef>]) -> Amounts {
        let slot = self.table(member).story.at(identity.key);
        let model = self.model;
        let planned = &model.members[member];
        let lines = self.sum(member, identity);
        let subtotal = lines.map(|lines| lines.subtotal).or_else(|| self.of_order(member, refs));
        let subtotal = subtotal.or_else(|| self.known_amount(member, refs, "opportunities", "amount"));
        let subtotal = subtotal.unwrap_or_else(|| Decimal::new(slot.child(40).skewed(15_000, 900_000), 2));
        let when = |money: Money, amount: Decimal| if tells(planned, money) { amount } else { Decimal::ZERO };
        let off = Decimal::from(*slot.child(41).pick(&DISCOUNTS));
        let off = if tells_discount(planned) { off } else { Decimal::ZERO };
        let discount = percent(subtotal, off);
        let rate = if tells_tax(planned) { self.tax_rate(member, identity) } else { Decimal::ZERO };
        // Where the lines have taxes, that of the document is their sum.
        let taxed =
            lines.filter(|_| self.program.lines[member].is_some_and(|at| tells_tax(&model.members[at])));
        let tax = taxed.map_or_else(|| percent(subtotal - discount, rate), |lines| lines.tax);
        let shipping = when(Money::Shipping, freight(slot.child(43)));
        let total = subtotal - discount + tax + shipping;
        Amounts { percent: off, discount, subtotal, tax, rate, shipping, total, ..Amounts::default() }
    }

    /// The sum of a document's lines.
    fn sum(&mut self, member: usize, identity: &RowKey) -> Option<Amounts> {
        let lines = self.program.lines[member]?;
        if identity.row_ref.ordinal == NO_ORDINAL {
            return None;
        }
        let count = self.state.walks[lines].as_mut()?.count(identity.row_ref.ordinal);
        let mut sum = Amounts::default();
        for child in 0..count {
            let ordinal = self.state.walks[lines].as_mut()?.ordinal(identity.row_ref.ordinal, child);
            let line = self.identity(lines, ordinal);
            let refs = self.refs(lines, &line);
            let amounts = self.line(lines, &line, &refs);
            sum.subtotal += amounts.subtotal;
            sum.tax += amounts.tax;
        }
        (count > 0).then_some(sum)
    }

    /// The total of the order that an invoice is for, or of the invoice or order that a payment is for.
    fn of_order(&mut self, member: usize, refs: &[Option<RowRef>]) -> Option<Decimal> {
        let model = self.model;
        let mut references = model.members[member].references.iter().zip(refs);
        let (reference, row_ref) = references.find(|(reference, row_ref)| {
            let to = &model.members[reference.to];
            let is_paid = model.members[member].kind == TableKind::Payments && to.kind == TableKind::Invoices;
            (to.kind == TableKind::Orders || is_paid)
                && reference.to != member
                && to.is_written()
                && row_ref.is_some()
        })?;
        let row_ref = (*row_ref)?;
        let identity = match row_ref.ordinal {
            NO_ORDINAL => self.referred(reference.to, row_ref)?,
            ordinal => self.identity(reference.to, ordinal),
        };
        self.deep(|maker| {
            let refs = maker.refs(reference.to, &identity);
            maker.document(reference.to, &identity, &refs).total
        })
    }

    /// An amount that the domain has in a row to which this one refers.
    fn known_amount(
        &mut self,
        member: usize,
        refs: &[Option<RowRef>],
        table: &str,
        column: &str,
    ) -> Option<Decimal> {
        let model = self.model;
        for (reference, row_ref) in model.members[member].references.iter().zip(refs) {
            let Some(row_ref) = *row_ref else { continue };
            let domain =
                model.members[reference.to].domain.filter(|domain| TABLES[*domain].info().name == table);
            let Some(domain) = domain else { continue };
            let position = columns_of(domain).iter().position(|its| its.name == column)?;
            let Some(row) = self.referred(reference.to, row_ref) else { continue };
            if let Value::Number(amount) = self.domain_value(reference.to, &row, position)? {
                return Some(amount).filter(|amount| *amount > Decimal::ZERO);
            }
        }
        None
    }
}

fn freight(slot: Slot) -> Decimal {
    match slot.chance(40) {
        true => Decimal::ZERO,
        false => Decimal::new(slot.child(1).between(9, 80) * 500, 2),
    }
}

fn of(amounts: &Amounts, money: Money, paid: Decimal) -> Decimal {
    match money {
        Money::UnitPrice => amounts.price,
        Money::Discount => amounts.discount,
        Money::Subtotal => amounts.subtotal,
        Money::Tax => amounts.tax,
        Money::Shipping => amounts.shipping,
        Money::Total => amounts.total,
        Money::Paid => paid,
        Money::Balance => amounts.total - paid,
    }
}
