//! Line items of an explicit deal: they come to its amount, or its amount to them.

use crate::domain::deals::AMOUNT;
use crate::domain::explicit::Value;
use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::facts::Facts;
use crate::domain::products::PRICE_STEP;
use crate::random::Slot;

/// The highest price that the bundled schema can hold, in cents.
const MOST_PRICE: i64 = 9_999_999_999;
/// The largest quantity.
const MOST_QUANTITY: i64 = i32::MAX as i64;
/// More than any amount can be, and little enough to be added up.
const MOST_TOTAL: i64 = 1 << 53;
/// What one line item of a base deal may come to, in cents.
pub const USUAL_SHARE: i64 = 1_000_000;
/// How many prices or quantities are tried for one that divides what is left, and how many ways to part
/// it: about one of twelve works out.
const DIVISORS: usize = 2_000;
const PARTS: u64 = 2_000;

/// The line items of a deal.
pub fn rows_of(completer: &Completer, deal: usize) -> Vec<usize> {
    completer.referring("opportunity_products", "opportunity_id", completer.drafts[deal].id)
}

/// The product of its first line item.
pub fn first_product(completer: &Completer, deal: usize) -> Option<Facts> {
    completer.referred(*rows_of(completer, deal).first()?, "product_id")
}

/// When the products of its line items were made.
pub fn products_made(completer: &Completer, deal: usize) -> Vec<i64> {
    let rows = rows_of(completer, deal).into_iter();
    rows.filter_map(|row| completer.referred(row, "product_id")?.number("created_at")).collect()
}

/// A price near `list`: down to 92 percent of it.
const fn lowest(list: i64) -> i64 {
    let low = (list * 92 + 99) / 100;
    if low < 1 { 1 } else { low }
}

/// Fills quantities and prices, and then the deal's amount.
pub fn finish(completer: &mut Completer, deal: usize) {
    let rows = rows_of(completer, deal);
    for row in &rows {
        completer.fill(*row, "discount_percent", |_| Value::Cents(0));
    }
    let open: Vec<usize> =
        rows.iter().copied().filter(|row| completer.value(*row, "quantity").is_none()).collect();
    for row in rows.iter().filter(|row| !open.contains(row)) {
        let price = usual_price(completer, *row);
        completer.fill(*row, "unit_price", |_| Value::Cents(price));
    }
    match completer.number(deal, "amount").filter(|amount| *amount > 0) {
        Some(amount) => {
            let settled: i64 = rows.iter().map(|row| total(completer, *row)).sum();
            come_to(completer, deal, &open, amount - settled);
        }
        None => {
            let share = aim(completer, deal) / open.len().max(1) as i64;
            for row in &open {
                any(completer, *row, share);
            }
        }
    }
    let sum: i64 = rows.iter().map(|row| total(completer, *row)).sum();
    completer.fill(deal, "amount", |_| if rows.is_empty() { Value::Null } else { Value::Cents(sum) });
}

/// What a line item comes to, in cents; 0 while it is not known.
fn total(completer: &Completer, row: usize) -> i64 {
    let number = |column| completer.number(row, column);
    let (Some(quantity), Some(price)) = (number("quantity"), number("unit_price")) else { return 0 };
    let rest = 10_000 - number("discount_percent").unwrap_or(0);
    let total = (i128::from(quantity) * i128::from(price) * i128::from(rest) + 5_000) / 10_000;
    i64::try_from(total).unwrap_or(MOST_TOTAL).min(MOST_TOTAL)
}

fn list_price(completer: &Completer, row: usize) -> i64 {
    completer.referred(row, "product_id").and_then(|product| product.number("list_price")).unwrap_or(1).max(1)
}

/// A little below list price.
fn usual_price(completer: &Completer, row: usize) -> i64 {
    let list = list_price(completer, row);
    let agreed = list * completer.slot(row, "unit_price").between(93, 100) / 100;
    (agreed / PRICE_STEP * PRICE_STEP).clamp(lowest(list).min(list), list)
}

/// What a deal of which no amount was given may come to: as much as base deals mostly do, and no more
/// than a tenth of what its customer takes in a year.
fn aim(completer: &Completer, deal: usize) -> i64 {
    let customer = completer.referred(deal, "customer_organization_id");
    let revenue = customer.and_then(|customer| customer.number("annual_revenue")).unwrap_or(i64::MAX);
    let (least, most) = (AMOUNT.0, AMOUNT.1 / 4);
    completer.slot(deal, "amount").skewed(least, most).min(revenue / 10)
}

/// A quantity of a usual price that comes to about `share` cents.
pub fn any(completer: &mut Completer, row: usize, share: i64) {
    let price = usual_price(completer, row);
    let quantity = (share / price.max(1) / 4 * 4).clamp(4, MOST_QUANTITY);
    completer.fill(row, "unit_price", |_| Value::Cents(price));
    completer.fill(row, "quantity", |_| Value::Int(quantity));
    completer.fill(row, "discount_percent", |_| Value::Cents(0));
}

