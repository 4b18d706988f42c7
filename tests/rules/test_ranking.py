"""The order of what waits: total, stable, each criterion before the next; the reason in a short phrase; truck days."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.delivery import first_day, last_chance
from csdesk.rules.ranking import FAR, Item, at_risk, key, presses, reason, span_words, weight

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)  # a Tuesday
HORIZON = NOW + timedelta(minutes=30)
ZONE = ZoneInfo("UTC")
MANY = settings(max_examples=5_000 if os.environ.get("CSDESK_LONG") else 100, deadline=None)
OLD = NOW - timedelta(days=3)

minutes = st.integers(-10_000, 10_000).map(lambda n: NOW + timedelta(minutes=n))
items = st.builds(
    Item, kind=st.sampled_from(["ticket", "callback", "request", "held", "promise", "cash"]), id=st.integers(1, 50),
    since=minutes, due=st.none() | minutes, clock=st.sampled_from(["", "reply", "resolution", "approval"]),
    safety=st.booleans(), callback=st.booleans(), cutoff=st.none() | minutes, value=st.integers(-100, 10_000),
    currency=st.sampled_from(["USD", "JPY", "BHD"]), tier=st.sampled_from(["", "1", "2", "A"]),
)  # fmt: skip
lists = st.lists(items, max_size=12, unique_by=lambda each: (each.kind, each.id))


def ranked(found: list[Item]) -> list[Item]:
    return sorted(found, key=lambda each: key(each, NOW, HORIZON))


@MANY
@given(lists, st.randoms(use_true_random=False))
def test_the_order_is_total_and_does_not_depend_on_the_order_it_comes_in(found: list[Item], dice) -> None:  # type: ignore[no-untyped-def]
    mixed = found[:]
    dice.shuffle(mixed)
    assert ranked(found) == ranked(mixed)
    keys = [key(each, NOW, HORIZON) for each in ranked(found)]
    assert all(a < b for a, b in pairwise(keys))


# For each criterion what wins by it alone; all that come after it may be as bad as can be.
WINS = (
    ("safety", {"safety": True}),
    ("pressing", {"due": NOW + timedelta(minutes=20), "clock": "reply"}),
    ("callback", {"callback": True}),
    ("value", {"cutoff": NOW + timedelta(hours=2), "value": 500}),
    ("due", {"due": NOW + timedelta(hours=5)}),
    ("tier", {"tier": "1"}),
    ("age", {"since": OLD - timedelta(days=9)}),
)
PLAIN = Item("ticket", 1, OLD)


@pytest.mark.parametrize("place", range(len(WINS) - 1))
def test_each_criterion_beats_all_after_it_together(place: int) -> None:
    wins = replace(PLAIN, id=99, **WINS[place][1])
    rest: dict[str, object] = {}
    for name, given_ in reversed(WINS[place + 1 :]):
        if not (name == "due" and "due" in rest):
            rest |= given_
    if "clock" in rest and place >= 1:
        rest.pop("clock")
    other = replace(PLAIN, id=1, **rest)
    assert ranked([other, wins]) == [wins, other], WINS[place][0]


@MANY
@given(items, items)
def test_what_two_things_differ_in_first_decides(a: Item, b: Item) -> None:
    def facts(each: Item) -> tuple[object, ...]:
        return (
            not each.safety, not presses(each, HORIZON), not each.callback, -at_risk(each, NOW), each.due or FAR,
            each.tier or "\U0010ffff", each.since, each.kind, each.id,
        )  # fmt: skip

    for first, second in zip(facts(a), facts(b), strict=True):
        if first != second:
            assert (key(a, NOW, HORIZON) < key(b, NOW, HORIZON)) == (first < second)  # type: ignore[operator]
            return
    assert key(a, NOW, HORIZON) == key(b, NOW, HORIZON)


def test_without_a_clock_nothing_presses_and_a_truck_that_has_gone_or_is_far_puts_nothing_at_risk() -> None:
    assert not presses(replace(PLAIN, due=OLD), HORIZON)
    assert presses(replace(PLAIN, due=HORIZON, clock="reply"), HORIZON)
    assert not presses(replace(PLAIN, due=HORIZON + timedelta(microseconds=1), clock="reply"), HORIZON)
    risky = replace(PLAIN, value=100, currency="USD")
    at = [at_risk(replace(risky, cutoff=NOW + timedelta(hours=n)), NOW) for n in (-1, 0, 1, 24, 25)]
    assert at == [0, 0, 1000, 1000, 0]
    assert at_risk(replace(risky, value=-100, cutoff=HORIZON), NOW) == 0


def test_amounts_of_all_currencies_are_of_one_size() -> None:
    assert weight(1234_56, "USD") == weight(1234_560, "BHD") == 1234_560
    assert weight(1234, "JPY") == 1234_000
    with pytest.raises(Invalid):
        Item("ticket", 1, OLD, value=1.5)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        Item("ticket", 1, NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("more", "left", "words"),
    [
        ({"due": NOW + timedelta(minutes=22), "clock": "reply"}, timedelta(minutes=22, seconds=40), "reply 22 min"),
        ({"due": NOW - timedelta(hours=5), "clock": "resolution"}, -timedelta(hours=3, minutes=10), "LATE solve 3h10"),
        ({"due": NOW - timedelta(hours=5), "clock": "reply", "safety": True}, timedelta(0), "SAFETY LATE reply"),
        ({"due": NOW + timedelta(minutes=30), "callback": True}, None, "callback 14:30"),
        ({"due": NOW - timedelta(days=1), "callback": True}, None, "callback Mon 02 14:00"),
        ({"cutoff": NOW.replace(hour=16), "value": 5}, None, "truck 16:00"),
        ({"cutoff": NOW + timedelta(days=2), "due": NOW + timedelta(days=2), "value": 5}, None, "truck Thu 05 14:00"),
        ({"due": NOW + timedelta(days=1), "clock": "resolution"}, timedelta(hours=9), "solve Wed 04 14:00"),
        ({"due": NOW + timedelta(days=60), "clock": "keep_informed"}, None, "tell 02 May"),
        ({"due": NOW + timedelta(hours=3)}, None, "due 17:00"),
        ({}, None, "since 28 Feb"),
    ],
)
def test_the_reason_is_one_short_phrase(more: dict[str, object], left: timedelta | None, words: str) -> None:
    assert reason(replace(PLAIN, **more), NOW, HORIZON, ZONE, left) == words  # type: ignore[arg-type]


def test_a_span_is_rounded_down() -> None:
    spans = [timedelta(seconds=59), timedelta(minutes=59, seconds=59), timedelta(hours=3, minutes=10), -timedelta(1),
             timedelta(hours=120, minutes=59)]  # fmt: skip
    assert [span_words(each) for each in spans] == ["0 min", "59 min", "3h10", "0 min", "120h"]


ROUTES = st.sampled_from(["12345", "135", "24", "1234567", "6"])


@MANY
@given(
    ROUTES, st.integers(0, 4), st.times(), st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5),
)  # fmt: skip
def test_the_last_chance_of_a_truck_is_the_last_one(
    route: str, lead: int, cut_off: time, day: date, holidays: set[date]
) -> None:
    of = {"delivery_days": route, "cut_off": cut_off, "lead_days": lead, "holidays": holidays}
    at = last_chance(day, **of)  # type: ignore[arg-type]
    assert at is not None
    assert first_day(at, **of) <= day  # type: ignore[arg-type]
    assert first_day(at + timedelta(days=1), **of) > day  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "lead", "at"), [(6, 0, (6, 14)), (6, 1, (5, 14)), (10, 0, (10, 14)), (10, 1, (9, 14)), (9, 1, (8, 14))]
)
def test_the_last_chance_by_hand(day: int, lead: int, at: tuple[int, int]) -> None:
    found = last_chance(date(2026, 3, day), delivery_days="12345", cut_off=time(14), lead_days=lead)
    assert found == datetime.combine(date(2026, 3, at[0]), time(at[1]))
