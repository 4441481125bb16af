//! Columns of a row that are compared: from before to, least not above most, allocated within stock, a discount below its
//! price, a share that is no amount. Found once for each table, by their names.

mod words;

use crate::infer::kinds::TableKind;
use crate::infer::lifecycle::{LifecycleField, Money};
use crate::infer::model::{ColumnModel, Generator, Relation, TableModel};
use crate::infer::names;
use crate::infer::scalar_type::ScalarType;
use words::{COMPARED, Compared, How, measure, without};

/// A column that may be compared.
struct Candidate {
    at: usize,
    words: Vec<String>,
    scalar: ScalarType,
}

const fn is_number(scalar: ScalarType) -> bool {
    matches!(scalar, ScalarType::Integer | ScalarType::Decimal)
}

const fn is_time(scalar: ScalarType) -> bool {
    matches!(scalar, ScalarType::Date | ScalarType::Timestamp | ScalarType::Time)
}

/// Whether a column's values are made up by its name alone, and may be others as well.
pub fn is_free(column: &ColumnModel) -> bool {
    matches!(column.generator, Generator::Semantics(_)) && column.unique.is_none()
}

/// Whether a row has amounts that add up.
fn has_amounts(member: &TableModel) -> bool {
    let is_sum = |column: &ColumnModel| {
        let sums = [Money::Subtotal, Money::Discount, Money::Total];
        matches!(&column.generator, Generator::Lifecycle(LifecycleField::Money(money)) if sums.contains(money))
    };
    member.columns.iter().any(is_sum)
}

/// Finds them.
pub fn find(member: &mut TableModel) {
    let is_key = |column: &ColumnModel| {
        matches!(column.generator, Generator::Key(_) | Generator::Reference(..) | Generator::Record(_))
    };
    let columns = member.columns.iter().enumerate();
    let candidates: Vec<Candidate> = columns
        .filter(|(_, column)| !column.column_type.is_list && !is_key(column) && !column.is_null())
        .map(|(at, column)| Candidate {
            at,
            words: words::words(&column.column_type.name),
            scalar: column.column_type.scalar,
        })
        .collect();
    let mut relations = Vec::new();
    for compared in COMPARED.iter() {
        match compared.how {
            How::Order => in_order(compared, &candidates, &mut relations),
            How::Within => relations
                .extend(wholes(compared, &candidates).map(|(part, whole)| Relation::Within { part, whole })),
            How::Rest => {
                let found: Vec<(usize, usize)> = wholes(compared, &candidates).collect();
                relations.extend(
                    found
                        .into_iter()
                        .map(|(rest, whole)| rest_of(rest, whole, &relations))
                        .collect::<Vec<_>>(),
                );
            }
        }
    }
    relations.extend(discounts(member, &candidates));
    relations.extend(shares(member, &candidates));
    // Where nothing can be moved there is nothing to do.
    let columns = &member.columns;
    relations.retain(|relation| match relation {
        Relation::Order(ordered) => ordered.iter().any(|at| is_free(&columns[*at])),
        Relation::Within { part: moved, .. }
        | Relation::Rest { rest: moved, .. }
        | Relation::Discount { discount: moved, .. }
        | Relation::Share { value: moved, .. } => is_free(&columns[*moved]),
    });
    member.relations = relations;
}

/// Columns whose names differ in the words of the lesser and the greater alone.
fn in_order(compared: &Compared, candidates: &[Candidate], relations: &mut Vec<Relation>) {
    for lesser in candidates {
        let is_meant = |candidate: &Candidate| {
            (is_time(candidate.scalar) && compared.of_times)
                || (is_number(candidate.scalar) && compared.of_numbers)
        };
        let is_alike = |candidate: &&Candidate| {
            candidate.at != lesser.at
                && (candidate.scalar == lesser.scalar
                    || (is_number(candidate.scalar) && is_number(lesser.scalar))
                    || (is_time(candidate.scalar)
                        && is_time(lesser.scalar)
                        && candidate.scalar != ScalarType::Time
                        && lesser.scalar != ScalarType::Time))
        };
        let Some(stem) = without(&lesser.words, &compared.lesser).filter(|_| is_meant(lesser)) else {
            continue;
        };
        let fits = |candidate: &&Candidate, phrases: &[&str]| {
            is_alike(candidate) && without(&candidate.words, phrases).is_some_and(|rest| rest == stem)
        };
        let Some(greater) = candidates.iter().find(|candidate| fits(candidate, &compared.greater)) else {
            continue;
        };
        let between = candidates.iter().filter(|candidate| {
            let is_bare = !compared.between.is_empty() && candidate.words == stem && is_alike(candidate);
            (is_bare || fits(candidate, &compared.between)) && candidate.at != greater.at
        });
        let columns: Vec<usize> = [lesser.at]
            .into_iter()
            .chain(between.map(|candidate| candidate.at))
            .chain([greater.at])
            .collect();
        let is_known = relations.iter().any(|known| {
            matches!(known, Relation::Order(known) if known.contains(&lesser.at) && known.contains(&greater.at))
        });
        if !is_known {
            relations.push(Relation::Order(columns));
        }
    }
}

