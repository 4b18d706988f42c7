"""Credit: exposure adds up, and only a document that passes the limit is stopped."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.rules.credit import Exposure, headroom, over_limit

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
