"""Fixtures of all tests. `store` and `database_url` come once for each kind of database, each test with its own."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from csdesk.migrations import regenerate
from csdesk.store import Store
from tests.support import databases, engines, postgres
from tests.support.clock import Clock
from tests.support.seed import Seeded


def pytest_configure(config: pytest.Config) -> None:
    """The process that runs the tests, or hands them to workers, owns the folder and ends the server."""
    engines.share()
    # A normal run tries fewer examples; CSDESK_LONG=1 as many as the library does, and those a test names.
    settings.register_profile("normal", max_examples=100 if os.environ.get("CSDESK_LONG") == "1" else 25)
    settings.load_profile("normal")
    gc.set_threshold(50_000, 20, 50)  # what tests leave behind goes with their process
    if not hasattr(config, "workerinput"):
        run = postgres.new_run()
        os.environ[databases.RUN] = str(run)
        postgres.watch(run)
        config.add_cleanup(lambda: postgres.stop(run))


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Says it when the models were changed without their migration."""
    return ["MODELS AND MIGRATION DIFFER: run 'make migration'"] if regenerate.stale() else []


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests see neither the settings nor the data of whoever runs them, nor where another test sent the log."""
    logging.getLogger("csdesk").propagate = True
    for name in [name for name in os.environ if name.startswith("CSDESK_") and name != databases.RUN]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("CSDESK_CONFIG", str(tmp_path / "no-config.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def clock() -> Clock:
    """The clock of `store`; it stands at tests.support.clock.NOW until a test turns it."""
    return Clock()


@pytest.fixture(params=databases.BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database of this test."""
    return str(request.param)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new migrated database that other processes can open too; without rows, or with those of `seeded`."""
    holds = "seeded" if "seeded" in request.fixturenames else "migrated"
    with databases.database(backend, tmp_path, holds) as url:
        yield url


@pytest.fixture
def empty_url(backend: str, tmp_path: Path) -> Iterator[str]:
    """A database without any table (SQLite: a file that does not exist)."""
    folder = tmp_path / "empty"
    folder.mkdir()
    with databases.database(backend, folder, "nothing") as url:
        yield url


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    """A store on `database_url`, acting as the system."""
    made = Store(database_url, clock=clock)
    yield made
    made.close()


@pytest.fixture
def seeded(database_url: str) -> Seeded:
    """The ids of the small desk of tests.support.seed, which a test that names this finds in its database."""
    return Seeded()
