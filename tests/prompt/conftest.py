"""A desk without a screen on the small seeded books; after each test every invariant of the books must hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from csdesk.prompt.desk import Desk
from csdesk.store import Store
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.support.clock import Clock
from tests.support.faults import at_the_end
from tests.support.seed import Seeded, acting


@pytest.fixture
def books(store: Store, seeded: Seeded, clock: Clock) -> Books:
    """The tables behind the desk, and the stores of a rep and a lead."""
    return Books(store, acting(store, "rep7"), acting(store, "lead3"), seeded, clock)


@pytest.fixture
def seat(books: Books, request: pytest.FixtureRequest) -> Iterator[Seat]:
    """A rep's desk, nobody on the line yet."""
    yield Seat(Desk(books.rep))
    assert at_the_end(books.store, request.node.nodeid) == []
