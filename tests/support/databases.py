"""Databases for tests: each test its own, copied from a template that is made once in a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import fasteners
import pytest

from csdesk.migrations import schema
from csdesk.store import Store
from tests.support import postgres
from tests.support.seed import seed

BACKENDS = ("sqlite", "postgres")
RUN = "CSDESK_TEST_RUN"  # the folder all workers of a run share
# What a new database holds -> how its template is made: nothing, a desk without rows, the small desk.
TEMPLATES: dict[str, Callable[[Store], object]] = {"migrated": schema.upgrade, "seeded": seed}
_numbers = count(1)


def run_folder() -> Path:
    """The folder of this test run."""
    return Path(os.environ[RUN])


@contextmanager
def database(backend: str, folder: Path, holds: str = "migrated") -> Iterator[str]:
    """The URL of a new database, dropped afterwards; it holds "nothing" or what TEMPLATES names."""
    if backend == "sqlite":
        path = folder / "desk.db"
        if holds in TEMPLATES:
            shutil.copy(_sqlite_template(holds), path)
        yield f"sqlite:///{path}"
        return
    server = the_server()
    name = f"desk_{os.getpid()}_{next(_numbers)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE {_postgres_template(server, holds)} STRATEGY FILE_COPY")
    try:
        yield server.url(name)
    finally:
        server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def the_server() -> postgres.Server:
    """The run's Postgres server; skips the test when there is none, and fails it on a CI machine."""
    try:
        return postgres.server(run_folder())
    except postgres.NoPostgres as error:
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(f"No Postgres server, and CI must have one: {error}")
        pytest.skip(f"no Postgres server: {error}")


def _sqlite_template(holds: str) -> Path:
    path = run_folder() / f"{holds}.db"
    with fasteners.InterProcessLock(run_folder() / f"{holds}.lock"):
        if not path.exists():
            making = path.with_suffix(".new")
            if holds == "seeded":
                shutil.copy(_sqlite_template("migrated"), making)
            _fill(f"sqlite:///{making}", holds)
            making.rename(path)
    return path


def _postgres_template(server: postgres.Server, holds: str) -> str:
    if holds not in TEMPLATES:
        return "template0"
    name, done = f"desk_{holds}", run_folder() / f"{holds}.done"
    with fasteners.InterProcessLock(run_folder() / f"{holds}-pg.lock"):
        if not done.exists():
            origin = _postgres_template(server, "migrated") if holds == "seeded" else "template0"
            server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            server.run(f"CREATE DATABASE {name} TEMPLATE {origin}")
            _fill(server.url(name), holds)
            done.touch()
    return name


def _fill(url: str, holds: str) -> None:
    store = Store(url)
    try:
        TEMPLATES[holds](store)
    finally:
        store.close()
