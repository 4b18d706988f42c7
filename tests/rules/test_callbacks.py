"""Callbacks: the moves, the window as it is typed, and what counts as kept, strictly and leniently."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csdesk.errors import Invalid, Refused
from csdesk.rules import callbacks as rule
from csdesk.rules.callbacks import MOVES, OUTCOMES, Window

MANY = settings(max_examples=3000 if os.environ.get("CSDESK_LONG") == "1" else 80, deadline=None)
NOW = datetime(2026, 3, 3, 14, 3, tzinfo=UTC)  # a Tuesday, 09:03 in New York
ZONE = "America/New_York"
WINDOW = Window(NOW, NOW + timedelta(hours=1))
MINUTES = st.integers(-180, 180).map(lambda each: NOW + timedelta(minutes=each))
ATTEMPTS = st.lists(st.tuples(MINUTES, st.sampled_from(OUTCOMES)), max_size=6)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


@pytest.mark.parametrize(
    ("typed", "opens", "until"),
    [("15", "2026-03-03 15:00", None), ("15:30", "2026-03-03 15:30", None),
     ("9-10", "2026-03-03 09:00", "2026-03-03 10:00"),
     ("mon10", "2026-03-09 10:00", None), ("Monday 10-11:30", "2026-03-09 10:00", "2026-03-09 11:30"),
     ("12/6 10", "2026-06-12 10:00", None), ("+1 9", "2026-03-04 09:00", None), ("tues 8", "2026-03-10 08:00", None),
     ("22-24", "2026-03-03 22:00", "2026-03-04 00:00"), ("9:03", "2026-03-03 09:03", None),
     ("sun2:30", "2026-03-08 03:30", None)],  # that night 2:30 does not exist
)  # fmt: skip
def test_a_window_is_typed_on_the_customers_clock(typed: str, opens: str, until: str | None) -> None:
    expected = Window(local(opens), local(until) if until else None)
    assert rule.typed_window(typed, NOW, ZONE) == expected


@pytest.mark.parametrize(
    "typed", ["", "25", "15:75", "16-15", "15-15", "9", "8-9", "funday10", "24", "12/13 9", "15 16", "2/3 10", "+181 9"]
)
def test_what_is_no_window_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as raised:
        rule.typed_window(typed, NOW, ZONE)
    assert raised.value.message.endswith(".")


@MANY
@given(st.text("0123456789:-/+ monfri", max_size=12))
def test_any_text_is_a_window_to_come_or_refused(typed: str) -> None:
    try:
        found = rule.typed_window(typed, NOW, ZONE)
    except Invalid:
        return
    assert found.opens < found.end
    assert found.end > NOW - timedelta(minutes=1)


def test_the_states_reach_an_end_and_nothing_leaves_it() -> None:
    targets = {after for events in MOVES.values() for after in events.values()}
    assert targets == set(MOVES)
    for state in ("kept", "cancelled"):
        with pytest.raises(Refused, match=f"is {state} already"):
            rule.after(state, "attempt")


@MANY
@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from(("attempt", "speak", "lapse", "cancel"))), max_size=8))
def test_what_was_broken_is_never_anything_else_unless_it_is_moved(steps: list[tuple[int, str]]) -> None:
    state, minutes, was_broken = "promised", 0, False
    for later, event in steps:
        minutes += later
        now = NOW + timedelta(minutes=minutes)
        state = rule.judged(state, WINDOW, now)
        was_broken |= state == "broken"
        if event in MOVES[state] and (event != "lapse" or rule.lapsed(state, WINDOW, now)):
            state = rule.after(state, event)
        assert (state == "broken") == was_broken


@MANY
@given(ATTEMPTS)
def test_kept_strictly_is_kept_leniently_and_moves_are_no_attempts(attempts: list[tuple[datetime, str]]) -> None:
    strict, lenient = rule.strict(WINDOW, attempts), rule.lenient(WINDOW, attempts)
    assert lenient or not strict
    assert strict == any(outcome == "spoke" and at <= WINDOW.end for at, outcome in attempts)
    tries = [at for at, outcome in attempts if not outcome.startswith("moved")]
    assert lenient == (strict or any(WINDOW.opens <= at <= WINDOW.end for at in tries))


@MANY
@given(MINUTES, st.sampled_from(sorted(MOVES)), st.booleans())
def test_a_move_counts_as_broken_by_us_once_the_window_is_open(now: datetime, state: str, by_us: bool) -> None:
    counts = rule.moved_counts(state, WINDOW, now, by_us)
    if state in ("promised", "attempted"):
        assert counts == (now > WINDOW.end or (by_us and now >= WINDOW.opens))
    assert rule.moved_counts("broken", WINDOW, now, by_us)


def test_due_and_late_are_told_by_the_clock() -> None:
    told = [rule.told("promised", WINDOW, NOW + timedelta(minutes=each)) for each in (-1, 0, 60, 61)]
    assert told == ["promised", "due", "due", "late"]
    assert rule.told("attempted", WINDOW, NOW) == "attempted"
    assert Window(NOW).end == NOW + rule.USUAL


@pytest.mark.parametrize(
    ("words", "outcome"),
    [("engaged", "engaged"), ("line was busy", "engaged"), ("left a message", "message left"),
     ("voicemail", "message left"),
     ("wrong number", "wrong number"), ("rang out", "no answer")],
)  # fmt: skip
def test_words_of_a_failed_attempt_are_read(words: str, outcome: str) -> None:
    assert rule.outcome_of(words) == outcome
