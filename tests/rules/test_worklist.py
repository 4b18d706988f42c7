"""The work list: the formula of the value at risk, the order, the reasons."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.worklist import Debtor, ranked, value_at_risk

DAY = date(2026, 3, 3)


def test_past_due_weighs_by_age_and_what_was_promised_in_full() -> None:
    debtor = Debtor(1, (100_00, 100_00, 100_00, 100_00), broken_value=10_00, deducted=5_00)
    assert value_at_risk(debtor) == 25_00 + 50_00 + 75_00 + 100_00 + 10_00 + 5_00
    assert value_at_risk(debtor, shares=(0, 0, 0, 0)) == 15_00
    assert value_at_risk(Debtor(1, (1, 1, 0, 0))) == 1  # 0.75, rounded half up once


def test_the_order_and_the_reasons() -> None:
    old = Debtor(1, (0, 0, 0, 10_00), oldest_days=120, contact_on=DAY)
    broken = Debtor(2, (0, 0, 0, 0), broken_value=10_00, oldest_days=9, broken=2, currency="USD")
    near = Debtor(3, (0, 0, 0, 0), deadline_on=DAY + timedelta(days=7), deducted=3_00)
    nothing = Debtor(4, (0, 0, 0, 0))
    found = ranked([old, broken, near, nothing], DAY)
    assert [each.debtor.id for each in found] == [2, 1, 3]
    assert found[0].reasons == ("2 broken promises (10.00)", "9 days late", "no contact yet")
    assert (found[1].reasons, found[2].reasons) == (("120 days late",), ("deduction due 10 Mar",))


def test_each_band_has_a_share() -> None:
    with pytest.raises(Invalid):
        value_at_risk(Debtor(1, (1, 2, 3)))
    with pytest.raises(Invalid):
        value_at_risk(Debtor(1, (1, 2, 3, 4)), shares=(25, 50, 75, 101))


@given(st.tuples(*[st.integers(0, 10**12)] * 4), st.integers(0, 10**12))
def test_never_more_than_what_is_owed(bands: tuple[int, int, int, int], broken: int) -> None:
    assert 0 <= value_at_risk(Debtor(1, bands, broken)) <= sum(bands) + broken
