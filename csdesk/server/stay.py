"""How long a connection may be there without a desk: to log in, to ask for one, and to leave when it is over."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from csdesk.server.tally import network

if TYPE_CHECKING:
    from csdesk.server.front import Front

SPARE = 4  # connections of one login beyond its desks: one that asks to take over, some whose line broke unseen
LINGER = 10.0  # seconds a client has to read its last words and go when its desk is over


class Stay:
    """One connection's. `ends(why, words)` ends it: `why` is for the trail, '' for nothing, `words` are for the client.

    It counts as half open, by its network, until somebody comes in, and then by its login, until it is gone: somebody
    who is in and opens no desk holds a line that no list of desks shows and that outlives its key.
    """

    def __init__(self, front: Front, ends: Callable[[str, str], None]) -> None:
        self._front, self._ends = front, ends
        self._among: Counter[str] = Counter()
        self._name = ""
        self._timer: asyncio.TimerHandle | None = None

    def connects(self, address: str) -> bool:
        """Counts a connection; False when too many have not yet logged in."""
        limits, waiting, name = self._front.settings, self._front.half_open, network(address)
        if waiting.total() >= limits.serve_half_open or waiting[name] >= limits.serve_per_address:
            return False
        self._counts(waiting, name)
        grace = limits.serve_grace
        self._after(grace, f"not logged in within {grace} s", "Logging in took too long; try again.")
        return True

    def comes_in(self, login: str) -> bool:
        """Somebody is in; False when too many connections of his, or of all, are."""
        self.gone()
        limits, inside = self._front.settings, self._front.inside
        if inside[login] >= limits.serve_per_login + SPARE or (
            inside.total() >= limits.serve_most + limits.serve_half_open
        ):  # fmt: skip
            return False
        self._counts(inside, login)
        grace = limits.serve_grace
        self._after(grace, f"no desk was asked for within {grace} s", "No desk was asked for.")
        return True

    def desk(self) -> None:
        """A desk was asked for: there is time."""
        self._stop()

    def desk_over(self) -> None:
        """The desk is over, or there was none: what stays afterwards would be unseen."""
        self._after(LINGER, "", "The desk is over.")

    def gone(self) -> None:
        """The connection counts no more."""
        self._stop()
        self._among[self._name] -= 1
        if self._among[self._name] <= 0:
            del self._among[self._name]
        self._among = Counter()

    def _counts(self, among: Counter[str], name: str) -> None:
        self._among, self._name = among, name
        among[name] += 1

    def _after(self, seconds: float, why: str, words: str) -> None:
        self._stop()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._ends, why, words)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
