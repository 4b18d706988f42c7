"""Each test has folders of its own for logs and sockets, and the books of its desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from csdesk.store import Store
from tests.crash.rep import Books, Desk
from tests.screens.conftest import runtime  # noqa: F401 - a fixture
from tests.support.seed import Seeded


@pytest.fixture
def books(database_url: str, seeded: Seeded) -> Iterator[Books]:
    """The books of the seeded desk; the clock is the real one, as the program's is."""
    store = Store(database_url)
    yield Books(store)
    store.close()


@pytest.fixture
def desk(database_url: str, books: Books) -> Callable[..., Desk]:
    """Starts the program on the seeded desk."""
    return partial(Desk, database_url)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the program writes what went wrong."""
    return tmp_path / "state" / "csdesk" / "csdesk.log"
