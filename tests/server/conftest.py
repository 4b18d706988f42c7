"""One server for all tests of a worker, on SQLite; tests that stop or break one have their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.server.house import Server, serving
from tests.support import databases
from tests.support.seed import Seeded


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server most tests share; each hires people of its own."""
    folder = tmp_path_factory.mktemp("server")
    with databases.database("sqlite", folder, "seeded") as url, serving(folder / "s", url) as made:
        yield made


@pytest.fixture
def serve(database_url: str, seeded: Seeded, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server of the test's own; settings by name, without their `serve_`."""
    with ExitStack() as stack:

        def start(**more: Any) -> Server:
            return stack.enter_context(serving(tmp_path / "s", database_url, **more))

        yield start
