"""A clock taken apart adds up: days to the time used, pauses and holidays named, on calendars of every kind."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from csdesk.rules.clock import Calendar, due, elapsed
from csdesk.rules.clock_explain import block_text, days, explain, named_days
from csdesk.rules.clock_text import calendar_of
from csdesk.rules.ticket_clocks import clocks
from csdesk.rules.ticket_policy import Policy, targets_of
from csdesk.rules.ticket_states import Event

OFFICE = calendar_of({
    "zone": "Europe/Berlin", **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-12:00 13:00-17:00"),
    "country": "DE", "subdivision": "BE", "holidays": ["2026-12-24"], "hours": {"2026-12-31": "08:00-12:00"},
    "name": "office",
})  # fmt: skip
ALWAYS = calendar_of({"zone": "Europe/Berlin", **dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
                                                               "00:00-24:00"), "name": "always"})  # fmt: skip
EVENING = calendar_of({"zone": "America/New_York", "mon": "14:00-24:00", "tue": "00:00-02:00 14:00-24:00"})
BERLIN = ZoneInfo("Europe/Berlin")
MANY = 2000 if os.environ.get("CSDESK_LONG") == "1" else 40


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def test_holidays_are_told_by_name_and_closed_weekends_are_not() -> None:
    found = named_days(OFFICE, date(2026, 12, 23), date(2027, 1, 3))
    assert found == [
        (date(2026, 12, 24), "closed by the desk"), (date(2026, 12, 25), "Christmas Day"),
        (date(2026, 12, 31), "hours of its own"), (date(2027, 1, 1), "New Year's Day"),
    ]  # fmt: skip


def test_the_days_of_a_span_with_a_pause_over_a_night() -> None:
    pause = (at("2026-06-10 16:30"), at("2026-06-11 09:30"))
    found = days(OFFICE, at("2026-06-10 16:00"), at("2026-06-11 11:00"), [pause])
    told = [(each.day.day, [block_text(one, BERLIN) for one in each.blocks], each.time) for each in found]
    assert told == [(10, ["16:00-16:30"], timedelta(minutes=30)), (11, ["09:30-11:00"], timedelta(minutes=90))]


def test_midnight_is_told_as_the_end_of_its_day() -> None:
    zone = ZoneInfo("America/New_York")
    start = datetime(2026, 6, 8, 23, tzinfo=zone).astimezone(UTC)
    found = days(EVENING, start, start + timedelta(hours=2), [])
    assert [block_text(one, zone) for each in found for one in each.blocks] == ["23:00-24:00", "00:00-01:00"]


@given(
    st.sampled_from([OFFICE, ALWAYS, EVENING]), st.integers(0, 60 * 24 * 400), st.integers(0, 60 * 24 * 40),
    st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 3000)), max_size=3),
)  # fmt: skip
@settings(max_examples=MANY, deadline=None)
def test_the_days_add_up_to_the_open_time(
    calendar: Calendar, begin: int, length: int, spells: list[tuple[int, int]]
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=begin)
    end = start + timedelta(minutes=length)
    pauses = [(start + timedelta(minutes=a), start + timedelta(minutes=a + b)) for a, b in spells]
    found = days(calendar, start, end, pauses)
    assert sum((each.time for each in found), timedelta(0)) == elapsed(calendar, start, end, pauses)
    blocks = [block for each in found for block in each.blocks]
    assert all(a[1] <= b[0] for a, b in pairwise(blocks))
    until = due(calendar, start, timedelta(hours=7), pauses)
    total = sum((each.time for each in days(calendar, start, until, pauses)), timedelta(0))
    assert total == timedelta(hours=7)


POLICY = Policy("p", 1, OFFICE, targets_of({"resolution": {"3": "12h"}, "first_response": {"3": "4h"}}))


def story(*told: tuple[str, str, dict[str, object]]) -> list[Event]:
    return [Event(number, at(when), name, 1, data) for number, (when, name, data) in enumerate(told, 1)]


def test_a_clock_taken_apart_has_its_pauses_waits_and_what_is_ahead() -> None:
    events = story(
        ("2026-06-10 14:00", "opened", {"priority": 3, "policy": "p", "policy_version": 1}),
        ("2026-06-10 15:00", "outbound", {}),
        ("2026-06-10 16:00", "waiting", {"party": "customer", "question": "photo", "wake": "2026-06-19"}),
        ("2026-06-11 10:00", "resumed", {}),
        ("2026-06-11 11:00", "waiting", {"party": "internal", "question": "stock count", "wake": "2026-06-19"}),
    )
    now = at("2026-06-11 16:00")
    (clock,) = (each for each in clocks(events, {("p", 1): POLICY}, now) if each.kind == "resolution")
    told = explain(clock, now)
    assert [(each.party, each.reason, each.time) for each in told.pauses] == [("customer", "photo", timedelta(hours=3))]
    assert [(each.party, each.time) for each in told.waits] == [("internal", timedelta(hours=4))]
    used = sum((each.time for each in told.used), timedelta(0))
    ahead = sum((each.time for each in told.ahead), timedelta(0))
    assert (used, used + ahead) == (clock.elapsed, clock.target)
    late = explain(next(each for each in clocks(events, {("p", 1): POLICY}, at("2026-06-15 16:00"))
                        if each.kind == "resolution"), at("2026-06-15 16:00"))  # fmt: skip
    assert late.ahead == ()
    assert sum((each.time for each in late.used), timedelta(0)) == late.clock.target + late.clock.late
