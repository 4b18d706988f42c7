"""Dunning: published examples of levels, intervals and minimum amounts, every reason, runs that never double."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.dunning import (
    Account,
    DunningItem,
    Level,
    Notice,
    Procedure,
    dun,
    dunning_run,
    hold_reason,
    level_of,
    made,
)

RUN = date(2026, 3, 31)
STEPS = Procedure((Level(1, 5), Level(2, 20), Level(3, 40)))


def late(days: int, amount: int = 10000, id: str = "", **more: Any) -> DunningItem:
    """An item past due by so many days on the day of the run."""
    return DunningItem(id or f"{days} days", amount, RUN - timedelta(days=days), **more)


def notice(items: list[DunningItem], procedure: Procedure = STEPS, **more: Any) -> Notice | None:
    return dun(Account("A", tuple(items), **more), procedure, RUN, "2026-03").notice


# ---------------------------------------------------------------- levels


@pytest.mark.parametrize(
    ("days", "reached", "level"),
    [
        (0, 0, 0), (4, 0, 0), (5, 0, 1), (19, 0, 1), (45, 0, 1), (45, 1, 2), (45, 2, 3), (45, 3, 3), (6, 3, 3),
        (6, 9, 3), (4, 2, 0),
    ],
)  # fmt: skip
def test_one_level_a_run(days: int, reached: int, level: int) -> None:
    assert level_of(days, STEPS, reached) == level


def test_levels_may_be_skipped_where_the_procedure_says_so() -> None:
    jumping = replace(STEPS, sequential=False)
    assert [level_of(days, jumping) for days in (4, 5, 20, 39, 40, 400)] == [0, 1, 2, 2, 3, 3]


def test_the_level_of_the_account_is_the_highest_of_its_items() -> None:
    """SAP: "the dunning level of the account is equal to the highest dunning level of an open item"."""
    made_ = notice([late(10), late(50, level=2), late(25, level=1), late(-3)])
    assert made_ is not None
    assert made_.level == 3
    assert [(each.id, each.level) for each in made_.items] == [("10 days", 1), ("50 days", 3), ("25 days", 2)]
    assert made_.overdue == 30000


# ---------------------------------------------------------------- credits that are due


def sap() -> list[DunningItem]:
    """SAP note 18127: six invoices of 5 to 50 days, two credit memos of 2,000."""
    invoices = {5: 3000, 10: 10000, 25: 5000, 27: 1500, 35: 1000, 50: 500}
    return [
        *(late(days, amount * 100) for days, amount in invoices.items()), late(1, -200000, "c1"), late(0, -200000, "c2")
    ]  # fmt: skip


FOUR = Procedure((Level(1, 5), Level(2, 20), Level(3, 30), Level(4, 45)), sequential=False)


def test_credit_memos_are_taken_off_from_the_highest_level_down() -> None:
    """SAP note 18127: the credits cover levels 4 and 3 and a part of 2, so the account is dunned at level 2."""
    out = dun(Account("A", tuple(sap())), FOUR, RUN, "2026-03")
    assert out.notice is not None
    assert (out.notice.level, out.notice.overdue) == (2, 1700000)
    assert {each.id: each.amount for each in out.notice.items} == {
        "5 days": 300000, "10 days": 1000000, "25 days": 400000
    }  # fmt: skip
    assert out.left_out["50 days"] == out.left_out["27 days"] == "covered by credits that are due"
    apart = notice(sap(), replace(FOUR, credits="apart"))
    assert apart is not None
    assert (apart.level, apart.overdue) == (4, 2100000)


def test_no_notice_where_the_credits_that_are_due_cover_what_is_late() -> None:
    items = [late(10, 10000), late(0, -50000, "credit"), late(-20, 100000, "to come")]
    out = dun(Account("A", tuple(items)), STEPS, RUN, "2026-03")
    assert (out.notice, out.reason) == (None, "nothing to dun")
    to_come = [late(10, 10000), late(-5, -5000, "credit of a later day")]
    made_ = notice(to_come)
    assert made_ is not None
    assert made_.overdue == 10000, "a credit that is not due yet takes nothing off"


def test_interest_and_minimum_follow_what_the_credits_leave() -> None:
    procedure = Procedure((Level(1, 5, minimum_amount=6000, interest_percent=Decimal(10)),))
    made_ = notice([late(73, 10000), late(0, -4000, "credit")], procedure)
    assert made_ is not None
    assert (made_.overdue, made_.interest) == (6000, 120), "60.00 x 10 % x 73 / 365"
    assert notice([late(73, 10000), late(0, -4001, "credit")], procedure) is None


def test_the_account_waits_for_its_minimum_days_in_arrears() -> None:
    procedure = replace(STEPS, account_days=21)
    out = dun(Account("A", (late(20), late(6))), procedure, RUN, "2026-03")
    assert (out.notice, out.reason) == (None, "no item is 21 days past due")
    made_ = notice([late(21), late(6)], procedure)
    assert made_ is not None
    assert len(made_.items) == 2


# ---------------------------------------------------------------- who is left out


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (late(10, -500), "credit item"),
        (late(10, 0), "credit item"),
        (late(10, blocked=True), "blocked"),
        (late(10, disputed=True), "disputed"),
        (late(10, promised_until=RUN), "promised until 2026-03-31"),
        (late(10, promised_until=RUN - timedelta(days=1)), None),
        (late(0), "not past due"),
        (late(-9), "not past due"),
        (late(10, 499), "below the item minimum"),
        (late(10, 500), None),
        (late(4), "before the first level"),
        (late(5), None),
    ],
)
def test_each_item_left_out_has_its_reason(item: DunningItem, reason: str | None) -> None:
    assert hold_reason(item, replace(STEPS, item_minimum=500), RUN) == reason


def test_grace_days_move_the_day_an_item_is_overdue() -> None:
    """SAP: notice of 13 March 1997, due net by 12 March: overdue; with three grace days for line items: not."""
    first = Procedure((Level(1, 1),))
    item = DunningItem("1", 100, date(1997, 3, 12))
    assert hold_reason(item, first, date(1997, 3, 13)) is None
    assert hold_reason(item, replace(first, grace_days=3), date(1997, 3, 13)) == "not past due"
    assert hold_reason(item, replace(first, grace_days=3), date(1997, 3, 16)) is None


@pytest.mark.parametrize(("on", "dunned"), [(date(2026, 3, 14), False), (date(2026, 3, 15), True)])
def test_the_dunning_interval(on: date, dunned: bool) -> None:
    """SAP: last run on 1 March, interval 14 days: 15 March reaches it, 14 March does not."""
    account = Account("A", (DunningItem("1", 100, date(2026, 1, 1)),), last_notice_on=date(2026, 3, 1))
    found = dun(account, replace(STEPS, interval_days=14), on, "run")
    assert (found.notice is not None) == dunned
    assert dunned or found.reason == "last notice on 2026-03-01, less than 14 days ago"


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (Account("A", (late(10),), blocked=True), "account blocked"),
        (Account("A", (late(10, 100), late(5, -100))), "the account owes nothing"),
        (Account("A", ()), "the account owes nothing"),
        (Account("A", (late(-10),)), "nothing to dun"),
    ],
)
def test_each_account_without_notice_has_its_reason(account: Account, reason: str) -> None:
    found = dun(account, STEPS, RUN, "run")
    assert (found.notice, found.reason) == (None, reason)


# ---------------------------------------------------------------- minimum amounts


def test_minimum_amount_and_percentage_of_a_level() -> None:
    """SAP, "Effect of minimum amounts and percentage rates": at least 10 and 10 % of all open items.

    100 of 1,000 reach level 1; in the next run 100 of 1,100 are under 10 % of level 2 and stay at level 1.
    """
    ten = Decimal(10)
    both = Procedure((Level(1, 5, 1000), Level(2, 20, 1000, ten)))
    first = notice([late(6, 10000), late(-30, 90000)], replace(both, levels=(Level(1, 5, 1000, ten), both.levels[1])))
    second = notice([late(25, 10000, level=1), late(-30, 100000)], both)
    third = notice([late(25, 11000, level=1), late(-30, 99000)], both)
    assert [each and each.level for each in (first, second, third)] == [1, 1, 2]


def test_items_below_the_minimum_of_a_level_join_the_one_below_and_are_checked_there() -> None:
    steps = Procedure((Level(1, 5, 600), Level(2, 20, 500), Level(3, 40, 500)))
    found = notice([late(50, 300, level=2), late(25, 300, level=1), late(6, 100)], steps)
    assert found is not None
    assert [(each.level, each.amount) for each in found.items] == [(2, 300), (2, 300)]
    alone = dun(Account("A", (late(50, 300, level=2), late(25, 150, level=1))), steps, RUN, "run")
    assert (alone.notice, alone.reason) == (None, "nothing to dun")
    assert set(alone.left_out.values()) == {"below the minimum of level 1"}


def test_either_minimum_is_enough_where_the_procedure_says_so() -> None:
    levels = (Level(1, 5, 5000, Decimal(50)),)
    items = [late(10, 1000), late(-5, 500)]
    assert notice(items, Procedure(levels)) is None
    assert notice(items, Procedure(levels, minimum_rule="either")) is not None
    assert notice([late(10, 1000), late(-5, 5000)], Procedure(levels, minimum_rule="either")) is None
    assert notice(items, Procedure((Level(1, 5, 5000),), minimum_rule="either")) is None


@pytest.mark.parametrize(
    ("limits", "dunned"),
    [
        ({"account_minimum": 1000}, True),
        ({"account_minimum": 1001}, False),
        ({"account_percent": Decimal(25)}, True),
        ({"account_percent": Decimal("25.01")}, False),
    ],
)
def test_the_minimum_of_the_account_is_inclusive(limits: dict[str, Any], dunned: bool) -> None:
    account = Account("A", (late(10, 1000), late(-10, 3000)))
    found = dun(account, replace(STEPS, **limits), RUN, "run")
    assert (found.notice is not None) == dunned
    assert dunned or found.reason == "below the minimum of the account"


# ---------------------------------------------------------------- interest, fees, repeated runs


def test_interest_from_the_due_day_or_from_the_last_notice_and_one_fee() -> None:
    """10,000.00 at 9 %, 90 days late, last notice 30 days ago: 221.92, or 73.97 since; the fee of level 2 once."""
    steps = Procedure((Level(1, 5, fee=500), Level(2, 20, fee=1500, interest_percent=Decimal(9))))
    items = [late(90, 1000000, level=1, last_notice_on=RUN - timedelta(days=30)), late(6, 100)]
    found = notice(items, steps)
    assert found is not None
    assert (found.level, found.interest, found.fee, found.total) == (2, 22192, 1500, 1000100 + 22192 + 1500)
    since = notice(items, replace(steps, interest_from="last_notice"))
    assert since is not None
    assert since.interest == 7397
    ordinary = notice(items, replace(steps, day_count="actual/360"))
    assert ordinary is not None
    assert ordinary.interest == 22500


def test_a_repeated_run_makes_nothing_new_but_the_next_one_does() -> None:
    accounts = [Account("A", (late(10),), "trade"), Account("B", (late(50),), "trade"), Account("C", (late(50),), "x")]
    first = dunning_run(accounts * 2, {"trade": STEPS}, RUN, "2026-03")
    assert made(first) == {("A", "2026-03"), ("B", "2026-03")}
    assert sum(each.notice is not None for each in first) == 2
    assert first[2].reason == "no dunning procedure for group 'x'"
    again = dunning_run(accounts, {"trade": STEPS}, RUN, "2026-03", already=made(first))
    assert made(again) == frozenset()
    assert again[0].reason == "already dunned in this run"
    assert len(made(dunning_run(accounts, {"trade": STEPS}, RUN, "2026-04", already=made(first)))) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"levels": ()}, {"levels": (Level(2, 5),)}, {"levels": (Level(1, 5), Level(2, 5))}, {"interval_days": -1},
        {"levels": (Level(1, 5), Level(3, 9))}, {"levels": (Level(1, 5, 1.5),)}, {"minimum_rule": "none"},  # type: ignore[arg-type]
        {"levels": (Level(1, 5, fee=-1),)}, {"levels": (Level(1, 5, interest_percent=9.0),)},  # type: ignore[arg-type]
        {"levels": (Level(1, 5, minimum_percent=Decimal(101)),)}, {"account_percent": 5.0}, {"interest_from": "x"},
        {"day_count": "x"}, {"item_minimum": 1.0},
    ],
)  # fmt: skip
def test_procedures_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        replace(STEPS, **wrong)


def test_floats_and_doubled_items_are_refused() -> None:
    for items in ((late(10, 1.0),), (late(10), late(10))):  # type: ignore[arg-type]
        with pytest.raises(Invalid):
            dun(Account("A", items), STEPS, RUN, "run")


ITEMS = st.lists(
    st.builds(
        DunningItem, st.uuids().map(str), st.integers(-(10**6), 10**7), st.dates(date(2025, 10, 1), date(2026, 5, 1)),
        st.integers(0, 3), st.none() | st.dates(date(2026, 1, 1), RUN), st.booleans(),
        st.none() | st.dates(date(2026, 3, 1), date(2026, 4, 30)), st.booleans(),
    ),
    max_size=8,
)  # fmt: skip


@given(ITEMS, st.integers(0, 10**6), st.booleans(), st.sampled_from(("due", "last_notice")))
def test_every_item_is_either_dunned_or_left_out_with_a_reason(
    items: list[DunningItem], minimum: int, sequential: bool, start: str
) -> None:
    levels = (
        Level(1, 5, minimum),
        Level(2, 20, minimum, Decimal(5)),
        Level(3, 40, fee=900, interest_percent=Decimal(9)),
    )
    steps = Procedure(levels, sequential=sequential, interest_from=start)
    found = dun(Account("A", tuple(items)), steps, RUN, "run")
    if found.notice is None:
        assert found.reason
        return
    dunned = {each.id: each for each in found.notice.items}
    assert set(dunned) | set(found.left_out) == {each.id for each in items}
    assert not set(dunned) & set(found.left_out)
    assert found.notice.level == max(each.level for each in dunned.values())
    assert found.notice.overdue == sum(each.amount for each in dunned.values())
    credits = -sum(each.amount for each in items if each.amount < 0 and each.due_on <= RUN)
    asked = sum(each.amount for each in items if each.id in dunned)
    assert asked - credits <= found.notice.overdue <= asked
    for item in items:
        if item.id in dunned:
            assert 0 < dunned[item.id].amount <= item.amount
            assert item.due_on < RUN
            assert not item.disputed
            assert not item.blocked
            assert not sequential or dunned[item.id].level <= item.level + 1
            assert dunned[item.id].interest >= 0
