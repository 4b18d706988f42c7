"""Approval tiers: edges belong to the lower tier, the top is open, and splitting a request does not lower its tier."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid, Refused
from csdesk.rules.tiers import Asked, Tier, counted_amount, needed_rank, rank_of, tier_faults, tier_for, tier_of

# A delegation of authority as companies publish it: to 250 a team lead, to 2,500 a supervisor, to 25,000 supervisor
# and manager, above that manager and director; the first 25 need nobody.
TIERS = (
    Tier("credit_note", "USD", 2500),
    Tier("credit_note", "USD", 25000, ("lead",)),
    Tier("credit_note", "USD", 250000, ("supervisor",)),
    Tier("credit_note", "USD", 2500000, ("supervisor", "manager")),
    Tier("credit_note", "USD", None, ("manager", "director")),
)
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
ASKED = Asked(maker=7, customer=100, reason="damaged", amount=20000, at=NOON, currency="USD", kind="credit_note", id=9)


@pytest.mark.parametrize(
    ("amount", "steps"),
    [
        (0, ()),
        (2500, ()),  # the edge is within
        (2501, ("lead",)),
        (25000, ("lead",)),
        (25001, ("supervisor",)),
        (2500000, ("supervisor", "manager")),
        (2500001, ("manager", "director")),
        (10**12, ("manager", "director")),
        (-25001, ("supervisor",)),  # the size counts
    ],
)
def test_the_upper_edge_belongs_to_its_tier(amount: int, steps: tuple[str, ...]) -> None:
    assert tier_for(amount, TIERS).steps == steps


def test_what_no_tier_covers_is_refused_in_a_sentence() -> None:
    with pytest.raises(Refused, match=r"Nobody may approve a credit note request of 25000\.01 USD"):
        tier_for(2500001, TIERS[:-1])
    with pytest.raises(Refused, match="no tier covers it"):
        tier_for(1, [])
    with pytest.raises(Refused):
        tier_for(1, TIERS, kind="write_off")


def test_kinds_and_currencies_never_mix() -> None:
    mixed = [*TIERS, Tier("credit_note", "JPY", 100, ("lead",)), Tier("write_off", "USD", 1, ("director",))]
    assert tier_for(50, mixed, kind="credit_note", currency="JPY").steps == ("lead",)
    with pytest.raises(Invalid):
        tier_for(50, mixed)
    with pytest.raises(Invalid):
        tier_for(1.5, TIERS)  # type: ignore[arg-type]


def test_the_rank_a_tier_needs() -> None:
    assert [needed_rank(tier) for tier in TIERS] == [0, 20, 30, 40, 50]
    assert needed_rank(Tier("terms", "USD", None, ("chief",)), {"chief": 3}) == 3
    with pytest.raises(Invalid, match="'chief' has no rank"):
        rank_of("chief")


def test_splitting_raises_the_tier() -> None:
    """Two of 200.00 within three days count as 400.00: the supervisor, not the lead."""
    first = replace(ASKED, id=8, at=NOON - timedelta(hours=71))
    assert tier_of(ASKED, [], TIERS).steps == ("lead",)
    assert counted_amount(ASKED, [first]) == 40000
    assert tier_of(ASKED, [first], TIERS).steps == ("supervisor",)


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({"at": NOON - timedelta(hours=72)}, True),  # the edge is within
        ({"at": NOON - timedelta(hours=72, seconds=1)}, False),
        ({"at": NOON}, True),
        ({"at": NOON + timedelta(seconds=1)}, False),
        ({"maker": 8}, False),
        ({"customer": 101}, False),
        ({"reason": "price wrong"}, False),
        ({"currency": "EUR"}, False),
        ({"kind": "goodwill"}, True),
        ({"state": "posted"}, True),
        ({"state": "approved"}, True),
        ({"state": "returned"}, True),
        ({"state": "rejected"}, False),
        ({"state": "withdrawn"}, False),
        ({"state": "expired"}, False),
        ({"id": 9}, False),  # the request itself
    ],
)
def test_which_earlier_requests_count(change: dict[str, object], counts: bool) -> None:
    earlier = replace(ASKED, **{"id": 8, "at": NOON - timedelta(hours=1), **change})  # type: ignore[arg-type]
    assert counted_amount(ASKED, [earlier]) == (40000 if counts else 20000)


def test_the_switches_of_the_count() -> None:
    old = replace(ASKED, id=8, at=NOON - timedelta(hours=100))
    other = replace(ASKED, id=8, kind="goodwill")
    rejected = replace(ASKED, id=8, state="rejected")
    assert counted_amount(ASKED, [old], hours=100) == 40000
    assert counted_amount(ASKED, [other], same_kind=True) == 20000
    assert counted_amount(ASKED, [rejected], not_counted=frozenset()) == 40000


def test_a_set_of_tiers_that_cannot_be_used_says_why() -> None:
    assert tier_faults(TIERS) == []
    assert tier_faults(TIERS[:-1]) == []
    assert tier_faults([TIERS[1], Tier("credit_note", "USD", 25000, ("manager",))]) == [
        "credit note USD: there are two tiers up to 250.00 USD."
    ]
    assert tier_faults([TIERS[4], replace(TIERS[4])]) == ["credit note USD: there are two tiers unlimited."]
    assert tier_faults([TIERS[2], Tier("credit_note", "USD", None, ("lead",))]) == [
        "credit note USD: the tier above 2500.00 USD asks for less than the one below."
    ]
    assert tier_faults([Tier("terms", "USD", -1)]) == ["terms USD: an upper edge is below 0."]


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_more_never_needs_less(amount: int, more: int) -> None:
    assert needed_rank(tier_for(amount + more, TIERS)) >= needed_rank(tier_for(amount, TIERS))


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6), st.data())
def test_the_last_part_of_a_split_request_needs_what_the_whole_needs(parts: list[int], data: st.DataObject) -> None:
    hours = [data.draw(st.integers(0, 72)) for _ in parts[1:]]
    earlier = [
        replace(ASKED, id=n, amount=part, at=NOON - timedelta(hours=before))
        for n, (part, before) in enumerate(zip(parts[1:], hours, strict=True))
    ]
    last = replace(ASKED, id="last", amount=parts[0])
    assert tier_of(last, earlier, TIERS) == tier_for(sum(parts), TIERS)
