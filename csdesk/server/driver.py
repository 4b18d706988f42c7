"""Textual's Linux driver for desks that stay open all day, on lines that break.

It sleeps until a key comes (the stock one wakes ten times a second), takes end of file as a hang-up (the stock one
spins), and its writer drains on when the terminal is gone (the stock one stops and blocks the app before drafts are
saved).
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable
from queue import SimpleQueue
from time import monotonic
from typing import Any

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

from csdesk.server import terminal

constants.DISABLE_KITTY_KEY = True  # type: ignore[misc]  # a line that breaks must not leave the terminal in a protocol the shell lacks

REST_SECONDS = 2.0  # so long a key that a server has sent may be on its way to its desk
BEHIND = 4  # writes that may wait before the app holds back the next picture
# Escape and then a key that opens no sequence: two keys in one read, never Alt.
_LONE_ESCAPE = re.compile("\x1b(?=[^\x1b\\[\\]OP^_X\\\\])")
_PAD_COMMA = "\x1bOl"  # the pad's comma in application mode, unknown to the parser


class HungUp(events.Event):
    """The terminal is gone. Comes after every key that was read before."""


class Writer(WriterThread):
    """Writes to the terminal in the order given and never blocks the app. After the first error it only drains."""

    def __init__(self, fd: int, encoding: str, gone: Callable[[], None]) -> None:
        threading.Thread.__init__(self, daemon=True, name="csdesk-output")
        self._fd = fd
        self._encoding = encoding
        self._gone = gone
        self._queue: SimpleQueue[str | None] = SimpleQueue()  # type: ignore[assignment]
        self._drained: Callable[[], None] | None = None

    def fileno(self) -> int:
        """The terminal."""
        return self._fd

    @property
    def behind(self) -> bool:
        """Whether the terminal takes less than the app writes."""
        return self._queue.qsize() > BEHIND

    def when_drained(self, call: Callable[[], None]) -> None:
        """Calls `call` once, from this thread, when nothing waits any more."""
        self._drained = call
        if not self._queue.qsize():
            self._tell_drained()

    def run(self) -> None:
        """Writes until told to stop."""
        alive = True
        while (text := self._queue.get()) is not None:
            if alive:
                alive = self._send(text.encode(self._encoding, "replace"))
            if not self._queue.qsize():
                self._tell_drained()

    def stop(self) -> None:
        """Stops when all is written; a terminal that takes nothing is not waited for."""
        self._queue.put(None)
        self.join(timeout=1)

    def _tell_drained(self) -> None:
        call, self._drained = self._drained, None
        if call is not None:
            call()

    def _send(self, data: bytes) -> bool:
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:
                select.select([], [self._fd], [])
            except OSError:
                self._gone()
                return False
        return True


class DeskDriver(LinuxDriver):
    """The terminal of one desk. Sends the app HungUp when it is gone."""

    def __init__(self, app: Any, **options: Any) -> None:
        self._out: Any = sys.__stdout__ if sys.__stdout__ is not None and sys.__stdout__.isatty() else sys.__stderr__
        self._wake_read, self._wake_write = os.pipe()
        self._writer: Writer | None = None
        self.expected = 0  # bytes of keys that were sent in all, once somebody knows
        self._taken = 0
        super().__init__(app, **options)

    @property
    def behind(self) -> bool:
        """Whether the terminal takes less than the app writes; see Writer."""
        return self._writer is not None and self._writer.behind

    def when_drained(self, call: Callable[[], None]) -> None:
        """Calls `call` on the app's loop once the terminal has taken everything."""
        if self._writer is not None:
            self._writer.when_drained(lambda: self._soon(call))

    def start_application_mode(self) -> None:
        """Starts to read and write. Nothing that waits in the line is thrown away."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if terminal.kept() is not None:
            self.attrs_before = terminal.kept()
        if getattr(self._app, "a11y", False):
            self.write("\x1b[?25h")

    @property
    def _writer_thread(self) -> Writer | None:
        return self._writer

    @_writer_thread.setter
    def _writer_thread(self, stock: WriterThread | None) -> None:
        """The base class makes its own writer here; ours takes the place of it before it is started."""
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        self._writer = None if stock is None else Writer(self._out.fileno(), encoding, self._hang_up)

    def _get_terminal_size(self) -> tuple[int, int]:
        stream: Any
        for stream in (self._out, sys.__stdin__):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                size = os.get_terminal_size(stream.fileno())
                if size.columns and size.lines:
                    return size.columns, size.lines
        return 80, 24

    def disable_input(self) -> None:
        """Stops reading."""
        with contextlib.suppress(OSError):
            os.write(self._wake_write, b"x")
        super().disable_input()

    def last_keys(self) -> None:
        """Reads what is still in the line, or until there was what is `expected`, then sends HungUp. Call it on SIGHUP,
        when end of file may never come."""
        with contextlib.suppress(OSError):
            os.write(self._wake_write, b"h")

    def run_input_thread(self) -> None:
        """Reads keys until told to stop or the terminal is gone; sleeps in between."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        while not self.exit_event.is_set():
            until = parser._timeout_time
            wait = None if until is None else max(0.0, until - monotonic()) + 0.001
            ready, _, _ = select.select([self.fileno, self._wake_read], [], [], wait)
            if self.fileno in ready:
                text = self._read(decode)
                if text is None:
                    self._hang_up()
                    return
                self._feed(parser, text)
            elif self._wake_read in ready:
                if b"h" not in os.read(self._wake_read, 64):
                    return
                self._read_rest(parser, decode)
                self._hang_up()
            for message in parser.tick():
                self.process_message(message)

    def _read_rest(self, parser: XTermParser, decode: Callable[[bytes], str]) -> None:
        """The kernel hands keys on to a terminal a little after they were written to its other end."""
        while self._taken < self.expected and select.select([self.fileno], [], [], REST_SECONDS)[0]:
            text = self._read(decode)
            if text is None:
                return
            self._feed(parser, text)

    def _read(self, decode: Callable[[bytes], str]) -> str | None:
        try:
            data = os.read(self.fileno, 65536)
        except BlockingIOError:
            return ""
        except OSError:
            return None
        self._taken += len(data)
        return decode(data) if data else None

    def _feed(self, parser: XTermParser, text: str) -> None:
        pieces = _LONE_ESCAPE.split(text.replace(_PAD_COMMA, ","))
        for index, piece in enumerate(pieces):
            if index:
                self.process_message(events.Key("escape", "\x1b"))
            for message in parser.feed(piece) if piece else ():
                self.process_message(message)

    def _hang_up(self) -> None:
        self.process_message(HungUp())

    def _soon(self, call: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody to tell
            self._loop.call_soon_threadsafe(call)

    def process_message(self, message: Any) -> None:
        """Sends a message to the app; to nobody when its loop has ended."""
        with contextlib.suppress(RuntimeError):
            super().process_message(message)
