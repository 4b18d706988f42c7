"""What goes out to one client: its desk paints while its window and its line both take more."""

from __future__ import annotations

from functools import partial
from typing import Any

from csdesk.server.relay import Relay


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
