"""Databases for tests: each test its own, copied from a template that is migrated once in a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import fasteners
import pytest

from csdesk.migrations import schema
from csdesk.store import Store
from tests.support import postgres

BACKENDS = ("sqlite", "postgres")
RUN = "CSDESK_TEST_RUN"  # the folder all workers of a run share
TEMPLATE = "desk_template"
_numbers = count(1)


def run_folder() -> Path:
    """The folder of this test run."""
    return Path(os.environ[RUN])


@contextmanager
def database(backend: str, folder: Path, *, migrated: bool = True, durable: bool = False) -> Iterator[str]:
    """The URL of a new database, dropped afterwards; `migrated=False` gives an empty one.

    `durable`: the server flushes to disk from now on (SQLite always does).
    """
    if backend == "sqlite":
        path = folder / "desk.db"
        if migrated:
            shutil.copy(_sqlite_template(), path)
        yield f"sqlite:///{path}"
        return
    server = the_server()
    if durable:
        server.run("ALTER SYSTEM SET synchronous_commit = on")
        server.run("ALTER SYSTEM SET fsync = on")
        server.run("SELECT pg_reload_conf()")
    name = f"desk_{os.getpid()}_{next(_numbers)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE {_postgres_template(server) if migrated else 'template0'}")
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


def _sqlite_template() -> Path:
    path = run_folder() / "template.db"
    with fasteners.InterProcessLock(run_folder() / "template.lock"):
        if not path.exists():
            making = path.with_suffix(".new")
            _migrate(f"sqlite:///{making}")
            making.rename(path)
    return path


def _postgres_template(server: postgres.Server) -> str:
    done = run_folder() / "template.done"
    with fasteners.InterProcessLock(run_folder() / "template-pg.lock"):
        if not done.exists():
            server.run(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
            server.run(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
            _migrate(server.url(TEMPLATE))
            done.touch()
    return TEMPLATE


def _migrate(url: str) -> None:
    store = Store(url)
    try:
        schema.upgrade(store)
    finally:
        store.close()
