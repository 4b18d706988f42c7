"""One writer at a time in a SQLite file: whoever waits does so before a transaction, not within it."""

from __future__ import annotations

import os
import threading

import fasteners
from sqlalchemy import Engine

from csdesk.engine import HELD, READ_ONLY
from csdesk.errors import Unavailable

GATE_SECONDS = 30.0  # so long a writer waits for another one, as SQLite itself would


class Gate:
    """Lets one writer at a time into a SQLite file, among threads and processes; no gate on Postgres."""

    def __init__(self, engine: Engine) -> None:
        path = engine.url.database if engine.dialect.name == "sqlite" else None
        self._thread = threading.Lock()
        self._file = fasteners.InterProcessLock(os.path.abspath(path) + ".gate") if path else None

    def __enter__(self) -> None:
        if self._file is not None:
            if not self._thread.acquire(timeout=GATE_SECONDS):
                raise Unavailable(HELD)
            try:
                if not self._file.acquire(timeout=GATE_SECONDS):
                    raise Unavailable(HELD)
            except OSError as error:
                self._thread.release()
                raise Unavailable(f"{READ_ONLY} ({error.strerror}: {self._file.path.decode()})") from None
            except BaseException:
                self._thread.release()
                raise

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.release()
            self._thread.release()
