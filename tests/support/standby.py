"""A primary and a streaming standby of its own for tests, from the same Postgres programs as the run's server."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psutil
import psycopg
import pytest

from tests.support import postgres

BASE = "desk"
PATIENCE = 30.0


@dataclass(frozen=True)
class Pair:
    """Two servers; the second follows the first."""

    primary: postgres.Server
    standby: postgres.Server

    def ask(self, server: postgres.Server, statement: str) -> str:
        """The first column of the first row, as text."""
        with psycopg.connect(f"host={server.folder} user=desk dbname={BASE}", autocommit=True) as connection:
            row = connection.execute(statement.encode()).fetchone()
        return str(row[0]) if row else ""

    def level(self) -> None:
        """Waits until the standby has all that the primary has written."""
        self.ask(self.primary, "SELECT pg_current_xact_id()")  # its commit sends along whatever waits for company
        written = self.ask(self.primary, "SELECT pg_current_wal_flush_lsn()")
        end = monotonic() + PATIENCE
        while self.ask(self.standby, f"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn") != "True":
            assert monotonic() < end, "the standby never came level"
            sleep(0.02)

    def pause(self) -> None:
        """The standby goes on receiving, but nothing more of it is seen."""
        with psycopg.connect(f"host={self.standby.folder} user=desk dbname={BASE}", autocommit=True) as connection:
            connection.execute("SELECT pg_wal_replay_pause()")
        end = monotonic() + PATIENCE
        while self.ask(self.standby, "SELECT pg_get_wal_replay_pause_state()") != "paused":
            assert monotonic() < end, "the standby never paused"
            sleep(0.02)

    def resume(self) -> None:
        """The standby follows again."""
        with psycopg.connect(f"host={self.standby.folder} user=desk dbname={BASE}", autocommit=True) as connection:
            connection.execute("SELECT pg_wal_replay_resume()")


@contextmanager
def pair(run: Path, fill: object) -> Iterator[Pair]:
    """A primary that `fill(server)` has filled, and its standby. Without pg_basebackup the test is skipped aloud, or
    fails on a CI machine; both servers end afterwards."""
    started: list[postgres.Server] = []
    try:
        try:
            programs = next(each for each in postgres.candidates() if (each / "pg_basebackup").exists())
            started.append(postgres.start(programs, run / "primary"))
            fill(started[0])  # type: ignore[operator]
            started.append(postgres.follow(started[0], run / "standby"))
        except (StopIteration, postgres.NoPostgres, OSError, subprocess.SubprocessError) as error:
            words = f"NO STANDBY OF POSTGRES ({error!r}): that figures are read from one is NOT shown here"
            (pytest.fail if os.environ.get("CI", "").lower() in {"1", "true"} else pytest.skip)(words)
        yield Pair(*started)
    finally:
        for each in started:
            kill(each)


def kill(server: postgres.Server) -> None:
    """Ends a server at once."""
    with suppress(OSError, psutil.Error):
        os.kill(server.pid, signal.SIGQUIT)
        psutil.Process(server.pid).wait(timeout=5)
