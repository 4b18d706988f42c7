"""What a served desk tells its server of its work: statements, their time, faults; a second after they happened."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, event

from csdesk.server.line import tell

EVERY = 1.0  # seconds; nothing runs while nothing happens


class Telling(logging.Handler):
    """Collects and sends. Statements run on the store's threads: numbers are added there and sent by the loop."""

    def __init__(self, line: socket.socket) -> None:
        super().__init__(logging.ERROR)
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._soon = False
        self._figures = {"statements": 0, "seconds": 0.0, "errors": 0}

    def watch(self, engine: Engine) -> None:
        """Counts the statements of an engine."""

        def before(_connection: Any, _cursor: Any, _text: Any, _given: Any, context: Any, _many: Any) -> None:
            context.begun = perf_counter()

        def after(_connection: Any, _cursor: Any, _text: Any, _given: Any, context: Any, _many: Any) -> None:
            self._count("seconds", perf_counter() - context.begun)
            self._count("statements", 1)

        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "after_cursor_execute", after)

    def emit(self, record: logging.LogRecord) -> None:
        """A fault was logged."""
        self._count("errors", 1)

    def _count(self, name: str, more: float) -> None:
        self._figures[name] += more
        if not self._soon:
            self._soon = True
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody to tell
                self._loop.call_soon_threadsafe(self._loop.call_later, EVERY, self._send)

    def _send(self) -> None:
        told, self._figures = self._figures, {"statements": 0, "seconds": 0.0, "errors": 0}
        self._soon = False
        tell(self._line, told)
