"""Disputes: the amounts always add up, a deduction takes known ways only, and the work list is by deadline."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import DeskError, Invalid, Refused
from csdesk.rules.disputes import (
    DEDUCTION_MOVES,
    WAYS,
    Dispute,
    WorkItem,
    deadline,
    included,
    move_deduction,
    opened,
    our_reason,
    ranked,
    recorded,
    reset,
    split,
)

DAY = date(2026, 7, 1)  # a Wednesday


def test_what_became_of_a_disputed_amount() -> None:
    """1,000.00 disputed: 600.00 paid, 300.00 credited, 100.00 cleared by hand; resetting the credit reopens it."""
    dispute = opened(100000)
    assert dispute == Dispute(100000, 100000)
    for way, amount in (("paid", 60000), ("credited", 30000), ("cleared", 10000)):
        dispute = recorded(dispute, way, amount)
        assert dispute.balanced
    assert dispute == Dispute(100000, 0, 60000, 30000, 10000)
    assert reset(dispute, "credited", 30000) == Dispute(100000, 30000, 60000, 0, 10000)
    with pytest.raises(Refused, match="Only 0 minor units"):
        recorded(dispute, "paid", 1)
    with pytest.raises(Refused, match="Only 10000 minor units of the dispute were cleared"):
        reset(dispute, "cleared", 10001)


def test_later_items_and_a_split() -> None:
    dispute = included(recorded(opened(500), "paid", 200), 100)
    assert dispute == Dispute(600, 400, 200)
    assert split(dispute, 150) == (Dispute(450, 250, 200), Dispute(150, 150))
    with pytest.raises(Refused):
        split(dispute, 401)


@pytest.mark.parametrize("amount", [0, -1, 1.5])
def test_amounts_are_whole_and_above_nothing(amount: int) -> None:
    for act in (
        lambda: opened(amount),
        lambda: recorded(opened(5), "paid", amount),
        lambda: reset(opened(5), "paid", amount),
    ):
        with pytest.raises(Invalid):
            act()
    with pytest.raises(Invalid):
        recorded(opened(5), "forgiven", 1)


def test_figures_that_do_not_add_up_are_known() -> None:
    assert not Dispute(100, 50).balanced
    assert not Dispute(100, 150, -50).balanced


MOVES = st.lists(st.tuples(st.sampled_from(("include", "split", "reset", *WAYS)), st.integers(-5, 400)), max_size=20)


@given(st.integers(1, 1000), MOVES)
def test_the_identity_always_holds(amount: int, moves: list[tuple[str, int]]) -> None:
    disputes, total = [opened(amount)], amount
    for act, part in moves:
        last = disputes.pop()
        try:
            if act == "include":
                after = [included(last, part)]
                total += part
            elif act == "split":
                after = list(split(last, part))
            elif act == "reset":
                after = [reset(last, WAYS[part % 3], part)]
            else:
                after = [recorded(last, act, part)]
        except DeskError:
            after = [last]
        disputes += after
    assert all(each.balanced for each in disputes)
    assert sum(each.original for each in disputes) == total


# ---------------------------------------------------------------- deductions


@pytest.mark.parametrize(
    "events",
    [
        ("code", "research", "accept", "credit", "close"),
        ("code", "research", "deny", "bill_back", "close"),
        ("code", "research", "accept_part", "credit", "bill_back", "close"),
        ("code", "recode", "research", "deny", "write_off", "close", "reopen", "accept", "credit", "close"),
    ],
)
def test_the_ways_of_a_deduction(events: tuple[str, ...]) -> None:
    state = "unidentified"
    for event in events:
        state = move_deduction(state, event)
    assert state == "closed"


def test_what_a_deduction_cannot_do() -> None:
    with pytest.raises(Refused, match="unidentified cannot take 'credit'; it can: code"):
        move_deduction("unidentified", "credit")
    with pytest.raises(Refused, match="valid cannot take 'bill_back'"):
        move_deduction("valid", "bill_back")
    targets = {after for events in DEDUCTION_MOVES.values() for after in events.values()}
    assert targets | {"unidentified"} == set(DEDUCTION_MOVES)
    settled = {state for state, events in DEDUCTION_MOVES.items() if "close" in events}
    assert settled == {"credited", "written_off", "billed_back"}


def test_a_customers_own_codes() -> None:
    usual = {"01": "price wrong", "04": "short delivery"}
    assert our_reason(" d07 ", {"D07": "damaged"}, usual) == "damaged"
    assert our_reason("01", {"D07": "damaged", "01": "late"}, usual) == "late"
    assert our_reason("04", {}, usual) == "short delivery"
    assert our_reason("99", {}, usual) is None
    assert our_reason("", {}) is None


# ---------------------------------------------------------------- deadlines


@pytest.mark.parametrize(
    ("reason", "switches", "days"),
    [
        ("unidentified", {}, 5),
        ("damaged", {}, 30),
        ("damaged", {"default_days": 10}, 10),
        ("damaged", {"days": {"damaged": 14}}, 14),
        ("damaged", {"customer_days": 7}, 7),
        ("unidentified", {"customer_days": 7}, 5),
        ("unidentified", {"working_days": True}, 7),  # Wednesday + 5 working days is the next Wednesday
        ("unidentified", {"working_days": True, "holidays": {DAY + timedelta(days=2)}}, 8),
        ("unidentified", {"days": {"unidentified": 0}}, 0),
    ],
)
def test_the_deadline_of_a_reason(reason: str, switches: dict[str, object], days: int) -> None:
    assert deadline(DAY, reason, **switches) == DAY + timedelta(days=days)  # type: ignore[arg-type]


def test_a_deadline_over_a_leap_day() -> None:
    assert deadline(date(2028, 2, 27), "unidentified") == date(2028, 3, 3)
    with pytest.raises(Invalid):
        deadline(DAY, "damaged", default_days=-1)


def test_the_work_list_says_why() -> None:
    items = [
        WorkItem("later", 900, DAY, DAY + timedelta(days=9), "USD"),
        WorkItem("small", 100, DAY, DAY, "USD"),
        WorkItem("large", 5000, DAY, DAY, "USD"),
        WorkItem("late", 1, DAY, DAY - timedelta(days=3)),
        WorkItem("tomorrow", 7, DAY, DAY + timedelta(days=1), "JPY"),
        WorkItem("older", 100, DAY - timedelta(days=1), DAY, "USD"),
    ]
    rows = ranked(items, DAY)
    assert [(row.item.id, row.reason) for row in rows] == [
        ("late", "3 days past its deadline, 1 minor units"),
        ("large", "due today, 50.00 USD"),
        ("older", "due today, 1.00 USD"),
        ("small", "due today, 1.00 USD"),
        ("tomorrow", "1 day left, 7 JPY"),
        ("later", "9 days left, 9.00 USD"),
    ]
    assert ranked([], DAY) == ()
