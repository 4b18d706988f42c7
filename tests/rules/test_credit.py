"""Credit: exposure adds up, and only a document that passes the limit is stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.credit import (
    AccountItem,
    Exposure,
    OrderValue,
    Release,
    credit_check,
    exposure_of,
    headroom,
    highest_dunning_level,
    oldest_overdue_days,
    order_parts,
    over_limit,
    why_recheck,
)

PARTS = st.integers(0, 10**12)
EXPOSURES = st.builds(Exposure, PARTS, PARTS, PARTS, PARTS, PARTS)
LIMITS = st.none() | st.integers(0, 10**12)


def test_the_parts_of_an_exposure() -> None:
    found = Exposure(orders=500, delivered=200, billed=100, open_debit=900, open_credit=300)
    assert (found.total, found.balance) == (1400, 600)
    assert headroom(2000, found) == 600
    assert headroom(1000, found) == -400
    assert headroom(None, found) is None


@pytest.mark.parametrize(
    ("limit", "used", "document", "blocked"),
    [
        (1000, 900, 100, False),  # exactly at the limit is within it
        (1000, 900, 101, True),
        (1000, 1500, 0, False),  # takes nothing
        (1000, 1500, -5, False),  # gives something back
        (1000, 1500, 1, True),
        (0, 0, 1, True),  # no credit at all
        (0, 0, 0, False),
        (None, 10**12, 10**12, False),  # unlimited
    ],
)
def test_blocked_only_when_the_exposure_after_it_is_over_the_limit(
    limit: int | None, used: int, document: int, blocked: bool
) -> None:
    assert over_limit(limit, Exposure(open_debit=used), document) is blocked


def test_money_paid_in_advance_buys_without_credit() -> None:
    assert not over_limit(0, Exposure(open_credit=500), 500)
    assert over_limit(0, Exposure(open_credit=500), 501)


@given(LIMITS, EXPOSURES, st.integers(-(10**9), 10**12))
def test_the_verdict_is_the_headroom(limit: int | None, exposure: Exposure, document: int) -> None:
    left = headroom(limit, exposure)
    assert over_limit(limit, exposure, document) == (left is not None and document > 0 and document > left)


@given(LIMITS, EXPOSURES, PARTS, PARTS)
def test_growth_never_unblocks_and_a_payment_never_blocks(
    limit: int | None, exposure: Exposure, document: int, more: int
) -> None:
    if over_limit(limit, exposure, document):
        assert over_limit(limit, exposure, document + more)
        assert over_limit(limit, replace(exposure, orders=exposure.orders + more), document)
    else:
        assert not over_limit(limit, replace(exposure, open_credit=exposure.open_credit + more), document)
        assert not over_limit(None if limit is None else limit + more, exposure, document)


@given(st.integers(0, 10**6), st.lists(st.integers(1, 10**6), max_size=20))
def test_orders_taken_one_after_the_other_never_pass_the_limit(limit: int, documents: list[int]) -> None:
    exposure = Exposure()
    for document in documents:
        if not over_limit(limit, exposure, document):
            exposure = replace(exposure, orders=exposure.orders + document)
    assert exposure.total <= limit


# ---------------------------------------------------------------- exposure from documents

TODAY = date(2026, 7, 1)


def test_an_order_on_its_way_sits_in_one_part_at_a_time() -> None:
    """100 units of 10.00: 60 delivered, 40 of them billed, 30 of those posted and then open on the account."""
    order = OrderValue(confirmed=100000, delivered=60000, billed=40000, posted=30000)
    assert order_parts(order) == (40000, 20000, 10000)
    found = exposure_of([order], [30000])
    assert found == Exposure(orders=40000, delivered=20000, billed=10000, open_debit=30000)
    assert found.total == 100000
    assert exposure_of([order], [30000, -30000]).total == 70000  # paid, not yet set against it


@pytest.mark.parametrize(
    ("order", "parts"),
    [
        (OrderValue(100), (100, 0, 0)),
        (OrderValue(100, 100), (0, 100, 0)),
        (OrderValue(100, 100, 100), (0, 0, 100)),
        (OrderValue(100, 100, 100, 100), (0, 0, 0)),
        (OrderValue(100, 0, 100, 100), (0, 0, 0)),  # billed in advance and posted
        (OrderValue(100, 0, 60), (40, 0, 60)),
        (OrderValue(100, 120), (0, 120, 0)),  # more delivered than confirmed
        (OrderValue(-100), (0, 0, 0)),  # a return gives nothing back before it is credited
    ],
)
def test_an_amount_counts_at_the_furthest_stage(order: OrderValue, parts: tuple[int, int, int]) -> None:
    assert order_parts(order) == parts


@pytest.mark.parametrize(("days", "counts"), [(-5, True), (0, True), (14, True), (15, False)])
def test_the_horizon_leaves_out_what_is_planned_later(days: int, counts: bool) -> None:
    order = OrderValue(100, delivery_on=TODAY + timedelta(days=days))
    assert exposure_of([order], [], today=TODAY, horizon_days=14).orders == (100 if counts else 0)
    assert exposure_of([order], []).orders == 100
    assert exposure_of([OrderValue(100)], [], today=TODAY, horizon_days=14).orders == 100  # no day: it counts


def test_the_horizon_is_for_undelivered_value_alone_and_a_held_order_takes_nothing() -> None:
    late = OrderValue(100, 60, delivery_on=TODAY + timedelta(days=99))
    assert exposure_of([late], [], today=TODAY, horizon_days=14) == Exposure(delivered=60)
    held = OrderValue(100, held=True)
    assert exposure_of([held], []).total == 0
    assert exposure_of([held], [], count_held=True).total == 100
    assert exposure_of([], []) == Exposure()


STAGES = st.builds(OrderValue, *[st.integers(-100, 10**6)] * 4)


@given(st.lists(STAGES, max_size=8), st.lists(st.integers(-(10**6), 10**6), max_size=8))
def test_each_amount_is_in_one_part_and_none_is_negative(orders: list[OrderValue], amounts: list[int]) -> None:
    found = exposure_of(orders, amounts)
    assert min(found.orders, found.delivered, found.billed, found.open_debit, found.open_credit) >= 0
    assert found.balance == sum(amounts)
    furthest = sum(max(o.confirmed, o.delivered, o.billed, o.posted) - o.posted for o in orders)
    assert found.orders + found.delivered + found.billed == furthest


# ---------------------------------------------------------------- the other rules


def late(days: int, amount: int = 100, **more: bool | int) -> AccountItem:
    return AccountItem(amount, TODAY - timedelta(days=days), **more)  # type: ignore[arg-type]


def test_the_oldest_open_item() -> None:
    assert oldest_overdue_days([], TODAY) == 0
    assert oldest_overdue_days([late(0), late(-5)], TODAY) == 0  # the due day is not overdue
    assert oldest_overdue_days([late(3), late(31), late(90, -500)], TODAY) == 31  # credits never count
    disputed = [late(40, disputed=True), late(3)]
    assert oldest_overdue_days(disputed, TODAY) == 40
    assert oldest_overdue_days(disputed, TODAY, skip_disputed=True) == 3
    assert oldest_overdue_days([late(40, 99), late(3, 100)], TODAY, at_least=100) == 3


def test_the_highest_dunning_level() -> None:
    items = [late(40, dunning_level=2), late(90, -5, dunning_level=4), late(9, disputed=True, dunning_level=3)]
    assert highest_dunning_level(items) == 3
    assert highest_dunning_level(items, skip_disputed=True) == 2
    assert highest_dunning_level([]) == 0


def test_every_reason_that_holds_an_order_is_named() -> None:
    items = [late(31, 90000, dunning_level=3)]
    found = credit_check(
        10001, limit=100000, exposure=Exposure(open_debit=90000), items=items, today=TODAY, max_overdue_days=30,
        max_dunning_level=2, hold="insolvency", currency="USD",
    )  # fmt: skip
    assert [(each.rule, each.sentence) for each in found] == [
        ("hold", "The customer is on hold: insolvency."),
        ("limit", "The order takes the account 0.01 USD over its credit limit."),
        ("oldest item", "The oldest open item is 31 days overdue; 30 are allowed."),
        ("dunning level", "The account is at dunning level 3; 2 is allowed."),
    ]


def test_edges_are_allowed_and_rules_left_out_do_not_hold() -> None:
    items = [late(30, dunning_level=2)]
    exposure = Exposure(open_debit=90000)
    passes = credit_check(
        10000, limit=100000, exposure=exposure, items=items, today=TODAY, max_overdue_days=30, max_dunning_level=2
    )
    assert passes == ()
    assert credit_check(1, limit=None, exposure=exposure, items=[late(999, dunning_level=9)], today=TODAY) == ()
    assert credit_check(0, limit=0, exposure=exposure, hold="closed") == ()
    assert "1 minor units" in credit_check(1, limit=0, exposure=Exposure())[0].sentence


# ---------------------------------------------------------------- releases

RELEASE = Release("SO-1", 100000, TODAY, 5)


@pytest.mark.parametrize(
    ("value", "percent", "covered"), [(110000, 10, True), (110001, 10, False), (100000, 0, True), (100001, 0, False)]
)
def test_a_release_covers_its_value_and_a_deviation(value: int, percent: int, covered: bool) -> None:
    """SAP 2900255: 1,000.00 released with a deviation factor of 10 % covers 1,100.00, with 0 % 1,000.00."""
    reason = why_recheck(RELEASE, order="SO-1", value=value, day=TODAY, deviation_percent=percent)
    assert (reason is None) is covered


@pytest.mark.parametrize(("days", "covered"), [(-1, False), (0, True), (4, True), (5, False)])
def test_a_release_covers_its_days(days: int, covered: bool) -> None:
    """SAP 2900255: released on July 1 for 5 days covers what is done before July 6."""
    day = TODAY + timedelta(days=days)
    assert (why_recheck(RELEASE, order="SO-1", value=1, day=day) is None) is covered


def test_the_days_may_begin_after_the_release_and_no_other_order_is_covered() -> None:
    last = TODAY + timedelta(days=5)
    assert why_recheck(RELEASE, order="SO-1", value=1, day=last, release_day_counts=False) is None
    assert why_recheck(RELEASE, order="SO-2", value=1, day=TODAY) == "The release is for another order."


@pytest.mark.parametrize("bad", [1.5, "1", None])
def test_amounts_are_whole(bad: object) -> None:
    with pytest.raises(Invalid):
        exposure_of([], [bad])  # type: ignore[list-item]
    with pytest.raises(Invalid):
        credit_check(bad, limit=0, exposure=Exposure())  # type: ignore[arg-type]
