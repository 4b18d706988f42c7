"""A desk without a screen on the small seeded books; after tests, by turns, every invariant of the
books must hold (`at_the_end`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from csdesk.prompt.desk import Desk
from csdesk.store import Store
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.support.clock import Clock
from tests.support.faults import LONG, at_the_end
from tests.support.seed import Seeded, acting


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The desk asks services, which are all tried on both databases: of the tests of keys, screens and crashes a normal
    run takes one in six on Postgres, CSDESK_LONG=1 all of them."""
    here = tuple(f"{Path(__file__).parents[1] / name}{os.sep}" for name in ("prompt", "screens", "crash"))
    again = [each for each in items if str(each.path).startswith(here) and "[postgres" in each.nodeid]
    gone = [each for each in again if not LONG and crc32(each.nodeid.encode()) % 6]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [each for each in items if each not in set(gone)]


@pytest.fixture
def books(store: Store, seeded: Seeded, clock: Clock) -> Books:
    """The tables behind the desk, and the stores of a rep and a lead."""
    return Books(store, acting(store, "rep7"), acting(store, "lead3"), seeded, clock)


@pytest.fixture
def seat(books: Books, request: pytest.FixtureRequest) -> Iterator[Seat]:
    """A rep's desk, nobody on the line yet."""
    yield Seat(Desk(books.rep))
    assert at_the_end(books.store, request.node.nodeid) == []
