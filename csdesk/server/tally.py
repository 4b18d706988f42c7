"""Who failed lately, in the server's memory: by login and by address, so that answers wait longer and longer.

Logins that do not exist are counted like the others, so no answer tells by its time whether one does.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from datetime import datetime

from csdesk.rules import lockout

MOST = 20_000  # logins and addresses kept; the one that failed longest ago goes first
LONGEST = 60


class Tally:
    """Failures by login and address. An attempt counts against its login from its beginning: many at once wait too."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._failed: OrderedDict[tuple[str, str], tuple[int, datetime]] = OrderedDict()

    def begin(self, login: str, address: str, now: datetime) -> float:
        """Counts an attempt against its login; gives the seconds its answer waits for what failed before."""
        before = self._count(("login", login[:LONGEST]), now)
        pause = lockout.delay(before, self._count(("address", network(address)), now))
        self._add(("login", login[:LONGEST]), now)
        return pause

    def failed(self, address: str, now: datetime) -> None:
        """Counts a failure against its address; the login's is counted already."""
        self._add(("address", network(address)), now)

    def passed(self, login: str) -> None:
        """Forgets what a login failed: it came in."""
        self._failed.pop(("login", login[:LONGEST]), None)

    def take_back(self, login: str) -> None:
        """Takes one attempt back that was never looked at."""
        key = ("login", login[:LONGEST])
        count, at = self._failed.get(key, (0, None))
        if at is not None:
            self._failed[key] = (max(count - 1, 0), at)

    def __len__(self) -> int:
        return len(self._failed)

    def _count(self, key: tuple[str, str], now: datetime) -> int:
        count, at = self._failed.get(key, (0, now))
        return count if now - at < lockout.DELAY_QUIET else 0

    def _add(self, key: tuple[str, str], now: datetime) -> None:
        self._failed[key] = (self._count(key, now) + 1, now)
        self._failed.move_to_end(key)
        while len(self._failed) > self.most:
            self._failed.popitem(last=False)


def network(address: str) -> str:
    """What counts as one address: of IPv6 the first 64 bits, which one line is given whole."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:LONGEST]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
