"""Availability to promise: never more than is free, the takes add up, more stock never promises less."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from csdesk.rules.availability import Incoming, Offer, Take, offer
from tests.rules.strategies import DAY, exact

AMOUNTS = exact(3, "0", "500")
RECEIPTS = st.lists(
    st.builds(
        Incoming,
        id=st.integers(1, 10**6),
        due_on=st.integers(0, 40).map(lambda days: DAY + timedelta(days=days)),
        free=exact(3, "-50", "500"),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)


def take(quantity: int, receipt: int | None = None, on: date | None = None) -> Take:
    return Take(Decimal(quantity), receipt, on)


def test_stock_first_then_receipts_by_day() -> None:
    """On hand 50 of which 30 are taken; 24 come on the 10th, 100 on the 20th; 60 are wanted."""
    early, late = date(2026, 3, 10), date(2026, 3, 20)
    receipts = [Incoming(2, late, Decimal(100)), Incoming(1, early, Decimal(24))]
    found = offer(Decimal(60), Decimal(50), Decimal(30), receipts)
    assert found.takes == (take(20), take(24, 1, early), take(16, 2, late))
    assert (found.now, found.short, found.missing, found.complete_on) == (20, True, 0, late)


def test_what_nobody_can_promise_has_no_day() -> None:
    found = offer(Decimal(60), Decimal(50), Decimal(30), [Incoming(1, DAY, Decimal(24))])
    assert (found.missing, found.complete_on) == (16, None)


def test_all_here_is_no_promise_of_a_day() -> None:
    found = offer(Decimal(20), Decimal(50), Decimal(30))
    assert (found.short, found.complete_on, found.takes) == (False, None, (take(20),))


def test_more_reserved_than_there_is_leaves_nothing_and_no_less() -> None:
    assert offer(Decimal(1), Decimal(5), Decimal(9)) == Offer(Decimal(1), (), Decimal(1))


def test_nothing_wanted_takes_nothing() -> None:
    for wanted in ("0", "-3"):
        found = offer(Decimal(wanted), Decimal(5), Decimal(0), [Incoming(1, DAY, Decimal(5))])
        assert (found.takes, found.missing, found.short) == ((), 0, False)


@given(AMOUNTS, AMOUNTS, AMOUNTS, RECEIPTS)
def test_takes_and_what_is_missing_make_up_what_is_wanted(
    wanted: Decimal, on_hand: Decimal, reserved: Decimal, receipts: list[Incoming]
) -> None:
    found = offer(wanted, on_hand, reserved, receipts)
    assert sum(each.quantity for each in found.takes) + found.missing == wanted
    assert all(each.quantity > 0 for each in found.takes)
    assert found.now <= max(Decimal(0), on_hand - reserved)
    free = {each.id: each.free for each in receipts}
    for each in found.takes:
        assert each.receipt_id is None or each.quantity <= free[each.receipt_id]
    days = [each.on for each in found.takes if each.on]
    assert days == sorted(days)
    assert len({each.receipt_id for each in found.takes}) == len(found.takes)
    if found.missing:
        assert found.complete_on is None
        assert found.now == max(Decimal(0), on_hand - reserved)


@given(AMOUNTS, AMOUNTS, AMOUNTS, RECEIPTS, AMOUNTS)
def test_more_stock_or_less_wanted_never_promises_less(
    wanted: Decimal, on_hand: Decimal, reserved: Decimal, receipts: list[Incoming], more: Decimal
) -> None:
    found = offer(wanted, on_hand, reserved, receipts)
    richer = offer(wanted, on_hand + more, reserved, receipts)
    assert richer.now >= found.now
    assert richer.missing <= found.missing
    if found.complete_on and richer.complete_on:
        assert richer.complete_on <= found.complete_on
    bolder = offer(wanted + more, on_hand, reserved, receipts)
    assert bolder.now >= found.now
    assert bolder.missing >= found.missing


@given(AMOUNTS, AMOUNTS, AMOUNTS, RECEIPTS, st.randoms())
def test_the_order_in_which_receipts_are_told_does_not_matter(
    wanted: Decimal, on_hand: Decimal, reserved: Decimal, receipts: list[Incoming], random: st.DataObject
) -> None:
    shuffled = random.sample(receipts, len(receipts))  # type: ignore[attr-defined]
    assert offer(wanted, on_hand, reserved, shuffled) == offer(wanted, on_hand, reserved, receipts)


@given(st.lists(AMOUNTS, max_size=6), AMOUNTS, RECEIPTS)
def test_orders_one_after_the_other_never_get_more_than_there_is(
    wanted: list[Decimal], on_hand: Decimal, receipts: list[Incoming]
) -> None:
    reserved, free = Decimal(0), {each.id: each for each in receipts}
    for each in wanted:
        for part in offer(each, on_hand, reserved, tuple(free.values())).takes:
            if part.receipt_id is None:
                reserved += part.quantity
            else:
                old = free[part.receipt_id]
                free[part.receipt_id] = Incoming(old.id, old.due_on, old.free - part.quantity)
    assert reserved <= on_hand
    assert all(new.free >= min(Decimal(0), old.free) for new, old in zip(free.values(), receipts, strict=True))
