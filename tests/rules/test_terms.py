"""Terms of payment: due days of published examples, discount windows, instalments that add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.business_days import month_end
from csdesk.rules.terms import (
    Discount,
    Terms,
    baseline_date,
    cash_discount,
    discount_annual_percent,
    discount_percent,
    discount_windows,
    due_date,
    instalment_amounts,
    instalments,
)
from tests.rules.strategies import DAYS

# Bank holidays around Easter 2026 (TARGET2 closing days).
EASTER = frozenset({date(2026, 4, 3), date(2026, 4, 6)})
TOTALS = st.integers(-(10**12), 10**12)


def day(text: str) -> date:
    return date.fromisoformat(text)


# ---------------------------------------------------------------- due days


@pytest.mark.parametrize(
    ("invoiced", "cut_off", "months", "on", "due"),
    [
        ("2025-08-10", 12, 1, 20, "2025-09-20"),
        ("2025-08-15", 12, 1, 20, "2025-10-20"),
        ("2025-08-21", 12, 1, 20, "2025-10-20"),
        ("2025-08-10", 20, 1, 12, "2025-09-12"),
        ("2025-08-15", 20, 1, 12, "2025-09-12"),
        ("2025-08-21", 20, 1, 12, "2025-10-12"),
        ("2025-08-21", 20, 3, 12, "2025-12-12"),
        ("2025-08-15", 31, 1, 31, "2025-09-30"),
        ("2025-01-01", 5, 1, 30, "2025-02-28"),
        ("2007-06-15", 20, 1, 25, "2007-07-25"),
        ("2007-06-15", 20, 0, 25, "2007-06-25"),
    ],
)
def test_proximo_terms_of_published_examples(invoiced: str, cut_off: int, months: int, on: int, due: str) -> None:
    """Zuora, "Prox payment term examples" (all nine rows); the last two: proxima terms of Oracle Receivables."""
    terms = Terms(fixed_days=(on,), months=months, cut_off_day=cut_off)
    assert due_date(terms, day(invoiced)) == day(due)


def test_the_cut_off_day_itself_is_this_month_unless_the_terms_say_otherwise() -> None:
    """Infor FSM: dates "less than or equal to" the cut-off fall due in the following month, later ones in the next."""
    prox = Terms(fixed_days=(10,), months=1, cut_off_day=20)
    assert due_date(prox, day("2026-03-20")) == day("2026-04-10")
    assert due_date(prox, day("2026-03-21")) == day("2026-05-10")
    assert due_date(replace(prox, cut_off_inclusive=False), day("2026-03-20")) == day("2026-05-10")
    assert baseline_date(prox, day("2026-12-31")) == day("2027-01-01")
    assert due_date(Terms(net_days=30, cut_off_day=20), day("2026-03-25")) == day("2026-05-01")


@pytest.mark.parametrize(
    ("terms", "invoiced", "due"),
    [
        (Terms(), "2026-03-03", "2026-03-03"),
        (Terms(net_days=30), "2026-01-31", "2026-03-02"),
        (Terms(net_days=30), "2028-01-31", "2028-03-01"),  # a leap year
        (Terms(months=1), "2026-01-31", "2026-02-28"),
        (Terms(months=1), "2028-01-31", "2028-02-29"),
        (Terms(end_of_month=True), "2026-02-03", "2026-02-28"),  # ultimo
        (Terms(end_of_month=True, net_days=10), "2026-02-03", "2026-03-10"),  # EDIFACT 4279 code 12
        (Terms(end_of_month=True, months=1), "2026-01-31", "2026-02-28"),  # EDIFACT 2009 code 7
        (Terms(end_of_month=True, net_days=45), "2026-05-01", "2026-07-15"),
        (Terms(end_of_month=True, net_days=45, eom_rule="days_then_eom"), "2026-05-01", "2026-06-30"),
        (Terms(fixed_days=(10,)), "2026-03-10", "2026-03-10"),
        (Terms(fixed_days=(10,)), "2026-03-11", "2026-04-10"),
        (Terms(fixed_days=(10, 25), net_days=30), "2026-03-12", "2026-04-25"),
        (Terms(fixed_days=(25, 10), net_days=30), "2026-03-27", "2026-05-10"),
        (Terms(fixed_days=(10,), net_days=30, end_of_month=True, eom_rule="days_then_eom"), "2026-01-10", "2026-03-10"),
        (Terms(weekday=5, nth=-1, months=1), "2026-03-03", "2026-04-24"),  # last Friday of next month
        (Terms(weekday=1, nth=2), "2026-03-09", "2026-03-09"),
        (Terms(weekday=1, nth=2), "2026-03-10", "2026-04-13"),
        (Terms(weekday=1, nth=5, months=1), "2026-01-10", "2026-02-23"),  # no fifth Monday: the last
    ],
)
def test_due_days_by_hand(terms: Terms, invoiced: str, due: str) -> None:
    """45 days end of month in both readings: article L441-10 of the French commercial code leaves the choice."""
    assert due_date(terms, day(invoiced)) == day(due)


def test_terms_from_delivery_count_from_delivery_and_refuse_to_guess() -> None:
    terms = Terms(baseline="delivery", net_days=14)
    assert due_date(terms, day("2026-03-01"), day("2026-03-05")) == day("2026-03-19")
    with pytest.raises(Invalid, match="day of delivery"):
        due_date(terms, day("2026-03-01"))
    with pytest.raises(Invalid, match="plain date"):
        due_date(Terms(), datetime(2026, 3, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "wrong",
    [
        {"baseline": "order"}, {"shift": "next"}, {"eom_rule": "x"}, {"rest": "first"}, {"net_days": -1},
        {"months": -1}, {"parts": 0}, {"net_days": 1.5}, {"fixed_days": (0,)}, {"fixed_days": (32,)},
        {"cut_off_day": 0}, {"nth": 6}, {"weekday": 0}, {"weekday": 1, "fixed_days": (1,)},
        {"instalment_days": (-30, 60), "parts": 2}, {"instalment_days": (60, 30), "parts": 2},
        {"instalment_days": (30, 30), "parts": 2}, {"instalment_days": (30.0, 60), "parts": 2},
        {"percents": (Decimal(50), Decimal(50)), "parts": 5},
        {"percents": (Decimal(50), Decimal(49))}, {"percents": (50.0, 50.0)}, {"instalment_days": (30,), "parts": 2},
        {"discounts": (Discount(Decimal(101)),)}, {"discounts": (Discount(2.0, 10),)},  # type: ignore[arg-type]
        {"discounts": (Discount(Decimal(2), -1),)}, {"discounts": (Discount(Decimal(2), fixed_day=40),)},
    ],
)  # fmt: skip
def test_terms_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Terms(**wrong)


@given(
    DAYS, st.integers(0, 120), st.integers(0, 4), st.booleans(), st.sampled_from(("eom_then_days", "days_then_eom")),
    st.lists(st.integers(1, 31), max_size=3), st.none() | st.integers(1, 31),
)  # fmt: skip
def test_nothing_is_due_before_its_baseline_plus_days_and_later_invoices_never_earlier(
    on: date, net: int, months: int, eom: bool, rule: str, fixed: list[int], cut: int | None
) -> None:
    terms = Terms(
        net_days=net, months=months, end_of_month=eom, eom_rule=rule, fixed_days=tuple(fixed), cut_off_day=cut
    )
    due = due_date(terms, on)
    assert due >= on + timedelta(days=net)
    assert due <= due_date(terms, on + timedelta(days=1))
    if fixed:
        assert due.day in {min(each, month_end(due).day) for each in fixed}


def test_due_days_move_off_bank_holidays() -> None:
    terms = Terms(net_days=30, shift="following")
    assert due_date(terms, day("2026-03-04"), holidays=EASTER) == day("2026-04-07")  # Good Friday to Easter Tuesday
    assert due_date(replace(terms, shift="preceding"), day("2026-03-04"), holidays=EASTER) == day("2026-04-02")


# ---------------------------------------------------------------- cash discount

TWO_TEN = Terms(net_days=30, discounts=(Discount(Decimal(2), 10),))


@pytest.mark.parametrize(("paid", "percent"), [("2026-03-01", 2), ("2026-03-11", 2), ("2026-03-12", 0)])
def test_two_ten_net_thirty(paid: str, percent: int) -> None:
    """The tenth day counts, the eleventh does not; 1,000.00 less 2 % is 980.00."""
    assert due_date(TWO_TEN, day("2026-03-01")) == day("2026-03-31")
    found = discount_percent(TWO_TEN, day("2026-03-01"), day(paid))
    assert found == percent
    assert 100000 - cash_discount(100000, found) == (98000 if percent else 100000)


def test_three_percent_in_ten_two_in_thirty_net_sixty_and_the_same_by_fixed_days() -> None:
    """SAP, "Cash discount percentage rates and cash discount terms": both of its examples."""
    three, two = Decimal(3), Decimal(2)
    by_days = Terms(net_days=60, discounts=(Discount(two, 30), Discount(three, 10)))
    windows = discount_windows(by_days, day("2026-03-01"))
    assert [(each.percent, each.last_day) for each in windows] == [(3, day("2026-03-11")), (2, day("2026-03-31"))]
    assert discount_percent(by_days, day("2026-03-01"), day("2026-03-20")) == 2
    by_date = Terms(
        fixed_days=(15,),
        months=3,
        discounts=(Discount(three, months=1, fixed_day=15), Discount(two, months=2, fixed_day=25)),
    )
    assert [each.last_day for each in discount_windows(by_date, day("2026-01-31"))] == [
        day("2026-02-15"), day("2026-03-25"),
    ]  # fmt: skip
    assert due_date(by_date, day("2026-01-31")) == day("2026-04-15")


def test_discounts_from_the_months_end_from_delivery_and_off_closed_days() -> None:
    """2/10 EOM and 2/10 ROG of the textbooks."""
    eom = Terms(end_of_month=True, net_days=30, discounts=(Discount(Decimal(2), 10, end_of_month=True),))
    assert discount_windows(eom, day("2026-02-03"))[0].last_day == day("2026-03-10")
    rog = replace(TWO_TEN, baseline="delivery")
    assert discount_windows(rog, day("2026-02-03"), day("2026-02-20"))[0].last_day == day("2026-03-02")
    moved = replace(TWO_TEN, shift="following", shift_discounts=True)
    assert discount_windows(moved, day("2026-03-04"))[0].last_day == day("2026-03-16")  # from Saturday the 14th


def test_what_it_costs_not_to_take_a_discount() -> None:
    """Brigham and Houston: 2/10 net 30 costs 37.24 % a year (365 days), 36.73 % (360 days)."""
    assert round(discount_annual_percent(Decimal(2), 10, 30) or 0, 2) == Decimal("37.24")
    assert round(discount_annual_percent(Decimal(2), 10, 30, year=360) or 0, 2) == Decimal("36.73")
    assert discount_annual_percent(Decimal(2), 30, 30) is None
    assert discount_annual_percent(Decimal(100), 10, 30) is None


@pytest.mark.parametrize("wrong", [100.0, Decimal("1.5"), True, "100"])
def test_amounts_are_whole_minor_units(wrong: Any) -> None:
    with pytest.raises(Invalid, match="minor units"):
        cash_discount(wrong, Decimal(2))
    with pytest.raises(Invalid, match="minor units"):
        instalment_amounts(wrong, parts=2)


# ---------------------------------------------------------------- instalments


@pytest.mark.parametrize(
    ("total", "parts", "percents", "rest", "amounts"),
    [
        (10000, 3, (), "last", [3333, 3333, 3334]),
        (20000, 3, (), "last", [6667, 6667, 6666]),
        (10000, 3, (), "largest_remainder", [3334, 3333, 3333]),
        (-10000, 3, (), "last", [-3333, -3333, -3334]),
        (5, 10, (), "last", [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]),
        (0, 2, (), "last", [0, 0]),
        (99999, 1, ("30", "70"), "last", [30000, 69999]),
        (101, 1, ("33.3", "33.3", "33.4"), "last", [34, 34, 33]),
        (101, 1, ("33.3", "33.3", "33.4"), "largest_remainder", [34, 33, 34]),
    ],
)
def test_instalment_amounts_by_hand(
    total: int, parts: int, percents: tuple[str, ...], rest: str, amounts: list[int]
) -> None:
    assert instalment_amounts(total, parts=parts, percents=[Decimal(p) for p in percents], rest=rest) == amounts


@given(TOTALS, st.integers(1, 60), st.sampled_from(("last", "largest_remainder")))
def test_instalments_add_up_and_none_has_the_other_sign(total: int, parts: int, rest: str) -> None:
    amounts = instalment_amounts(total, parts=parts, rest=rest)
    assert sum(amounts) == total
    assert len(amounts) == parts
    assert all(each * total >= 0 for each in amounts)
    assert all(abs(each * parts - total) <= parts for each in amounts[:-1]) or abs(total) < parts**2


@given(TOTALS, st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(sum))
def test_instalments_by_percent_add_up(total: int, weights: list[int]) -> None:
    percents = [Decimal(each) * 100 / sum(weights) for each in weights]
    percents[-1] += 100 - sum(percents)
    if percents[-1] < 0:
        return
    for rest in ("last", "largest_remainder"):
        amounts = instalment_amounts(total, percents=percents, rest=rest)
        assert sum(amounts) == total
        assert all(each * total >= 0 for each in amounts)


def test_monthly_instalments_keep_the_months_end() -> None:
    plan = Terms(parts=4, every_months=1)
    assert [each.due_on.isoformat() for each in instalments(plan, 10000, day("2026-01-31"))] == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30",
    ]  # fmt: skip
    assert [each.due_on.day for each in instalments(plan, 10000, day("2028-02-29"))] == [29, 31, 30, 31]
    assert [each.due_on.day for each in instalments(plan, 10000, day("2026-01-30"))] == [30, 28, 30, 30]
    loose = replace(plan, keep_month_end=False)
    assert [each.due_on.day for each in instalments(loose, 10000, day("2026-02-28"))] == [28, 28, 28, 28]


def test_instalments_by_days_by_percent_and_on_their_own_days() -> None:
    plan = Terms(net_days=30, percents=(Decimal(50), Decimal(30), Decimal(20)), every_days=30)
    found = instalments(plan, 12345, day("2026-03-01"))
    assert [(each.number, each.due_on.isoformat(), each.amount) for each in found] == [
        (1, "2026-03-31", 6173), (2, "2026-04-30", 3704), (3, "2026-05-30", 2468),
    ]  # fmt: skip
    own = replace(plan, every_days=0, instalment_days=(0, 30, 90), shift="following")
    assert [each.due_on.isoformat() for each in instalments(own, 12345, day("2026-03-01"))] == [
        "2026-03-02", "2026-03-31", "2026-06-01",
    ]  # fmt: skip
    assert instalments(Terms(net_days=30), 99, day("2026-03-01"))[0].amount == 99


def test_the_due_date_is_the_day_of_the_first_instalment() -> None:
    """Half after 30 days, half after 60: an invoice of 15 January is due on 14 February, not at once."""
    plan = Terms(parts=2, instalment_days=(30, 60))
    assert due_date(plan, day("2026-01-15")) == day("2026-02-14")
    for terms in (plan, replace(plan, shift="following"), Terms(net_days=10, percents=(Decimal(50), Decimal(50)),
                                                               parts=2, every_months=1)):  # fmt: skip
        assert due_date(terms, day("2026-01-15")) == instalments(terms, 10000, day("2026-01-15"))[0].due_on


@given(DAYS, st.integers(1, 24), st.integers(1, 6))
def test_instalments_by_months_come_in_order_and_fall_in_their_month(on: date, parts: int, months: int) -> None:
    found = instalments(Terms(parts=parts, every_months=months), 10**6, on)
    for place, each in enumerate(found):
        expected = on + relativedelta(months=place * months)
        assert (each.due_on.year, each.due_on.month) == (expected.year, expected.month)
        assert each.due_on.day >= expected.day
