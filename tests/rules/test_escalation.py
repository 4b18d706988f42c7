"""What calls for an escalation, and that each is there once: laws on random clocks and looks, and cases by hand."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csdesk.errors import Refused
from csdesk.rules import escalation as rule
from csdesk.rules import escalation_ladder as ladder
from csdesk.rules.clock import ALWAYS, Calendar
from csdesk.rules.escalation import HEAD, LIVE, MOVES, Called, Standing
from csdesk.rules.ticket_states import Event

LONG = os.environ.get("CSDESK_LONG") == "1"
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = (480, 1080)
DESK = Calendar("UTC", ((DAY,),) * 5 + ((), ()))
SPANS = {rule.OWNER: timedelta(hours=1), rule.LEAD: timedelta(minutes=30), rule.SUPERVISOR: timedelta(hours=1)}

calls = st.lists(
    st.builds(
        lambda clock, share, hours: Called(
            *((("clock-75", 0), ("clock-100", 1), ("clock-150", 2))[share]), f"reply:{clock}",
            START + timedelta(hours=hours + share * 3), "late",
        ),
        st.integers(1, 3), st.integers(0, 2), st.integers(0, 20),
    )
    | st.builds(
        lambda n, hours: Called("hand", 1, f"hand:{n}", START + timedelta(hours=hours), "by hand"),
        st.integers(1, 3), st.integers(0, 20),
    ),
    max_size=12, unique_by=lambda each: each.key,
)  # fmt: skip


@settings(max_examples=4_000 if LONG else 150, deadline=None)
@given(calls, st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["", "acknowledge", "action", "close"])),
                       min_size=1, max_size=8))  # fmt: skip
def test_one_for_each_key_however_often_and_late_somebody_looks(
    called: list[Called], looks: list[tuple[int, str]]
) -> None:
    there: dict[tuple[str, int, str], Standing] = {}
    for hours, step in sorted(looks):
        now = START + timedelta(hours=hours)
        raised, passed, overtaken = ladder.decided(called, list(there.values()), now)
        fresh = [*raised, *(each for each, _ in passed)]
        assert len({each.key for each in fresh}) == len(fresh)
        assert not {each.key for each in fresh} & set(there)
        assert all(each.at <= now for each in fresh)
        of_clocks = [each.epoch for each in raised if each.rule in rule.OF_A_CLOCK]
        assert len(set(of_clocks)) == len(of_clocks), "of a clock one level is raised at a time"
        assert all(each.state == "raised" for each in overtaken)
        for each in overtaken:
            there[each.rule, each.level, each.epoch] = Standing(each.id, each.rule, each.level, each.epoch, "passed")
        for each in raised:
            there[each.key] = Standing(len(there), each.rule, each.level, each.epoch, "raised")
        for each, _ in passed:
            there[each.key] = Standing(len(there), each.rule, each.level, each.epoch, "passed")
        assert ladder.decided(called, list(there.values()), now) == ([], [], []), "looking again does nothing"
        for key, each in list(there.items()):
            if step in MOVES[each.state]:
                after = rule.after(each.state, step)
                next_at = now + timedelta(hours=1) if step == "acknowledge" else None
                there[key] = Standing(each.id, each.rule, each.level, each.epoch, after, next_at)
    due = {each.key for each in called if each.at <= START + timedelta(hours=max(hours for hours, _ in looks))}
    assert due == set(there), "nothing that was due is lost"


@settings(max_examples=2_000 if LONG else 100, deadline=None)
@given(calls, st.integers(0, 30), st.integers(0, 30), st.sampled_from(["acknowledge", "close", ""]))
def test_what_was_withdrawn_is_raised_once_more_when_its_call_stands_again(
    called: list[Called], first: int, later: int, step: str
) -> None:
    there: dict[tuple[str, int, str], Standing] = {}

    def look(hours: int) -> list[Called]:
        raised, passed, overtaken = ladder.decided(called, list(there.values()), START + timedelta(hours=hours))
        for one in overtaken:
            there[one.rule, one.level, one.epoch] = replace(one, state="passed")
        for call, state in [*((call, "raised") for call in raised), *((call, "passed") for call, _ in passed)]:
            there[call.key] = Standing(len(there), call.rule, call.level, call.epoch, state)
        return raised

    look(first)
    answered = {each.epoch for each in there.values() if each.state == "raised"} if step == "close" else set()
    for key, each in list(there.items()):
        if each.state in LIVE:
            there[key] = replace(each, state=rule.after(each.state, step or "withdraw"))
        if each.state in LIVE and step == "acknowledge":
            there[key] = replace(each, state="withdrawn")
    had = {each.epoch for each in there.values()}
    again = look(first + later)
    at_once = {each.epoch for each in again if each.epoch in had and each.key in there}
    assert had - answered <= at_once, "nothing that was withdrawn and is called for is lost"
    epochs = [each.epoch for each in again]
    assert len(set(epochs)) == len(epochs), "one at a time"
    assert look(first + later) == [], "looking again does nothing"


@settings(max_examples=2_000 if LONG else 100, deadline=None)
@given(st.integers(0, 2), st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_ladder_never_goes_down_nor_above_the_head(level: int, due: int, late: int) -> None:
    due_at = START + timedelta(minutes=due)
    now = due_at + timedelta(minutes=late)
    to, since, passed = ladder.climbed(level, due_at, SPANS, DESK, now)
    assert level < to <= HEAD
    assert [each for each, _ in passed] == list(range(level + 1, to))
    assert due_at <= since <= now or to == level + 1
    assert ladder.climbed(level, due_at, SPANS, ALWAYS, due_at)[0] == level + 1


def test_the_moves_of_one() -> None:
    assert {"raised", "acknowledged", "actioned"} == LIVE
    assert rule.after("raised", "acknowledge") == "acknowledged"
    assert rule.after("acknowledged", "action") == "actioned"
    assert rule.after("actioned", "close") == "closed"
    with pytest.raises(Refused, match="closed cannot take 'acknowledge'"):
        rule.after("closed", "acknowledge")
    with pytest.raises(Refused, match="Nobody stands above the head"):
        ladder.climbed(HEAD, START, SPANS, DESK, START)


def event(seq: int, name: str, by: int = 1, hours: float = 0, **data: object) -> Event:
    return Event(seq, START + timedelta(hours=hours), name, by, data)


def test_silence_counts_from_the_last_word_of_a_person() -> None:
    waits = [event(1, "opened"), event(2, "waiting", party="internal")]
    (found,) = rule.of_silence(waits, None, DESK, rule.Limits())
    assert (found.epoch, found.at) == ("silence:2", datetime(2026, 3, 3, 18, tzinfo=UTC))
    noted = [*waits, event(3, "note", hours=26), event(4, "escalated", hours=27), event(5, "cutoff", 0, 28)]
    (found,) = rule.of_silence(noted, None, DESK, rule.Limits())
    assert (found.epoch, found.at) == ("silence:3", datetime(2026, 3, 4, 18, tzinfo=UTC))
    assert rule.of_silence(noted, found.at, DESK, rule.Limits()) == []
    assert rule.of_silence([*noted, event(6, "resumed")], None, DESK, rule.Limits()) == []
    assert rule.of_silence([event(1, "waiting", party="customer")], None, DESK, rule.Limits()) == []


def test_the_second_reopening_and_each_after_it_a_low_score_and_a_value_over_the_limit() -> None:
    events = [event(1, "opened", value=900), event(2, "line", value=5_001), *(event(n, "reopened") for n in (3, 4, 5)),
              event(6, "surveyed", score=3, round=1), event(7, "surveyed", score=2, round=2)]  # fmt: skip
    found = rule.of_events(events, rule.Limits(score=2, value=5_000))
    assert [(each.rule, each.epoch) for each in found] == [
        ("value", "value"), ("reopened", "reopened:3"), ("survey", "survey:2"),
    ]  # fmt: skip
    assert rule.of_events(events[:2], rule.Limits()) == []