/// Fills `open` so that they come to `rest` cents.
fn come_to(completer: &mut Completer, deal: usize, open: &[usize], rest: i64) {
    let Some((last, others)) = open.split_last() else { return };
    let slot = completer.slot(deal, "amount");
    let fixed: Vec<Option<i64>> = open.iter().map(|row| completer.number(*row, "unit_price")).collect();
    let lists: Vec<(i64, i64)> = open
        .iter()
        .zip(&fixed)
        .map(|(row, fixed)| {
            fixed.map_or_else(|| range(list_price(completer, *row)), |price| (price.max(1), price.max(1)))
        })
        .collect();
    let parts = part(rest, &lists, slot).unwrap_or_else(|| forced(rest, open.len()));
    for (row, (quantity, price)) in others.iter().chain([last]).zip(parts) {
        completer.fill(*row, "quantity", |_| Value::Int(quantity));
        completer.fill(*row, "unit_price", |_| Value::Cents(price));
    }
}

const fn range(list: i64) -> (i64, i64) {
    (lowest(list), list)
}

/// A quantity and a price for each range of prices, which together come to `rest`.
fn part(rest: i64, prices: &[(i64, i64)], slot: Slot) -> Option<Vec<(i64, i64)>> {
    let (last, others) = prices.split_last()?;
    if others.is_empty() {
        return Some(vec![divide(rest, *last)?]);
    }
    (0..PARTS).find_map(|number| {
        let slot = slot.child(number);
        let mut left = rest;
        let mut parts = Vec::new();
        for (position, (low, high)) in others.iter().enumerate() {
            let slot = slot.child(position as u64);
            let price = slot.between(*low, *high);
            let most = left / (high * (prices.len() - position) as i64);
            let quantity = slot.child(0).between(1, most.clamp(1, MOST_QUANTITY));
            left -= quantity * price;
            parts.push((quantity, price));
        }
        parts.push(divide(left, *last)?);
        Some(parts)
    })
}

/// A quantity that divides `rest` into a price of the range.
fn divide(rest: i64, (low, high): (i64, i64)) -> Option<(i64, i64)> {
    if rest < low {
        return None;
    }
    let (fewest, most) = ((rest + high - 1) / high, (rest / low).min(MOST_QUANTITY));
    let divides = |number: &i64| rest % number == 0;
    // Of the two, whichever are fewer.
    if high - low < most - fewest {
        let price = (low..=high).rev().take(DIVISORS).find(divides)?;
        (rest / price <= MOST_QUANTITY).then_some((rest / price, price))
    } else {
        let quantity = (fewest..=most).take(DIVISORS).find(divides)?;
        Some((quantity, rest / quantity))
    }
}

/// Where no price near the list price will do, the sum is right and the prices are not. (One line item
/// alone cannot come to a prime number of cents above the highest price.)
fn forced(rest: i64, count: usize) -> Vec<(i64, i64)> {
    let rest = rest.max(0);
    let mut parts = vec![(1, 0); count.saturating_sub(1)];
    // What is left when the largest part is divided goes to the first of the others.
    let kept = i64::from(count > 1).min(rest);
    let fewest = (rest - kept) / MOST_PRICE + 1;
    let quantity = (fewest..fewest + 1_000_000).find(|n| (rest - kept) % n == 0).unwrap_or(fewest);
    let price = (rest - kept) / quantity;
    if let Some(first) = parts.first_mut() {
        first.1 = rest - quantity * price;
    }
    parts.push((quantity, price));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Keyed;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn two_prices_come_to_any_sum(seed: u64, rest in 300_000_i64..2_000_000_000, a in 300_i64..9_000, b in 300_i64..9_000) {
            let slot = Keyed::new(seed, "t", "c").at(0);
            let prices = [range(a), range(b)];
            let parts = part(rest, &prices, slot).expect("a way to part it");
            prop_assert_eq!(parts.iter().map(|(quantity, price)| quantity * price).sum::<i64>(), rest);
            for ((quantity, price), (low, high)) in parts.iter().zip(prices) {
                prop_assert!(*quantity > 0 && (low..=high).contains(price));
            }
        }

        #[test]
        fn what_is_forced_is_right_in_sum(rest in 0_i64..1_000_000_000_000, count in 1_usize..4) {
            let parts = forced(rest, count);
            prop_assert_eq!(parts.len(), count);
            prop_assert!(parts.iter().all(|(quantity, price)| *quantity > 0 && (0..=MOST_PRICE).contains(price)));
            if count > 1 || rest < MOST_PRICE {
                prop_assert_eq!(parts.iter().map(|(quantity, price)| quantity * price).sum::<i64>(), rest);
            }
        }
    }
}
