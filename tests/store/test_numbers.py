"""Numbers are drawn without gaps, over failures and among processes."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

import pytest

from csdesk.errors import Refused
from csdesk.store import Store
from tests.support import verbs
from tests.support.clock import Clock

PROCESSES, EACH = 4, 15


def test_a_failure_gives_its_number_back(store: Store) -> None:
    assert store.write_now(verbs.draw_number) == 1
    with pytest.raises(Refused):
        store.write_now(verbs.draw_number, fail=True)
    assert store.write_now(verbs.draw_number) == 2


def test_each_year_counts_from_one(store: Store, clock: Clock) -> None:
    assert [store.write_now(verbs.draw_number) for _ in range(2)] == [1, 2]
    clock.now = datetime(2027, 1, 1, tzinfo=UTC)
    assert store.write_now(verbs.draw_number) == 1


def test_processes_never_draw_the_same_number_and_leave_no_gap(store: Store, database_url: str) -> None:
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        drawn = list(pool.map(verbs.draw_many, [database_url] * PROCESSES, [EACH] * PROCESSES))
    assert sorted(number for each in drawn for number in each) == list(range(1, PROCESSES * EACH + 1))
    assert all(each == sorted(each) for each in drawn)
