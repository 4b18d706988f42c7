"""Rosters: who is on shift, who is asked when nobody is, and shifts as they are written, also across a clock change."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules import rosters as rule
from csdesk.rules.rosters import Duty

MANY = settings(max_examples=3000 if os.environ.get("CSDESK_LONG") == "1" else 60, deadline=None)
START = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = st.integers(0, 72)
TEAMS = st.sampled_from(("North", "South", ""))


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


@st.composite
def duties(draw: st.DrawFn) -> Duty:
    start, long = draw(HOURS), draw(st.integers(1, 12))
    ended = draw(st.none() | st.integers(0, 80))
    level = draw(st.sampled_from(rule.LEVELS))
    ends = None if ended is None else at(max(ended, start))
    return Duty(draw(st.integers(1, 5)), draw(TEAMS), level, at(start), at(start + long), ends)


ROSTER = st.lists(duties(), max_size=12)


def test_a_shift_lasts_up_to_its_end_and_not_beyond_where_it_was_ended() -> None:
    early = Duty(1, "North", "", at(8), at(16))
    assert [rule.covers(early, at(hour)) for hour in (7.9, 8, 15.9, 16)] == [False, True, True, False]
    assert not rule.covers(Duty(1, "North", "", at(8), at(16), at(12)), at(12))
    assert rule.on_shift([early], "North", "", at(9)) == (1,)
    assert rule.on_shift([early], "South", "", at(9)) == ()


def test_nobody_on_shift_leads_one_level_up_and_money_to_finance() -> None:
    roster = [
        Duty(1, "North", "", at(8), at(16)), Duty(2, "North", "lead", at(8), at(12)),
        Duty(3, "North", "supervisor", at(8), at(10)), Duty(4, "West", "operations", at(0), at(24)),
        Duty(5, "West", "finance", at(0), at(20)),
    ]  # fmt: skip
    assert rule.whom(roster, "North", "", at(9)) == (1, "")
    assert rule.whom(roster, "North", "lead", at(9)) == (2, "lead")
    assert rule.whom(roster, "North", "lead", at(13)) == (4, "operations")
    assert rule.whom(roster, "North", "supervisor", at(11)) == (4, "operations")
    assert rule.whom(roster, "North", "supervisor", at(11), money=True) == (5, "finance")
    assert rule.whom(roster, "North", "", at(22), money=True) is None
    assert rule.ladder("lead") == ("lead", "supervisor", "operations")
    with pytest.raises(Invalid, match="no level"):
        rule.ladder("boss")


@MANY
@given(ROSTER, TEAMS, st.sampled_from(rule.LEVELS), HOURS, st.booleans(), st.integers(0, 9))
def test_whoever_is_asked_is_on_shift_on_the_first_rung_that_is_manned(
    roster: list[Duty], team: str, level: str, hour: int, money: bool, turn: int
) -> None:
    found = rule.whom(roster, team, level, at(hour), money, turn)
    manned = [rung for rung in rule.ladder(level, money) if rule.on_shift(roster, team, rung, at(hour))]
    if found is None:
        assert manned == []
    else:
        assert found[1] == manned[0]
        assert found[0] in rule.on_shift(roster, team, found[1], at(hour))
        assert rule.shift_end(roster, found[0], at(hour)) > at(hour)  # type: ignore[operator]


@MANY
@given(ROSTER, TEAMS, HOURS)
def test_more_shifts_never_take_anybody_off_duty(roster: list[Duty], team: str, hour: int) -> None:
    for n in range(len(roster)):
        fewer = roster[:n] + roster[n + 1 :]
        for level in rule.LEVELS:
            assert set(rule.on_shift(fewer, team, level, at(hour))) <= set(rule.on_shift(roster, team, level, at(hour)))


@MANY
@given(duties(), HOURS, st.integers(0, 6))
def test_overlapping_is_having_an_instant_in_common(duty: Duty, hour: int, long: int) -> None:
    span = [at(hour) + timedelta(minutes=each) for each in range(max(long * 60, 1))]
    assert rule.overlaps(duty, at(hour), at(hour + long)) == any(rule.covers(duty, each) for each in span)


def test_the_shift_that_follows_reaches_to_its_last_end() -> None:
    roster = [Duty(1, "North", "", at(8), at(16)), Duty(2, "North", "", at(16), at(20)),
              Duty(3, "North", "lead", at(16), at(24)), Duty(4, "South", "", at(15), at(23))]  # fmt: skip
    assert rule.next_shift(roster, "North", at(9)) == (at(16), at(24))
    assert rule.next_shift(roster, "North", at(16)) is None


def test_shifts_of_one_person_that_overlap_are_told() -> None:
    roster = [Duty(1, "", "", at(8), at(16)), Duty(2, "", "", at(9), at(12)), Duty(1, "", "", at(15), at(20))]
    assert rule.clashes(roster) == ((0, 2),)
    assert rule.clashes(roster[:2]) == ()


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("2026-03-02 08:00", "2026-03-02 16:30", 8.5), ("2026-03-02 08:00", "16:30", 8.5),
     ("2026-03-02T22:00", "06:00", 8),
     ("2026-03-02 16:00", "24:00", 8), ("2026-03-02 16:00", "2026-03-02 24:00", 8),
     ("2026-03-07 22:00", "06:00", 7),  # the clocks go forward in that night
     ("2026-10-31 22:00", "06:00", 9)],
)  # fmt: skip
def test_a_shift_is_written_in_local_times(start: str, end: str, hours: float) -> None:
    first, last = rule.written(start, end, "America/New_York")
    assert last - first == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-03-02", "16:00"), ("monday", "16:00"), ("2026-03-02 08:00", "25:00"), ("2026-03-02 08:00", "8"),
     ("2026-03-02 08:00", "2026-03-02 08:00"), ("2026-03-02 08:00", "2026-03-04 08:00"),
     ("2026-03-02 08:00+01:00", "16:00")],
)  # fmt: skip
def test_what_is_no_shift_is_refused(start: str, end: str) -> None:
    with pytest.raises(Invalid):
        rule.written(start, end, "America/New_York")
