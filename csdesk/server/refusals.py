"""What a server refuses is told: a line of the log and an entry in the trail each, so many of one address a minute."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import Any

from csdesk.errors import DeskError
from csdesk.server.metrics import Metrics
from csdesk.server.minute import Minute
from csdesk.server.tally import network
from csdesk.services import access
from csdesk.services.sessions import Coming
from csdesk.store import Store

TOLD = 20  # of one address in a minute that are written down one by one
log = logging.getLogger("csdesk.server")


class Refusals:
    """Tells of refusals. `begin` runs work beside."""

    def __init__(self, store: Store, metrics: Metrics, begin: Callable[[Any], Any]) -> None:
        self._store, self._metrics, self._begin = store, metrics, begin
        self._minute = Minute(TOLD)

    def tell(self, who: Coming, why: str) -> None:
        """Somebody was refused."""
        self._metrics.refused()
        why += f", key {who.fingerprint}" if who.fingerprint else ""
        if self._told(who.address):
            told = {"login": who.login, "address": who.address, "method": who.method, "why": why}
            log.warning("refused", extra=told)
            self._begin(self._audit(who, why))

    def password(self, login: str, address: str) -> None:
        """A password let nobody in, which the trail has already."""
        self._metrics.refused()
        if self._told(address):
            log.warning("refused", extra={"login": login, "address": address, "method": "password"})

    def turned_away(self, address: str) -> None:
        """A connection was closed at once, since too many wait to log in."""
        if self._told(address):
            log.warning("too many connections that have not logged in", extra={"address": address})

    def _told(self, address: str) -> bool:
        """Whether one more of an address is written down; the first one that is not says so."""
        over = self._minute.over(network(address))
        if over == 1:
            log.warning("more refusals of this address are not written within the minute", extra={"address": address})
        return over == 0

    async def _audit(self, who: Coming, why: str) -> None:
        with contextlib.suppress(DeskError):
            await self._store.write(access.refused, who.login, who.address, who.method, why)
