"""What guessing costs: delays and rests that grow and end, and no more guesses a day than the standard allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.rules import lockout
from csdesk.rules.lockout import LOCKS_AT, LONGEST_DELAY, MOST, QUIET, Count

START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
gaps = st.lists(st.timedeltas(min_value=timedelta(), max_value=timedelta(hours=30)), max_size=150)


def guessed(spans: list[timedelta]) -> list[tuple[datetime, Count, bool]]:
    """Failures after one another: (when, count afterwards, whether it was looked at)."""
    count, now, made = Count(), START, []
    for span in spans:
        now += span
        looked_at = not lockout.locked(count, now)
        count = lockout.failed(count, now)
        made.append((now, count, looked_at))
    return made


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_a_delay_never_shrinks_by_a_failure_and_has_an_end(by_login: int, by_address: int, more: int) -> None:
    delay = lockout.delay(by_login, by_address)
    assert 0 <= delay <= LONGEST_DELAY
    assert lockout.delay(by_login + more, by_address) >= delay
    assert lockout.delay(by_login, by_address + more) >= delay


def test_the_first_slips_cost_nothing_and_then_it_doubles() -> None:
    assert [lockout.delay(n, 0) for n in range(9)] == [0, 0, 0.5, 1, 2, 4, 8, 16, 16]
    assert lockout.delay(0, lockout.FREE_ADDRESS) == 0
    assert lockout.delay(0, lockout.FREE_ADDRESS + 1) == 0.5


@given(gaps)
def test_nothing_rests_before_the_tenth_failure_and_no_rest_is_longer_than_a_day(spans: list[timedelta]) -> None:
    for now, count, looked_at in guessed(spans):
        if count.failures < LOCKS_AT:
            assert not lockout.locked(count, now)
        assert count.until is None or count.until - now <= QUIET
        if looked_at:
            assert count.last == now


@given(gaps)
def test_a_guess_while_the_password_rests_changes_nothing(spans: list[timedelta]) -> None:
    before = Count()
    for _, count, looked_at in guessed(spans):
        assert looked_at or count == before
        before = count


@given(st.lists(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(minutes=70)), max_size=800))
def test_nobody_gets_more_than_a_hundred_guesses_in_a_row_without_a_day_of_rest(spans: list[timedelta]) -> None:
    run = 0
    last = START
    for now, _, looked_at in guessed(spans):
        if looked_at:
            run = run + 1 if now - last < QUIET else 1
            last = now
        assert run <= MOST


def test_the_fastest_guesser_gets_a_hundred_a_day_or_so() -> None:
    count, now, tries = Count(), START, 0
    while now < START + timedelta(days=10):
        now = count.until if count.until and now < count.until else now + timedelta(seconds=1)
        tries += 1
        count = lockout.failed(count, now)
    assert tries <= 10 * MOST


@given(st.integers(0, 300))
def test_a_quiet_day_forgets(failures: int) -> None:
    count = Count(failures, START)
    assert lockout.standing(count, START + QUIET - timedelta(seconds=1)) == failures
    assert lockout.standing(count, START + QUIET) == 0
    assert lockout.failed(count, START + QUIET).failures == 1


@pytest.mark.parametrize(("failures", "minutes"), [(9, 0), (10, 15), (15, 30), (20, 60), (95, 60), (100, 1440)])
def test_rests_grow(failures: int, minutes: int) -> None:
    count = lockout.failed(Count(failures - 1, START), START)
    assert ((count.until or START) - START) == timedelta(minutes=minutes)