/// Parts, each with its whole.
fn wholes<'a>(
    compared: &'a Compared,
    candidates: &'a [Candidate],
) -> impl Iterator<Item = (usize, usize)> + 'a {
    candidates.iter().filter(|part| is_number(part.scalar)).filter_map(move |part| {
        let stem = without(&part.words, &compared.lesser)?;
        let fits = |whole: &&Candidate, phrase: &&str| {
            whole.at != part.at
                && is_number(whole.scalar)
                && without(&whole.words, &compared.lesser).is_none()
                && without(&whole.words, &[*phrase]).is_some_and(|rest| measure(&rest) == measure(&stem))
        };
        let is_bare = |whole: &&Candidate| {
            whole.at != part.at && is_number(whole.scalar) && !stem.is_empty() && whole.words == stem
        };
        let named = |phrase: &&str| candidates.iter().find(|whole| fits(whole, phrase));
        let whole = compared.greater.iter().find_map(named).or_else(|| candidates.iter().find(is_bare))?;
        Some((part.at, whole.at))
    })
}

/// What is left of a whole, without the parts that are known.
fn rest_of(rest: usize, whole: usize, relations: &[Relation]) -> Relation {
    let part = relations.iter().find_map(|relation| match relation {
        Relation::Within { part, whole: its } if *its == whole => Some(*part),
        _ => None,
    });
    part.map_or(Relation::Within { part: rest, whole }, |part| Relation::Rest { rest, whole, part })
}

fn find_of<'a>(candidates: &'a [Candidate], names: &[&str]) -> Option<&'a Candidate> {
    let is_it = |name: &&str| {
        candidates.iter().find(|candidate| is_number(candidate.scalar) && candidate.words.join(" ") == **name)
    };
    names.iter().find_map(is_it)
}

/// What is taken off a price.
fn discounts(member: &TableModel, candidates: &[Candidate]) -> Option<Relation> {
    let discount = find_of(candidates, &["discount amount", "discount value", "discount", "amount off"])?;
    let has_type = candidates.iter().any(|candidate| candidate.words.join(" ") == "discount type");
    let prices =
        ["unit price", "price", "list price", "base price", "regular price", "subtotal", "amount", "total"];
    let price = find_of(candidates, &prices).filter(|_| !has_type)?;
    let percent =
        find_of(candidates, &["discount percent", "discount percentage", "discount pct", "discount rate"]);
    let is_line = member.kind == TableKind::OrderLines || member.domain.is_some();
    let quantity = find_of(candidates, &["quantity", "qty"]).filter(|_| is_line);
    Some(Relation::Discount {
        discount: discount.at,
        price: price.at,
        quantity: quantity.map(|found| found.at),
        percent: percent.map(|found| found.at),
    })
}

/// Values that are percent or amounts, as another column says.
fn shares(member: &TableModel, candidates: &[Candidate]) -> Vec<Relation> {
    let types = candidates.iter().filter(|candidate| candidate.scalar == ScalarType::Text);
    let found = types.filter_map(|of| {
        let (last, stem) = of.words.split_last()?;
        if !matches!(last.as_str(), "type" | "kind" | "unit" | "mode" | "method" | "basis") {
            return None;
        }
        let called = |end: &str| -> Option<&Candidate> {
            let own: Vec<&str> =
                stem.iter().map(String::as_str).chain(Some(end).filter(|end| !end.is_empty())).collect();
            candidates.iter().find(|value| is_number(value.scalar) && !own.is_empty() && value.words == own)
        };
        // Beside a value, the amount is what comes of it.
        let value = ["value", "rate", "", "amount"].into_iter().find_map(called)?;
        let is_taken_off = stem.iter().any(|word| word == "discount") && has_amounts(member);
        Some(Relation::Share { of: of.at, value: value.at, is_taken_off })
    });
    found.collect()
}

/// Whether a type says that its value is in percent.
pub fn is_percent(label: &str) -> bool {
    names::words(label)
        .iter()
        .any(|word| matches!(word.as_str(), "percent" | "percentage" | "pct" | "percents"))
        || label == "%"
}
