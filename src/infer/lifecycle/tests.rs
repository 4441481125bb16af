use proptest::prelude::*;

use super::{Appointment, LifecycleField, Money, PAID, Phase, Timeline, appointment, words};
use crate::calendar::DAY;
use crate::infer::kinds::TableKind;
use crate::infer::scalar_type::ScalarType;
use crate::random::Slot;
use crate::sqlexpr::value::Value;

const NOW: i64 = 20_454 * DAY;

fn time_of(words: &[&str], kind: TableKind) -> Option<LifecycleField> {
    words::of_time(words, kind).map(|(part, _)| part)
}

#[test]
fn times_of_documents_are_steps() {
    use TableKind::{Contracts, Invoices, Orders, Quotes};
    for (words, kind, part) in [
        (&["ordered", "at"][..], Orders, Some(LifecycleField::When(0))),
        (&["order", "date"], Orders, Some(LifecycleField::When(0))),
        (&["date"], Orders, Some(LifecycleField::When(0))),
        (&["ship", "date"], Orders, Some(LifecycleField::When(5))),
        (&["delivered", "on"], Orders, Some(LifecycleField::When(6))),
        (&["paid", "at"], Invoices, Some(LifecycleField::When(PAID))),
        (&["invoice", "date"], Invoices, Some(LifecycleField::When(0))),
        (&["due", "date"], Invoices, Some(LifecycleField::Due(30))),
        (&["requested", "delivery", "date"], Orders, Some(LifecycleField::Due(10))),
        (&["requested", "at"], Orders, Some(LifecycleField::When(0))),
        (&["valid", "until"], Quotes, Some(LifecycleField::Due(30))),
        (&["signed", "at"], Contracts, Some(LifecycleField::When(3))),
        (&["updated", "at"], Orders, Some(LifecycleField::Latest)),
        (&["created", "at"], Orders, None),
        (&["cancelled", "at"], Orders, None),
        (&["start", "date"], Contracts, None),
        (&["birth", "date"], Orders, None),
    ] {
        assert_eq!(time_of(words, kind), part, "{words:?}");
    }
}

#[test]
fn amounts_are_known_by_their_names() {
    let line = |words: &[&str]| words::of_line(words, ScalarType::Decimal).map(|(part, _)| part);
    let document = |words: &[&str]| words::of_document(words).map(|(part, _)| part);
    assert_eq!(line(&["unit", "price"]), Some(LifecycleField::Money(Money::UnitPrice)));
    assert_eq!(line(&["line", "total"]), Some(LifecycleField::Money(Money::Total)));
    assert_eq!(line(&["qty"]), Some(LifecycleField::Quantity));
    assert_eq!(line(&["discount", "pct"]), Some(LifecycleField::Percent));
    assert_eq!(line(&["cost"]), None);
    assert_eq!(document(&["total", "cent"]), Some(LifecycleField::Money(Money::Total)));
    assert_eq!(document(&["amount", "paid"]), Some(LifecycleField::Money(Money::Paid)));
    assert_eq!(document(&["balance", "due"]), Some(LifecycleField::Money(Money::Balance)));
    assert_eq!(document(&["line", "count"]), None);
}

#[test]
fn statuses_stand_somewhere() {
    for (text, standing) in [
        ("draft", Some(Phase::At(0))),
        ("IN_TRANSIT", Some(Phase::At(5))),
        ("Partially Paid", None),
        ("overdue", Some(Phase::Late)),
        ("past_due", Some(Phase::Late)),
        ("Canceled", Some(Phase::Cancelled)),
        ("blue", None),
    ] {
        assert_eq!(words::standing(text), standing, "{text}");
    }
    assert_eq!(appointment::standing("no_show"), Some(Phase::Cancelled));
    assert_eq!(appointment::standing("Completed"), Some(Phase::At(1)));
    assert_eq!(appointment::standing("not_started"), Some(Phase::At(0)));
    assert_eq!(appointment::standing("email"), None);
}

fn statuses() -> Vec<(Value, Phase)> {
    let texts = ["draft", "sent", "shipped", "delivered", "paid", "overdue", "void"];
    texts.iter().filter_map(|text| Some(((*text).into(), words::standing(text)?))).collect()
}

proptest! {
    /// What was taken was taken in its order and never after the present; the status is the last of it.
    #[test]
    fn a_timeline_agrees_with_itself(bits: u64, days in 0_i64..900) {
        let timeline = Timeline::new(Slot::of(bits), TableKind::Orders, NOW - days * DAY, NOW);
        let reached = timeline.reached();
        for step in 0..PAID {
            prop_assert!(timeline.at(step) <= timeline.at(step + 1));
        }
        prop_assert!(timeline.at(reached) <= NOW && timeline.latest() >= timeline.at(0));
        let status = timeline.status(&statuses());
        let text = status.as_text().unwrap_or_default().to_owned();
        prop_assert_eq!(text == "void", timeline.is_dead());
        prop_assert_eq!(text == "paid", reached == PAID && !timeline.is_dead());
        if text == "overdue" {
            prop_assert!(timeline.due(30) < NOW && reached < PAID);
        }
    }

    /// What is done is in the past, what is not is to come.
    #[test]
    fn an_appointment_agrees_with_itself(bits: u64, days in 0_i64..900) {
        let made = NOW - days * DAY;
        let one = Appointment::new(Slot::of(bits), made, NOW);
        prop_assert!(one.begins() >= made && one.begins() < one.ends());
        prop_assert_eq!(one.is_done(), one.begins() <= NOW);
        prop_assert_eq!(one.is_done(), one.done().is_some());
        prop_assert!(one.done().is_none_or(|done| done <= NOW && done >= one.begins()));
        prop_assert!(one.occurred() <= NOW);
    }
}
