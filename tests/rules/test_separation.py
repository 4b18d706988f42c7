"""Segregation of duties: published conflicts are known, and one person never does both sides of an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.approvals import APPROVAL_DUTIES
from csdesk.rules.separation import (
    BLOCK,
    CONFLICTS,
    LEVELS,
    MONEY_DUTIES,
    WARN,
    Act,
    Holding,
    at_approval,
    at_grant,
    at_request,
    blocks,
    conflict_between,
    review,
)
from csdesk.services.duties import DUTIES, ROLES

DAY = date(2026, 7, 1)
ALL = sorted({duty for each in CONFLICTS for duty in (each.duty_a, each.duty_b)})


@pytest.mark.parametrize(
    ("duty", "other"),
    [
        ("customer.maintain", "credit.post"),
        ("customer.maintain", "order.enter"),
        ("customer.maintain", "invoice.post"),
        ("customer.maintain", "delivery.post"),
        ("customer.maintain", "cash.apply"),
        ("customer.maintain", "limit.approve"),
        ("order.enter", "order.release"),
        ("order.enter", "credit.post"),
        ("order.enter", "price.maintain"),
        ("order.enter", "delivery.post"),
        ("order.enter", "limit.approve"),
        ("credit.request", "credit.approve"),
        ("cash.apply", "credit.post"),
        ("cash.apply", "writeoff.approve"),
        ("cash.apply", "invoice.post"),
        ("limit.approve", "order.release"),
        ("return.receive", "credit.request"),
        ("rebate.settle", "credit.post"),
        ("period.unlock", "ledger.post"),
        ("staff.admin", "credit.approve"),
    ],
)
def test_the_published_conflicts_are_known_both_ways_round(duty: str, other: str) -> None:
    found = conflict_between(duty, other)
    assert found is not None
    assert conflict_between(other, duty) is found
    assert found.risk.endswith(".")


def test_what_may_go_together() -> None:
    assert conflict_between("order.enter", "credit.request") is None
    assert conflict_between("order.enter", "customer.read") is None
    assert conflict_between("order.enter", "order.enter") is None


def test_the_table_is_sound() -> None:
    pairs = [frozenset((each.duty_a, each.duty_b)) for each in CONFLICTS]
    assert len(pairs) == len(set(pairs))
    assert all(len(pair) == 2 for pair in pairs)
    assert all({each.level, each.same_order, each.same_customer} <= set(LEVELS) for each in CONFLICTS)
    assert {each.duty_b for each in CONFLICTS if each.duty_a == "staff.admin"} == set(MONEY_DUTIES)
    assert set(ALL) & set(DUTIES) >= {"order.enter", "order.release", "price.override", "staff.admin"}
    assert set(ALL) >= set(APPROVAL_DUTIES.values())


def test_no_usual_role_holds_a_blocking_conflict() -> None:
    for _, duties in ROLES.values():
        assert blocks(at_grant(frozenset(), duties)) is None


def test_a_grant_names_what_it_brings_and_nothing_old() -> None:
    held = frozenset({"order.enter", "order.release"})
    found = at_grant(held, frozenset({"price.maintain", "price.override"}))
    assert [(each.conflict.duty_a, each.conflict.duty_b, each.level) for each in found] == [
        ("order.enter", "price.maintain", BLOCK),
        ("order.enter", "price.override", WARN),
        ("price.maintain", "price.override", WARN),
    ]
    assert blocks(found) == (
        "'order.enter' and 'price.maintain' held by one person: Prices could be changed for one's own orders."
    )
    assert at_grant(held, held) == ()
    assert at_grant(held, frozenset({"customer.read"})) == ()


def act(duty: str, days_ago: int = 0, **more: object) -> Act:
    return Act(7, duty, DAY - timedelta(days=days_ago), **more)  # type: ignore[arg-type]


def test_the_one_who_took_an_order_does_not_release_it() -> None:
    taken = [act("order.enter", 400, order="SO-1", customer=5)]
    found = at_approval("order.release", 7, taken, day=DAY, order="SO-1", customer=5)
    assert [(each.level, each.where) for each in found] == [(BLOCK, "order")]
    assert "used on the same order" in (blocks(found) or "")
    assert at_approval("order.release", 8, taken, day=DAY, order="SO-1", customer=5) == ()
    assert at_approval("order.release", 7, taken, day=DAY, order="SO-2", customer=5) == ()


@pytest.mark.parametrize(
    ("days_ago", "customer", "level"), [(0, 5, BLOCK), (90, 5, BLOCK), (91, 5, None), (-1, 5, None), (3, 6, None)]
)
def test_the_same_customer_within_ninety_days(days_ago: int, customer: int, level: str | None) -> None:
    asked = [act("writeoff.request", days_ago, customer=5)]
    found = at_request("writeoff.approve", 7, asked, day=DAY, customer=customer)
    assert [each.level for each in found] == ([level] if level else [])


def test_a_conflict_is_named_once_at_its_highest_level() -> None:
    acts = [
        act("credit.request", 5, customer=5),
        act("credit.request", 3, order="SO-1", customer=5),
        act("credit.request", 1, customer=5),
    ]
    found = at_approval("credit.approve", 7, acts, day=DAY, order="SO-1", customer=5)
    assert [(each.level, each.where) for each in found] == [(BLOCK, "order")]
    assert [each.level for each in at_approval("credit.approve", 7, acts, day=DAY, customer=5)] == [WARN]
    assert at_approval("credit.approve", 7, acts, day=DAY, customer=5, days=0) == ()
    assert at_approval("credit.approve", 7, [act("credit.approve", order="SO-1")], day=DAY, order="SO-1") == ()
    with pytest.raises(Invalid):
        at_approval("credit.approve", 7, acts, day=DAY, days=-1)


def test_the_access_review_names_roles_and_accepted_controls() -> None:
    holdings = [
        Holding(2, "lead", "order.enter"), Holding(2, "rep", "order.enter"), Holding(2, "lead", "order.release"),
        Holding(1, "cashier", "cash.apply"), Holding(1, "fin", "writeoff.approve"), Holding(1, "x", "customer.read"),
    ]  # fmt: skip
    rows = review(holdings, accepted={(1, "writeoff.approve", "cash.apply"): "monthly review by the controller"})
    assert [(row.person, row.duty_a, row.roles_a, row.duty_b, row.level, row.accepted) for row in rows] == [
        (1, "cash.apply", "cashier", "writeoff.approve", BLOCK, "monthly review by the controller"),
        (2, "order.enter", "lead, rep", "order.release", WARN, ""),
    ]
    assert review([]) == ()
    assert review(holdings, conflicts=[]) == ()


DUTY_SETS = st.frozensets(st.sampled_from(ALL), max_size=6)


@given(DUTY_SETS, DUTY_SETS)
def test_granting_in_steps_finds_what_granting_at_once_finds(held: frozenset[str], added: frozenset[str]) -> None:
    at_once = set(at_grant(frozenset(), held | added))
    in_steps = {*at_grant(frozenset(), held), *at_grant(held, added)}
    assert at_once == in_steps


@given(st.sampled_from(ALL), st.sampled_from(ALL), st.integers(-5, 200))
def test_a_company_may_turn_a_level_off(duty: str, other: str, days: int) -> None:
    off = [replace(each, level="", same_order="", same_customer="") for each in CONFLICTS]
    acts = [act(other, days, order=1, customer=1)]
    assert at_request(duty, 7, acts, day=DAY, order=1, customer=1, conflicts=iter(off)) == ()
    assert at_grant(frozenset(), frozenset({duty, other}), off) == ()
