"""The line of one client: its desk paints while window and line both take more, its last keys are read off it."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

from csdesk.server.relay import Relay

PIECE, PIECES = 65536, 64  # bytes of one read of what came before a line broke, and reads at most


class Outlet:
    """Of a connection, whose library minds the window only: a client may grant an endless one and read nothing."""

    def __init__(self, conn: Any) -> None:
        self._conn = conn
        self._full: set[str] = set()
        self._relay: Relay | None = None
        conn.pause_writing = partial(self.fills, "line")
        conn.resume_writing = partial(self.empties, "line")

    def follow(self, relay: Relay) -> None:
        """A desk begins."""
        self._relay = relay
        if self._full:
            relay.pause()

    def fills(self, what: str) -> None:
        """The window or the line takes no more for now."""
        self._full.add(what)
        if self._relay is not None:
            self._relay.pause()

    def empties(self, what: str) -> None:
        """It takes more again."""
        self._full.discard(what)
        if self._relay is not None and not self._full:
            self._relay.resume()

    @property
    def unread(self) -> int:
        """Bytes that wait here for a client that does not read its line."""
        return int(self._conn._transport.get_write_buffer_size()) if self._conn._transport is not None else 0

    def cut(self) -> None:
        """Ends the connection at once."""
        self._conn.abort()


def read_to_end(conn: Any) -> None:
    """Has a connection read what its client sent before its line broke. A write that fails because the client is gone
    makes the loop let go of the socket, though keys may still wait in it."""
    lost = conn.connection_lost

    def read_and_lose(exc: Exception | None = None) -> None:
        sock = getattr(conn._transport, "_sock", None)
        if isinstance(exc, ConnectionError) and sock is not None:
            with contextlib.suppress(OSError):
                for _ in range(PIECES):
                    if not (data := sock.recv(PIECE)):
                        break
                    conn.data_received(data)
        lost(exc)

    conn.connection_lost = read_and_lose
