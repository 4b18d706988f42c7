"""Promises to pay: what counts as kept and when, several items, tolerance, and what a broken one sets off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.promises import (
    Evaluation,
    Payment,
    Promise,
    evaluate,
    level_after,
    ranked,
    suppresses_dunning,
    value_at_risk,
)

SATURDAY = date(2026, 3, 14)
GIVEN = date(2026, 3, 2)
PROMISE = Promise(GIVEN, SATURDAY, 10000)


def after(days: int) -> date:
    return SATURDAY + timedelta(days=days)


def status(payments: list[Payment], as_of: date, promise: Promise = PROMISE, **more: Any) -> tuple[str, int, int]:
    found = evaluate(promise, payments, as_of, **more)
    return found.status, found.paid, found.short


def test_promised_for_saturday_and_received_on_monday() -> None:
    """SAP, tolerance days: promised by Saturday, received on Monday is kept with at least two tolerance days."""
    paid = [Payment(after(2), 10000)]
    assert status(paid, after(2), tolerance_days=2) == ("kept", 10000, 0)
    assert status(paid, after(2), tolerance_days=1) == ("broken", 0, 10000)
    assert status(paid, after(1), tolerance_days=2) == ("open", 0, 10000)


def test_a_payment_that_bounces_after_the_day_was_none() -> None:
    paid, bounced = Payment(after(-1), 10000), Payment(after(3), -10000)
    assert status([paid, bounced], after(2)) == ("kept", 10000, 0), "it had not bounced yet"
    assert status([bounced, paid], after(3)) == ("broken", 0, 10000)
    assert status([paid, bounced, Payment(after(9), 10000)], after(9)) == ("broken", 0, 10000), "paid again, late"
    late = [Payment(after(2), 4000), Payment(after(5), -4000)]
    assert status([paid, *late], after(9)) == ("kept", 10000, 0), "what bounced was the money that came late"


@pytest.mark.parametrize(("as_of", "found"), [(-12, "open"), (0, "open"), (1, "broken"), (400, "broken")])
def test_nothing_paid(as_of: int, found: str) -> None:
    """Open on the promised day itself, broken from the day after it."""
    assert status([], after(as_of))[0] == found


def test_partly_kept_and_kept_as_soon_as_it_is_paid() -> None:
    half = [Payment(after(-3), 5000)]
    assert status(half, after(0)) == ("open", 5000, 5000)
    assert status(half, after(1)) == ("partly", 5000, 5000)
    assert status([*half, Payment(after(-1), 6000)], after(-1)) == ("kept", 10000, 0)


def test_payments_count_from_the_day_of_the_promise_to_its_day_and_to_the_key_date() -> None:
    days = (GIVEN - timedelta(days=1), GIVEN, SATURDAY, after(1))
    paid = [Payment(on, 10**place) for place, on in enumerate(days)]
    assert status(paid, after(1)) == ("partly", 110, 9890)
    assert status(paid, GIVEN) == ("open", 10, 9990)


def test_the_tolerance_amount_is_inclusive() -> None:
    paid = [Payment(SATURDAY, 9950)]
    assert status(paid, after(1), tolerance_amount=50) == ("kept", 9950, 50)
    assert status(paid, after(1), tolerance_amount=49) == ("partly", 9950, 50)


def test_several_items_each_count_up_to_what_was_promised_for_them() -> None:
    promise = replace(PROMISE, items=(("1", 6000), ("2", 4000)))
    paid = [Payment(SATURDAY, 9000, "1"), Payment(SATURDAY, 500, "2"), Payment(SATURDAY, 7000, "3")]
    assert status(paid, after(1), promise) == ("partly", 6500, 3500)
    assert status([*paid, Payment(SATURDAY, 3500, "2")], after(1), promise) == ("kept", 10000, 0)


def test_a_payment_taken_back_and_a_promise_withdrawn() -> None:
    paid = [Payment(after(-2), 10000), Payment(after(-1), -10000)]
    assert status(paid, after(-2))[0] == "kept"
    assert status(paid, after(1)) == ("broken", 0, 10000)
    assert status([], after(1), replace(PROMISE, withdrawn=True))[0] == "withdrawn"


@pytest.mark.parametrize(
    "wrong",
    [
        {"pay_on": GIVEN - timedelta(days=1)}, {"amount": 0}, {"amount": 10.0}, {"items": (("1", 9999),)},
        {"items": (("1", 5000), ("1", 5000))}, {"items": (("1", -1), ("2", 10001))},
    ],
)  # fmt: skip
def test_promises_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        replace(PROMISE, **wrong)


def test_floats_and_unknown_words_are_refused() -> None:
    with pytest.raises(Invalid):
        evaluate(PROMISE, [Payment(GIVEN, 1.0)], SATURDAY)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        evaluate(PROMISE, [], SATURDAY, tolerance_days=-1)
    with pytest.raises(Invalid):
        level_after(1, "maybe", 3)
    with pytest.raises(Invalid):
        value_at_risk(Evaluation("open", 0, 1), 0.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("level", "found", "raised"),
    [
        (0, "broken", 1), (2, "broken", 3), (3, "broken", 3), (5, "broken", 5), (1, "partly", 1), (1, "kept", 1),
        (1, "open", 1),
    ],
)  # fmt: skip
def test_a_broken_promise_raises_the_level_up_to_the_maximum(level: int, found: str, raised: int) -> None:
    assert level_after(level, found, 3) == raised
    if found == "partly":
        assert level_after(level, found, 3, partly_raises=True) == level + 1


def test_dunning_waits_until_the_promised_day() -> None:
    assert not suppresses_dunning(PROMISE, "open", GIVEN - timedelta(days=1))
    assert suppresses_dunning(PROMISE, "open", GIVEN)
    assert suppresses_dunning(PROMISE, "open", SATURDAY)
    assert not suppresses_dunning(PROMISE, "open", after(1))
    assert suppresses_dunning(PROMISE, "open", after(2), tolerance_days=2)
    for found in ("kept", "partly", "broken", "withdrawn"):
        assert not suppresses_dunning(PROMISE, found, SATURDAY)


def test_value_at_risk_ranks_the_work_list() -> None:
    open_, broken, kept = Evaluation("open", 0, 8000), Evaluation("broken", 0, 3000), Evaluation("kept", 9990, 10)
    assert value_at_risk(open_) == 8000
    assert value_at_risk(open_, Decimal(75)) == 2000
    assert value_at_risk(broken, Decimal(75)) == 3000
    assert value_at_risk(kept) == value_at_risk(Evaluation("withdrawn", 0, 9)) == 0
    rows = [
        (replace(PROMISE, id="a"), open_, Decimal(75)),
        (replace(PROMISE, id="c"), broken, None),
        (replace(PROMISE, id="b"), broken, None),
        (replace(PROMISE, id="d", pay_on=after(-1)), broken, None),
        (replace(PROMISE, id="e"), kept, None),
    ]
    assert [each.id for each in ranked(rows)] == ["d", "b", "c", "a", "e"]


PAYMENTS = st.lists(
    st.builds(
        Payment, st.dates(date(2026, 2, 20), date(2026, 4, 1)), st.integers(0, 8000), st.sampled_from(("1", "2", ""))
    ),
    max_size=6,
)
PROMISES = st.sampled_from((PROMISE, replace(PROMISE, items=(("1", 2500), ("2", 7500)))))


@given(PROMISES, PAYMENTS, st.integers(-30, 60), st.integers(0, 10), st.integers(0, 500))
def test_paid_and_short_make_up_the_promise_and_a_verdict_stands(
    promise: Promise, payments: list[Payment], days: int, grace: int, tolerance: int
) -> None:
    switches = {"tolerance_days": grace, "tolerance_amount": tolerance}
    found = evaluate(promise, payments, after(days), **switches)
    assert found.paid + found.short == promise.amount
    assert found.paid >= 0
    assert found.short >= 0
    assert (found.status == "kept") == (found.short <= tolerance)
    assert found.status == "kept" or (found.status == "open") == (days <= grace)
    if found.status != "open":
        assert evaluate(promise, payments, after(days + 30), **switches).status == found.status


@given(PROMISES, PAYMENTS, PAYMENTS, st.integers(-30, 60))
def test_more_money_never_makes_it_worse(
    promise: Promise, payments: list[Payment], more: list[Payment], days: int
) -> None:
    order = ("broken", "partly", "open", "kept")
    one, two = (evaluate(promise, each, after(days)) for each in (payments, payments + more))
    assert order.index(two.status) >= order.index(one.status)
    assert value_at_risk(two) <= value_at_risk(one)
