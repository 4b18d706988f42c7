"""Between an SSH channel and a desk's terminal: bytes both ways, neither side faster than the other takes them."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import struct
import termios
from collections.abc import Callable
from typing import Protocol

MOST_WAITING = 65536  # bytes of keys that wait for a desk before the client must pause
COLUMNS, LINES = (20, 400), (5, 200)  # windows outside are taken for these


class Channel(Protocol):
    """What is needed of an SSH channel."""

    def write(self, data: bytes) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


def resize(terminal: int, columns: int, lines: int) -> None:
    """Tells a terminal its size, within what a desk can paint."""
    columns, lines = (min(max(size, least), most) for size, (least, most) in ((columns, COLUMNS), (lines, LINES)))
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


class Relay:
    """Carries one session. `painted` gets the seconds from a key to the next picture; `closed` is set when the desk has
    closed its terminal, or `close` was called."""

    def __init__(self, master: int, channel: Channel, painted: Callable[[float], None]) -> None:
        self.typed_at = self._clock()
        self.closed = asyncio.Event()
        self.taken = 0  # bytes of keys that came in all
        self._master, self._channel, self._painted = master, channel, painted
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._asked: float | None = None  # when the first key came that no picture followed yet
        self._held = self._deaf = False
        os.set_blocking(master, False)
        self._loop.add_reader(master, self._paint)

    @staticmethod
    def _clock() -> float:
        return asyncio.get_running_loop().time()

    def keys(self, data: bytes) -> None:
        """Keys from the client."""
        if self._master < 0:
            return
        self.taken += len(data)
        self.typed_at = self._clock()
        if self._asked is None:
            self._asked = self.typed_at
        self._waiting += data
        self._type()

    def _type(self) -> None:
        if self._master < 0:
            return
        with contextlib.suppress(BlockingIOError):
            try:
                while self._waiting:
                    del self._waiting[: os.write(self._master, self._waiting[:4096])]
            except BlockingIOError:
                raise
            except OSError:
                self._waiting.clear()
        if self._waiting:
            self._loop.add_writer(self._master, self._type)
        else:
            self._loop.remove_writer(self._master)
        if not self._deaf and self._held != (len(self._waiting) > MOST_WAITING):
            self._held = not self._held
            (self._channel.pause_reading if self._held else self._channel.resume_reading)()

    def _paint(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except BlockingIOError:
            return
        except OSError:  # the desk has closed its end
            data = b""
        if not data:
            self.close()
            return
        if self._asked is not None:
            self._painted(self._clock() - self._asked)
            self._asked = None
        if not self._deaf:
            self._channel.write(data)

    def pause(self) -> None:
        """The client takes no more for now."""
        if self._master >= 0 and not self._deaf:
            self._loop.remove_reader(self._master)

    def resume(self) -> None:
        """The client takes more again."""
        if self._master >= 0:
            self._loop.add_reader(self._master, self._paint)

    def resize(self, columns: int, lines: int) -> None:
        """The client's window has another size."""
        if self._master >= 0:
            resize(self._master, columns, lines)

    def deaf(self) -> None:
        """The client is gone. The desk still gets all keys that came; what it paints is read and thrown away, so that
        it never waits for somebody to look."""
        self._deaf = True
        self.resume()

    def close(self) -> None:
        """Hangs up: the desk's terminal is gone."""
        if self._master >= 0:
            self._loop.remove_reader(self._master)
            self._loop.remove_writer(self._master)
            os.close(self._master)
            self._master = -1
            self.closed.set()

    async def drained(self, patience: float = 1.0) -> None:
        """Waits until all the desk painted last is on its way, if it has died without closing."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.closed.wait(), patience)
        self.close()
