"""Standing in: at most 30 days, for named kinds, up to a cap, of one's own right alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from csdesk.rules.delegation import Delegation, delegation_fault, is_delegate_of, why_not_delegated

TODAY = date(2026, 3, 3)
SUPERVISOR, DEPUTY = 5, 7
HOLIDAY = Delegation(
    SUPERVISOR, DEPUTY, frozenset({"credit_note"}), TODAY, TODAY + timedelta(days=9), "on leave", 40000, "USD"
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, None),
        ({"ends": TODAY + timedelta(days=29)}, None),
        ({"ends": TODAY + timedelta(days=30)}, "at most 30 days"),
        ({"ends": TODAY}, None),
        ({"ends": TODAY - timedelta(days=1)}, "before it starts"),
        ({"to_person": SUPERVISOR}, "to himself"),
        ({"reason": " "}, "needs a reason"),
        ({"kinds": frozenset()}, "names the kinds"),
        ({"kinds": frozenset({"credit_note", "write_off"})}, "cannot be passed on: write off"),
        ({"cap": -1}, "below 0"),
    ],
)
def test_what_cannot_be_delegated(change: dict[str, object], words: str | None) -> None:
    reason = delegation_fault(replace(HOLIDAY, **change), own_kinds={"credit_note"})  # type: ignore[arg-type]
    assert (reason is None) if words is None else (reason is not None and words in reason)


def test_a_cap_without_currency_is_in_the_requests() -> None:
    plain = replace(HOLIDAY, currency="", cap=5)
    assert why_not_delegated(plain, kind="credit_note", amount=-5, day=TODAY) is None
    assert "5 minor units" in (why_not_delegated(plain, kind="credit_note", amount=6, day=TODAY) or "")


@pytest.mark.parametrize(("days", "stands_in"), [(-1, False), (0, True), (9, True), (10, False)])
def test_both_ends_of_a_delegation_are_in_it(days: int, stands_in: bool) -> None:
    day = TODAY + timedelta(days=days)
    assert is_delegate_of(DEPUTY, SUPERVISOR, [HOLIDAY], day) is stands_in
    assert not is_delegate_of(SUPERVISOR, DEPUTY, [HOLIDAY], day)
